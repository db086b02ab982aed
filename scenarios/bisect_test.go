// Tests of the bisection: it finds the flip wherever it lies, from wherever it
// begins, and never looks outside its bounds.
package scenarios

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// interview plays a bisection against an answer and returns what was tried, in order.
func interview(t *testing.T, b *bisect, holds func(v float64) bool) []float64 {
	t.Helper()
	var tried []float64
	for range 500 {
		values := b.next()
		if len(values) == 0 {
			return tried
		}
		for _, v := range values {
			if v < min(b.inner, b.outer) || v > max(b.inner, b.outer) {
				t.Fatalf("%v lies outside %v to %v", v, b.inner, b.outer)
			}
			if slices.Contains(tried, v) {
				t.Fatalf("%v is tried twice: %v", v, tried)
			}
			tried = append(tried, v)
			b.tell(v, holds(v))
		}
	}
	t.Fatal("it does not end")
	return nil
}

func numberAxis(t *testing.T, of reflect.Type, precision float64) axis {
	t.Helper()
	a, numeric := newAxis(of, precision)
	if !numeric {
		t.Fatalf("%v is not numeric", of)
	}
	return a
}

var axisTypes = []reflect.Type{reflect.TypeFor[float64](), reflect.TypeFor[int](), durationType, bytesType}

// Wherever the flip lies, the bracket holds it, is as narrow as was asked for
// (or two whole numbers that touch), and is found in about log2 of the range.
func TestBisectFindsTheFlip(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		of := axisTypes[dice.IntN(len(axisTypes))]
		precision := []float64{0.5, 0.1, 0.01, 0.001}[dice.IntN(4)]
		a := numberAxis(t, of, precision)
		goal := []Goal{Largest, Smallest}[dice.IntN(2)]
		start := a.round(math.Exp(dice.Float64() * 12))
		flip := math.Exp(dice.Float64() * 12)
		low, high := 1.0, 1e7
		holds := func(v float64) bool { return (v < flip) == (goal == Largest) }
		b := newBisect(a, goal, max(start, 1), low, high, precision, dice.IntN(2) == 0)
		tried := interview(t, b, holds)
		now, any := b.bracket()
		what := fmt.Sprintf("%s of %v, flip %v, start %v, tried %v", goal, of, flip, start, tried)
		if out := b.outcome(); holds(low) == holds(high) {
			if want := map[bool]Outcome{true: Everywhere, false: Nowhere}[holds(low)]; any || out != want {
				t.Fatalf("%s: %s, want %s", what, out, want)
			}
			continue
		} else if out != Flips || !any {
			t.Fatalf("%s: %s", what, out)
		}
		if !holds(now.holds) || holds(now.fails) || b.further(now.holds, now.fails) {
			t.Fatalf("%s: %v", what, now)
		}
		width := math.Abs(now.holds - now.fails)
		touch := of.Kind() != reflect.Float64 && width <= 1
		if width > precision*max(now.holds, now.fails) && !touch {
			t.Fatalf("%s: %v is not narrow", what, now)
		}
		if len(b.belied()) > 0 {
			t.Fatalf("%s: belied by %v", what, b.belied())
		}
		if most := 24 + 3 + 6 + int(math.Ceil(math.Log2(1/precision))); len(tried) > most {
			t.Fatalf("%s: %d probes, want at most %d", what, len(tried), most)
		}
	}
}

// Whatever the answers are, it ends, and a bracket is one.
func TestBisectEndsWhateverItIsTold(t *testing.T) {
	for seed := range uint64(5000) {
		dice := rand.New(rand.NewPCG(seed, 3))
		a := numberAxis(t, axisTypes[dice.IntN(len(axisTypes))], 0.01)
		goal := []Goal{Largest, Smallest}[dice.IntN(2)]
		low := []float64{-1000, 0, 1}[dice.IntN(3)]
		b := newBisect(a, goal, 50, low, 1000, 0.01, low <= 0 || dice.IntN(2) == 0)
		told := map[float64]bool{}
		interview(t, b, func(v float64) bool {
			told[v] = dice.IntN(2) == 0
			return told[v]
		})
		if now, any := b.bracket(); any && (!told[now.holds] || told[now.fails]) {
			t.Fatalf("seed %d: %v is no bracket", seed, now)
		}
	}
}

func TestBisectOutcomes(t *testing.T) {
	number := numberAxis(t, reflect.TypeFor[int](), 0.01)
	for _, c := range []struct {
		name   string
		goal   Goal
		ranged bool
		holds  func(v float64) bool
		want   Outcome
	}{
		{"all hold", Largest, false, func(float64) bool { return true }, Everywhere},
		{"none holds", Smallest, true, func(float64) bool { return false }, Nowhere},
		{"more is better, and the largest is asked for", Largest, true, func(v float64) bool { return v > 10 }, Turned},
		{"more is better, found out by doubling", Largest, false, func(v float64) bool { return v > 10 }, Turned},
		{"less is better, and the smallest is asked for", Smallest, false, func(v float64) bool { return v < 70 }, Turned},
	} {
		b := newBisect(number, c.goal, 64, 1, 1024, 0.01, c.ranged)
		interview(t, b, c.holds)
		if got := b.outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// An expectation that flips more than once is found out by the values more.
func TestBisectIsBelied(t *testing.T) {
	number := numberAxis(t, reflect.TypeFor[int](), 0.01)
	gap := func(v float64) bool { return v < 100 || v > 500 && v < 900 } // holds, fails, holds, fails
	b := newBisect(number, Largest, 64, 1, 4096, 0.01, true)
	interview(t, b, gap)
	if now, any := b.bracket(); !any || now.holds >= now.fails {
		t.Errorf("no bracket: %v", now)
	}
	b = newBisect(number, Largest, 800, 1, 1000, 0.01, true)
	interview(t, b, func(v float64) bool { return v < 20 || v > 40 && v < 800 })
	if got := b.belied(); len(got) == 0 {
		t.Error("a gap at a quarter of the range is not found")
	}
	island := func(v float64) bool { return v > 240 && v < 260 } // between two ends that fail
	b = newBisect(number, Largest, 800, 1, 1000, 0.01, true)
	interview(t, b, func(v float64) bool { return island(v) || v == 32 })
	if b.outcome() == Nowhere {
		t.Error("what holds only within is taken for nowhere")
	}
}

// A range across nought has no narrow share of its values.
func TestBisectAcrossNought(t *testing.T) {
	a := numberAxis(t, reflect.TypeFor[float64](), 0.01)
	b := newBisect(a, Largest, 1, -100, 100, 0.01, true)
	interview(t, b, func(v float64) bool { return v <= 0 })
	now, _ := b.bracket()
	if now.holds > 0 || now.fails <= 0 || now.fails-now.holds > 1 {
		t.Errorf("%v", now)
	}
}

func TestAxisTexts(t *testing.T) {
	for _, c := range []struct {
		of    reflect.Type
		v     float64
		text  string
		value any
	}{
		{reflect.TypeFor[float64](), 0.25, "0.25", 0.25},
		{reflect.TypeFor[*float64](), 10_000_000, "10000000", 1e7},
		{reflect.TypeFor[int](), 12, "12", int64(12)},
		{reflect.TypeFor[*int](), 12, "12", int64(12)},
		{durationType, float64(1500 * time.Microsecond), "1.5ms", "1.5ms"},
		{bytesType, 1 << 28, "256MiB", "256MiB"},
		{bytesType, 134_200_000, "134.2MB", "134200KB"},
		{bytesType, 16390, "16390B", "16390B"},
	} {
		a := numberAxis(t, c.of, 0.01)
		if got := a.text(c.v); got != c.text {
			t.Errorf("%v: %s, want %s", c.of, got, c.text)
		}
		if got := a.value(c.v); got != c.value {
			t.Errorf("%v: value %v, want %v", c.of, got, c.value)
		}
		if got, err := a.parse(c.text); err != nil || got != c.v {
			t.Errorf("%v: %s is read as %v, %v", c.of, c.text, got, err)
		}
	}
	for _, text := range []string{"", "x", "1.5", "NaN"} {
		if v, err := numberAxis(t, reflect.TypeFor[int](), 0.01).parse(text); err == nil {
			t.Errorf("%q is read as %v", text, v)
		}
	}
	if _, numeric := newAxis(reflect.TypeFor[string](), 0.01); numeric {
		t.Error("a string is a number")
	}
	if _, numeric := newAxis(reflect.TypeFor[*bool](), 0.01); numeric {
		t.Error("a boolean is a number")
	}
}

// A size is written so that it is read as the same one.
func TestSizeText(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		b := sim.Bytes(math.Exp(dice.Float64() * 35))
		var again sim.Bytes
		if err := again.UnmarshalText([]byte(sizeText(b))); err != nil || again != b {
			t.Fatalf("%d: %s is %d, %v", b, sizeText(b), again, err)
		}
	}
}
