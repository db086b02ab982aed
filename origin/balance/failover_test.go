// The pool when servers fail: out of rotation, on trial, back; and its cost.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestPoolPassiveHealth(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(2), FailTimeout: time.Second}), targets...)
	servers[0].mode = "refused"
	id := uint64(0)
	ask := func(at time.Duration, want string) {
		t.Helper()
		w.engine.Advance(sim.Time(at))
		id++
		g := w.ask(p, id, nil)
		w.engine.Advance(sim.Time(at + 50*ms))
		w.expect(at.String(), g, want)
	}
	ask(0, "200 from b, tries 2 (refused) at 20ms")
	ask(100*ms, "200 from b, tries 2 (refused) at 120ms") // the turn after b: a
	ask(200*ms, "200 from b, tries 1 at 210ms")           // a is out
	ask(300*ms, "200 from b, tries 1 at 310ms")
	ask(1200*ms, "200 from b, tries 2 (refused) at 1.22s") // one trial: out again at once
	ask(1300*ms, "200 from b, tries 1 at 1.31s")
	servers[0].mode = ""
	ask(2300*ms, "200 from a, tries 1 at 2.31s") // the trial passes
	ask(2400*ms, "200 from b, tries 1 at 2.41s")
	ask(2500*ms, "200 from a, tries 1 at 2.51s")
	w.expectNotes("110ms down a: requests failed in a row, the last: refused",
		"2.31s up a: a request was answered")
	w.quiet(p)
}

// While one request tries a server that was out, no other goes there.
func TestPoolOneRequestOnTrial(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(1), FailTimeout: time.Second}), targets...)
	servers[0].mode = "refused"
	w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(2 * time.Second))
	servers[0].mode, servers[0].delay = "", 300*ms
	for i := range 10 {
		w.ask(p, uint64(2+i), nil)
	}
	if n := len(servers[0].seen); n != 2 {
		t.Errorf("%d requests at the server on trial, want one more than the first", n)
	}
	w.quiet(p)
}

// A user who leaves the request on trial leaves the trial to the next.
func TestPoolTrialOfAUserWhoLeft(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(1), FailTimeout: time.Second}), targets...)
	servers[0].mode = "refused"
	w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(2 * time.Second))
	servers[0].mode = ""
	scope := &sim.Scope{}
	w.ask(p, 2, scope)
	scope.Cancel(sim.Cancelled)
	w.ask(p, 3, nil)
	w.ask(p, 4, nil)
	w.engine.Advance(sim.Time(3 * time.Second))
	if n := len(servers[0].seen); n != 3 || len(w.notes) != 2 {
		t.Errorf("%d requests at the server, notes %v", n, w.notes)
	}
	w.quiet(p)
}

// The lesson of server-crash: one of three dies; with a retry and checks no
// user sees an error, and it comes back by its checks.
func TestPoolOneOfThreeCrashes(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	p := w.pool(PoolConfig{}, targets...)
	w.engine.At(sim.Time(5*time.Second), func() { servers[0].mode = "refused" })
	w.engine.At(sim.Time(30*time.Second), func() { servers[0].mode = "" })
	failed := 0
	for i := range 6000 {
		w.engine.Advance(sim.Time(i) * sim.Time(10*ms))
		g := w.ask(p, uint64(i), nil)
		w.engine.After(9999*ms, func() {
			if g.resp == nil || g.resp.Failed() {
				failed++
			}
		})
	}
	w.engine.Advance(w.engine.Now().Add(10 * time.Second))
	if failed != 0 {
		t.Errorf("%d users saw an error", failed)
	}
	if p.tier0.servers.At(0).Up() != true || w.counter("picked.a") < 1000 {
		t.Errorf("a was not back: picked %d", w.counter("picked.a"))
	}
	if len(w.notes) != 2 {
		t.Errorf("notes %v, want one down and one up", w.notes)
	}
	w.quiet(p)
}

// BenchmarkPool is a whole request through a pool of three, without waiting.
func BenchmarkPool(b *testing.B) {
	w := newWorld(b)
	answer := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, nil, 5)) })
	p, err := NewPool(w.env, noChecks(PoolConfig{}), Around{}, Target{Spec: Spec{Name: "a"}, Handler: answer},
		Target{Spec: Spec{Name: "b"}, Handler: answer}, Target{Spec: Spec{Name: "c"}, Handler: answer})
	if err != nil {
		b.Fatal(err)
	}
	req := &sim.Request{Method: "GET", Path: "/"}
	b.ReportAllocs()
	for b.Loop() {
		p.Serve(req, func(*sim.Response) {})
	}
}

// A share of failures takes a server out though none are in a row, and several trials
// bring it back, each counted once however its content comes.
func TestPoolFailureRatio(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{Retries: new(0), MaxFails: new(5), FailTimeout: time.Second, RetryOn: []int{500},
		FailureRatio: 0.5, FailureMinimum: 10, TrialRequests: 3}), targets...)
	id := uint64(0)
	ask := func(n int) {
		for range n {
			id++
			w.ask(p, id, nil)
			w.engine.Advance(w.engine.Now().Add(20 * ms))
		}
	}
	for i := range 10 { // a and b in turn: every second of a's fails
		servers[0].mode = []string{"", "500"}[i%2]
		ask(2)
	}
	w.expectNotes("370ms down a: 5 of 10 requests in 10 s failed, the last: 500")
	servers[0].mode, servers[0].body = "", 5*ms
	w.engine.Advance(w.engine.Now().Add(time.Second))
	ask(5) // three of them at a
	if len(w.notes) != 2 {
		t.Errorf("notes %v, want it back after three", w.notes)
	}
	w.quiet(p)
}
