// Zipf's law and the alias table, against the probabilities themselves.
package load

import (
	"fmt"
	"math"
	"testing"

	"cdnlab/sim"
)

// TestZipf holds frequencies against 1/n^alpha by chi-square, at 4 standard
// deviations (Wilson and Hilferty's approximation).
func TestZipf(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 1000} {
		for _, alpha := range []float64{0, 1e-9, 0.3, 0.8, 1 - 1.1e-5, 1 - 1e-12, 1, 1 + 1e-9, 1 + 1.1e-5, 1.2, 2, 5, 100} {
			t.Run(fmt.Sprintf("n=%d/alpha=%g", n, alpha), func(t *testing.T) {
				z := newZipf(n, alpha)
				const draws = 50_000
				counts := make([]float64, n+1)
				for id := range uint64(draws) {
					roll := sim.Draw(uint64(n), luckTest, id, 0)
					counts[z.pick(&roll)]++
				}
				weights := make([]float64, n+1)
				for k := 1; k <= n; k++ {
					weights[k] = math.Pow(float64(k), -alpha)
				}
				if z := chiSquare(counts, weights); math.Abs(z) > 4 && z > 0 {
					t.Errorf("%.1f standard deviations off", z)
				}
			})
		}
	}
}

// chiSquare returns how many standard deviations counts are off weights; cells
// in which fewer than five are expected are joined.
func chiSquare(counts, weights []float64) float64 {
	sum, draws := 0.0, 0.0
	for i := range weights {
		sum, draws = sum+weights[i], draws+counts[i]
	}
	chi2, cells := 0.0, 0.0
	got, want := 0.0, 0.0
	for i := range weights {
		got, want = got+counts[i], want+weights[i]/sum*draws
		if want >= 5 {
			chi2, cells = chi2+(got-want)*(got-want)/want, cells+1
			got, want = 0, 0
		}
	}
	if cells < 2 {
		return got - want // all in one cell: nothing may be outside
	}
	df := cells - 1
	return (math.Cbrt(chi2/df) - (1 - 2/(9*df))) / math.Sqrt(2/(9*df))
}

// TestZipfOfTenMillion looks at the head of a law that is too long to count.
func TestZipfOfTenMillion(t *testing.T) {
	z := newZipf(MaxObjects, 0.8)
	const draws = 200_000
	head, top := 0.0, 0
	for id := range uint64(draws) {
		roll := sim.Draw(1, luckTest, id, 0)
		k := z.pick(&roll)
		if k < 1 || k > MaxObjects {
			t.Fatalf("drew %d", k)
		}
		if k <= 1000 {
			head++
		}
		top = max(top, k)
	}
	sum := 0.0
	for k := 1; k <= 1000; k++ {
		sum += math.Pow(float64(k), -0.8)
	}
	tail := 5 * (math.Pow(MaxObjects+0.5, 0.2) - math.Pow(1000.5, 0.2)) // the sum beyond, by the midpoint rule
	share := sum / (sum + tail)
	if off := (head/draws - share) / math.Sqrt(share*(1-share)/draws); math.Abs(off) > 4 {
		t.Errorf("the thousand hottest get %.4f of the requests, want %.4f", head/draws, share)
	}
	if top < MaxObjects*9/10 {
		t.Errorf("the coldest drawn is %d", top)
	}
}

func TestAlias(t *testing.T) {
	for _, weights := range [][]float64{{1}, {1, 1}, {1, 0, 3}, {0, 0, 1}, {1e-9, 1e9, 5e8}, {3, 1, 4, 1, 5, 9, 2, 6}} {
		a := newAlias(weights)
		counts := make([]float64, len(weights))
		for id := range uint64(50_000) {
			roll := sim.Draw(2, luckTest, id, 0)
			counts[a.pick(&roll)]++
		}
		for i, w := range weights {
			if w == 0 && counts[i] > 0 {
				t.Errorf("%v: picked one without weight", weights)
			}
		}
		if z := chiSquare(counts, weights); z > 4 {
			t.Errorf("%v: picked %v", weights, counts)
		}
	}
}

// TestGuideChangesNothing: with and without a guide the same draws come to the
// same numbers, and most are found in it.
func TestGuideChangesNothing(t *testing.T) {
	for _, n := range []int{2, 10, 1000, 10_000_000} {
		for _, alpha := range []float64{1e-9, 0.3, 0.8, 1, 1 + 1.1e-5, 1.2, 2, 5, 100} {
			plain, guided := newZipf(n, alpha), newZipf(n, alpha)
			guided.guided()
			found := 0
			for i, k := range guided.guide {
				if k != 0 {
					found++
				}
				// At the ends of a part, where a wrong guide would be wrong first.
				for _, f := range []float64{float64(i) / guideCells, math.Nextafter(float64(i+1)/guideCells, 0)} {
					u := plain.high + f*(plain.low-plain.high)
					x := plain.inverse(u)
					want := min(max(math.Round(x), 1), float64(n))
					if k != 0 && (float64(k) != want || want-x > plain.sure && u < plain.integral(want+0.5)-plain.hat(want)) {
						t.Fatalf("n=%d alpha=%g: the guide has %d at %g, want %g", n, alpha, k, f, want)
					}
				}
			}
			if n <= 1000 && found < guideCells/2 {
				t.Errorf("n=%d alpha=%g: %d of %d parts are known", n, alpha, found, guideCells)
			}
			for id := range uint64(5000) {
				a, b := sim.Draw(uint64(n), luckTest, id, 0), sim.Draw(uint64(n), luckTest, id, 0)
				if x, y := plain.pick(&a), guided.pick(&b); x != y || a != b {
					t.Fatalf("n=%d alpha=%g: draw %d is %d, with a guide %d", n, alpha, id, x, y)
				}
			}
		}
	}
}
