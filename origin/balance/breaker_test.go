// The breaker of a pool.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestPoolBreaker(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(0), Breaker: Breaker{Ratio: 0.5, Minimum: 4, OpenFor: time.Second}}), targets...)
	id := uint64(0)
	ask := func(want string) {
		t.Helper()
		id++
		g := w.ask(p, id, nil)
		w.engine.Advance(w.engine.Now().Add(50 * ms))
		w.expect(w.engine.Now().String(), g, want)
	}
	servers[0].mode, servers[0].delay = "reset", 0
	for range 4 { // what a retry saved has not failed
		id++
		w.ask(p, id, nil)
		w.engine.Advance(w.engine.Now().Add(50 * ms))
	}
	w.expectNotes()
	servers[1].mode, servers[1].delay = "reset", 0
	for range 4 {
		id++
		w.ask(p, id, nil)
		w.engine.Advance(w.engine.Now().Add(50 * ms))
	}
	seen := len(servers[0].seen) + len(servers[1].seen)
	ask("overload from , tries 0 (overload) at 400ms")
	if len(servers[0].seen)+len(servers[1].seen) != seen || w.counter("rejected") != 1 {
		t.Error("a request was made all the same, or is not counted as turned away")
	}
	w.engine.Advance(w.engine.Now().Add(time.Second))
	servers[0].mode, servers[1].mode, servers[0].delay = "hang", "", 10*ms
	scope := &sim.Scope{} // a trial whose user leaves says nothing
	w.ask(p, 100, scope)
	w.expect("beside a trial", w.ask(p, 101, nil), "overload from , tries 0 (overload) at 1.45s")
	scope.Cancel(sim.Cancelled)
	servers[0].mode = ""
	ask("200 from b, tries 1 at 1.45s")
	ask("200 from a, tries 1 at 1.51s")
	w.expectNotes("350ms breaker-open : 4 of 8 requests in 10 s failed", "1.45s breaker-closed : it was tried again, and answered")
	w.quiet(p)
}
