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
	r := &report.Result{Schema: report.Schema, Scenario: x.Name, Question: x.Question, Hash: x.Hash}
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
	j.Op, j.Against = b.op, b.variant
	measured, ok := mean(&j, these, window, e.Metric)
	limit := b.number
	if b.variant != "" {
		other := those(runs, b.variant, of.World)
		if len(other) == 0 {
			j.Why = fmt.Sprintf("the variant %q was not run", b.variant)
			return j
		}
		var found bool
		if limit, found = mean(&j, other, window, e.Metric); !found {
			return j
		}
		limit *= b.factor
	}
	j.Bound = &limit
	if !ok {
		return j
	}
	j.Measured = &measured
	j.Pass = b.holds(measured, limit)
	if !these[0].Complete {
		j.Warnings = append(j.Warnings, "the run was interrupted")
	}
	return j
}

// mean is a metric's mean over the seeds; false, with the reason in j, when
// there is nothing to measure.
func mean(j *report.Expectation, runs []*report.Run, window, metric string) (float64, bool) {
	sum := 0.0
	for _, r := range runs {
		reading, err := report.Measure(r, window, metric)
		if err != nil {
			j.Why = err.Error()
			return 0, false
		}
		j.Unit = reading.Unit
		if reading.Missing {
			j.Why = "there was nothing to measure"
			return 0, false
		}
		for _, w := range reading.Warnings {
			if !slices.Contains(j.Warnings, w) {
				j.Warnings = append(j.Warnings, w)
			}
		}
		sum += reading.Value
	}
	return sum / float64(len(runs)), true
}
