// Tests of truth: outdated and another's answers, counted, merged, read, shown.
package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// truths is a run of ten answers that say what they are, one that fails and one
// that says nothing: 0 s, 1 s … 4 s outdated, and five personal ones of which
// one went astray.
func truths(variant string, shard int) *Run {
	plan := testPlan()
	plan.Variant, plan.Shards = variant, []int{shard}
	r := NewRecorder(plan)
	for i := range 5 {
		o := seenAt(time.Duration(i)*time.Second, ms)
		o.Changing, o.Staleness = true, time.Duration(i)*time.Second
		r.Observe(&o)
		o.Changing, o.Staleness, o.Personal, o.WrongUser = false, 0, true, i == 3
		r.Observe(&o)
	}
	o := seenAt(9*time.Second, ms)
	r.Observe(&o)
	o.Changing, o.Staleness, o.Personal, o.WrongUser = true, time.Second, true, true
	o.Cause = sim.Truncated
	r.Observe(&o)
	return r.Finish(at(10*time.Second), true)
}

func TestTruths(t *testing.T) {
	run := truths("cdn", 0)
	for window, all := range map[string]map[string]float64{ // any order
		All: {"outdated": 4, "outdated-ratio": 0.8, "staleness.mean": 2e9, "staleness.max": 4e9, "wrong-user": 1, "wrong-user-ratio": 0.2,
			"stale": 0, "requests": 12, "errors": 1},
		"before crash app-1": {"outdated": 3, "outdated-ratio": 0.75, "staleness.max": 3e9, "wrong-user": 1, "wrong-user-ratio": 0.25},
		"during crash app-1": {"outdated": 1, "outdated-ratio": 1, "staleness.mean": 4e9, "wrong-user": 0, "wrong-user-ratio": 0},
	} {
		for metric, want := range all { // any order
			if got, _, err := Value(run, window, metric); err != nil || got != want {
				t.Errorf("%s in %s is %v (%v), want %v", metric, window, got, err, want)
			}
		}
	}
	if p50, _, err := Value(run, All, "staleness.p50"); err != nil || p50 < 2e9 || p50 > 2.003e9 {
		t.Errorf("the median is %v (%v)", p50, err)
	}
	after, err := Measure(run, "after crash app-1", "outdated-ratio")
	if err != nil || !after.Missing {
		t.Errorf("of answers that say nothing: %v (%v)", after, err)
	}
	for name, want := range map[string][]int64{ // any order
		"changing": {1, 1, 1, 1, 1, 0, 0, 0, 0, 0}, "outdated": {0, 1, 1, 1, 1, 0, 0, 0, 0, 0},
		"staleness-ns": {0, 1e9, 2e9, 3e9, 4e9, 0, 0, 0, 0, 0}, "wrong-user": {0, 0, 0, 1, 0, 0, 0, 0, 0, 0},
	} {
		for i := range want {
			if got := run.Series[name]; len(got) != len(want) || got[i] != want[i] {
				t.Errorf("series %s is %v, want %v", name, got, want)
				break
			}
		}
	}
}

// TestTruthsAddUp: shards add up, and survive being written and read.
func TestTruthsAddUp(t *testing.T) {
	sum, err := Merge(truths("cdn", 0), truths("cdn", 1))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&Result{Schema: Schema, Runs: []*Run{sum}}).Write(&out); err != nil {
		t.Fatal(err)
	}
	result, err := Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	for metric, want := range map[string]float64{"outdated": 8, "outdated-ratio": 0.8, "staleness.mean": 2e9, "wrong-user": 2} { // any order
		if got, _, err := Value(result.Runs[0], All, metric); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", metric, got, err, want)
		}
	}
	if got := result.Runs[0].Series["staleness-ns"]; got[4] != 8e9 {
		t.Errorf("series %v", got)
	}
}

// TestLongStaleness: a week of requests about what is an hour old is no mistake.
func TestLongStaleness(t *testing.T) {
	r := NewRecorder(testPlan())
	o := seenAt(0, ms)
	o.Changing, o.Staleness = true, 100*time.Hour
	r.Observe(&o)
	run := r.Finish(at(10*time.Second), true)
	run.Series["staleness-ns"][0] = 1 << 60
	if err := run.Validate(); err != nil {
		t.Error(err)
	}
	if got, _, _ := Value(run, All, "staleness.max"); got != float64(time.Hour) {
		t.Errorf("the largest is %v", time.Duration(got))
	}
	run.Series["outdated"][0] = 1 << 60
	if run.Validate() == nil {
		t.Error("a count beyond all bounds was taken")
	}
}

// TestTruthIsShown: where there is such content its columns are there, even when
// nothing was wrong; where there is none they are not.
func TestTruthIsShown(t *testing.T) {
	right := truths("right", 0)
	right.Windows[0].Counts["outdated"], right.Windows[0].Counts["wrong-user"] = 0, 0
	right.Windows[0].Histograms["staleness"] = &Histogram{N: 5, Counts: []int64{0, 5}}
	for _, c := range []struct {
		run        *Run
		head, line string
	}{
		{truths("cdn", 0), "outdated  staleness mean  staleness max  wrong user", "80 %        2,000 ms       4,000 ms        20 %"},
		{right, "outdated  wrong user", "0 %         0 %"},
		{play("cdn", 1, Virtual, 0.9, 150*ms), "", ""},
	} {
		var out bytes.Buffer
		if err := Comparison(&out, &Result{Runs: []*Run{c.run}}, Options{}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !strings.Contains(text, c.head) || !strings.Contains(text, c.line) || c.head == "" && strings.Contains(text, "outdated") {
			t.Errorf("want %q above %q in\n%s", c.head, c.line, text)
		}
	}
}
