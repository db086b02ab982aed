// Tests: balancers that hear each other, and what the network before them does.
package pair

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// lab is some balancers on one engine, a millisecond apart.
type lab struct {
	t      *testing.T
	e      *sim.Engine
	nodes  []*Node
	dead   []bool
	cut    bool // nobody hears another
	events []string
}

func newLab(t *testing.T, c Config) *lab {
	l := &lab{t: t, e: sim.NewEngine(), dead: make([]bool, c.Count)}
	for i := range c.Count {
		peers := make([]sim.Handler, c.Count)
		for j := range peers {
			if j != i {
				peers[j] = l.link(i, j)
			}
		}
		name := c.Names()[i]
		served := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
			reply(sim.Answer(http.StatusOK, nil, int64(i)))
		})
		l.nodes = append(l.nodes, NewNode(l.env(name), c, i, i == c.First(), served, peers))
	}
	return l
}

func (l *lab) env(name string) *sim.Env {
	return sim.NewEnv(l.e, name, 1, func(e sim.Event) {
		l.events = append(l.events, strings.TrimSpace(fmt.Sprintf("%.1f %s %s %s", time.Duration(e.At).Seconds(), e.Node, e.Kind, e.Subject)))
	})
}

// link is a way from a balancer, or from outside (-1), to one.
func (l *lab) link(from, to int) sim.Handler {
	return sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		if from >= 0 && l.cut {
			req.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
			return
		}
		l.e.After(time.Millisecond, func() {
			if l.dead[to] {
				reply(sim.Fail(sim.Refused))
				return
			}
			l.nodes[to].Serve(req, reply)
		})
	})
}

func (l *lab) kill(i int) {
	l.dead[i] = true
	l.nodes[i].timer.Stop()
}

func (l *lab) at(s float64, f func()) { l.e.At(sim.Time(s*float64(time.Second)), f) }

func (l *lab) run(s float64, want ...string) {
	l.t.Helper()
	l.e.Run(sim.Time(s * float64(time.Second)))
	if !slices.Equal(l.events, want) {
		l.t.Errorf("noted:\n %s\nwant:\n %s", strings.Join(l.events, "\n "), strings.Join(want, "\n "))
	}
}

// The better of two that stand by takes over, and the other hears of it in time.
func TestTakenOver(t *testing.T) {
	l := newLab(t, config(3, nil))
	l.at(2.5, func() { l.kill(0) })
	l.at(20, func() { l.kill(1) })
	l.run(30, "5.6 balancer-2 took-over balancer-1", "23.2 balancer-3 took-over balancer-2")
	if n := l.nodes[0].count.adverts.N; n != 6 {
		t.Errorf("three adverts to two others are %d", n)
	}
	if l.nodes[0].count.lost.N != 0 || l.nodes[1].count.lost.N != l.nodes[1].count.adverts.N/2 {
		t.Errorf("adverts lost: %d, %d", l.nodes[0].count.lost.N, l.nodes[1].count.lost.N)
	}
}

// Two that cannot hear each other both have the address: whoever took it last gets
// the requests. When they hear each other again, the greater says so.
func TestSplitBrain(t *testing.T) {
	l := newLab(t, config(2, nil))
	l.at(2.5, func() { l.cut = true })
	both := 0
	l.at(8, func() {
		for _, n := range l.nodes {
			if n.vrrp.Active() {
				both++
			}
		}
	})
	l.at(10.1, func() { l.cut = false })
	l.run(20, "5.6 balancer-2 took-over balancer-1", "10.6 balancer-1 announced balancer-2", "10.6 balancer-2 gave-up balancer-1")
	if both != 2 {
		t.Errorf("%d of 2 have the address", both)
	}
}

func TestAnswersAsItStands(t *testing.T) {
	l := newLab(t, config(2, nil))
	for _, x := range []struct {
		to     int
		req    sim.Request
		status int
		cause  sim.Cause
	}{
		{0, sim.Request{Path: "/"}, 200, sim.OK},
		{1, sim.Request{Path: "/"}, 0, sim.Reset}, // the address is not there
		{1, sim.Request{Path: helloPath, Control: true}, 204, sim.OK},
		{1, sim.Request{Path: advertPath + "?from=0&priority=101", Control: true}, 204, sim.OK},
		{1, sim.Request{Path: advertPath + "?from=2&priority=101", Control: true}, 400, sim.OK},
		{1, sim.Request{Path: advertPath + "?from=0", Control: true}, 400, sim.OK},
		{0, sim.Request{Path: advertPath + "?from=1&priority=200"}, 200, sim.OK}, // a user's, as any other
	} {
		answers := 0
		l.nodes[x.to].Serve(&x.req, func(r *sim.Response) {
			answers++
			if r.Status != x.status || r.Cause != x.cause {
				t.Errorf("%+v to %d: %d, %v", x.req, x.to, r.Status, r.Cause)
			}
		})
		if answers != 1 {
			t.Errorf("%+v to %d: %d answers", x.req, x.to, answers)
		}
	}
}

// before is the network before some balancers that take a second for a request, and the answers of
// those who ask: by number of the request.
type before struct {
	*lab
	a    *Approach
	ways *Ways
	got  map[uint64]string
}

func newBefore(t *testing.T, c Config) *before {
	b := &before{lab: newLab(t, c), got: map[uint64]string{}}
	var watch, links []sim.Handler
	for i := range c.Count {
		watch = append(watch, b.link(-1, i))
		links = append(links, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			if b.dead[i] {
				reply(sim.Fail(sim.Refused))
				return
			}
			done := false
			end := func(r *sim.Response) {
				if !done {
					done = true
					reply(r)
				}
			}
			req.Scope.OnCancel(func(c sim.Cause) { end(sim.Fail(c)) })
			b.e.After(time.Second, func() { end(sim.Answer(200, nil, int64(i))) })
		}))
	}
	b.a = New(b.env("network"), c, c.First(), watch)
	b.ways = b.a.Ways(links)
	return b
}

func (b *before) ask(id uint64) {
	b.ways.Serve(&sim.Request{ID: id, Conn: id, Addr: addr(int(id)), Scope: &sim.Scope{}}, func(r *sim.Response) {
		says := fmt.Sprint(r.Size)
		if r.Cause != sim.OK {
			says = r.Cause.String()
		}
		b.got[id] += says
	})
}

func (b *before) all(from, n uint64) {
	for id := from; id < from+n; id++ {
		b.ask(id)
	}
}

// counts are how many of the requests got each answer.
func (b *before) counts() map[string]int {
	n := map[string]int{}
	for _, says := range b.got { // counted: any order will do
		n[says]++
	}
	return n
}

func TestAddressMoves(t *testing.T) {
	b := newBefore(t, config(2, nil))
	b.at(1, func() { b.all(0, 10) })
	b.at(1.5, func() { b.a.Change(b.a.cfg, 1) })
	b.at(1.6, func() { b.all(10, 10) })
	b.run(5)
	if got := b.counts(); got["reset"] != 10 || got["1"] != 10 || len(got) != 2 {
		t.Errorf("answers: %v", got)
	}
	if b.a.count.cut.N != 10 || len(b.a.open) != 0 {
		t.Errorf("cut %d, %d still open", b.a.count.cut.N, len(b.a.open))
	}
}

// A route is withdrawn after three hellos, and what others have under way is cut where
// the hash is taken anew.
func TestWithdrawn(t *testing.T) {
	for _, resilient := range []bool{false, true} {
		const n = 1000
		b := newBefore(t, config(4, func(c *Config) {
			c.Standby, c.Spread, c.ECMP.Resilient = ActiveActive, SpreadECMP, resilient
		}))
		b.at(1, func() { b.all(0, n) })
		b.at(2.1, func() { b.dead[3] = true })
		b.at(2.5, func() { b.all(n, n) })
		b.at(4, func() { b.all(2*n, n) })
		b.e.Run(sim.Time(5500 * time.Millisecond))
		if len(b.events) != 1 || !strings.HasSuffix(b.events[0], "network withdrawn balancer-4") {
			t.Fatalf("noted %q", b.events)
		}
		got := b.counts()
		answers := 0
		for _, k := range got { // a sum: any order will do
			answers += k
		}
		if answers != 3*n || got["refused"] < n/5 || got["refused"] > n*3/10 || len(b.a.open) != 0 {
			t.Errorf("resilient %v: answers %v", resilient, got)
		}
		// Three quarters of three quarters answer to another balancer; resilient to none other.
		if cut := got["reset"]; int64(cut) != b.a.count.cut.N || resilient && cut != 0 || !resilient && (cut < n/2 || cut > n*5/8) {
			t.Errorf("resilient %v: %d cut, counted %d", resilient, cut, b.a.count.cut.N)
		}
	}
}

func TestNextAddressOrWait(t *testing.T) {
	for _, next := range []bool{true, false} {
		b := newBefore(t, config(2, func(c *Config) {
			c.Standby, c.DNS.TryNext = ActiveActive, &next
		}))
		b.dead[0] = true
		b.at(1, func() { b.all(0, 100) })
		b.at(120, func() { b.all(100, 10) }) // these resolvers ask for the first time
		b.e.Run(sim.Time(125 * time.Second))
		got, want := b.counts(), map[string]int{"1": 110}
		if !next {
			want = map[string]int{"1": 60, "refused": 50}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("try-next %v: %v, want %v", next, got, want)
		}
		if moved := b.a.count.next.N; next && moved != 50 || !next && moved != 0 {
			t.Errorf("try-next %v: %d went to the next address", next, moved)
		}
		if len(b.events) != 1 || !strings.HasSuffix(b.events[0], "network withdrawn balancer-1") {
			t.Errorf("noted %q", b.events)
		}
	}
}

// A user who leaves cancels their request wherever it is, once.
func TestUserLeaves(t *testing.T) {
	b := newBefore(t, config(2, nil))
	var scope sim.Scope
	answers := ""
	b.at(1, func() {
		b.ways.Serve(&sim.Request{ID: 1, Scope: &scope}, func(r *sim.Response) { answers += r.Cause.String() })
	})
	b.at(1.5, func() { scope.Cancel(sim.Cancelled) })
	b.at(1.6, func() { b.a.Change(b.a.cfg, 1) })
	b.run(4)
	if answers != sim.Cancelled.String() || len(b.a.open) != 0 || b.a.count.cut.N != 0 {
		t.Errorf("%q, %d open, %d cut", answers, len(b.a.open), b.a.count.cut.N)
	}
}
