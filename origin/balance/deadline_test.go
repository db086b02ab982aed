// Draining with a deadline.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// What is open at a drained server when its time is up is cut: tried elsewhere before
// the header if the method is safe, truncated behind it. Nobody is to blame.
func TestPoolDrainDeadline(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{DrainTimeout: time.Second, MaxFails: new(1)}), targets...)
	servers[0].mode = "hang"
	waits := w.ask(p, 1, nil) // at a
	w.ask(p, 2, nil)          // at b
	var posted *sim.Response
	p.Serve(&sim.Request{ID: 3, Method: "POST"}, func(r *sim.Response) { posted = r }) // at a
	w.engine.Advance(sim.Time(20 * ms))
	w.ask(p, 4, nil) // at b
	servers[0].mode, servers[0].body = "", 10*time.Second
	streams := w.ask(p, 5, nil) // at a
	w.engine.Advance(sim.Time(100 * ms))
	p.Drain("a", true)
	w.engine.Advance(sim.Time(1099 * ms))
	if waits.resp != nil || posted != nil || streams.ended {
		t.Fatal("somebody was cut before the deadline")
	}
	w.engine.Advance(sim.Time(2 * time.Second))
	w.expect("GET", waits, "200 from b, tries 2 (reset) at 1.11s")
	if posted == nil || posted.Cause != sim.Reset {
		t.Errorf("POST got %v, want a reset", posted)
	}
	if !streams.ended || streams.end != sim.Truncated {
		t.Errorf("the content ended %v (%v), want truncated", streams.ended, streams.end)
	}
	if n := w.counter("drain-cuts"); n != 3 || servers[0].live != 0 {
		t.Errorf("%d cut, %d go on at the server", n, servers[0].live)
	}
	w.expectNotes("1.1s cut-off a: 3 open after 1s", "1.1s drained a: ")
	w.quiet(p)
}

// Who is wanted again, or done in time, is not cut; leaving the pool does not begin
// the time anew.
func TestPoolDrainDeadlineEnds(t *testing.T) {
	for name, meanwhile := range map[string]func(w *world, p *Pool){ // any order will do
		"undrained": func(_ *world, p *Pool) { p.Drain("a", false) },
		"done":      func(w *world, _ *Pool) { w.engine.Advance(sim.Time(600 * ms)) },
		"leaves": func(_ *world, p *Pool) {
			_ = p.Change(p.cfg, Around{}, nil, Target{Spec: Spec{Name: "b"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			servers, targets := w.fleet(2)
			p := w.pool(noChecks(PoolConfig{DrainTimeout: time.Second, Retries: new(0)}), targets...)
			if name != "done" {
				servers[0].delay = 2 * time.Second
			}
			g := w.ask(p, 1, nil)
			p.Drain("a", true)
			w.engine.Advance(sim.Time(500 * ms))
			meanwhile(w, p)
			w.engine.Advance(sim.Time(3 * time.Second))
			if cut := g.resp.Cause != sim.OK; cut != (name == "leaves") || name == "leaves" && g.at != sim.Time(time.Second) {
				t.Errorf("%v", g)
			}
			w.quiet(p)
		})
	}
}
