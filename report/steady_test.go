// Tests of the steady state: known transients are found, noise is not one.
package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// series is a mean with noise that remembers a share of itself from point to
// point, and start added to it.
func series(dice *rand.Rand, n int, memory float64, start func(i int) float64) []float64 {
	points := make([]float64, n)
	noise := dice.NormFloat64()
	for i := range points {
		noise = memory*noise + math.Sqrt(1-memory*memory)*dice.NormFloat64()
		points[i] = 100 + 5*noise + start(i)
	}
	return points
}

func none(int) float64 { return 0 }

func TestMSER(t *testing.T) {
	dice := rand.New(rand.NewPCG(51, 52))
	for _, c := range []struct {
		name        string
		start       func(i int) float64
		least, most int
	}{
		{"ten high points", func(i int) float64 { return 200 * step(i < 10) }, 10, 16},
		{"ten low points", func(i int) float64 { return -60 * step(i < 10) }, 10, 16},
		{"a decay: e^-4 of 200 is below the noise", func(i int) float64 { return 200 * math.Exp(-float64(i)/5) }, 10, 30},
		{"a ramp never settles", func(i int) float64 { return 10 * float64(i) }, 50, 50},
	} {
		if got := MSER(series(dice, 100, 0, c.start)); got < c.least || got > c.most {
			t.Errorf("%s: %d, want %d to %d", c.name, got, c.least, c.most)
		}
	}
	// By hand: leaving out the 9 leaves a spread of 0.
	if got := MSER([]float64{9, 2, 2, 2}); got != 1 {
		t.Errorf("%d, want 1", got)
	}
	for _, v := range [][]float64{nil, {1}, {1, 1, 1, 1}} {
		if got := MSER(v); got != 0 {
			t.Errorf("%v: %d", v, got)
		}
	}
}

func step(high bool) float64 {
	if high {
		return 1
	}
	return 0
}

// The example of R. O. Gilbert, Statistical Methods for Environmental Pollution
// Monitoring (1987), 16.4.1: of 10, 15, 14, 20 five pairs rise and one falls.
func TestMannKendall(t *testing.T) {
	spread := math.Sqrt(4 * 3 * 13 / 18.0)
	want := math.Erfc(3 / spread / math.Sqrt2) // score 4, less one for continuity
	if trend, p := MannKendall([]float64{10, 15, 14, 20}); trend != 1 || math.Abs(p-want) > 1e-12 {
		t.Errorf("%d, p = %v, want 1, %v", trend, p, want)
	}
	for _, c := range []struct {
		values []float64
		trend  int
		clear  bool
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1, true},
		{[]float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, -1, true},
		{[]float64{5, 5, 5, 5}, 0, false},
		{[]float64{9, 2, 2, 2, 2, 2, 2, 2, 2, 2}, -1, false},
		{nil, 0, false},
	} {
		if trend, p := MannKendall(c.values); trend != c.trend || (p < 0.01) != c.clear {
			t.Errorf("%v: %d, p = %v", c.values, trend, p)
		}
	}
}

// TestUnrest counts what is said of series that are steady, and of others.
func TestUnrest(t *testing.T) {
	for _, c := range []struct {
		name   string
		points int
		memory float64
		start  func(i int) float64
		kind   Unrest
		least  float64 // share of the series of which that is said
	}{
		{"noise of 10 points", 10, 0, none, "", 0.97},
		{"noise of 60 points", 60, 0, none, "", 0.99},
		{"noise that remembers", 60, 0.8, none, "", 0.97},
		{"a start of 5 of 60", 60, 0, func(i int) float64 { return 300 * step(i < 5) }, Starting, 0.97},
		{"a cold first point of 20", 20, 0, func(i int) float64 { return 500 * step(i < 1) }, Starting, 0.97},
		{"a start that decays", 60, 0.3, func(i int) float64 { return 400 * math.Exp(-float64(i)/4) }, Starting, 0.97},
		{"overload", 30, 0.3, func(i int) float64 { return 40 * float64(i) }, Drifting, 0.99},
		{"a cache that fills too slowly", 30, 0.3, func(i int) float64 { return 40 * float64(30-i) }, Drifting, 0.99},
		{"a start of half the run", 40, 0, func(i int) float64 { return 300 * step(i < 20) }, Wandering, 0.97},
		{"a start too small to matter", 60, 0, func(i int) float64 { return 20 * step(i < 3) }, "", 0.97},
	} {
		dice := rand.New(rand.NewPCG(53, 54))
		said, cuts := 0, 0
		for range 400 {
			kind, cut, _, _ := unrest(series(dice, c.points, c.memory, c.start))
			if kind == c.kind {
				said++
				cuts += cut
			}
		}
		if share := float64(said) / 400; share < c.least {
			t.Errorf("%s: %q of %.3f of the series, want at least %.2f", c.name, c.kind, share, c.least)
		}
		if mean := float64(cuts) / float64(max(1, said)); c.name == "a start of 5 of 60" && (mean < 5 || mean > 8) {
			t.Errorf("%s: cut after %.1f points", c.name, mean)
		}
	}
}

// latencies makes runs of one group from mean latencies per second, in ms.
func latencies(warmup time.Duration, seeds ...[]float64) *group {
	g := &group{label: "a", world: Virtual}
	for i, seconds := range seeds {
		run := &Run{Identity: Identity{Seed: uint64(i + 1)}, Complete: true, Step: time.Second, Warmup: warmup,
			Duration: time.Duration(len(seconds)) * time.Second, Steady: &Steady{}, Series: map[string][]int64{}}
		for _, ms := range seconds {
			run.Series["requests"] = append(run.Series["requests"], 110)
			run.Series["errors"] = append(run.Series["errors"], 10)
			run.Series[latencySeries] = append(run.Series[latencySeries], int64(100*ms*1e6))
		}
		run.Windows = []Measured{{Window: Window{Name: All}}}
		g.runs = append(g.runs, run)
	}
	return g
}

func TestUnsteadyGroups(t *testing.T) {
	cold := append([]float64{90, 70}, repeat(10, 18)...)
	for _, c := range []struct {
		name string
		g    *group
		want string
	}{
		{"a cold start", latencies(0, cold), "mean 80.0 ms before 2s, 10.0 ms after; --set warmup=2s leaves that out"},
		{"left out", latencies(2*time.Second, cold), ""},
		{"half left out", latencies(time.Second, cold), "mean 70.0 ms before 2s, 10.0 ms after; --set warmup=2s leaves that out"},
		{"two seeds see through the noise of one", latencies(0, append([]float64{60, 60}, repeat(10, 18)...), append([]float64{100, 80}, repeat(10, 18)...)),
			"mean 75.0 ms before 2s, 10.0 ms after; --set warmup=2s leaves that out"},
		{"too few seconds", latencies(0, []float64{90, 10, 10, 10, 10, 10, 10}), ""},
		{"a long run is judged in batches", latencies(0, append(repeat(90, 12), repeat(10, 200)...)),
			"mean 74.0 ms before 15s, 10.0 ms after; --set warmup=15s leaves that out"},
		{"overload", latencies(0, []float64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120}),
			"mean 20.0 ms in the first quarter, 110 ms in the last and still growing; more comes than is carried, or a longer run would show where to"},
		{"a cache that fills", latencies(0, []float64{120, 110, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10}),
			"mean 110 ms in the first quarter, 20.0 ms in the last and still falling; a longer run would show where to"},
		{"two halves", latencies(0, append(repeat(90, 10), repeat(10, 10)...)),
			"mean 90.0 ms in the first half, 10.0 ms in the second; only a longer run can tell a start from chance"},
	} {
		u, unsteady := c.g.unsteady()
		got := ""
		if unsteady {
			got = c.g.says(u)
		}
		if got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
	for name, edit := range map[string]func(r *Run){
		"a load that changes":     func(r *Run) { r.Steady = nil },
		"a run cut short":         func(r *Run) { r.Complete = false },
		"a second without answer": func(r *Run) { r.Series["errors"][7] = 110 },
	} {
		g := latencies(0, cold)
		edit(g.runs[0])
		if u, unsteady := g.unsteady(); unsteady {
			t.Errorf("%s is judged: %+v", name, u)
		}
	}
}

func repeat(v float64, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = v
	}
	return values
}

// An overload names who is overloaded.
func TestOverloadIsNamed(t *testing.T) {
	g := latencies(0, []float64{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120})
	run := g.runs[0]
	run.Nodes = map[string]string{"app-1": KindApp, "app-2": KindApp}
	run.Steady.Workers = map[string]int{"app-1": 2, "app-2": 2}
	run.Windows[0].To = at(12 * time.Second)
	run.Windows[0].Counters = map[string]int64{"app-1.busy-ns": int64(12 * time.Second), "app-2.busy-ns": int64(24 * time.Second)}
	u, _ := g.unsteady()
	if got := g.says(u); !strings.HasSuffix(got, "app-2 is overloaded, so no warm-up helps") {
		t.Error(got)
	}
}
