// Tests of metrics: each definition on numbers that a reader can add up.
package report

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// known is a run with ten requests of every kind.
func known() *Run {
	r := NewRecorder(testPlan())
	put := func(n int, change func(*Observation)) {
		for range n {
			o := seenAt(5*time.Second, 10*ms)
			change(&o)
			r.Observe(&o)
		}
	}
	put(4, func(o *Observation) {})
	put(1, func(o *Observation) { o.Verdict = sim.VerdictStale })
	put(1, func(o *Observation) { o.Verdict, o.Fwd = sim.VerdictRevalidated, sim.FwdStale })
	put(1, func(o *Observation) {
		o.Verdict, o.Server, o.Queue, o.ServerTook, o.Retried = sim.VerdictMiss, "app-1", 2*ms, 7*ms, true
		o.Fwd = sim.FwdURIMiss
		o.End = o.End.Add(90 * ms)
	})
	put(1, func(o *Observation) { o.Verdict, o.Bytes, o.Fwd = sim.VerdictJoined, 3000, sim.FwdURIMiss })
	put(1, func(o *Observation) { o.Verdict, o.Fwd = sim.VerdictBypass, sim.FwdMethod })
	put(1, func(o *Observation) {
		o.Status, o.Cause, o.Verdict, o.Fwd = 0, sim.Refused, sim.VerdictNone, sim.FwdURIMiss // no answer: no miss
		o.Bytes = 0
	})
	r.Count(at(5*time.Second), "app-1", "requests", 3)
	r.Count(at(5*time.Second), "app-2", "requests", 1)
	r.Count(at(5*time.Second), "app-2", "rejected", 2)
	r.Count(at(5*time.Second), "pop-tokyo", "requests", 10)
	r.Count(at(5*time.Second), "pop-tokyo", "fetches", 4)
	r.Count(at(5*time.Second), "pop-tokyo", "bytes-fetched", 2750)
	return r.Finish(at(10*time.Second), true)
}

func TestDefinitions(t *testing.T) {
	run := known()
	for metric, want := range map[string]float64{
		"requests": 10, "rate": 1, "goodput": 0.9, "errors": 1, "lost": 1, "error-ratio": 0.1, "retries": 1,
		"throughput": 1100, "rejected": 2, "failed-by.refused": 1, "failed-by.reset": 0,
		"hit-ratio": 6.0 / 9, "byte-hit-ratio": 6.0 / 11, "joined-ratio": 1.0 / 9,
		"hits": 4, "stale": 1, "revalidated": 1, "misses": 1, "joined": 1, "bypass": 1, "fetches": 4,
		"miss.uri-miss": 2, "miss.vary-miss": 0, "miss.stale": 1, "miss.method": 1, "miss.bypass": 0, "miss.request": 0,
		"miss.partial": 0, "byte-offload": 0.75,
		"origin-requests": 4, "offload": 0.6, "requests.app-1": 3, "share.app-1": 0.75, "share.pop-tokyo": 1,
		"fairness": 16.0 / 20, "queue.mean": float64(2 * ms), "server.mean": float64(7 * ms),
		"latency.mean": float64(20 * ms), "latency.max": float64(100 * ms), "ttfb.p50": float64(10 * ms),
		"first-ttfb": float64(10 * ms), "miss-ttfb.max": float64(10 * ms), "hit-ttfb.mean": float64(10 * ms),
	} {
		got, _, err := Value(run, All, metric)
		if err != nil || math.Abs(got-want) > max(1e-9, want*0.002) {
			t.Errorf("%s = %v (%v), want %v", metric, got, err, want)
		}
	}
	during, _, err := Value(run, "during crash app-1", "rate")
	if err != nil || during != 5 {
		t.Errorf("rate during: %v, %v", during, err)
	}
	if _, _, err := Value(run, "after crash app-1", "latency.p50"); !errors.Is(err, ErrNothing) {
		t.Errorf("latency of nothing: %v", err)
	}
}

func TestUnknownNamesNameTheNearest(t *testing.T) {
	run := known()
	for metric, want := range map[string]string{
		"hitratio": `"hit-ratio"`, "latency.p98": `"latency.p9`, "share.app1": `"app-1"`, "requests.<node>": "put a name",
		"failed-by.refusal": `"refused"`, "nonsense at all": "known:",
	} {
		if _, err := Measure(run, "", metric); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", metric, err, want)
		}
	}
	for window, want := range map[string]string{"during crash": `"during crash app-1"`, "at noon": "known:"} {
		if _, err := Measure(run, window, "rate"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("window %s: %v, want %s", window, err, want)
		}
	}
}

// Every registered metric, in every window, of full and empty runs.
func TestEveryMetric(t *testing.T) {
	empty := NewRecorder(testPlan()).Finish(0, false)
	for _, run := range []*Run{known(), empty, play("cdn", 1, Virtual, 0.9, 20*ms)} {
		for _, e := range Metrics.All() {
			name := strings.Replace(e.Name, "<node>", "app-1", 1)
			name = strings.Replace(name, "<cause>", "reset", 1)
			name = strings.Replace(name, "<group>", "home", 1)
			for i := range run.Windows {
				r, err := Measure(run, run.Windows[i].Name, name)
				if err != nil || !r.Missing && (math.IsNaN(r.Value) || math.IsInf(r.Value, 0)) {
					t.Errorf("%s in %s: %+v, %v", name, run.Windows[i].Name, r, err)
				}
			}
		}
	}
}

func TestTooFewSamplesWarn(t *testing.T) {
	r := NewRecorder(testPlan())
	for i := range 999 {
		o := seenAt(time.Second, time.Duration(i)*ms)
		r.Observe(&o)
	}
	if got, _ := Measure(r.Finish(at(10*time.Second), true), All, "latency.p99"); len(got.Warnings) != 1 ||
		got.Warnings[0].String() != "p99 of fewer than 1,000 answers (999)" {
		t.Errorf("warnings %q", got.Warnings)
	}
	o := seenAt(time.Second, ms)
	r.Observe(&o)
	if got, _ := Measure(r.Finish(at(10*time.Second), true), All, "latency.p99"); got.Warnings != nil {
		t.Errorf("warnings %q", got.Warnings)
	}
}

func TestDownAndUp(t *testing.T) {
	r := NewRecorder(testPlan())
	note := func(after time.Duration, node string, kind sim.EventKind, subject string) {
		r.Note(sim.Event{At: at(after), Node: node, Kind: kind, Subject: subject})
	}
	note(0, "app-1", sim.EventStarted, "")
	note(4*time.Second, "app-1", sim.EventCrashed, "")
	note(4001*ms, "app-1", sim.EventExited, "") // the same death seen again
	note(4500*ms, "lb", sim.EventDown, "app-1")
	note(4700*ms, "lb-2", sim.EventDown, "app-1")
	note(5*time.Second, "lb", sim.EventDown, "app-2") // somebody else
	note(6*time.Second, "app-1", sim.EventStarted, "")
	note(7*time.Second, "lb", sim.EventUp, "app-1")
	note(7*time.Second, "app-2", sim.EventHung, "") // never noticed
	note(8*time.Second, "app-2", sim.EventResumed, "")
	run := r.Finish(at(10*time.Second), true)
	down, _ := Measure(run, All, "down-after")
	if down.Value != float64(700*ms) || len(down.Warnings) != 1 {
		t.Errorf("down %+v", down)
	}
	if up, _ := Measure(run, All, "up-after"); up.Value != float64(time.Second) {
		t.Errorf("up %+v", up)
	}
	if before, _ := Measure(run, "before crash app-1", "down-after"); !before.Missing {
		t.Errorf("before: %+v", before)
	}
}

// There is a count for each reason, and no two counts share a place.
func TestCountsHavePlaces(t *testing.T) {
	if want := countFwd + len(sim.Fwds()) + 1 + 3 + int(numUserEvents) + int(sim.VerdictBypass) + 1 + 1; numCounts != want {
		t.Errorf("%d counts, want %d", numCounts, want)
	}
	seen := map[string]bool{}
	for _, name := range countNames {
		if name != "" && seen[name] {
			t.Errorf("%s twice", name)
		}
		seen[name] = true
	}
	for _, f := range sim.Fwds() {
		if !seen["fwd."+f.String()] {
			t.Errorf("no count of %s", f)
		}
	}
}

// A purge is over when the last PoP has forgotten; each PoP's word belongs to the
// first purge of the path that it has not answered yet.
func TestPurgeTime(t *testing.T) {
	r := NewRecorder(Plan{Identity: Identity{World: Virtual}, Duration: 20 * time.Second,
		Windows: []Window{{Name: "late", From: at(5 * time.Second), To: at(20 * time.Second)}}})
	note := func(d time.Duration, pop string, kind sim.EventKind, path string) {
		r.Note(sim.Event{At: at(d), Node: pop, Kind: kind, Subject: path})
	}
	note(time.Second, "a", sim.EventPurging, "/*")
	note(time.Second, "b", sim.EventPurging, "/*")
	note(1100*time.Millisecond, "a", sim.EventPurged, "/x") // another's
	note(1200*time.Millisecond, "a", sim.EventPurged, "/*")
	note(1300*time.Millisecond, "b", sim.EventPurging, "/*")
	note(2500*time.Millisecond, "b", sim.EventPurged, "/*")
	note(4*time.Second, "b", sim.EventPurged, "/*")
	note(6*time.Second, "a", sim.EventPurging, "/x")
	run := r.Finish(at(20*time.Second), true)
	all, err := Measure(run, All, "purge-time")
	if err != nil || all.Value != float64(2700*time.Millisecond) || len(all.Warnings) != 1 {
		t.Errorf("%v: %+v; want 2.7 s, of b's second, and a word on a's that never came", err, all)
	}
	if late, _ := Measure(run, "late", "purge-time"); !late.Missing {
		t.Errorf("nothing was purged from 5 s on, but there is %+v", late)
	}
}
