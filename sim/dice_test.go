// Dice: uniform, independent, and the same for the same request for ever.
package sim

import (
	"fmt"
	"math"
	"math/bits"
	"testing"
)

var luckA, luckB = NewLuck("a"), NewLuck("b")

// deviations turns a chi-square into standard deviations (Wilson and
// Hilferty's approximation); with fixed seeds a test is right or wrong for
// good, so 4 is far enough.
func deviations(chi2, df float64) float64 {
	return (math.Cbrt(chi2/df) - (1 - 2/(9*df))) / math.Sqrt(2/(9*df))
}

// uniform fills cells with numbers in [0, 1) and reports how far they are off.
func uniform(n, cells int, next func(i int) float64) float64 {
	counts := make([]float64, cells)
	for i := range n {
		counts[int(next(i)*float64(cells))]++
	}
	chi2, want := 0.0, float64(n)/float64(cells)
	for _, c := range counts {
		chi2 += (c - want) * (c - want) / want
	}
	return deviations(chi2, float64(cells-1))
}

// TestDrawIsUniform along every way in which draws are taken: by request, by
// purpose, by attempt, by seed, and one after the other.
func TestDrawIsUniform(t *testing.T) {
	const n = 200_000
	first := func(r Roll) float64 { return r.Float64() }
	one := Draw(1, luckA, 1, 0)
	for name, next := range map[string]func(i int) float64{ // any order
		"requests":       func(i int) float64 { return first(Draw(1, luckA, uint64(i), 0)) },
		"requests far":   func(i int) float64 { return first(Draw(1, luckA, uint64(i)<<32, 0)) },
		"purposes":       func(i int) float64 { return first(Draw(1, Luck(i), 1, 0)) },
		"named purposes": func(i int) float64 { return first(Draw(1, NewLuck(fmt.Sprint(i)), 1, 0)) },
		"seeds":          func(i int) float64 { return first(Draw(uint64(i), luckA, 1, 0)) },
		"one":            func(int) float64 { return one.Float64() },
		"second numbers": func(i int) float64 { r := Draw(1, luckA, uint64(i), 0); r.Uint64(); return r.Float64() },
		"IntN":           func(i int) float64 { r := Draw(2, luckA, uint64(i), 0); return float64(r.IntN(1000)) / 1000 },
		"third attempts": func(i int) float64 { return first(Draw(1, luckA, uint64(i), 2)) },
	} {
		if z := uniform(n, 1000, next); math.Abs(z) > 4 {
			t.Errorf("%s: %.1f standard deviations off", name, z)
		}
	}
}

// TestDrawsAreIndependent pairs draws that differ in one thing and looks at
// their joint distribution in a grid.
func TestDrawsAreIndependent(t *testing.T) {
	const n, side = 200_000, 30
	for name, pair := range map[string]func(i uint64) (a, b Roll){ // any order
		"neighbours":   func(i uint64) (a, b Roll) { return Draw(1, luckA, i, 0), Draw(1, luckA, i+1, 0) },
		"two purposes": func(i uint64) (a, b Roll) { return Draw(1, luckA, i, 0), Draw(1, luckB, i, 0) },
		"two attempts": func(i uint64) (a, b Roll) { return Draw(1, luckA, i, 0), Draw(1, luckA, i, 1) },
		"late attempts": func(i uint64) (a, b Roll) {
			return Draw(1, luckA, i, 1), Draw(1, luckA, i, 255)
		},
		"two seeds":       func(i uint64) (a, b Roll) { return Draw(1, luckA, i, 0), Draw(2, luckA, i, 0) },
		"seed or request": func(i uint64) (a, b Roll) { return Draw(i, luckA, 7, 0), Draw(7, luckA, i, 0) },
		"one after one":   func(i uint64) (a, b Roll) { r := Draw(1, luckA, i, 0); a = r; r.Uint64(); return a, r },
	} {
		z := uniform(n, side*side, func(i int) float64 {
			a, b := pair(uint64(i))
			return (float64(a.IntN(side)) + b.Float64()) / side
		})
		if math.Abs(z) > 4 {
			t.Errorf("%s: %.1f standard deviations from independent", name, z)
		}
	}
}

// TestDrawAvalanche: a change of any one bit of what a draw is keyed by changes
// half the bits of the outcome.
func TestDrawAvalanche(t *testing.T) {
	const n = 2000
	for bit := range 64 {
		flips := [3]int{}
		for i := range uint64(n) {
			base, one := Draw(i, luckA, i*i, 0), uint64(1)<<bit
			a := base.Uint64()
			for k, r := range []Roll{Draw(i^one, luckA, i*i, 0), Draw(i, luckA^Luck(one), i*i, 0), Draw(i, luckA, i*i^one, 0)} {
				flips[k] += bits.OnesCount64(a ^ r.Uint64())
			}
		}
		for k, f := range flips {
			if z := (float64(f) - 32*n) / math.Sqrt(16*n); math.Abs(z) > 5 {
				t.Errorf("bit %d of key %d: %.2f of the outcome's bits change", bit, k, float64(f)/n)
			}
		}
	}
}

// TestDrawIsForEver: results of old runs stay comparable only as long as these
// numbers stay.
func TestDrawIsForEver(t *testing.T) {
	r := Draw(1, NewLuck("service time"), 42, 0)
	s := Stream(1, "pop-tokyo", "eviction")
	got := fmt.Sprintf("%x %x %x", r.Uint64(), r.Uint64(), s.Uint64())
	if want := "9f374120074ef0b4 486e8558ff1fa15 f7e12ffa37fcebaa"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	again := Draw(1, NewLuck("service time"), 42, 0)
	if a, b := again, again; a.Uint64() != b.Uint64() {
		t.Error("a copy of a Roll has other luck")
	}
}

func TestLaws(t *testing.T) {
	const n = 200_000
	r := Draw(1, luckA, 1, 0)
	var exp, exp2, norm, norm2, norm4 float64
	for range n {
		x, y := r.Exp(), r.Norm()
		if x < 0 || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0) {
			t.Fatalf("drew %g and %g", x, y)
		}
		exp, exp2 = exp+x/n, exp2+x*x/n
		norm, norm2, norm4 = norm+y/n, norm2+y*y/n, norm4+y*y*y*y/n
	}
	for name, v := range map[string][2]float64{ // any order
		"mean of Exp": {exp, 1}, "second moment of Exp": {exp2, 2},
		"mean of Norm": {norm, 0}, "variance of Norm": {norm2, 1}, "fourth moment of Norm": {norm4, 3},
	} {
		if math.Abs(v[0]-v[1]) > 0.05 {
			t.Errorf("%s is %.3f, want %g", name, v[0], v[1])
		}
	}
}

func TestIntNBounds(t *testing.T) {
	r := Draw(1, luckA, 1, 0)
	for _, n := range []int{1, 2, 3, 7, math.MaxInt} {
		for range 1000 {
			if got := r.IntN(n); got < 0 || got >= n {
				t.Fatalf("IntN(%d) = %d", n, got)
			}
		}
	}
}

// TestStreamsAreIndependent: of two nodes, two streams and two seeds, none
// follows from another; nor do names run into each other.
func TestStreamsAreIndependent(t *testing.T) {
	type key struct {
		seed         uint64
		node, stream string
	}
	for _, p := range [][2]key{
		{{1, "a", "x"}, {1, "b", "x"}}, {{1, "a", "x"}, {1, "a", "y"}}, {{1, "a", "x"}, {2, "a", "x"}},
		{{1, "a", "b"}, {1, "b", "a"}}, {{1, "ab", "c"}, {1, "a", "bc"}}, {{0, "", ""}, {0, "", "a"}},
	} {
		a, b := Stream(p[0].seed, p[0].node, p[0].stream), Stream(p[1].seed, p[1].node, p[1].stream)
		z := uniform(100_000, 900, func(int) float64 { return (float64(a.IntN(30)) + b.Float64()) / 30 })
		if math.Abs(z) > 4 {
			t.Errorf("%v: %.1f standard deviations from independent", p, z)
		}
	}
	first := map[uint64]bool{}
	for seed := range uint64(100) {
		for node := range 100 {
			first[Stream(seed, fmt.Sprint("app-", node), "x").Uint64()] = true
		}
	}
	if len(first) != 10_000 {
		t.Errorf("10000 streams begin with %d numbers", len(first))
	}
}

func TestEnvDraws(t *testing.T) {
	env := NewEnv(NewEngine(), "app", 7, nil)
	req := &Request{ID: 3, Attempt: 2}
	if env.Draw(luckA, req) != Draw(7, luckA, 3, 2) {
		t.Error("an Env draws otherwise than Draw")
	}
	if env.Stream("x").Uint64() != Stream(7, "app", "x").Uint64() {
		t.Error("an Env's stream is another")
	}
}
