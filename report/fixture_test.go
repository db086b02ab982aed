// A small world to report on: three variants, several seeds, a crash.
package report

import (
	"math/rand/v2"
	"time"

	"cdnlab/sim"
)

// play makes a run of 10 s at 200 requests/s: a cache with that hit ratio, an
// origin at that distance, and a crash of app-1 from 4 s to 6 s.
func play(variant string, seed uint64, world string, hit float64, origin time.Duration) *Run {
	plan := testPlan()
	plan.Variant, plan.Seed, plan.World = variant, seed, world
	if hit < 0 {
		delete(plan.Nodes, "pop-tokyo")
	}
	r := NewRecorder(plan)
	dice := rand.New(rand.NewPCG(seed, 1))
	for i := range 2000 {
		t := at(time.Duration(i) * 5 * ms)
		slow := time.Duration(dice.ExpFloat64() * float64(3*ms))
		o := Observation{Intended: t, Sent: t, Client: uint64(i % 50), Group: "home", Place: "Tokyo", Status: 200, Bytes: 10_000}
		if world == Live {
			o.Sent = t.Add(time.Duration(dice.ExpFloat64() * float64(200*time.Microsecond)))
		}
		miss := dice.Float64() >= hit
		took := 2*ms + slow/10
		if hit >= 0 {
			o.PoP, o.Verdict = "pop-tokyo", sim.VerdictHit
		}
		if miss {
			o.Server = []string{"app-1", "app-2"}[i%2]
			took = origin + slow
			r.Count(t, o.Server, "requests", 1)
			if hit >= 0 {
				o.Verdict = sim.VerdictMiss
				r.Count(t, "pop-tokyo", "fetches", 1)
			}
		}
		if down := t >= at(4*time.Second) && t < at(4200*ms); down && o.Server == "app-1" {
			o.Status, o.Cause = 0, sim.Refused
		}
		o.FirstByte, o.End = o.Sent.Add(took), o.Sent.Add(took+ms)
		r.Observe(&o)
	}
	for _, e := range []sim.Event{
		{At: 0, Node: "app-1", Kind: sim.EventStarted},
		{At: at(4 * time.Second), Node: "app-1", Kind: sim.EventCrashed},
		{At: at(4200 * ms), Node: "lb", Kind: sim.EventDown, Subject: "app-1"},
		{At: at(6 * time.Second), Node: "app-1", Kind: sim.EventStarted},
		{At: at(7500 * ms), Node: "lb", Kind: sim.EventUp, Subject: "app-1", Detail: "2 probes of <3> & \"more\""},
	} {
		r.Note(e)
	}
	return r.Finish(at(10*time.Second), true)
}

func number64(f float64) *float64 { return &f }

// experiment is a result of n seeds per variant.
func experiment(n int) *Result {
	result := &Result{Schema: Schema, Scenario: "tokyo-new-york", Question: `Why "a CDN"? <runs>|[]`, Hash: "abc"}
	for _, v := range []struct {
		name   string
		hit    float64
		origin time.Duration
	}{{"no-cdn", -1, 150 * ms}, {"cdn", 0.9, 150 * ms}, {"cdn | far", 0.9, 151 * ms}} {
		for i := range n {
			result.Runs = append(result.Runs, play(v.name, uint64(i+1), Virtual, v.hit, v.origin))
		}
	}
	result.Expectations = []Expectation{
		{Says: "the CDN answers within 5 ms", Variant: "cdn", Metric: "latency.p50", Op: "<", Unit: UnitTime,
			Measured: number64(3.2e6), Bound: number64(5e6), Pass: true},
		{Says: "the CDN takes 95 % off the origin", Variant: "cdn", Metric: "offload", Op: ">=", Unit: UnitRatio,
			Measured: number64(0.901), Bound: number64(0.95), Why: "too many misses", Warnings: []string{"few answers"}},
		{Says: "nobody waits longer than without", Variant: "cdn", Metric: "latency.p99", Op: "<=", Unit: UnitTime,
			Against: "no-cdn", Bound: number64(151e6), Why: "no request was answered"},
		{Says: "without one they wait for the way", Variant: "no-cdn", Metric: "latency.p50", Op: "~", Tolerance: 0.02, Unit: UnitTime,
			Measured: number64(152e6), Bound: number64(151e6), Pass: true},
		{Says: "nobody sees an error", Variant: "cdn", Metric: "errors", Op: "==", Unit: UnitCount,
			Measured: number64(1), Bound: number64(0), NotJudged: true, Why: "the run was interrupted", Warnings: []string{"few answers"}},
	}
	return result
}

// bothWorlds is a result with live runs and their receipts.
func bothWorlds() *Result {
	live, virtual := play("cdn", 1, Live, 0.9, 150*ms), play("cdn", 1, Virtual, 0.9, 150*ms)
	pressure := 0.07
	live.Receipt = &Receipt{
		Generator:   Lateness{N: 2000, Late: 3, Median: 140 * time.Microsecond, P99: 900 * time.Microsecond, Max: 7 * ms},
		Links:       Lateness{N: 4000, Median: 60 * time.Microsecond, P99: ms, Max: 3 * ms},
		CPUPressure: &pressure, CPUs: 2, Addresses: "a /24 of 127/8 for each place",
		RTTs: []RTT{{"tokyo", "tokyo-pop", 2 * ms, 2*ms + 340*time.Microsecond, 0}, {"osaka", "tokyo-pop", 10 * ms, 9*ms + 990*time.Microsecond, 0}},
	}
	drowned, calm := play("one server", 1, Live, -1, 190*ms), play("one server", 1, Virtual, -1, 150*ms)
	busy := 0.85
	drowned.Receipt = &Receipt{
		Generator: Lateness{N: 2000, Late: 600, Median: 2 * ms, P99: 90 * ms, Max: 300 * ms},
		Links:     Lateness{Missing: true},
		Work: []Work{{"app-1", 2000, false, 10 * ms, 10*ms + 120*time.Microsecond, 90 * time.Microsecond, ms},
			{"app-2", 12, true, 10 * ms, 21 * ms, 9 * ms, 15 * ms}},
		CPUPressure: &busy, CPUs: 2, Addresses: "a /24 of 127/8 for each place", Speed: 0.5, Notes: []string{"the file limit was raised to 65,536"},
		RTTs: []RTT{{"tokyo", "app-1", 150 * ms, 190 * ms, 0}},
	}
	var expected []Expectation
	for _, world := range []string{Live, Virtual} {
		expected = append(expected, Expectation{Says: "the CDN answers within 5 ms", Variant: "cdn", World: world, Metric: "latency.p50",
			Op: "<", Unit: UnitTime, Measured: number64(3.4e6), Bound: number64(5e6), Pass: true})
	}
	for _, variant := range []string{"cdn", "one server"} {
		expected = append(expected, Expectation{Says: "few errors", Variant: variant, World: Live, Metric: "error-ratio",
			Op: "<", Unit: UnitRatio, Measured: number64(0.001), Bound: number64(0.01), Pass: true})
	}
	return &Result{Schema: Schema, Scenario: "both", Hash: "abc", Runs: []*Run{live, virtual, drowned, calm}, Expectations: expected}
}
