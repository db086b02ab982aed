// Tests of the warm-up: played, and in no number.
package report

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// warm plays a request every 100 ms for 10 s, each counted at app-1 half a second
// after its time, and ends at end.
func warm(warmup, end time.Duration) *Run {
	plan := testPlan()
	plan.Warmup = warmup
	plan.Windows = []Window{{Name: "before", From: at(warmup), To: at(5 * time.Second)}, {Name: "none", From: at(warmup), To: at(warmup)}}
	r := NewRecorder(plan)
	for i := range int(end / (100 * ms)) {
		o := seenAt(time.Duration(i)*100*ms, 20*ms)
		r.Observe(&o)
		r.Count(o.Intended.Add(500*ms), "app-1", "requests", 1)
	}
	r.Note(sim.Event{At: at(time.Second), Node: "app-1", Kind: sim.EventCrashed})
	r.Note(sim.Event{At: at(time.Second + 300*ms), Node: "lb", Kind: sim.EventDown, Subject: "app-1"})
	return r.Finish(at(end), end == 10*time.Second)
}

func TestWarmup(t *testing.T) {
	run := warm(2*time.Second, 10*time.Second)
	all, before := run.Windows[0], run.Windows[1]
	if all.From != at(2*time.Second) || all.To != at(10*time.Second) || all.Counts["requests"] != 80 || before.Counts["requests"] != 30 {
		t.Errorf("%v to %v: %v; %v", all.From, all.To, all.Counts, before.Counts)
	}
	// Those under way at 2 s count, those at 10 s do not: as many as users asked.
	if n := all.Counters["app-1.requests"]; n != 80 {
		t.Errorf("the node counted %d", n)
	}
	if want := []int64{0, 0, 10, 10, 10, 10, 10, 10, 10, 10}; !reflect.DeepEqual(run.Series["requests"], want) {
		t.Errorf("series %v", run.Series["requests"])
	}
	if want := []int64{0, 0, 2e8, 2e8, 2e8, 2e8, 2e8, 2e8, 2e8, 2e8}; !reflect.DeepEqual(run.Series[latencySeries], want) {
		t.Errorf("series of latencies %v", run.Series[latencySeries])
	}
	if rate, _, err := Value(run, "", "rate"); err != nil || rate != 10 {
		t.Errorf("rate %v, %v", rate, err)
	}
	if len(run.Events) != 2 {
		t.Error("events are kept")
	}
	if v, _, err := Value(run, "", "down-after"); err == nil {
		t.Errorf("a crash in the warm-up was noticed after %v", v)
	}
	if v, _, err := Value(warm(0, 10*time.Second), "", "down-after"); err != nil || v != 300e6 {
		t.Errorf("without a warm-up it is: %v, %v", v, err)
	}
}

// What was not counted in the warm-up is counted without one.
func TestNoWarmup(t *testing.T) {
	run := warm(0, 10*time.Second)
	if all := run.Windows[0]; all.Counts["requests"] != 100 || all.Counters["app-1.requests"] != 100 {
		t.Errorf("%v %v", all.Counts, all.Counters)
	}
}

// A run cut short in its warm-up is a result without numbers.
func TestInterruptedInTheWarmup(t *testing.T) {
	run := warm(2*time.Second, time.Second)
	text := written(t, &Result{Runs: []*Run{run}})
	if _, err := Read(bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Comparison(&out, &Result{Runs: []*Run{run}}, Options{}); err != nil || !strings.Contains(out.String(), "cdn (partial)") {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestWrongWarmup(t *testing.T) {
	for _, warmup := range []time.Duration{-1, 10 * time.Second} {
		plan := testPlan()
		plan.Warmup = warmup
		if plan.check() == nil {
			t.Errorf("a warm-up of %v of 10 s", warmup)
		}
	}
}

// The table says what was left out: once when it is the same for all.
func TestWarmupsAreSaid(t *testing.T) {
	of := func(label string, warmup time.Duration) *group {
		return &group{label: label, runs: []*Run{{Warmup: warmup}}}
	}
	for _, c := range []struct {
		groups []*group
		want   string
	}{
		{[]*group{of("a", 0), of("b", 0)}, ""},
		{[]*group{of("a", time.Second), of("b", time.Second)}, "warm-up: the first 1s were played and not measured"},
		{[]*group{of("a", 0), of("b", time.Second)}, "warm-up, played and not measured: b 1s"},
	} {
		if got := strings.Join(warmups(c.groups), "; "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
