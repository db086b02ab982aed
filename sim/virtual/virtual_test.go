// What scripts cannot show: costs, broken invariants, odd moments.
package virtual

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// echo answers at once, always with the same answer.
type echo struct{ resp sim.Response }

func (e *echo) Serve(_ *sim.Request, reply func(*sim.Response)) {
	e.resp = sim.Response{Status: 200, Size: 1000}
	reply(&e.resp)
}

// pair is a world with one host and a way to it.
func pair(build sim.Factory) (*World, *Host, *Link) {
	w := New(1, nil)
	w.Steps = func(s sim.Step) {
		if s.Request != tracedID {
			panic(fmt.Sprintf("a step of an untraced request: %+v", s))
		}
	}
	h := w.Add("a", sim.Blueprint{Build: build}, nil, 0)
	w.Start()
	return w, h, w.Dial("client", "a", Peer{Path: network.Plain(10 * time.Millisecond)})
}

// tracedID is the one request that a test may trace.
const tracedID = 1 << 40

func handler(h sim.Handler) sim.Factory { return func(sim.Site) sim.Handler { return h } }

// exchangesOf plays requests one after the other over a warm connection.
func exchangesOf(w *World, l *Link) func() {
	req := &sim.Request{Scope: &sim.Scope{}}
	reply := func(*sim.Response) {}
	once := func() {
		req.ID++
		l.Serve(req, reply)
		w.Engine.Run(w.Engine.Now().Add(10 * time.Millisecond))
	}
	for range 10 {
		once()
		w.Engine.Run(w.Engine.Now().Add(time.Second))
	}
	return once
}

func TestWarmRequestAllocates(t *testing.T) {
	w, _, l := pair(handler(&echo{}))
	once := exchangesOf(w, l)
	fired := w.Engine.Fired()
	once()
	if n := w.Engine.Fired() - fired; n != 2 {
		t.Errorf("a warm request takes %d events, want 2: it arrives, the answer arrives", n)
	}
	if n := testing.AllocsPerRun(1000, once); n > 0 {
		t.Errorf("a warm request allocates %v times, want none", n)
	}
	if l.made > 1 || l.Dials() != 1 {
		t.Errorf("%d exchanges, %d connections", l.made, l.Dials())
	}
}

func BenchmarkWarmRequest(b *testing.B) {
	w, _, l := pair(handler(&echo{}))
	once := exchangesOf(w, l)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

func BenchmarkLossyRequest(b *testing.B) {
	w, _, l := pair(handler(&echo{}))
	w.SetLink("client", "a", network.Change{Loss: 0.01})
	once := exchangesOf(w, l)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}

func TestBrokenInvariants(t *testing.T) {
	w, _, l := pair(handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 1))
		reply(sim.Answer(200, nil, 1))
	})))
	l.Serve(&sim.Request{}, func(*sim.Response) {})
	mustPanic(t, "two answers", func() { w.Engine.Run(sim.Time(time.Second)) })
	mustPanic(t, "an exchange in use", func() { l.open.list[0].begin(&sim.Request{}, nil) })
}

// TestCancelledBefore: who asks in a scope that is over gets no exchange.
func TestCancelledBefore(t *testing.T) {
	w, _, l := pair(handler(&echo{}))
	scope := &sim.Scope{}
	scope.Cancel(sim.TimedOut)
	var got []sim.Cause
	l.Serve(&sim.Request{Scope: scope}, func(r *sim.Response) { got = append(got, r.Cause) })
	if len(got) != 1 || got[0] != sim.TimedOut || l.made != 0 || w.Engine.Pending() != 0 {
		t.Errorf("got %v with %d exchanges", got, l.made)
	}
}

// TestLostRequestIsClosedFirst: a request that is lost on its way arrives after
// the close of its connection: nobody serves it.
func TestLostRequestIsClosedFirst(t *testing.T) {
	served := 0
	w, _, l := pair(handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		served++
		reply(sim.Answer(200, nil, 1))
	})))
	e := w.Engine
	exchangesOf(w, l)
	served = 0
	w.SetLink("client", "a", network.Change{Loss: 0.9})
	scope := &sim.Scope{}
	l.Serve(&sim.Request{ID: 5, Scope: scope}, func(*sim.Response) {})
	e.After(time.Millisecond, func() { scope.Cancel(sim.Cancelled) })
	e.Run(e.Now().Add(time.Hour))
	if served != 0 {
		t.Error("it was served")
	}
	quiet(t, w, l)
}

// TestReplyCancels: the asker may give the content up in the very call that
// brings it, with its end already here and the exchange used anew.
func TestReplyCancels(t *testing.T) {
	w, _, l := pair(newActor(func(string, ...any) {}))
	ends, again := 0, 0
	c := &checked{t: t, h: l}
	c.Serve(&sim.Request{Path: "body=1ms"}, func(r *sim.Response) {
		r.Body.Abandon(sim.Cancelled)
		r.OnEnd(func(sim.Cause, int64) { ends++ })
		c.Serve(&sim.Request{Path: "body=1ms"}, func(r *sim.Response) { r.OnEnd(func(sim.Cause, int64) { again++ }) })
	})
	w.Engine.Run(sim.Time(16 * time.Millisecond)) // it is answered, the header on its way
	l.open.list[0].last = ending{early: true}     // as when the header is lost
	w.Engine.Run(sim.Time(time.Second))
	if ends != 1 || again != 1 || c.open != 0 {
		t.Errorf("%d and %d ends, %d open", ends, again, c.open)
	}
	quiet(t, w, l)
}

// TestLateEnd: a content that ends after its host's crash, as one from outside
// may, ends nothing of who uses the exchange by then.
func TestLateEnd(t *testing.T) {
	var bodies []*sim.Transfer
	w, h, l := pair(handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		bodies = append(bodies, &sim.Transfer{Length: 7})
		reply(&sim.Response{Status: 200, Size: 7, Body: bodies[len(bodies)-1]})
	})))
	var got []string
	ask := func() {
		l.Serve(&sim.Request{}, func(r *sim.Response) {
			r.OnEnd(func(c sim.Cause, n int64) { got = append(got, fmt.Sprint(c, n)) })
		})
	}
	step := func() { w.Engine.Run(w.Engine.Now().Add(time.Second)) }
	ask()
	step()
	h.Crash()
	bodies[0].End(sim.OK, 7) // in the very instant of the crash
	h.Start()
	step()
	ask()
	step()
	h.Crash()
	h.Start()
	step()
	ask()
	step()
	bodies[1].End(sim.OK, 7)
	step()
	bodies[2].End(sim.OK, 7)
	step()
	if want := "[truncated 0 truncated 0 ok 7]"; fmt.Sprint(got) != want || l.made != 1 {
		t.Errorf("got %v, want %v, with %d exchanges", got, want, l.made)
	}
	quiet(t, w, l)
}

// TestPutOfDeadConnection: who waits for a connection whose host has died since
// opens a new one.
func TestPutOfDeadConnection(t *testing.T) {
	w := New(1, nil)
	h := w.Add("a", sim.Blueprint{Build: newActor(func(string, ...any) {})}, nil, 0)
	w.Start()
	l := w.Dial("client", "a", Peer{Path: network.Plain(10 * time.Millisecond), Conns: network.Config{Limit: 1}})
	var got []string
	ask := func(path string) {
		l.Serve(&sim.Request{Path: path}, func(r *sim.Response) {
			got = append(got, fmt.Sprint(w.Engine.Now(), r.Status, r.Cause))
		})
	}
	ask("wait=5ms")
	ask("wait=5ms")
	w.Engine.At(sim.Time(22*time.Millisecond), h.Crash)
	w.Engine.At(sim.Time(23*time.Millisecond), h.Start)
	w.Engine.Run(sim.Time(time.Second))
	if want := "[25ms 200 ok 50ms 200 ok]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
	quiet(t, w, l)
}

// TestCounters: a counter is the sum over all incarnations, told in a stable order
// when it has grown.
func TestCounters(t *testing.T) {
	starts := 0
	build := func(site sim.Site) sim.Handler {
		starts++
		site.Counter(fmt.Sprint("start ", starts)).Add(1)
		site.Counter("starts").Add(1)
		return &echo{}
	}
	_, h, _ := pair(build)
	h.Crash()
	h.Start()
	h.Crash()
	told := func(want string) {
		t.Helper()
		got := []string{}
		h.Count(func(name string, n int64) { got = append(got, fmt.Sprint(name, "=", n)) })
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	told("[start 1=1 starts=2 start 2=1]")
	told("[]")
	h.Start()
	told("[starts=3 start 3=1]")
}

// TestExitWhileBuilt: a node may find that it cannot run.
func TestExitWhileBuilt(t *testing.T) {
	starts := 0
	w := New(1, nil)
	h := w.Add("a", sim.Blueprint{Build: func(site sim.Site) sim.Handler {
		if starts++; starts < 3 {
			site.Exit(1)
			site.Exit(1)
		}
		return &echo{}
	}}, nil, time.Second)
	w.Start()
	if h.running() {
		t.Error("it runs")
	}
	w.Engine.Run(sim.Time(10 * time.Second))
	if !h.running() || starts != 3 {
		t.Errorf("it runs: %v, after %d starts", h.running(), starts)
	}
	quiet(t, w)
}
