// Rules against requests, and the Handler around a node.
package inject

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

const ms = time.Millisecond

func TestMeant(t *testing.T) {
	for _, c := range []struct {
		r            Rule
		method, path string
		want         bool
	}{
		{Rule{}, "GET", "/", true},
		{Rule{}, "GET", "/health", false},
		{Rule{}, "GET", "/health?deep", false},
		{Rule{}, "GET", "/health/ready", false},
		{Rule{}, "GET", "/healthy", true},
		{Rule{Path: "/*"}, "GET", "/health", false},
		{Rule{Path: "/h*"}, "GET", "/health", false},
		{Rule{Path: "/health"}, "GET", "/health", true},
		{Rule{Path: "/health*"}, "GET", "/health?deep", true},
		{Rule{Path: "/health"}, "GET", "/", false},
		{Rule{Path: "/a"}, "GET", "/a", true},
		{Rule{Path: "/a"}, "GET", "/a?b=c", true},
		{Rule{Path: "/a"}, "GET", "/a/b", false},
		{Rule{Path: "/a/*"}, "GET", "/a/b?c", true},
		{Rule{Path: "/a/*"}, "GET", "/a", false},
		{Rule{Method: "POST"}, "GET", "/a", false},
		{Rule{Method: "POST", Path: "/a"}, "POST", "/a", true},
		{Rule{Method: "POST", Path: "/a"}, "POST", "/b", false},
	} {
		if got := c.r.meant(&sim.Request{Method: c.method, Path: c.path}); got != c.want {
			t.Errorf("%+v, %s %s: %v", c.r, c.method, c.path, got)
		}
	}
}

// hit returns which of n requests a rule strikes, on each attempt.
func hit(r Rule, hop sim.Hop, n uint64, attempt int) map[uint64]bool {
	a, set := newActive(r, hop), map[uint64]bool{}
	for id := range n {
		if a.hits(7, &sim.Request{ID: id, Attempt: attempt, Method: "GET", Path: "/x"}) {
			set[id] = true
		}
	}
	return set
}

// both counts the requests that are in two sets.
func both(a, b map[uint64]bool) (n int) {
	for id := range a { // a count: any order will do
		if b[id] {
			n++
		}
	}
	return n
}

// The share is the one asked for; a smaller share is a part of a larger; what
// differs in more strikes on its own.
func TestShare(t *testing.T) {
	const n = 20_000
	base := Rule{Kind: Status, Status: 503, Share: 0.3}
	set := hit(base, sim.HopApp, n, 0)
	near := func(what string, got int, share float64) {
		if d := float64(got) - n*share; math.Abs(d) > 4*math.Sqrt(n*share*(1-share)) {
			t.Errorf("%s: %d of %d, want a share of %v", what, got, n, share)
		}
	}
	near("the share", len(set), 0.3)
	small := base
	small.Share, small.Node, small.Event = 0.1, "other", 5
	if got := hit(small, sim.HopApp, n, 0); both(got, set) != len(got) {
		t.Error("a tenth is no part of three tenths")
	}
	near("another attempt", both(set, hit(base, sim.HopApp, n, 1)), 0.09)
	near("another tier", both(set, hit(base, sim.HopProxy, n, 0)), 0.09)
	other := base
	other.Status = 500
	near("another status", both(set, hit(other, sim.HopApp, n, 0)), 0.09)
	other.Kind = SlowHeader
	near("another kind", both(hit(other, sim.HopApp, n, 0), set), 0.09)
	base.Share = 1
	if got := len(hit(base, sim.HopApp, n, 0)); got != n {
		t.Errorf("all are %d of %d", got, n)
	}
}

// bench is a Handler on an engine around a node that answers 5000 bytes after
// 10 ms.
type bench struct {
	t     *testing.T
	e     *sim.Engine
	env   *sim.Env
	h     *Handler
	asked int // of the node
	gone  int // contents that nobody wanted
	body  bool
	cause sim.Cause // what the node answers instead
	lines []string
}

func newBench(t *testing.T, hop sim.Hop, rules ...Rule) *bench {
	b := &bench{t: t, e: sim.NewEngine()}
	b.env = sim.NewEnv(b.e, "app-1", 7, nil)
	b.h = New(b.env, hop, sim.HandlerFunc(b.node), rules)
	return b
}

func (b *bench) node(req *sim.Request, reply func(*sim.Response)) {
	b.asked++
	b.env.After(10*ms, func() {
		if b.cause != sim.OK {
			reply(sim.Fail(b.cause))
			return
		}
		resp := sim.Answer(http.StatusOK, nil, 5000)
		if req.Path == "/empty" || req.Method == http.MethodHead {
			resp.Size = 0
		}
		if b.body {
			resp.Body = &sim.Transfer{Length: 5000, Abandoned: func(sim.Cause) { b.gone++ }}
		}
		resp.Via.Add(sim.Mark{Node: "db", Hop: sim.HopDatabase})
		resp.Via.Add(sim.Mark{Node: "app-1", Hop: sim.HopApp, Took: 10 * ms})
		reply(resp)
	})
}

// ask sends a request and returns what came, and when: of the content too.
func (b *bench) ask(req sim.Request) string {
	b.t.Helper()
	if req.Method == "" {
		req.Method = http.MethodGet
	}
	if req.Path == "" {
		req.Path = "/"
	}
	begun, replies, line := b.e.Now(), 0, ""
	b.h.Serve(&req, func(resp *sim.Response) {
		replies++
		line = fmt.Sprintf("%d %v at %v", resp.Status, resp.Cause, b.e.Now().Sub(begun))
		if n := resp.Via.Len(); n > 0 {
			m := resp.Via.At(n - 1)
			line += fmt.Sprintf(" [%s %v %v %v]", m.Node, m.Hop, m.Took, m.Cause)
		}
		if resp.Status != 0 {
			resp.OnEnd(func(c sim.Cause, n int64) { line += fmt.Sprintf(", %v %d bytes at %v", c, n, b.e.Now().Sub(begun)) })
		}
	})
	for at, ok := b.e.Next(); ok; at, ok = b.e.Next() {
		b.e.Advance(at)
	}
	if replies != 1 {
		b.t.Errorf("%d replies to %+v", replies, req)
	}
	return line
}

func TestAnswers(t *testing.T) {
	const whole = "200 ok at 10ms [app-1 4 10ms ok], ok 5000 bytes at 10ms"
	for _, c := range []struct {
		name  string
		rules []Rule
		req   sim.Request
		want  string
		asked int
	}{
		{"no rule", nil, sim.Request{}, whole, 1},
		{"a status", []Rule{{Kind: Status, Status: 503}}, sim.Request{}, "503 ok at 0s [app-1 4 0s injected], ok 0 bytes at 0s", 0},
		{"not its path", []Rule{{Kind: Status, Status: 503, Path: "/a"}}, sim.Request{}, whole, 1},
		{"not the health check", []Rule{{Kind: Status, Status: 503}}, sim.Request{Path: "/health"}, whole, 1},
		{"the health check alone", []Rule{{Kind: Status, Status: 503, Path: "/health"}}, sim.Request{Path: "/health"},
			"503 ok at 0s [app-1 4 0s injected], ok 0 bytes at 0s", 0},
		{"a late header", []Rule{{Kind: SlowHeader, Delay: 200 * ms}}, sim.Request{}, "200 ok at 210ms [app-1 4 210ms injected], ok 5000 bytes at 210ms", 1},
		{"late twice", []Rule{{Kind: SlowHeader, Delay: 200 * ms}, {Kind: SlowHeader, Delay: 50 * ms}}, sim.Request{},
			"200 ok at 260ms [app-1 4 260ms injected], ok 5000 bytes at 260ms", 1},
		{"a slow content", []Rule{{Kind: SlowBody, Rate: 10_000}}, sim.Request{}, "200 ok at 10ms [app-1 4 10ms injected], ok 5000 bytes at 510ms", 1},
		{"the slower of two", []Rule{{Kind: SlowBody, Rate: 10_000}, {Kind: SlowBody, Rate: 5_000}}, sim.Request{},
			"200 ok at 10ms [app-1 4 10ms injected], ok 5000 bytes at 1.01s", 1},
		{"a short content", []Rule{{Kind: Truncate, Bytes: 1000}}, sim.Request{}, "200 ok at 10ms [app-1 4 10ms injected], truncated 1000 bytes at 10ms", 1},
		{"the shorter of two", []Rule{{Kind: Truncate, Bytes: 1000}, {Kind: Truncate}}, sim.Request{},
			"200 ok at 10ms [app-1 4 10ms injected], truncated 0 bytes at 10ms", 1},
		{"not longer than the cut", []Rule{{Kind: Truncate, Bytes: 5000}}, sim.Request{}, whole, 1},
		{"all at once", []Rule{{Kind: Truncate, Bytes: 1000}, {Kind: SlowHeader, Delay: 90 * ms}, {Kind: SlowBody, Rate: 10_000}}, sim.Request{},
			"200 ok at 100ms [app-1 4 100ms injected], truncated 1000 bytes at 200ms", 1},
		{"no content", []Rule{{Kind: SlowBody, Rate: 1}, {Kind: Truncate}}, sim.Request{Path: "/empty"}, "200 ok at 10ms [app-1 4 10ms ok], ok 0 bytes at 10ms", 1},
		{"HEAD", []Rule{{Kind: SlowBody, Rate: 1}}, sim.Request{Method: http.MethodHead}, "200 ok at 10ms [app-1 4 10ms ok], ok 0 bytes at 10ms", 1},
		{"the first rule answers", []Rule{{Kind: FailFirst, Status: 500, Count: 1}, {Kind: Status, Status: 503}}, sim.Request{},
			"500 ok at 0s [app-1 4 0s injected], ok 0 bytes at 0s", 0},
	} {
		b := newBench(t, sim.HopApp, c.rules...)
		if got := b.ask(c.req); got != c.want || b.asked != c.asked {
			t.Errorf("%s: %s, node asked %d times; want %s, %d", c.name, got, b.asked, c.want, c.asked)
		}
	}
}

// A PoP's mark must not pass for a hit.
func TestMarkOfACache(t *testing.T) {
	b := newBench(t, sim.HopCache, Rule{Kind: Status, Status: 429})
	b.h.Serve(&sim.Request{Path: "/"}, func(resp *sim.Response) {
		if m := resp.Via.Last(sim.HopCache); m.Verdict != sim.VerdictBypass || m.Fwd != sim.FwdBypass || m.Cause != sim.Injected {
			t.Errorf("%+v", m)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", resp.Header)
		}
	})
}

// The first Count requests of those meant fail; a change of other rules forgets
// nothing, the end of the rule does.
func TestFailFirst(t *testing.T) {
	first := Rule{Event: 3, Kind: FailFirst, Status: 503, Count: 3, Path: "/a"}
	b := newBench(t, sim.HopApp, first)
	var got []int
	ask := func(path string) {
		b.h.Serve(&sim.Request{Path: path}, func(resp *sim.Response) { got = append(got, resp.Status) })
		b.e.Run(b.e.Now().Add(time.Second))
	}
	ask("/a")
	ask("/b")
	b.h.Set([]Rule{{Event: 1, Kind: Status, Status: 404, Path: "/b"}, first})
	ask("/a")
	ask("/b")
	ask("/a")
	ask("/a")
	b.h.Set(nil)
	b.h.Set([]Rule{first})
	ask("/a")
	if want := "[503 200 503 404 503 200 503]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if b.env.Counter("injected").N != 5 || b.env.Counter("requests").N != 5 {
		t.Errorf("%d injected, %d counted for the node; want 5 and 5", b.env.Counter("injected").N, b.env.Counter("requests").N)
	}
}

// A user who leaves while the header is held back is told so once, and the
// content is given up.
func TestLeavesBeforeALateHeader(t *testing.T) {
	for _, at := range []time.Duration{5 * ms, 50 * ms, 500 * ms} {
		b := newBench(t, sim.HopApp, Rule{Kind: SlowHeader, Delay: 200 * ms})
		b.body = true
		scope := &sim.Scope{}
		b.e.After(at, func() { scope.Cancel(sim.TimedOut) })
		got, want, gone := b.ask(sim.Request{Scope: scope}), "0 timed-out at 50ms", 1
		switch at {
		case 5 * ms: // this node answers all the same
			want = "0 timed-out at 10ms"
		case 500 * ms:
			want, gone = "200 ok at 210ms [app-1 4 210ms injected]", 0
		}
		if got != want || b.gone != gone {
			t.Errorf("at %v: %q, %d contents given up; want %q, %d", at, got, b.gone, want, gone)
		}
	}
	b := newBench(t, sim.HopApp, Rule{Kind: Status, Status: 503})
	scope := &sim.Scope{}
	scope.Cancel(sim.Cancelled)
	if got := b.ask(sim.Request{Scope: scope}); got != "0 cancelled at 0s" {
		t.Errorf("one who has left got %s", got)
	}
}

// A failure has no header that could be late.
func TestFailurePasses(t *testing.T) {
	b := newBench(t, sim.HopApp, Rule{Kind: SlowHeader, Delay: time.Second}, Rule{Kind: SlowBody, Rate: 1})
	b.cause = sim.Reset
	if got := b.ask(sim.Request{}); got != "0 reset at 10ms" {
		t.Error(got)
	}
}

// slowable is a node that can be made slower.
type slowable struct {
	sim.HandlerFunc
	factor float64
}

func (s *slowable) Slow(factor float64) { s.factor = factor }

func TestInner(t *testing.T) {
	s := &slowable{}
	h := New(sim.NewEnv(sim.NewEngine(), "x", 1, nil), sim.HopApp, s, nil)
	if h.Slow(3); s.factor != 3 || h.Inner() != sim.Handler(s) {
		t.Errorf("factor %v", s.factor)
	}
	New(sim.NewEnv(sim.NewEngine(), "x", 1, nil), sim.HopApp, sim.HandlerFunc(nil), nil).Slow(3) // a node without work of its own
}
