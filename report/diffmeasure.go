// Diffs: the metrics of each variant before and after, and what must not have happened.
package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// measure fills in the deltas.
func (d *Diff) measure() error {
	chosen := d.o.Metrics != nil
	names := d.o.Metrics
	if !chosen {
		names = slices.DeleteFunc(slices.Clone(usual), func(name string) bool { return name == "origin-peak" }) // one second's maximum: chance decides too much
	}
	for i := range d.Rows {
		row := &d.Rows[i]
		if err := row.known(d.o.Window); err != nil {
			return err
		}
		for _, name := range names {
			delta, err := row.delta(name, d.o.Window)
			if err != nil {
				return err
			}
			if chosen || delta.tells() && !row.repeats(delta) {
				row.Deltas = append(row.Deltas, delta)
			}
		}
	}
	return nil
}

// known wants a window that both sides have.
func (row *DiffRow) known(window string) error {
	for _, g := range []*group{row.old, row.new} {
		if _, err := g.runs[0].Window(window); err != nil {
			return fmt.Errorf("%s: %w", row.Label, err)
		}
	}
	return nil
}

// delta reads a metric on both sides.
func (row *DiffRow) delta(metric, window string) (Delta, error) {
	m, arg, err := Find(metric)
	if err != nil {
		return Delta{}, err
	}
	d := Delta{Metric: metric, Unit: m.Unit, Better: m.Better, Paired: row.Seeds != nil, heading: m.heading(arg)}
	for _, g := range []*group{row.old, row.new} {
		d.Withheld = d.Withheld || m.Unit == UnitTime && g.untrusted() != ""
	}
	was, err := row.values(row.old, metric, window)
	if err != nil {
		return d, err
	}
	is, err := row.values(row.new, metric, window)
	if err != nil {
		return d, err
	}
	for _, run := range row.old.runs {
		v, found := was[run.Seed]
		if _, both := is[run.Seed]; found && (both || !d.Paired) {
			d.Old = append(d.Old, v)
		}
	}
	for _, run := range row.new.runs {
		v, found := is[run.Seed]
		if _, both := was[run.Seed]; found && (both || !d.Paired) {
			d.New = append(d.New, v)
		}
	}
	return d, nil
}

// values are a metric's by seed. A node that the variant does not have, and a
// window that a run does not have, leave none.
func (row *DiffRow) values(g *group, metric, window string) (map[uint64]float64, error) {
	all := map[uint64]float64{}
	for _, run := range g.runs {
		if _, err := run.Window(window); err != nil {
			continue
		}
		r, err := Measure(run, window, metric)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.Label, err)
		}
		if !r.Missing {
			all[run.Seed] = r.Value
		}
	}
	return all, nil
}

// tells reports whether there is anything to see. Requests and errors always
// tell: nought errors are news.
func (d *Delta) tells() bool {
	if d.Metric == "requests" || d.Metric == "errors" || d.Withheld {
		return true
	}
	return len(d.Old)+len(d.New) > 0 && slices.ContainsFunc(slices.Concat(d.Old, d.New), func(v float64) bool { return v != 0 })
}

// repeats reports whether a delta says what another one says already: a time
// from the actual send when every request was sent on time, a time to first
// byte when answers are small. Of the second a note tells.
func (row *DiffRow) repeats(d Delta) bool {
	like := func(name string, share float64) bool {
		return slices.ContainsFunc(row.Deltas, func(e Delta) bool {
			return e.Metric == name && near(d.Old, e.Old, share) && near(d.New, e.New, share)
		})
	}
	if name, found := strings.CutPrefix(d.Metric, sent); found {
		return like(name, 0)
	}
	name, found := strings.CutPrefix(d.Metric, "ttfb.")
	found = found && like("latency."+name, sameShare)
	row.ttfb = row.ttfb || found && !d.Withheld
	return found
}

// near reports whether values are the same but for a share.
func near(a, b []float64, share float64) bool {
	return slices.EqualFunc(a, b, func(v, w float64) bool { return math.Abs(v-w) <= share*math.Abs(w) })
}

// Judged is a threshold held against one variant.
type Judged struct {
	Threshold
	Label string
	Delta Delta
	Pass  bool
	// NotJudged says that nothing can be said, and Why. It does not hold then.
	NotJudged bool
	Why       string
}

// judge holds the thresholds against the variants: those of the options look at
// the window that is asked for, those of the scenario at the whole run.
func (d *Diff) judge(own []Threshold) error {
	for _, set := range []struct {
		all    []Threshold
		window string
	}{{own, All}, {d.o.Thresholds, d.o.Window}} {
		for _, t := range set.all {
			if err := d.judgeOne(t, set.window); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Diff) judgeOne(t Threshold, window string) error {
	found := false
	for i := range d.Rows {
		row := &d.Rows[i]
		if t.Variant != "" && t.Variant != row.Variant {
			continue
		}
		found = true
		delta, err := row.delta(t.Metric, window)
		if err != nil {
			return fmt.Errorf("threshold %s: %w", t, err)
		}
		d.Judged = append(d.Judged, d.verdict(t, row, delta))
	}
	if !found && slices.Contains(d.lone, t.Variant) { // in neither it was not asked for
		d.Judged = append(d.Judged, Judged{Threshold: t, Label: t.Variant, NotJudged: true, Why: "this variant is not in both results"})
	}
	return nil
}

// verdict judges a delta. A change between runs of the same seeds is certain;
// any other must be more than luck, and with too few runs nobody knows.
func (d *Diff) verdict(t Threshold, row *DiffRow, delta Delta) Judged {
	j := Judged{Threshold: t, Label: row.name(d), Delta: delta}
	switch {
	case delta.Withheld:
		j.NotJudged, j.Why = true, "the machine could not hold the load: its times are withheld"
	case len(delta.Old) == 0 && len(delta.New) == 0:
		j.Pass, j.Why = true, "there was nothing to measure, before and after"
	case delta.missing():
		j.NotJudged, j.Why = true, "there was nothing to measure "+map[bool]string{true: "before", false: "after"}[len(delta.Old) == 0]
	case !t.exceeded(delta.Center(delta.Old), delta.Center(delta.New)):
		j.Pass = true
	case delta.Paired || delta.Significant(d.o.Alpha):
	case !enough(len(delta.Old), len(delta.New), d.o.Alpha):
		j.NotJudged, j.Why = true, fmt.Sprintf("%d and %d runs cannot show it: it takes %s a side", len(delta.Old), len(delta.New), needed(d.o.Alpha))
	default:
		j.Pass, j.Why = true, fmt.Sprintf("it may be luck: p = %.3f", delta.P())
	}
	return j
}

// noLonger are the expectations that held before and do not now.
func noLonger(before, after []Expectation) []Expectation {
	type name struct{ says, variant, world, metric, window, op, against string }
	named := func(e Expectation) name {
		return name{e.Says, e.Variant, e.World, e.Metric, e.Window, e.Op, e.Against}
	}
	held := map[name]bool{}
	for _, e := range before {
		held[named(e)] = held[named(e)] || e.Pass
	}
	return slices.DeleteFunc(slices.Clone(after), func(e Expectation) bool {
		return e.Pass || e.NotJudged || !held[named(e)]
	})
}

// Regressions is how many thresholds were exceeded and expectations lost, and
// how many thresholds nothing can be said of.
func (d *Diff) Regressions() (worse, unknown int) {
	worse = len(d.NoLonger)
	for _, j := range d.Judged {
		switch {
		case j.NotJudged:
			unknown++
		case !j.Pass:
			worse++
		}
	}
	return worse, unknown
}

// Passed reports whether nothing got worse, as far as was asked.
func (d *Diff) Passed() bool {
	worse, unknown := d.Regressions()
	return worse+unknown == 0
}
