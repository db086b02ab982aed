// Tests: what is judged, and what is not.
package scenarios

import (
	"context"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/report/progress"
)

// played is the faultless scenario, with expectations that hold, as it came out.
func played(t *testing.T) (*Experiment, *report.Result) {
	t.Helper()
	x, err := Load("test.toml", []byte(faultless))
	if err != nil {
		t.Fatal(err)
	}
	x.Base.Expect = []Expect{
		{Metric: "ttfb.p50", Variant: "near", Is: "< 0.5 x far", Says: "nearer"},
		{Metric: "ttfb.p50", Variant: "far", Is: "< 10s", Says: "not slow"},
		{Metric: "requests", Variant: "near", Is: "= 100 ± 20%", Says: "about a hundred"},
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: progress.New(nil, progress.Quiet)})
	if err != nil || !r.Passed() {
		t.Fatalf("%v %+v", err, r)
	}
	if got := r.Expectations[2]; got.Tolerance != 0.2 || got.Op != "~" {
		t.Errorf("tolerance %v of %s", got.Tolerance, got.Op)
	}
	return x, r
}

// judgeAll judges all expectations anew.
func judgeAll(x *Experiment, runs []*report.Run) (all []report.Expectation) {
	for _, e := range x.Base.Expect {
		all = append(all, judge(x, e, runs)...)
	}
	return all
}

// A latency that the tables withhold is not judged, nor what is compared with
// it; what is counted is.
func TestWithheldIsNotJudged(t *testing.T) {
	x, r := played(t)
	far := r.Runs[0]
	far.Receipt = &report.Receipt{Generator: report.Lateness{N: 100, Late: 90, Median: time.Second, P99: time.Second, Max: time.Second}}
	got := judgeAll(x, r.Runs)
	if e := got[0]; !e.NotJudged || e.Pass || e.Bound != nil || e.Measured == nil || e.Why == "" {
		t.Errorf("against a withheld one: %+v", e)
	}
	if e := got[1]; !e.NotJudged || e.Pass || e.Measured != nil || e.Why == "" {
		t.Errorf("withheld: %+v", e)
	}
	if e := got[2]; e.NotJudged || !e.Pass {
		t.Errorf("counted: %+v", e)
	}
	r.Expectations = got
	if r.Passed() {
		t.Error("what is not judged holds")
	}
}

func TestInterruptedIsNotJudged(t *testing.T) {
	x, r := played(t)
	for _, run := range r.Runs {
		run.Complete = false
	}
	for _, e := range judgeAll(x, r.Runs) {
		if !e.NotJudged || e.Pass || e.Why != "the run was interrupted" || e.Measured == nil {
			t.Errorf("%+v", e)
		}
	}
	for _, e := range judgeAll(x, r.Runs[1:]) {
		if e.Against != "" && (!e.NotJudged || e.Why != `the variant "far" was not run`) {
			t.Errorf("%+v", e)
		}
	}
}

// The last that a progress bar shows is of the whole run.
func TestWhole(t *testing.T) {
	_, r := played(t)
	s := whole(r.Runs[1])
	if s.At != 10*time.Second || s.Phase != "" || s.Rate < 9 || s.HitRatio < 0.5 {
		t.Errorf("%+v", s)
	}
}
