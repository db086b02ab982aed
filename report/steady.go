// The steady state: did a run that should have settled do so?
package report

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Steady is what theory needs to know of a run whose load is constant and in
// which nothing goes wrong: it should settle to a steady state.
type Steady struct {
	// Workers of each node that has a queue before them.
	Workers map[string]int `json:"workers,omitempty"`
	// ArrivalSCV and ServiceSCV are the squared coefficients of variation, the
	// variance over the squared mean, of the gaps between requests and of the
	// app servers' service times: 0 when all are equal, 1 when exponential.
	ArrivalSCV float64 `json:"arrival_scv"`
	ServiceSCV float64 `json:"service_scv"`
}

func (s *Steady) validate() error {
	if s == nil {
		return nil
	}
	if len(s.Workers) > maxKeys {
		return fmt.Errorf("workers of %d nodes; at most %d", len(s.Workers), maxKeys)
	}
	for node, n := range s.Workers { // in any order: one mistake is enough
		if n < 1 || int64(n) > maxCount {
			return fmt.Errorf("%s: %d workers", node, n)
		}
	}
	if !(s.ArrivalSCV >= 0 && s.ServiceSCV >= 0 && s.ArrivalSCV+s.ServiceSCV < 1e9) {
		return errors.New("squared coefficients of variation that cannot be")
	}
	return nil
}

const (
	// minSteadyPoints is the least number of steps that a judgement takes:
	// below, a single odd second decides.
	minSteadyPoints = 8
	// batchFrom is the number of steps from which they are put together by five:
	// that is the 5 of MSER-5.
	batchFrom, batchSize = 100, 5

	// A start is worth a warning when leaving it out changes the mean by more than
	// transientShare (the precision that run lengths are judged by, too), and when
	// it is further from the rest than chance: transientErrors standard errors,
	// more than the usual two because the cut was chosen to fit.
	// Means that differ by trimShare are the same.
	transientShare  = 0.05
	trimShare       = 0.01
	transientErrors = 4

	// A run drifts when it goes one way (Mann and Kendall, p below driftP), its
	// last quarter is far from its first, and still away from its third: a start
	// that levels off is no drift.
	driftP       = 0.01
	driftQuarter = 1.5
	driftStill   = 1.1
)

// Unsteady says why a run is not in a steady state.
type Unsteady struct {
	Kind Unrest
	// Cut is the warm-up, from the beginning of the load, that would leave out a
	// start that is not like the rest.
	Cut time.Duration
	// Before and After are mean latencies: before and after the cut, or in the
	// first and the last quarter of a run that drifts, or in its halves.
	Before, After time.Duration
}

// Unrest is a way of not being steady.
type Unrest string

// The ways.
const (
	Starting  Unrest = "starts"  // the start differs, the rest is steady
	Drifting  Unrest = "drifts"  // it goes one way to its end
	Wandering Unrest = "wanders" // its halves differ: a start that long cannot be told from chance
)

// unsteady judges the mean latency, step by step, over all seeds of a group
// (which is Welch's way of seeing through the noise); false when the runs are
// steady or cannot be judged.
func (g *group) unsteady() (Unsteady, bool) {
	first := g.runs[0]
	if first.Steady == nil || !g.complete() || g.untrusted() != "" || first.Step <= 0 {
		return Unsteady{}, false
	}
	from := int((first.Warmup + first.Step - 1) / first.Step)
	points := meanLatencies(g.runs, from, int(first.Duration/first.Step))
	if len(points) < minSteadyPoints {
		return Unsteady{}, false
	}
	size := 1
	if len(points) >= batchFrom {
		points, size = batches(points, batchSize), batchSize
	}
	kind, cut, before, after := unrest(points)
	u := Unsteady{Kind: kind, Before: time.Duration(before), After: time.Duration(after)}
	if kind == Starting {
		u.Cut = time.Duration(from+cut*size) * first.Step
	}
	return u, kind != ""
}

// unrest judges a series: the kind, "" when it is steady, and of a start how many
// points it has.
func unrest(points []float64) (kind Unrest, cut int, before, after float64) {
	if before, after, drifts := drift(points); drifts {
		return Drifting, 0, before, after
	}
	cut, before, after = transient(points)
	switch {
	case cut == 0:
		return "", 0, 0, 0
	case cut > 2*len(points)/5: // White takes no cut from the second half on; near it is as doubtful
		return Wandering, cut, before, after
	}
	return Starting, cut, before, after
}

// meanLatencies returns the mean latency of each step from .. to-1 over all
// runs, in ns; nothing when one of them has no answer at all.
func meanLatencies(runs []*Run, from, to int) []float64 {
	var points []float64
	for i := from; i < to; i++ {
		sum, n := 0.0, 0.0
		for _, run := range runs {
			point := func(name string) float64 {
				if s := run.Series[name]; i < len(s) {
					return float64(s[i])
				}
				return 0
			}
			sum += point(latencySeries)
			n += point(tickNames[tickRequests]) - point(tickNames[tickErrors])
		}
		if n <= 0 {
			return nil
		}
		points = append(points, sum/n)
	}
	return points
}

// batches returns the means of so many points each; what is left over at the end
// joins no batch.
func batches(points []float64, size int) []float64 {
	var means []float64
	for ; len(points) >= size; points = points[size:] {
		means = append(means, mean(points[:size]))
	}
	return means
}

// transient returns how many points at the start are not like the rest, with the
// means before and after; 0 when there is no such start.
func transient(points []float64) (cut int, before, after float64) {
	if cut = trim(points, MSER(points)); cut == 0 {
		return 0, 0, 0
	}
	rest := points[cut:]
	before, after = mean(points[:cut]), mean(rest)
	error := math.Sqrt(variance(rest, after) * memory(rest, after) * (1/float64(cut) + 1/float64(len(rest))))
	if math.Abs(mean(points)-after) <= transientShare*after || math.Abs(before-after) <= transientErrors*error {
		return 0, 0, 0
	}
	return cut, before, after
}

// trim returns the shortest cut after which the mean is the same: of few points
// MSER leaves out more than differs.
func trim(points []float64, cut int) int {
	settled := mean(points[cut:])
	for d := range cut {
		if math.Abs(mean(points[d:])-settled) <= trimShare*settled {
			return d
		}
	}
	return cut
}

// memory is how many times the variance of a mean grows because neighbouring
// points are alike: (1+r)/(1-r) with their correlation r, as of an
// autoregression of first order. A wandering series is then not taken for a start.
func memory(points []float64, mean float64) float64 {
	var together, alone float64
	for i, v := range points {
		alone += (v - mean) * (v - mean)
		if i > 0 {
			together += (v - mean) * (points[i-1] - mean)
		}
	}
	if alone == 0 {
		return 1
	}
	r := min(max(together/alone, 0), 0.9) // few points know no more than that
	return (1 + r) / (1 - r)
}

// drift reports whether the points still go one way at their end, with the means
// of the first and of the last quarter.
func drift(points []float64) (before, after float64, drifts bool) {
	n := len(points)
	quarter := func(i int) float64 { return mean(points[i*n/4 : (i+1)*n/4]) }
	first, third, last := quarter(0), quarter(2), quarter(3)
	trend, p := MannKendall(points)
	if p >= driftP {
		return 0, 0, false
	}
	if trend < 0 { // the same, the other way about
		return first, last, first >= driftQuarter*last && third >= driftStill*last
	}
	return first, last, last >= driftQuarter*first && last >= driftStill*third
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// variance is that of a sample whose mean is known.
func variance(values []float64, mean float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(max(1, len(values)-1))
}
