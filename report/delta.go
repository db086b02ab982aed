// Deltas: one metric of one variant in two results, and what can be said of the change.
package report

import (
	"cmp"
	"fmt"
	"slices"

	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat"
)

// Delta is a metric before and after.
//
// Paired values are of the same seeds in virtual time, where the same seed and
// the same decisions give the same numbers to the last digit: whatever differs
// is a change and no noise, be it one run a side. What they leave open is
// whether other seeds would show it too; that, and every change between runs
// that are not paired, is a matter of statistics: the Mann-Whitney U test, which
// assumes nothing about how values scatter (golang.org/x/perf/benchmath).
type Delta struct {
	Metric   string
	Unit     Unit
	Better   Better
	Old, New []float64 // by ascending seed; paired ones of the same seeds
	Paired   bool
	Withheld bool // the machine could not hold the load: times mean nothing
	heading  string
}

// missing reports whether one side has nothing to compare.
func (d *Delta) missing() bool { return d.Withheld || len(d.Old) == 0 || len(d.New) == 0 }

// Center is what stands for a side: the mean of paired values, whose difference
// is the mean difference; else the median, as the test is about that.
func (d *Delta) Center(side []float64) float64 {
	if d.Paired {
		return stat.Mean(side, nil)
	}
	return benchmath.AssumeNothing.Summary(sample95(side), 0.95).Center
}

// Change is the change of the center as a share of the old one.
func (d *Delta) Change() float64 { return relative(d.Center(d.Old), d.Center(d.New)) }

// sample95 is a copy in the form of benchmath, which sorts what it gets.
func sample95(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}

// P is the probability of a difference at least as large by luck alone.
func (d *Delta) P() float64 {
	if slices.Equal(slices.Sorted(slices.Values(d.Old)), slices.Sorted(slices.Values(d.New))) {
		return 1 // the test has no answer where all values are one
	}
	return benchmath.AssumeNothing.Compare(sample95(d.Old), sample95(d.New)).P
}

// Significant reports whether luck alone is no likely reason.
func (d *Delta) Significant(alpha float64) bool { return d.P() <= alpha }

// enough reports whether so many runs can show anything: whether the test would
// find a difference if all new values lay beyond all old ones.
func enough(before, after int, alpha float64) bool { return leastP(before, after) <= alpha }

// leastP is the smallest P of the test without ties: 2 in all ways to choose
// which of the values are the old ones (Mann and Whitney 1947).
func leastP(before, after int) float64 {
	ways := 1.0
	for i := 1; i <= before; i++ {
		ways *= float64(after+i) / float64(i)
	}
	return min(1, 2/ways)
}

// maxRunsNeeded bounds the runs a side that anyone is asked for.
const maxRunsNeeded = 50

// needed is how many runs it takes on each side.
func needed(alpha float64) string {
	for n := 1; n <= maxRunsNeeded; n++ {
		if enough(n, n, alpha) {
			return fmt.Sprint(n)
		}
	}
	return fmt.Sprintf("more than %d", maxRunsNeeded)
}

// Moves count the seeds by which way they moved.
type Moves struct{ Up, Down, Same int }

// Moves compares pair by pair.
func (d *Delta) Moves() Moves {
	var m Moves
	for i := range d.Old {
		switch cmp.Compare(d.New[i], d.Old[i]) {
		case 1:
			m.Up++
		case -1:
			m.Down++
		default:
			m.Same++
		}
	}
	return m
}

// moved says how the seeds moved: "5 of 5 worse", "2 worse, 1 better, 2 same".
func (d *Delta) moved() string {
	m := d.Moves()
	up, down := "higher", "lower"
	switch d.Better {
	case Higher:
		up, down = "better", "worse"
	case Lower:
		up, down = "worse", "better"
	}
	all := m.Up + m.Down + m.Same
	switch all {
	case m.Same:
		return "="
	case m.Up:
		return fmt.Sprintf("%d of %d %s", all, all, up)
	case m.Down:
		return fmt.Sprintf("%d of %d %s", all, all, down)
	}
	text := ""
	for _, part := range []struct {
		n    int
		says string
	}{{m.Up, up}, {m.Down, down}, {m.Same, "same"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.says)
		}
	}
	return text[2:]
}

// spread is the interval of a side's median as benchstat prints it, "" when too
// few runs give none.
func (d *Delta) spread(side []float64) string {
	if d.Paired {
		return ""
	}
	if text := benchmath.AssumeNothing.Summary(sample95(side), 0.95).PctRangeString(); text != "∞" && text != "?" {
		return " ± " + text
	}
	return ""
}
