// A world for pools: an engine, servers that follow a script, and a checker
// that counts replies.
package balance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

const ms = time.Millisecond

// world is one pool on an engine.
type world struct {
	t      testing.TB
	engine *sim.Engine
	env    *sim.Env
	notes  []string
	open   int // asks of servers without a reply

	cookies [30]string // of some users
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, engine: sim.NewEngine()}
	w.env = sim.NewEnv(w.engine, "lb", 1, func(e sim.Event) {
		w.notes = append(w.notes, fmt.Sprintf("%v %s %s: %s", e.At, e.Kind, e.Subject, e.Detail))
	})
	w.env.Reuses = true
	return w
}

// noChecks is a configuration without active checks.
func noChecks(cfg PoolConfig) PoolConfig {
	cfg.Health.Check = health.CheckNone
	return cfg
}

func (w *world) pool(cfg PoolConfig, targets ...Target) *Pool {
	w.t.Helper()
	for i := range targets {
		targets[i].Handler = w.checked(targets[i].Handler)
	}
	p, err := NewPool(w.env, cfg, Around{}, targets...)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// checked wraps a Handler: more than one reply to an ask is a failure, and asks
// without one are counted.
func (w *world) checked(h sim.Handler) sim.Handler {
	return sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		replies := 0
		w.open++
		h.Serve(req, func(resp *sim.Response) {
			if replies++; replies > 1 {
				w.t.Fatalf("%d replies to request %d", replies, req.ID)
			}
			w.open--
			reply(resp)
		})
	})
}

func (w *world) counter(name string) int64 { return w.env.Counter(name).N }

// server is a fake server: how it behaves may change at any time.
type server struct {
	clock sim.Clock
	mode  string // "" answers, or a cause, a status, "hang"
	delay time.Duration
	body  time.Duration // how long the content takes after the header
	cut   bool          // the content is truncated
	later bool          // its answers say Retry-After
	seen  []sim.Request
	live  int // asks under way
}

func (s *server) Serve(req *sim.Request, reply func(*sim.Response)) {
	s.seen = append(s.seen, *req)
	s.live++
	var timer sim.Timer
	over := false
	var hook sim.Hook
	end := func(resp *sim.Response) {
		if !over {
			over = true
			s.live--
			timer.Stop()
			hook.Drop()
			reply(resp)
		}
	}
	hook = req.Scope.OnCancel(func(c sim.Cause) { end(sim.Fail(c)) })
	if s.mode != "hang" {
		timer = s.clock.After(s.delay, func() { end(s.answer(req)) })
	}
}

func (s *server) answer(req *sim.Request) *sim.Response {
	var status int
	if c, ok := sim.CauseOf(s.mode); ok && c != sim.OK {
		return sim.Fail(c)
	} else if _, err := fmt.Sscan(s.mode, &status); err != nil {
		status = 200
	}
	resp := sim.Answer(status, nil, 100)
	if s.later {
		resp.Header = http.Header{"Retry-After": {"3"}}
	}
	if s.body == 0 && !s.cut {
		return resp
	}
	content := &sim.Transfer{Length: 100}
	resp.Body = content
	cause := sim.OK
	if s.cut {
		cause = sim.Truncated
	}
	timer := s.clock.After(s.body, func() { content.End(cause, 50) })
	req.Scope.OnCancel(func(c sim.Cause) {
		timer.Stop()
		content.End(c, 0)
	})
	return resp
}

// fleet returns n servers a, b, c … that answer after 10 ms.
func (w *world) fleet(n int) (servers []*server, targets []Target) {
	for i := range n {
		s := &server{clock: w.engine, delay: 10 * ms}
		servers = append(servers, s)
		targets = append(targets, Target{Spec: Spec{Name: string(rune('a' + i))}, Handler: s})
	}
	return servers, targets
}

// ask sends a GET and returns where its answer will stand.
func (w *world) ask(p *Pool, id uint64, scope *sim.Scope) *got {
	g := &got{}
	req := &sim.Request{ID: id, Method: "GET", Path: "/", Scope: scope}
	p.Serve(req, func(resp *sim.Response) {
		if g.resp != nil {
			w.t.Fatalf("request %d answered twice", id)
		}
		g.resp, g.at = resp, w.engine.Now()
		resp.OnEnd(func(c sim.Cause, n int64) { g.ended, g.end = true, c })
	})
	return g
}

type got struct {
	resp  *sim.Response
	at    sim.Time
	ended bool
	end   sim.Cause
}

// String is one line of a script: "200 from b after 2 tries (refused) at 20ms".
func (g *got) String() string {
	if g.resp == nil {
		return "no answer"
	}
	m := g.resp.Via.Last(sim.HopBalancer)
	what := g.resp.Cause.String()
	if g.resp.Cause == sim.OK {
		what = fmt.Sprint(g.resp.Status)
	}
	s := fmt.Sprintf("%s from %s, tries %d", what, m.Peer, m.Tries)
	if m.Cause != sim.OK {
		s += " (" + m.Cause.String() + ")"
	}
	return s + " at " + g.at.String()
}

func (w *world) expect(what string, have fmt.Stringer, want string) {
	w.t.Helper()
	if have.String() != want {
		w.t.Errorf("%s: %s\nwant %s", what, have, want)
	}
}

func (w *world) expectNotes(want ...string) {
	w.t.Helper()
	if a, b := strings.Join(w.notes, "\n"), strings.Join(want, "\n"); a != b {
		w.t.Errorf("notes:\n%s\nwant:\n%s", a, b)
	}
}

// quiet plays to the end and checks that nothing is left.
func (w *world) quiet(p *Pool) {
	w.t.Helper()
	p.Close()
	for at, ok := w.engine.Next(); ok; at, ok = w.engine.Next() {
		w.engine.Advance(at)
	}
	if w.open != 0 {
		w.t.Errorf("%d asks of servers without a reply", w.open)
	}
	for _, m := range p.members {
		if s := m.server; s.Active() != 0 {
			w.t.Errorf("%d still in flight at %s", s.Active(), s.Name)
		}
	}
	if p.open != 0 || p.trying != 0 || p.retrying != 0 || p.line.n != 0 {
		w.t.Errorf("%d asks open, %d tries under way, %d of them again, %d in line", p.open, p.trying, p.retrying, p.line.n)
	}
	if n := w.engine.Pending(); n != 0 {
		w.t.Errorf("%d events left", n)
	}
}
