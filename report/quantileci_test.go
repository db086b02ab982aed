// Tests of intervals: ranks from the textbook, and how often intervals cover.
package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// histogramOf is the histogram of the values, in ns. It is made in place: a
// dense one for each of ten thousand experiments would take half a minute.
func histogramOf(values ...float64) *Histogram {
	slices.Sort(values)
	h := &Histogram{}
	for _, v := range values {
		cell := cellOf(int64(v))
		if n := len(h.Counts); n == 0 || h.Counts[n-2] != cell {
			h.Counts = append(h.Counts, cell, 0)
		}
		h.Counts[len(h.Counts)-1]++
		h.N++
		h.Sum += int64(v)
		h.Max = int64(v)
	}
	if h.N > 0 {
		h.Min = int64(values[0])
	}
	return h
}

// ladder has the values 1 ms, 2 ms … n ms, so that a value is its rank.
func ladder(n int) *Histogram {
	var values []float64
	for i := range n {
		values = append(values, float64(i+1)*1e6)
	}
	return histogramOf(values...)
}

// For the median of 10, 20 and 100 values every table of nonparametric
// statistics has the ranks 2 and 9, 6 and 15, 40 and 61.
func TestWithinRanks(t *testing.T) {
	if err := ladder(100).validate(); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][2]float64{10: {2, 9}, 20: {6, 15}, 100: {40, 61}} {
		w, ok := ladder(n).Within(0.5)
		low, high := math.Round(w.Low/1e6), math.Round(w.High/1e6)
		if !ok || w.Open || low != want[0] || high != want[1] {
			t.Errorf("median of %d: ranks %v to %v, want %v", n, low, high, want)
		}
	}
	for _, c := range []struct {
		n        int
		q        float64
		ok, open bool
	}{
		{5, 0.5, false, false},   // both ends lie beyond the values
		{100, 0.99, true, true},  // one value beyond: it might be anywhere
		{367, 0.99, true, true},  // 0.99^367 is just above 2.5 %
		{368, 0.99, true, false}, // and 0.99^368 below
		{0, 0.5, false, false},
	} {
		if w, ok := ladder(c.n).Within(c.q); ok != c.ok || w.Open != c.open {
			t.Errorf("%v of %d: %+v %v", c.q, c.n, w, ok)
		}
	}
	if _, ok := (*Histogram)(nil).Within(0.5); ok {
		t.Error("an interval of nothing")
	}
}

// coverage plays experiments and returns the share of them whose interval holds
// the truth.
func coverage(t *testing.T, experiments int, holds func(dice *rand.Rand) bool) float64 {
	t.Helper()
	dice := rand.New(rand.NewPCG(21, 22))
	held := 0
	for range experiments {
		if holds(dice) {
			held++
		}
	}
	return float64(held) / float64(experiments)
}

// TestIntervalsCover holds every kind of 95 % interval to its name.
func TestIntervalsCover(t *testing.T) {
	exponential := func(dice *rand.Rand, n int) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = 20e6 * dice.ExpFloat64()
		}
		return values
	}
	trueQuantile := func(q float64) float64 { return -20e6 * math.Log(1-q) }
	for _, c := range []struct {
		name  string
		holds func(dice *rand.Rand) bool
	}{
		{"mean of 5 seeds", func(dice *rand.Rand) bool {
			var values []float64
			for range 5 {
				values = append(values, 7+dice.NormFloat64())
			}
			i := MeanInterval(values)
			return math.Abs(i.Mean-7) <= i.Half
		}},
		{"mean latency of 10 seeds of 200 requests", func(dice *rand.Rand) bool {
			var values []float64
			for range 10 {
				values = append(values, mean(exponential(dice, 200)))
			}
			i := MeanInterval(values)
			return math.Abs(i.Mean-20e6) <= i.Half
		}},
		{"p90 of 6 seeds of 500 requests", func(dice *rand.Rand) bool {
			var values []float64
			for range 6 {
				values = append(values, float64(histogramOf(exponential(dice, 500)...).Quantile(0.9)))
			}
			i := MeanInterval(values)
			return math.Abs(i.Mean-trueQuantile(0.9)) <= i.Half
		}},
		{"paired difference of 4 seeds", func(dice *rand.Rand) bool {
			a, b := map[uint64]float64{}, map[uint64]float64{}
			for seed := range uint64(4) {
				luck := 10 * dice.NormFloat64()
				a[seed], b[seed] = 100+luck+dice.NormFloat64(), 103+luck+dice.NormFloat64()
			}
			d := compare(a, b, 0)
			return math.Abs(d.Mean-3) <= d.Half
		}},
		{"p50 within a run of 400", func(dice *rand.Rand) bool {
			w, _ := histogramOf(exponential(dice, 400)...).Within(0.5)
			return w.Low <= trueQuantile(0.5) && trueQuantile(0.5) <= w.High
		}},
		{"p99 within a run of 2,000", func(dice *rand.Rand) bool {
			w, _ := histogramOf(exponential(dice, 2000)...).Within(0.99)
			return w.Low <= trueQuantile(0.99) && trueQuantile(0.99) <= w.High
		}},
	} {
		if share := coverage(t, 2000, c.holds); share < 0.93 || share > 0.97 {
			t.Errorf("%s: the interval holds the truth in %.1f %% of 2,000 experiments", c.name, 100*share)
		}
	}
}

// Queueing requests are alike, and then the interval within a run is too narrow:
// what the note beside it says is so.
func TestWithinIsTooNarrowForAQueue(t *testing.T) {
	covered := coverage(t, 300, func(dice *rand.Rand) bool {
		latencies := responses(dice, 0.8, 2000)
		w, ok := histogramOf(scaled(latencies, 1e6)...).Within(0.9)
		truth := math.Log(10) / (1 - 0.8) * 1e6
		return ok && w.Low <= truth && truth <= w.High
	})
	if covered > 0.75 {
		t.Errorf("covers %.2f: then requests would be as good as independent", covered)
	}
}

// responses are the response times of n requests at an M/M/1 queue in its steady
// state, in service times: D. V. Lindley's recursion.
func responses(dice *rand.Rand, load float64, n int) []float64 {
	wait := 0.0
	if dice.Float64() < load {
		wait = dice.ExpFloat64() / (1 - load)
	}
	all := make([]float64, n)
	for i := range all {
		service := dice.ExpFloat64()
		all[i] = wait + service
		wait = max(0, wait+service-dice.ExpFloat64()/load)
	}
	return all
}

func scaled(values []float64, by float64) []float64 {
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = v * by
	}
	return all
}
