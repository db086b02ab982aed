// The pool by scripts: what users see, and what is said of the servers.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestPoolRetriesOnAnotherServer(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{}), targets...)
	servers[0].mode = "refused"
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(time.Second))
	w.expect("GET", g, "200 from b, tries 2 (refused) at 20ms")
	if n := servers[1].seen[0].Attempt; n != 1 {
		t.Errorf("second try has attempt %d, want 1", n)
	}
	for name, want := range map[string]int64{"pool-requests": 1, "retries": 1, "failures": 0, "failed-tries": 1, "picked.a": 1, "picked.b": 1} { // any order will do
		if got := w.counter(name); got != want {
			t.Errorf("%s %d, want %d", name, got, want)
		}
	}
	w.quiet(p)
}

func TestPoolNeverTriesAServerTwice(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{Retries: new(5), Config: Config{Algorithm: "ip-hash"}}), targets...)
	for _, s := range servers {
		s.mode = "reset"
	}
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(time.Second))
	if m := g.resp.Via.Last(sim.HopBalancer); m.Tries != 3 || g.resp.Cause != sim.Reset {
		t.Errorf("%v, want a reset after three tries", g)
	}
	for _, s := range servers {
		if len(s.seen) != 1 {
			t.Errorf("a server was tried %d times", len(s.seen))
		}
	}
	w.quiet(p)
}

func TestPoolDoesNotRepeatUnsafeMethods(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{}), targets...)
	servers[0].mode = "reset"
	var resp *sim.Response
	p.Serve(&sim.Request{Method: "POST"}, func(r *sim.Response) { resp = r })
	w.engine.Advance(sim.Time(time.Second))
	if resp.Cause != sim.Reset || len(servers[1].seen) != 0 {
		t.Errorf("POST got %v and %d requests at the other server", resp.Cause, len(servers[1].seen))
	}
	w.quiet(p)
}

// A request that no server got may be sent to another, whatever it asks for.
func TestPoolRepeatsWhatNobodyGot(t *testing.T) {
	for _, mode := range []string{"refused", "unreachable"} {
		w := newWorld(t)
		servers, targets := w.fleet(2)
		p := w.pool(noChecks(PoolConfig{}), targets...)
		servers[0].mode = mode
		var resp *sim.Response
		p.Serve(&sim.Request{Method: "POST"}, func(r *sim.Response) { resp = r })
		w.engine.Advance(sim.Time(time.Second))
		if resp.Cause != sim.OK || len(servers[1].seen) != 1 {
			t.Errorf("%s: POST got %v and %d requests at the other server", mode, resp.Cause, len(servers[1].seen))
		}
		w.quiet(p)
	}
}

func TestPoolRetryOnStatus(t *testing.T) {
	for _, c := range []struct {
		on   []int
		want string
	}{
		{nil, "503 from a, tries 1 at 10ms"},
		{[]int{502, 503}, "200 from b, tries 2 at 20ms"},
	} {
		w := newWorld(t)
		servers, targets := w.fleet(2)
		p := w.pool(noChecks(PoolConfig{RetryOn: c.on}), targets...)
		servers[0].mode = "503"
		g := w.ask(p, 1, nil)
		w.engine.Advance(sim.Time(time.Second))
		w.expect("503", g, c.want)
		w.quiet(p)
	}
}

// An answer that says when to come again is tried elsewhere as any, unless that is to be
// heeded; the next request's first try, which hangs, has nothing to do with it.
func TestPoolRetryAfter(t *testing.T) {
	for heed, want := range map[bool]string{false: "200 from b, tries 2 at 20ms", true: "503 from a, tries 1 at 10ms"} { // each alone: in any order
		w := newWorld(t)
		servers, targets := w.fleet(2)
		p := w.pool(noChecks(PoolConfig{Config: Config{Algorithm: "first"}, RetryOn: []int{503}, HeedRetry: heed, PerTryTimeout: 100 * ms}), targets...)
		servers[0].mode, servers[0].later = "503", true
		g := w.ask(p, 1, nil)
		w.engine.Advance(sim.Time(time.Second))
		w.expect("Retry-After", g, want)
		servers[0].mode = "hang"
		g = w.ask(p, 2, nil)
		w.engine.Advance(sim.Time(2 * time.Second))
		w.expect("hang", g, "200 from b, tries 2 (timed-out) at 1.11s")
		w.quiet(p)
	}
}

func TestPoolPerTryTimeout(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{PerTryTimeout: 100 * ms}), targets...)
	servers[0].mode = "hang"
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(time.Second))
	w.expect("hung", g, "200 from b, tries 2 (timed-out) at 110ms")
	if servers[0].live != 0 {
		t.Error("the hung try was not cancelled")
	}
	servers[1].mode = "hang"
	g = w.ask(p, 2, nil)
	w.engine.Advance(sim.Time(2 * time.Second))
	w.expect("both hung", g, "timed-out from b, tries 2 (timed-out) at 1.2s")
	w.quiet(p)
}

// The limit is for the header; content may take its time.
func TestPoolTimeoutSparesContent(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(1)
	p := w.pool(noChecks(PoolConfig{PerTryTimeout: 100 * ms}), targets...)
	servers[0].body = time.Second
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(500 * ms))
	if p.tier0.servers.At(0).Active() != 1 {
		t.Error("content on its way does not count as in flight")
	}
	w.engine.Advance(sim.Time(2 * time.Second))
	if !g.ended || g.end != sim.OK || p.tier0.servers.At(0).Active() != 0 {
		t.Errorf("ended %v (%v), active %d", g.ended, g.end, p.tier0.servers.At(0).Active())
	}
	w.quiet(p)
}

func TestPoolCancel(t *testing.T) {
	for _, at := range []time.Duration{5 * ms, 50 * ms} { // before the header, in the content
		w := newWorld(t)
		servers, targets := w.fleet(2)
		p := w.pool(noChecks(PoolConfig{MaxFails: new(1)}), targets...)
		servers[0].body = time.Second
		scope := &sim.Scope{}
		g := w.ask(p, 1, scope)
		w.engine.After(at, func() { scope.Cancel(sim.Cancelled) })
		w.engine.Advance(sim.Time(at))
		if g.resp == nil || !g.ended || g.end != sim.Cancelled {
			t.Errorf("at %v: %v, ended %v (%v)", at, g, g.ended, g.end)
		}
		if servers[0].live != 0 || p.tier0.servers.At(0).Active() != 0 {
			t.Error("the server goes on")
		}
		w.quiet(p)
		w.expectNotes() // nobody's failure
	}
}

// Full servers and servers cut short: the first says nothing of health, the
// second does.
func TestPoolWhatCountsAgainstAServer(t *testing.T) {
	for mode, want := range map[string]int{"overload": 0, "cancelled": 0, "503": 0, "reset": 1, "timed-out": 1, "malformed": 1, "cut": 1} { // any order will do
		w := newWorld(t)
		servers, targets := w.fleet(2)
		p := w.pool(noChecks(PoolConfig{MaxFails: new(1)}), targets...)
		servers[0].mode, servers[0].cut = mode, mode == "cut"
		w.ask(p, 1, nil)
		w.engine.Advance(sim.Time(time.Second))
		if len(w.notes) != want {
			t.Errorf("%s: notes %v, want %d", mode, w.notes, want)
		}
		w.quiet(p)
	}
}

func TestPoolNoServer(t *testing.T) {
	w := newWorld(t)
	_, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{}), targets...)
	p.Drain("a", true)
	p.Drain("b", true)
	w.expect("drained", w.ask(p, 1, nil), "no-server from , tries 0 at 0s")
	p.Drain("b", false)
	g := w.ask(p, 2, nil)
	w.engine.Advance(sim.Time(time.Second))
	w.expect("b is back", g, "200 from b, tries 1 at 10ms")
	if p.Drain("x", true) || w.counter("no-server") != 1 {
		t.Error("an unknown server was drained, or no-server was not counted")
	}
	w.quiet(p)
}

// Only one server: strikes never take it out (nginx).
func TestPoolOfOneIsNeverEmptiedByStrikes(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(1)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(1)}), targets...)
	servers[0].mode = "reset"
	for i := range 3 {
		g := w.ask(p, uint64(i), nil)
		w.engine.Advance(w.engine.Now().Add(time.Second))
		if g.resp.Cause != sim.Reset {
			t.Errorf("%v, want reset", g)
		}
	}
	w.quiet(p)
}

func TestPoolBudgetStopsRetries(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(0), RetryMinimum: new(0)}), targets...)
	for _, s := range servers {
		s.mode = "reset"
	}
	for i := range 1000 {
		w.ask(p, uint64(i), nil)
		w.engine.Advance(w.engine.Now().Add(ms))
	}
	if n := w.counter("retries"); n < 195 || n > 200 {
		t.Errorf("%d retries of 1,000 failures, want 20 %%", n)
	}
	if w.counter("retry-budget-empty") == 0 {
		t.Error("nobody counted the failures that were not tried again")
	}
	w.quiet(p)
}

func TestPoolRefusesNonsense(t *testing.T) {
	w := newWorld(t)
	_, targets := w.fleet(1)
	for _, cfg := range []PoolConfig{{Retries: new(-1)}, {Retries: new(99)}, {MaxFails: new(-1)}, {PerTryTimeout: -1},
		{Config: Config{Algorithm: "nonsense"}}} {
		if _, err := NewPool(w.env, noChecks(cfg), Around{}, targets...); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
	if _, err := NewPool(w.env, noChecks(PoolConfig{}), Around{}, Target{Spec: Spec{Name: "a"}}); err == nil {
		t.Error("a target without a handler was taken")
	}
}
