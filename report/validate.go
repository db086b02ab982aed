// What a result must be before anyone computes with it.
package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"cdnlab/sim"
)

// Bounds on what is read: far above every real result, and low enough that no
// sum of a few runs overflows.
const (
	maxRuns  = 100_000
	maxCount = int64(1) << 50
	maxKeys  = 2 * maxCounters
)

var (
	errNegative = errors.New("a negative count")
	errTooBig   = fmt.Errorf("a count beyond %d", maxCount)
)

// Validate returns the first thing that makes the result unfit for use.
func (r *Result) Validate() error {
	if r.Schema != Schema {
		return fmt.Errorf("schema %d; this code knows %d", r.Schema, Schema)
	}
	if len(r.Runs) > maxRuns {
		return fmt.Errorf("%d runs; at most %d", len(r.Runs), maxRuns)
	}
	for i, run := range r.Runs {
		if run == nil {
			return fmt.Errorf("run %d is null", i)
		}
		if err := run.Validate(); err != nil {
			return fmt.Errorf("run %d (%s): %w", i, run.Label(), err)
		}
	}
	for i, e := range r.Expectations {
		if bad(e.Measured) || bad(e.Half) || bad(e.Bound) || bad(&e.Tolerance) {
			return fmt.Errorf("expectation %d: not a number", i)
		}
		if e.Pass && e.NotJudged {
			return fmt.Errorf("expectation %d: holds, but was not judged", i)
		}
	}
	for i, t := range r.Regressions {
		if err := t.validate(); err != nil {
			return fmt.Errorf("regression %d: %w", i, err)
		}
	}
	return validSettings(r.Settings)
}

func bad(f *float64) bool { return f != nil && (math.IsNaN(*f) || math.IsInf(*f, 0)) }

// Validate returns the first thing that makes the run unfit for use.
func (r *Run) Validate() error {
	switch {
	case r.World != Virtual && r.World != Live:
		return fmt.Errorf("world %q; known: %s, %s", r.World, Virtual, Live)
	case len(r.Shards) == 0 || slices.Min(r.Shards) < 0:
		return errors.New("no shard, or a negative one")
	case r.Duration < 0 || r.Duration > math.MaxInt64/4:
		return fmt.Errorf("duration %d ns", r.Duration)
	case r.Warmup < 0 || r.Warmup > math.MaxInt64/4:
		return fmt.Errorf("warm-up %d ns", r.Warmup)
	case r.Step < time.Second || r.Step%time.Second != 0 || r.Step > math.MaxInt64/(2*maxPoints):
		return fmt.Errorf("step %d ns is not a number of seconds", r.Step)
	case len(r.Windows) == 0 || r.Windows[0].Name != All:
		return fmt.Errorf("the first window is not %q", All)
	case len(r.Windows) > MaxWindows:
		return fmt.Errorf("%d windows; at most %d", len(r.Windows), MaxWindows)
	case len(r.Series) > maxKeys || len(r.Nodes) > maxKeys || len(r.Shields) > maxKeys || len(r.Clusters) > maxKeys || len(r.Events) > maxEvents:
		return errors.New("more series, nodes or events than a run can have")
	}
	if err := counts(map[string]int64{"events_dropped": r.EventsDropped, "counts_dropped": r.CountsDropped}); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range r.Windows {
		w := &r.Windows[i]
		if seen[w.Name] {
			return fmt.Errorf("window %q stands there twice", w.Name)
		}
		seen[w.Name] = true
		if err := w.validate(); err != nil {
			return fmt.Errorf("window %q: %w", w.Name, err)
		}
	}
	for name, points := range r.Series { // in any order: one mistake is enough
		if len(points) > maxPoints+1 {
			return fmt.Errorf("series %q has %d points; at most %d", name, len(points), maxPoints+1)
		}
		limit := limitOf(name)
		for _, n := range points {
			if n < 0 || n > limit {
				return fmt.Errorf("series %q holds %d", name, n)
			}
		}
	}
	if err := r.Steady.validate(); err != nil {
		return err
	}
	return r.Receipt.validate()
}

func (m *Measured) validate() error {
	if m.From < 0 || m.To < m.From || m.To > sim.Time(math.MaxInt64/4) {
		return fmt.Errorf("from %d to %d ns", m.From, m.To)
	}
	for _, all := range []map[string]int64{m.Counts, m.Counters, m.Servers, m.PoPs, m.Groups, m.GroupErrors} {
		if err := counts(all); err != nil {
			return err
		}
	}
	if len(m.Histograms) > numHists || len(m.Places) > maxKeys {
		return errors.New("more histograms or places than a window can have")
	}
	for name, h := range m.Histograms { // in any order: one mistake is enough
		if !slices.Contains(histNames[:], name) {
			return fmt.Errorf("unknown histogram %q", name)
		}
		if err := h.validate(); err != nil {
			return fmt.Errorf("histogram %q: %w", name, err)
		}
	}
	for name, p := range m.Places { // in any order: one mistake is enough
		if p.Requests < 0 || p.Errors < 0 || p.Requests > maxCount || p.Errors > p.Requests {
			return fmt.Errorf("place %q: %d errors of %d requests", name, p.Errors, p.Requests)
		}
		if p.First != nil && (p.First.TTFB < 0 || p.First.Intended < 0) {
			return fmt.Errorf("place %q: a first answer before the run", name)
		}
	}
	return nil
}

func counts(all map[string]int64) error {
	if len(all) > maxKeys {
		return fmt.Errorf("%d counts; at most %d", len(all), maxKeys)
	}
	for name, n := range all { // in any order: one mistake is enough
		if n < 0 {
			return fmt.Errorf("%s: %w", name, errNegative)
		}
		if n > limitOf(name) {
			return fmt.Errorf("%s: %w", name, errTooBig)
		}
	}
	return nil
}

// validate holds a histogram to its layout and its own sums.
func (h *Histogram) validate() error {
	if h == nil {
		return errors.New("null")
	}
	if len(h.Counts)%2 != 0 {
		return errors.New("a cell without its count")
	}
	var n int64
	last := int64(-1)
	for i := 0; i < len(h.Counts); i += 2 {
		cell, count := h.Counts[i], h.Counts[i+1]
		if cell <= last || cell >= histogramCells {
			return fmt.Errorf("cell %d after cell %d of %d", cell, last, histogramCells)
		}
		if count <= 0 || count > maxCount/histogramCells*16 {
			return fmt.Errorf("cell %d counts %d", cell, count)
		}
		last, n = cell, n+count
	}
	switch {
	case n != h.N:
		return fmt.Errorf("its cells add up to %d, not to %d", n, h.N)
	case n == 0 && (h.Sum != 0 || h.Min != 0 || h.Max != 0):
		return errors.New("extremes of nothing")
	case n > 0 && (cellOf(clamp(h.Min)) != h.Counts[0] || cellOf(clamp(h.Max)) != last || h.Min < 0 || h.Max > histogramHigh):
		return fmt.Errorf("its extremes %d and %d ns lie outside its cells", h.Min, h.Max)
	case h.Sum < h.Min || n > 0 && h.Sum < h.Max:
		return fmt.Errorf("its sum %d ns cannot be", h.Sum)
	}
	return nil
}

func clamp(ns int64) int64 { return min(max(ns, 0), histogramHigh) }
