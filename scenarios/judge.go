// Judging: a result of the runs, with what the scenario expected of them.
package scenarios

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"cdnlab/report"
)

// result makes a result of the runs that were played, and the first error.
func result(x *Experiment, jobs []*job, o Options) (*report.Result, error) {
	r := &report.Result{Schema: report.Schema, Scenario: x.Name, Question: x.Question, Columns: x.Base.Columns, Hash: x.Hash}
	var err error
	for _, j := range jobs {
		if j.err != nil && err == nil {
			err = fmt.Errorf("%s: %w", j.label, j.err)
		}
		if j.run != nil {
			r.Runs = append(r.Runs, j.run)
		}
	}
	if slices.Contains(o.Worlds, report.Live) {
		r.Environment = &report.Environment{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(),
			Started: time.Now().UTC().Format(time.RFC3339)}
	}
	r.Settings, r.Regressions = x.settings(), x.Base.thresholds()
	for _, e := range x.Base.Expect {
		r.Expectations = append(r.Expectations, judge(x, e, r.Runs)...)
	}
	return r, err
}

// judge judges one expectation in every world and for every variant that it
// speaks of. With several seeds it judges the mean.
func judge(x *Experiment, e Expect, runs []*report.Run) []report.Expectation {
	var all []report.Expectation
	for _, world := range []string{report.Live, report.Virtual} {
		if e.World != "" && e.World != world {
			continue
		}
		for _, v := range x.Variants {
			if e.Variant != "" && e.Variant != v.Variant {
				continue
			}
			if these := those(runs, v.Variant, world); len(these) > 0 {
				all = append(all, judgeOne(x, e, these, runs))
			}
		}
	}
	return all
}

func those(runs []*report.Run, variant, world string) []*report.Run {
	var these []*report.Run
	for _, r := range runs {
		if r.Variant == variant && r.World == world {
			these = append(these, r)
		}
	}
	return these
}

// judgeOne judges an expectation of one variant in one world. What the machine
// was too slow to measure, or what ended too soon, is not judged.
func judgeOne(x *Experiment, e Expect, these, runs []*report.Run) report.Expectation {
	of := these[0]
	window := e.window(x.Base.Duration)
	j := report.Expectation{Says: e.Says, Variant: of.Variant, World: of.World, Metric: e.Metric, Window: window}
	if j.Says == "" {
		j.Says = e.Metric + " " + e.Is
	}
	known := []string{}
	for _, v := range x.Base.Variants {
		known = append(known, v.Name)
	}
	b, err := parseExpect(e, known)
	if err != nil {
		j.Op, j.Why = "==", err.Error()
		return j
	}
	j.Op, j.Against, j.Tolerance = b.op, b.variant, b.tolerance
	measured, bound := seeds{}, seeds{}
	j.Measured, j.Bound = mean(&j, these, window, e.Metric, measured), &b.number
	j.Half = measured.half()
	other := these
	if b.variant != "" {
		if other = those(runs, b.variant, of.World); len(other) == 0 {
			j.Bound, j.NotJudged, j.Why = nil, true, fmt.Sprintf("the variant %q was not run", b.variant)
			return j
		}
		if j.Bound = mean(&j, other, window, e.Metric, bound); j.Bound != nil {
			*j.Bound *= b.factor
		}
	}
	cut := func(r *report.Run) bool { return !r.Complete }
	switch {
	case slices.ContainsFunc(these, cut) || slices.ContainsFunc(other, cut):
		j.NotJudged, j.Why = true, "the run was interrupted"
	case j.Measured != nil && j.Bound != nil:
		j.Pass = b.holds(*j.Measured, *j.Bound)
		if b.close(measured, bound) {
			j.Warnings = append(j.Warnings, "too close to the bound for so few seeds")
		}
	}
	return j
}

// mean is a metric's mean over the seeds, each of which it puts into by; nil,
// with the reason in j, when there is nothing to measure or when the tables
// withhold it.
func mean(j *report.Expectation, runs []*report.Run, window, metric string, by seeds) *float64 {
	sum := 0.0
	for _, r := range runs {
		reading, err := report.Measure(r, window, metric)
		if err != nil {
			j.Why = err.Error()
			return nil
		}
		j.Unit = reading.Unit
		if why := report.Withheld(r, reading.Unit); why != "" {
			j.NotJudged, j.Why = true, why
			return nil
		}
		if reading.Missing {
			j.Why = "there was nothing to measure"
			return nil
		}
		for _, w := range reading.Warnings {
			if !slices.Contains(j.Warnings, w.String()) {
				j.Warnings = append(j.Warnings, w.String())
			}
		}
		by[r.Seed] = reading.Value
		sum += reading.Value
	}
	value := sum / float64(len(runs))
	return &value
}
