// Arrivals over long times, and their statistics.
package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// TestNoDrift jumps to arrival one billion by its number, which is all that an
// Arrivals keeps, and wants it exactly where it belongs.
func TestNoDrift(t *testing.T) {
	day := 24 * time.Hour
	for _, rate := range []float64{1000, 10_000, 3, 1e6 / 7} {
		a := NewArrivals(New(Config{Rate: rate}, day), sim.Never, nil)
		for n := 1e9; n < 1e9+1000; n++ {
			a.count = int64(n) - 1
			if got, want := a.Next(), sim.Time(math.Round((n-0.5)*1e9/rate)); got != want {
				t.Fatalf("rate %g: arrival %g at %d, want %d", rate, n, got, want)
			}
		}
	}
}

func TestArrivalsInTheMiddleOfTheirMilliseconds(t *testing.T) {
	a := Config{Rate: 1000}.NewArrivals(time.Hour, 1)
	for i := range sim.Time(3_600_000) {
		if got, want := a.Next(), i*sim.Time(time.Millisecond)+sim.Time(time.Millisecond/2); got != want {
			t.Fatalf("arrival %d at %d, want %d", i+1, got, want)
		}
	}
	if got := a.Next(); got != sim.Never {
		t.Errorf("one too many at %v", got)
	}
}

// TestPoissonGaps holds the gaps of a constant Poisson load against the
// exponential law by Kolmogorov and Smirnov: 1.63/sqrt(n) is the 1 % bound.
func TestPoissonGaps(t *testing.T) {
	const n = 50_000
	a := examples["poisson"].NewArrivals(time.Hour, 7)
	gaps := make([]float64, n)
	last := sim.Time(0)
	for i := range gaps {
		at := a.Next()
		gaps[i], last = at.Sub(last).Seconds()*1000, at
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, g := range gaps {
		worst = max(worst, math.Abs(1-math.Exp(-g)-float64(i)/n))
	}
	if worst > 1.63/math.Sqrt(n) {
		t.Errorf("the gaps are %.4f off the exponential law", worst)
	}
}

// TestPoissonCounts wants the counts of each second of a changing load to have
// a variance equal to their mean, which is what Total says.
func TestPoissonCounts(t *testing.T) {
	for _, name := range []string{"spike", "sine", "ramp", "step"} {
		c := examples[name]
		c.Arrivals = "poisson"
		shape := New(c, minute)
		chi2, n := 0.0, 0
		for seed := range uint64(20) {
			var counts [61]float64
			a := c.NewArrivals(minute, seed)
			for at := a.Next(); at != sim.Never; at = a.Next() {
				counts[at.Second()]++
			}
			for s := range sim.Time(60) {
				mean := shape.Total((s+1)*sim.Time(time.Second)) - shape.Total(s*sim.Time(time.Second))
				if mean > 5 {
					chi2 += (counts[s] - mean) * (counts[s] - mean) / mean
					n++
				}
			}
		}
		if z := (chi2 - float64(n)) / math.Sqrt(2*float64(n)); math.Abs(z) > 3.5 {
			t.Errorf("%s: the counts are %.1f standard deviations off", name, z)
		}
	}
}

func TestArrivalsOfOneSeed(t *testing.T) {
	c := examples["poisson"]
	a, b, other := c.NewArrivals(minute, 1), c.NewArrivals(minute, 1), c.NewArrivals(minute, 2)
	same := true
	for range 1000 {
		x := a.Next()
		if x != b.Next() {
			t.Fatal("one seed, two sequences")
		}
		same = same && x == other.Next()
	}
	if same {
		t.Error("two seeds, one sequence")
	}
	if got := a.Total(); math.Abs(got-60_000) > 1e-6 {
		t.Errorf("%g arrivals expected, want 60000", got)
	}
}

func TestArrivalsAllocateNothing(t *testing.T) {
	for _, name := range []string{"spike", "sine"} {
		a := examples[name].NewArrivals(minute, 1)
		if got := testing.AllocsPerRun(1000, func() { a.Next() }); got != 0 {
			t.Errorf("%s: %g allocations an arrival", name, got)
		}
	}
}

// A load that changes gives the arrivals that the old one has before and the new
// one has after, counted from the run's start.
func TestArrivalsChange(t *testing.T) {
	const run, second = 20 * time.Second, sim.Time(time.Second)
	for _, c := range []struct {
		name          string
		before, after Config
		at            sim.Time
		want          int // until 10 s
	}{
		{"more", Config{Rate: 100}, Config{Rate: 300}, 5 * second, 500 + 1500},
		{"less", Config{Rate: 300}, Config{Rate: 100}, 5 * second, 1500 + 500},
		{"in the middle of a gap", Config{Rate: 1}, Config{Rate: 2}, 5*second + 3, 5 + 10},
		{"the same", Config{Rate: 70}, Config{Rate: 70}, 3*second + 1, 700},
		{"a spike that is on", Config{Rate: 10}, Config{Shape: "spike", Rate: 10, Peak: 50, At: time.Second, For: 8 * time.Second}, 5 * second, 50 + 4*50 + 10},
		{"nobody more", Config{Rate: 10}, Config{Shape: "step", Rate: 0, Peak: 100, At: 15 * time.Second}, 5 * second, 50},
	} {
		a := c.before.WithDefaults().NewArrivals(run, 1)
		n, last := 0, sim.Time(0)
		next := a.Next()
		for ; next < c.at; next = a.Next() {
			n, last = n+1, next
		}
		a.Change(c.after.WithDefaults(), run, 1, c.at)
		for next = a.Next(); next < 10*second; next = a.Next() {
			if next < c.at || next < last {
				t.Fatalf("%s: %v after %v and the change at %v", c.name, next, last, c.at)
			}
			n, last = n+1, next
		}
		if n != c.want {
			t.Errorf("%s: %d arrivals, want %d", c.name, n, c.want)
		}
	}
}

// Poisson arrivals stay what they are across a change, and begin and end with one.
func TestPoissonChange(t *testing.T) {
	even, random := Config{Rate: 1000}.WithDefaults(), Config{Rate: 1000, Arrivals: "poisson"}.WithDefaults()
	for _, c := range []struct {
		before, after Config
		exact         bool
	}{{even, random, false}, {random, even, true}, {random, random, false}} {
		a := c.before.NewArrivals(time.Minute, 3)
		for a.Next() < sim.Time(20*time.Second) {
		}
		a.Change(c.after, time.Minute, 3, sim.Time(20*time.Second))
		n := 0
		for a.Next() < sim.Time(40*time.Second) {
			n++
		}
		if n < 19_500 || n > 20_500 || (n == 20_000) != c.exact { // 3.5 standard deviations
			t.Errorf("%+v to %+v: %d arrivals in 20 s of 1000/s", c.before, c.after, n)
		}
	}
}
