// Tests of the recorder: exact counts, every window its own, bounded memory.
package report

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"cdnlab/sim"
)

const ms = time.Millisecond

func at(d time.Duration) sim.Time { return sim.Time(d) }

// seenAt is a request that was answered from a cache after took.
func seenAt(intended, took time.Duration) Observation {
	return Observation{
		Intended: at(intended), Sent: at(intended), FirstByte: at(intended + took), End: at(intended + took),
		Client: 1, Group: "home", Place: "Tokyo", PoP: "pop-tokyo",
		Status: 200, Verdict: sim.VerdictHit, Bytes: 1000,
	}
}

func testPlan() Plan {
	return Plan{
		Identity: Identity{Hash: "abc", Variant: "cdn", Seed: 7, World: Virtual},
		Duration: 10 * time.Second,
		Windows:  Phases("crash app-1", at(4*time.Second), at(6*time.Second), 10*time.Second),
		Nodes:    map[string]string{"app-1": KindApp, "app-2": KindApp, "pop-tokyo": KindPoP},
	}
}

func TestEveryWindowContainsItsOwn(t *testing.T) {
	r := NewRecorder(testPlan())
	for i := range 10 {
		o := seenAt(time.Duration(i)*time.Second, time.Duration(i+1)*ms)
		r.Observe(&o)
	}
	run := r.Finish(at(10*time.Second), true)
	for window, want := range map[string]int64{All: 10, "before crash app-1": 4, "during crash app-1": 2, "after crash app-1": 4} {
		m, err := run.Window(window)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Counts["requests"]; got != want || m.Histograms["latency"].N != want {
			t.Errorf("%s: %d requests, want %d", window, got, want)
		}
	}
	during, _ := run.Window("during crash app-1")
	if h := during.Histograms["latency"]; h.Min != int64(5*ms) || h.Max != int64(6*ms) || h.Mean() != 5500*time.Microsecond {
		t.Errorf("during: %+v", h)
	}
	if got, want := run.Series["requests"], []int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("series %v, want %v", got, want)
	}
}

// Overlapping windows and those without time are the hard cases of segments.
func TestWindowsAgreeWithANaiveTwin(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		plan := Plan{Duration: 20 * time.Second}
		for i := range dice.IntN(8) {
			from := sim.Time(dice.Int64N(int64(20 * time.Second)))
			plan.Windows = append(plan.Windows, Window{Name: fmt.Sprint(i), From: from, To: from + sim.Time(dice.Int64N(int64(9*time.Second)))})
		}
		r := NewRecorder(plan)
		want := make([]int64, len(plan.Windows))
		for range 300 {
			o := seenAt(time.Duration(dice.Int64N(int64(21*time.Second))), ms)
			r.Observe(&o)
			for i, w := range plan.Windows {
				if o.Intended >= w.From && o.Intended < w.To {
					want[i]++
				}
			}
		}
		run := r.Finish(at(20*time.Second), true)
		for i, n := range want {
			if got := run.Windows[i+1].Counts["requests"]; got != n {
				t.Fatalf("window %+v: %d requests, want %d", plan.Windows[i], got, n)
			}
		}
		if run.Windows[0].Counts["requests"] != 300 {
			t.Fatal("the whole run does not have all requests")
		}
	}
}

func TestLatencyCountsFromTheIntendedTime(t *testing.T) {
	r := NewRecorder(testPlan())
	r.Observe(&Observation{Intended: at(time.Second), Sent: at(1100 * ms), FirstByte: at(1102 * ms), End: at(1110 * ms), Status: 200})
	h := r.Finish(at(10*time.Second), true).Windows[0].Histograms
	for name, want := range map[string]time.Duration{"latency": 110 * ms, "sent-latency": 10 * ms, "ttfb": 102 * ms, "sent-ttfb": 2 * ms} {
		if got := h[name].Quantile(0.5); got != want {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	if h["hit-ttfb"] != nil || h["miss-ttfb"] != nil {
		t.Error("an answer that no cache gave counts as hit or miss")
	}
}

func TestFailuresEnterNoHistogram(t *testing.T) {
	r := NewRecorder(testPlan())
	for _, o := range []Observation{
		{Status: 0, Cause: sim.Refused},
		{Status: 503},
		{Status: 200, Cause: sim.Truncated, Bytes: 10},
	} {
		r.Observe(&o)
	}
	m := r.Finish(at(10*time.Second), true).Windows[0]
	want := map[string]int64{"requests": 3, "errors": 3, "lost": 1, "bytes": 10, "status.2xx": 1, "status.5xx": 1,
		"cause.refused": 1, "cause.truncated": 1}
	if !reflect.DeepEqual(m.Counts, want) {
		t.Errorf("counts %v, want %v", m.Counts, want)
	}
	if len(m.Histograms) != 0 {
		t.Errorf("histograms of failures: %v", m.Histograms)
	}
}

func TestFirstAnsweredRequestOfAPlace(t *testing.T) {
	r := NewRecorder(testPlan())
	failed := seenAt(time.Second, ms)
	failed.Status = 502
	late, early := seenAt(3*time.Second, 2*ms), seenAt(2*time.Second, 150*ms)
	r.Observe(&failed)
	r.Observe(&late) // answers come in another order than they were asked
	r.Observe(&early)
	p := r.Finish(at(10*time.Second), true).Windows[0].Places["Tokyo"]
	if p.Requests != 3 || p.Errors != 1 || p.First == nil || p.First.TTFB != int64(150*ms) {
		t.Errorf("place %+v, first %+v", p, p.First)
	}
}

func TestCountersByWindowAndSecond(t *testing.T) {
	r := NewRecorder(testPlan())
	r.Count(at(1500*ms), "app-1", "requests", 3)
	r.Count(at(4500*ms), "app-1", "requests", 4)
	r.Count(at(11*time.Second), "app-1", "requests", 5) // the node's last word, after the load
	run := r.Finish(at(10*time.Second), true)
	for i, want := range []int64{12, 3, 4, 0} {
		if got := run.Windows[i].Counters["app-1.requests"]; got != want {
			t.Errorf("window %d: %d, want %d", i, got, want)
		}
	}
	if got, want := run.Series["app-1.requests"], []int64{0, 3, 0, 0, 4, 0, 0, 0, 0, 0, 0, 5}; !reflect.DeepEqual(got, want) {
		t.Errorf("series %v, want %v", got, want)
	}
}

func TestLimits(t *testing.T) {
	r := NewRecorder(Plan{Duration: 100 * time.Hour})
	for i := range 2 * maxNames {
		o := seenAt(0, ms)
		o.PoP, o.Server = fmt.Sprintf("pop-%d", i), "app"
		r.Observe(&o)
		r.Count(0, fmt.Sprintf("node-%d", i), "requests", 1)
		r.Note(sim.Event{Kind: sim.EventDrained})
	}
	r.Note(sim.Event{Kind: sim.EventCrashed})
	o := seenAt(1000*time.Hour, ms)
	r.Observe(&o)
	run := r.Finish(at(100*time.Hour), true)
	m := run.Windows[0]
	if len(m.PoPs) > maxNames || m.PoPs[otherName] < maxNames {
		t.Errorf("%d names, %d in %s", len(m.PoPs), m.PoPs[otherName], otherName)
	}
	if len(m.Counters) != maxCounters || run.CountsDropped != 2*maxNames-maxCounters {
		t.Errorf("%d counters, %d dropped", len(m.Counters), run.CountsDropped)
	}
	if n := len(run.Events); n != maxSecondary+1 || run.EventsDropped != 2*maxNames-maxSecondary {
		t.Errorf("%d events, %d dropped", n, run.EventsDropped)
	}
	if len(run.Series["requests"]) > maxPoints+1 || run.Step != 51*time.Second {
		t.Errorf("%d points of %v", len(run.Series["requests"]), run.Step)
	}
	if err := run.Validate(); err == nil {
		t.Error("a run without a world is valid")
	}
}

func TestObserveAllocatesNothing(t *testing.T) {
	r := NewRecorder(testPlan())
	o := seenAt(time.Second, ms)
	o.Server = "app-1"
	r.Observe(&o)
	if n := testing.AllocsPerRun(1000, func() { r.Observe(&o) }); n != 0 {
		t.Errorf("Observe allocates %v times", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	r := NewRecorder(testPlan())
	observations := make([]Observation, 4096)
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range observations {
		took := time.Duration(dice.ExpFloat64() * float64(20*ms))
		o := seenAt(time.Duration(i)*10*time.Second/4096, took)
		o.Server = fmt.Sprintf("app-%d", i%3)
		if i%10 == 0 {
			o.Verdict = sim.VerdictMiss
		}
		observations[i] = o
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Observe(&observations[i&4095])
		i++
	}
}

// TestSentApart: what counts from the sent time is right whether nothing was sent
// late yet, or something was.
func TestSentApart(t *testing.T) {
	r := NewRecorder(Plan{Duration: 10 * time.Second})
	want := map[string]*dense{}
	for i, late := range []time.Duration{0, 0, 3 * ms, 0, 5 * ms} {
		o := Observation{Intended: at(time.Second), Status: 200}
		o.Sent = o.Intended.Add(late)
		o.FirstByte = o.Sent.Add(time.Duration(i+1) * ms)
		o.End = o.FirstByte.Add(time.Duration(i) * 10 * ms)
		r.Observe(&o)
		for name, took := range map[string]time.Duration{
			"latency": o.End.Sub(o.Intended), "ttfb": o.FirstByte.Sub(o.Intended),
			"sent-latency": o.End.Sub(o.Sent), "sent-ttfb": o.FirstByte.Sub(o.Sent),
		} {
			if want[name] == nil {
				want[name] = newDense()
			}
			want[name].record(took)
		}
		got := r.Finish(at(10*time.Second), true).Windows[0].Histograms
		for name, d := range want {
			if !reflect.DeepEqual(got[name], d.sparse()) {
				t.Errorf("after %d: %s is %+v, want %+v", i+1, name, got[name], d.sparse())
			}
		}
	}
}
