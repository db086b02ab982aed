// Hedges and back-offs.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// A second server is asked after the time; whoever answers first counts, and the other
// try is cancelled and says nothing of its server.
func TestPoolHedge(t *testing.T) {
	for _, c := range []struct {
		name, a, b     string
		slow, other    time.Duration
		want           string
		made, won, bad int64
	}{
		{"the first is quick", "", "", 10 * ms, 10 * ms, "200 from a, tries 1 at 10ms", 0, 0, 0},
		{"the second wins", "", "", time.Second, 10 * ms, "200 from b, tries 2 at 60ms", 1, 1, 0},
		{"the first wins", "", "", 100 * ms, 100 * ms, "200 from a, tries 2 at 100ms", 1, 0, 0},
		{"the first hangs", "hang", "", 0, 10 * ms, "200 from b, tries 2 at 60ms", 1, 1, 0},
		{"the first fails, the second is under way", "reset", "", 80 * ms, 50 * ms, "200 from b, tries 2 (reset) at 100ms", 1, 0, 1},
		{"the second fails, the first is under way", "", "reset", 200 * ms, 10 * ms, "200 from a, tries 2 (reset) at 200ms", 1, 0, 1},
		{"both fail", "reset", "reset", 80 * ms, 50 * ms, "reset from b, tries 2 (reset) at 100ms", 1, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			servers, targets := w.fleet(2)
			p := w.pool(noChecks(PoolConfig{Hedge: Hedge{After: "50ms", Budget: new(1.0)}, Retries: new(0), MaxFails: new(1)}), targets...)
			servers[0].mode, servers[0].delay, servers[1].mode, servers[1].delay = c.a, c.slow, c.b, c.other
			g := w.ask(p, 1, nil)
			w.engine.Advance(sim.Time(5 * time.Second))
			w.expect(c.name, g, c.want)
			if made, won, bad := w.counter("hedges"), w.counter("hedges-won"), w.counter("failed-tries"); made != c.made || won != c.won || bad != c.bad {
				t.Errorf("%d hedges, %d won, %d failed tries; want %d, %d, %d", made, won, bad, c.made, c.won, c.bad)
			}
			if servers[0].live != 0 || servers[1].live != 0 || len(w.notes) != int(c.bad) {
				t.Errorf("%d and %d go on; notes %v", servers[0].live, servers[1].live, w.notes)
			}
			w.quiet(p)
		})
	}
}

// When both tries have failed a retry still follows, on a third server.
func TestPoolRetriesBehindAHedge(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{Hedge: Hedge{After: "50ms", Budget: new(1.0)}}), targets...)
	servers[0].mode, servers[0].delay = "reset", 80*ms
	servers[1].mode, servers[1].delay = "reset", 50*ms
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(time.Second))
	w.expect("both fail", g, "200 from c, tries 3 (reset) at 110ms")
	w.quiet(p)
}

func TestPoolHedgesOnlyWhatIsSafeAndWithinItsBudget(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{Hedge: Hedge{After: "5ms"}, MaxFails: new(0)}), targets...)
	for i := range 100 {
		p.Serve(&sim.Request{ID: uint64(i), Method: "POST"}, func(*sim.Response) {})
		w.engine.Advance(w.engine.Now().Add(20 * ms))
	}
	if n := w.counter("hedges"); n != 0 {
		t.Errorf("%d hedges of POST", n)
	}
	for i := range 100 {
		w.ask(p, uint64(i), nil)
		w.engine.Advance(w.engine.Now().Add(20 * ms))
	}
	if n := w.counter("hedges"); n != 10 {
		t.Errorf("%d hedges of 100 slow requests, want a tenth", n)
	}
	if w.counter("hedge-budget-empty") != 90 || len(servers[0].seen)+len(servers[1].seen) != 210 {
		t.Error("those that were not hedged are not counted, or asked twice all the same")
	}
	w.quiet(p)
}

// A user who leaves leaves both.
func TestPoolHedgeCancelled(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{Hedge: Hedge{After: "50ms", Budget: new(1.0)}, MaxFails: new(1)}), targets...)
	servers[0].mode, servers[1].mode = "hang", "hang"
	scope := &sim.Scope{}
	g := w.ask(p, 1, scope)
	w.engine.Advance(sim.Time(100 * ms))
	scope.Cancel(sim.Cancelled)
	if g.resp == nil || servers[0].live+servers[1].live != 0 || len(w.notes) != 0 {
		t.Errorf("%v; %d and %d go on; notes %v", g, servers[0].live, servers[1].live, w.notes)
	}
	w.quiet(p)
}

// The percentile is not guessed from few, follows what changes, and is as exact as its
// cells.
func TestLatencies(t *testing.T) {
	l := latencies{quantile: 0.95}
	now := sim.Time(0)
	add := func(n int, slowest time.Duration) {
		for i := range n {
			now = now.Add(10 * ms)
			l.add(now, time.Duration(i*7919%1000)*slowest/1000, true) // evenly up to the slowest, in any order
		}
	}
	if add(199, time.Second); l.at(now) != 0 {
		t.Errorf("p95 of 199: %v; there are no ten beyond it", l.at(now))
	}
	for _, slowest := range []time.Duration{time.Second, 40 * ms, 3 * time.Second, 20 * time.Microsecond} {
		add(1000, slowest)
		if got, want := l.at(now), slowest*95/100; got < want*97/100 || got > want*103/100+time.Microsecond {
			t.Errorf("p95 of up to %v: %v, want %v", slowest, got, want)
		}
	}
	for i := range cells - 1 {
		if from, to := cellFrom(i), cellFrom(i+1); cellOf(from) != i || cellOf(to-1) != i || to <= from {
			t.Fatalf("cell %d is from %v to %v, which are of %d and %d", i, from, to, cellOf(from), cellOf(to-1))
		}
	}
	if now = now.Add(time.Minute); l.at(now) != 0 {
		t.Error("what was long ago still counts")
	}
}

// Who was cut off would have been longer: how much, the others say.
func TestLatenciesCutOff(t *testing.T) {
	l := latencies{quantile: 0.9}
	for i := range 1000 { // evenly up to a second, of which every other was cut off at 0.2 s, or would have been sooner
		d := time.Duration(i*7919%1000) * ms
		if cut := i%2 == 0 && d > 200*ms; cut {
			l.add(0, 200*ms, false)
		} else {
			l.add(0, d, true)
		}
	}
	if got := l.at(0); got < 880*ms || got > 920*ms {
		t.Errorf("p90: %v, want 900ms", got)
	}
	hangs := latencies{quantile: 0.9}
	for i := range 1000 { // every fifth never ends
		hangs.add(0, time.Duration(i%5)*100*ms, i%5 < 4)
	}
	if got := hangs.at(0); got < 300*ms || got > 310*ms {
		t.Errorf("p90 of those that nobody saw end: %v, want the longest that ended, 300ms", got)
	}
}

func TestHedgeRefusesNonsense(t *testing.T) {
	for _, after := range []string{"p", "p0", "p100", "p-5", "95", "0s", "-1s", "px", "pNaN"} {
		if (Hedge{After: after}).Check() == nil {
			t.Errorf("%q was taken", after)
		}
	}
	for _, after := range []string{"", "p95", "p99.9", "50ms"} {
		if err := (Hedge{After: after}).Check(); err != nil {
			t.Errorf("%q: %v", after, err)
		}
	}
}

// A back-off is anywhere between nothing and a most that doubles, up to the greatest; the
// server that has nothing to do then is picked then.
func TestPoolBacksOff(t *testing.T) {
	longest := [4]time.Duration{}
	for id := range uint64(300) {
		w := newWorld(t)
		servers, targets := w.fleet(5)
		p := w.pool(noChecks(PoolConfig{Retries: new(4), RetryBudget: new(10.0), RetryBackoff: 100 * ms, RetryBackoffMax: 300 * ms}), targets...)
		for _, s := range servers {
			s.mode, s.delay = "refused", 0
		}
		w.ask(p, id, nil)
		var at [5]sim.Time
		for seen := 0; seen < 5; {
			due, ok := w.engine.Next()
			if !ok {
				t.Fatalf("request %d: %d tries", id, seen)
			}
			if w.engine.Advance(due); len(servers[seen].seen) > 0 {
				at[seen] = due
				seen++
			}
		}
		for i := range longest {
			longest[i] = max(longest[i], at[i+1].Sub(at[i]))
		}
		w.quiet(p)
	}
	for i, most := range []time.Duration{100 * ms, 200 * ms, 300 * ms, 300 * ms} {
		if longest[i] > most || longest[i] < most*95/100 {
			t.Errorf("the longest of 300 waits before retry %d is %v, want up to %v", i+1, longest[i], most)
		}
	}
}

// Who leaves during a back-off is not tried again, and of whom nobody is left says why.
func TestPoolBackOffEnds(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{RetryBackoff: time.Second, RetryOn: []int{503}}), targets...)
	servers[0].mode = "503"
	scope := &sim.Scope{}
	left := w.ask(p, 1, scope)
	w.engine.Advance(sim.Time(11 * ms))
	scope.Cancel(sim.Cancelled)
	w.expect("who left", left, "cancelled from a, tries 1 at 11ms")
	w.ask(p, 2, nil) // at b
	lost := w.ask(p, 3, nil)
	w.engine.Advance(w.engine.Now().Add(11 * ms))
	p.Drain("b", true)
	w.engine.Advance(w.engine.Now().Add(2 * time.Second))
	if lost.resp == nil || lost.resp.Cause != sim.NoServer || len(servers[1].seen) != 1 {
		t.Errorf("%v, and %d requests at b", lost, len(servers[1].seen))
	}
	w.quiet(p)
}

// limits.retries bounds those under way, not those made.
func TestPoolRetryLimit(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(0), Limits: Limits{Retries: 2}}), targets...)
	for _, s := range servers {
		s.mode = "reset"
	}
	for range 3 {
		for i := range 9 {
			w.ask(p, uint64(i), nil)
		}
		w.engine.Advance(w.engine.Now().Add(100 * ms))
	}
	if retries, refused := w.counter("retries"), w.counter("retry-limit"); retries != 6 || refused != 21 {
		t.Errorf("%d retries and %d without, want 6 and 21", retries, refused)
	}
	w.quiet(p)
}
