// Requests that wait in the pool, and limits.
package balance

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/sim"
)

// busy is a pool of two servers that take one request each, for 10 ms, and a line of
// three.
func (w *world) busy(cfg PoolConfig) (*Pool, []*server) {
	servers, targets := w.fleet(2)
	targets[0].MaxConnections, targets[1].MaxConnections = 1, 1
	cfg.Queue = 3
	return w.pool(noChecks(cfg), targets...), servers
}

// First come first served; no more than there is room for; and nobody goes past those
// who wait.
func TestPoolLine(t *testing.T) {
	w := newWorld(t)
	p, _ := w.busy(PoolConfig{})
	var got []*got
	for i := range 6 {
		got = append(got, w.ask(p, uint64(i), nil))
	}
	w.expect("the sixth", got[5], "overload from , tries 0 (overload) at 0s")
	w.engine.At(sim.Time(10*ms), func() { got = append(got, w.ask(p, 6, nil)) }) // before the line has moved
	w.engine.Advance(sim.Time(time.Second))
	for i, want := range []string{"a, tries 1 at 10ms", "b, tries 1 at 10ms", "a, tries 1 at 20ms", "b, tries 1 at 20ms", "a, tries 1 at 30ms", "", "b, tries 1 at 30ms"} {
		if i != 5 {
			w.expect(fmt.Sprint("request ", i), got[i], "200 from "+want)
		}
	}
	if m := got[4].resp.Via.Last(sim.HopBalancer); m.Queue != 20*ms {
		t.Errorf("the mark says that it waited for %v", m.Queue)
	}
	if a, b, c := w.counter("queued"), w.counter("queued-ns"), w.counter("rejected"); a != 4 || b != int64(50*ms) || c != 1 {
		t.Errorf("%d waited, for %v in all, and %d were turned away", a, time.Duration(b), c)
	}
	w.quiet(p)
}

// Who leaves makes room, who has waited too long is told, and who comes to a pool whose
// servers are out has nothing to wait for.
func TestPoolLineEnds(t *testing.T) {
	w := newWorld(t)
	p, servers := w.busy(PoolConfig{QueueTimeout: 50 * ms, MaxFails: new(0)})
	servers[0].delay, servers[1].delay = time.Second, time.Second
	w.ask(p, 0, nil)
	w.ask(p, 1, nil)
	scope := &sim.Scope{}
	leaves, late := w.ask(p, 2, scope), w.ask(p, 3, nil)
	w.engine.Advance(sim.Time(20 * ms))
	scope.Cancel(sim.Cancelled)
	w.expect("who leaves", leaves, "cancelled from , tries 0 at 20ms")
	w.engine.Advance(sim.Time(500 * ms))
	w.expect("who waits too long", late, "overload from , tries 0 (overload) at 50ms")
	p.Drain("a", true)
	p.Drain("b", true)
	w.expect("nobody to wait for", w.ask(p, 4, nil), "no-server from , tries 0 at 500ms")
	if p.line.n != 0 || p.open != 2 {
		t.Errorf("%d wait, %d are open", p.line.n, p.open)
	}
	w.quiet(p)
}

// Whatever makes room lets the line move: here it is the return of a server.
func TestPoolLineGoesToWhoComesBack(t *testing.T) {
	w := newWorld(t)
	p, servers := w.busy(PoolConfig{})
	p.Drain("b", true)
	servers[0].delay = time.Second
	w.ask(p, 0, nil)
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(100 * ms))
	p.Drain("b", false)
	w.engine.Advance(sim.Time(200 * ms))
	w.expect("who waited", g, "200 from b, tries 1 at 110ms")
	w.quiet(p)
}

// limits.connections bounds all servers together, limits.requests the pool with its
// line.
func TestPoolLimits(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{Queue: 10, Limits: Limits{Connections: 2, Requests: 4}}), targets...)
	var got []*got
	most := 0
	for i := range 6 {
		got = append(got, w.ask(p, uint64(i), nil))
		most = max(most, servers[0].live+servers[1].live+servers[2].live)
	}
	w.engine.Advance(sim.Time(time.Second))
	for i, want := range []string{"200 from a, tries 1 at 10ms", "200 from b, tries 1 at 10ms", "200 from c, tries 1 at 20ms", "200 from a, tries 1 at 20ms",
		"overload from , tries 0 (overload) at 0s", "overload from , tries 0 (overload) at 0s"} {
		w.expect(fmt.Sprint("request ", i), got[i], want)
	}
	if most != 2 || p.open != 0 {
		t.Errorf("%d at the servers at a time, %d still open", most, p.open)
	}
	w.quiet(p)
}
