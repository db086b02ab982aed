// A world for origin's nodes: an engine, askers, and a checker of replies.
package origin

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

const ms = time.Millisecond

type world struct {
	t      testing.TB
	engine *sim.Engine
	open   int
}

func newWorld(t testing.TB) *world { return &world{t: t, engine: sim.NewEngine()} }

func (w *world) env(node string) *sim.Env {
	env := sim.NewEnv(w.engine, node, 1, nil)
	env.Reuses = true
	return env
}

// at plays up to a time.
func (w *world) at(d time.Duration) { w.engine.Advance(sim.Time(d)) }

// got is one answer.
type got struct {
	resp *sim.Response
	at   sim.Time
}

// ask sends a request and checks that it is answered at most once.
func (w *world) ask(h sim.Handler, req *sim.Request) *got {
	g := &got{}
	if req.Method == "" {
		req.Method = http.MethodGet
	}
	w.open++
	h.Serve(req, func(resp *sim.Response) {
		if g.resp != nil {
			w.t.Fatalf("request %d answered twice", req.ID)
		}
		w.open--
		g.resp, g.at = resp, w.engine.Now()
	})
	return g
}

func (w *world) expect(g *got, status int, cause sim.Cause, at time.Duration) {
	w.t.Helper()
	switch {
	case g.resp == nil:
		w.t.Errorf("no answer, want %d %v at %v", status, cause, at)
	case g.resp.Status != status || g.resp.Cause != cause || g.at != sim.Time(at):
		w.t.Errorf("%d %v at %v, want %d %v at %v", g.resp.Status, g.resp.Cause, g.at, status, cause, at)
	}
}

// quiet plays to the end; every ask must have its answer.
func (w *world) quiet() {
	w.t.Helper()
	for at, ok := w.engine.Next(); ok; at, ok = w.engine.Next() {
		w.engine.Advance(at)
	}
	if w.open != 0 || w.engine.Pending() != 0 {
		w.t.Errorf("%d asks without an answer, %d events left", w.open, w.engine.Pending())
	}
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// steady is an App of one worker that takes 100 ms for everything.
func steady(cfg AppConfig) AppConfig {
	cfg.Workers = orElse(cfg.Workers, 1)
	cfg.ServiceTime, cfg.Distribution = 100*ms, Constant
	return cfg
}

// upstream is a Handler that answers as its fields say.
type upstream struct {
	resp func(*sim.Request) *sim.Response // nil: never
	seen []sim.Request
	gone []sim.Cause
}

func (u *upstream) Serve(req *sim.Request, reply func(*sim.Response)) {
	u.seen = append(u.seen, *req)
	if u.resp != nil {
		reply(u.resp(req))
		return
	}
	req.Scope.OnCancel(func(c sim.Cause) {
		u.gone = append(u.gone, c)
		reply(sim.Fail(c))
	})
}

func answering(status int) *upstream {
	return &upstream{resp: func(*sim.Request) *sim.Response { return sim.Answer(status, nil, 5) }}
}

func failing(c sim.Cause) *upstream {
	return &upstream{resp: func(*sim.Request) *sim.Response { return sim.Fail(c) }}
}

func errorCount(err error) int {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return len(joined.Unwrap())
	}
	if errors.Is(err, nil) {
		return 0
	}
	return 1
}
