// The node of the tests: it does what the path of a request says.
package virtual

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// order is what a request's path says, word by word: "wait=10ms ask=b body=1s".
type order struct {
	wait, body, interim time.Duration
	ask                 string // another node, asked after the wait
	rest                string // what that is asked
	exit, silent, mute  bool   // exit in the call, answer nothing, never answer
	deaf                bool   // goes on when cancelled
	late                bool   // answers in the same call, after its exit
	size                int64  // of the content, in bytes; 0: a small one, -1: it does not say
}

func readOrder(path string) order {
	var o order
	path, o.rest, _ = strings.Cut(path, " then ")
	for _, word := range strings.Fields(path) {
		key, value, _ := strings.Cut(word, "=")
		d, _ := time.ParseDuration(value)
		switch key {
		case "wait":
			o.wait = d
		case "body":
			o.body = d
		case "interim":
			o.interim = d
		case "ask":
			o.ask = value
		case "exit":
			o.exit, o.late = true, value == "late"
		case "silent":
			o.silent = true
		case "size":
			o.size, _ = strconv.ParseInt(value, 10, 64)
		case "mute":
			o.mute = true
		case "deaf":
			o.deaf = true
		default:
			panic("no word " + word)
		}
	}
	return o
}

// actor is the node: its state is how many requests it has seen and how slow
// it is.
type actor struct {
	site   sim.Site
	peers  map[string]sim.Handler
	seen   *sim.Counter
	factor float64
	say    func(format string, args ...any)
}

func newActor(say func(string, ...any), peers ...string) sim.Factory {
	return func(site sim.Site) sim.Handler {
		a := &actor{site: site, peers: map[string]sim.Handler{}, factor: 1, say: say, seen: site.Counter("seen")}
		for _, p := range peers {
			a.peers[p] = site.Dial(p)
		}
		return a
	}
}

func (a *actor) Slow(factor float64) { a.factor = factor }

// task is one request at the actor.
type task struct {
	*actor
	order
	req   *sim.Request
	reply func(*sim.Response)
	id    uint64
	over  bool
	timer sim.Timer
	body  *sim.Transfer
	given bool // the answer's content was given up by whoever took it
}

func (a *actor) Serve(req *sim.Request, reply func(*sim.Response)) {
	a.seen.Add(1)
	t := &task{actor: a, order: readOrder(req.Path), req: req, reply: reply, id: req.ID}
	a.say("%s: %d arrives, its number %d", a.site.Node, t.id, a.seen.N)
	req.Scope.OnCancel(t.cancelled)
	if t.over || t.mute {
		return
	}
	if t.exit && t.wait == 0 {
		t.leave()
		return
	}
	if tell := req.Interim; tell != nil && t.interim > 0 {
		a.site.After(t.interim, func() { tell(103, nil) }) // perhaps too late
	}
	if t.wait == 0 {
		t.work()
		return
	}
	t.timer = a.site.After(time.Duration(float64(t.wait)*a.factor), t.work)
}

func (t *task) leave() {
	t.site.Exit(137)
	if t.late { // the call goes on for a moment, as careless code would
		for _, p := range t.peers { // in any order: they do nothing
			p.Serve(&sim.Request{ID: 1e9, Path: "wait=1ms"}, func(*sim.Response) { panic("a dead node is answered") })
		}
		t.reply(sim.Answer(200, nil, 1))
	}
}

func (t *task) work() {
	switch {
	case t.over:
	case t.exit:
		t.leave()
	case t.ask != "":
		t.fetch()
	case t.silent:
		t.answer(sim.Fail(sim.Overload))
	case t.order.body > 0:
		t.stream()
	default:
		t.answer(sim.Answer(200, nil, max(1000, t.order.size)))
	}
}

func (t *task) fetch() {
	req := *t.req
	req.Path = t.rest
	t.peers[t.ask].Serve(&req, func(r *sim.Response) {
		if t.over {
			return
		}
		if r.Status == 0 {
			t.say("%s: %d gets %v from %s", t.site.Node, t.id, r.Cause, t.ask)
			r = sim.Answer(502, nil, 10)
		}
		t.answer(r)
	})
}

func (t *task) stream() {
	n := int64(5000)
	if t.order.size > 0 {
		n = t.order.size
	}
	t.body = &sim.Transfer{Length: n}
	if t.order.size < 0 {
		t.body.Length = -1
	}
	t.body.Abandoned = func(c sim.Cause) {
		t.say("%s: %d has its content given up, %v", t.site.Node, t.id, c)
		t.body.End(c, 100)
	}
	r := sim.Answer(200, nil, t.body.Length)
	r.Body = t.body
	t.site.After(t.order.body, func() { t.body.End(sim.OK, n) })
	t.answer(r)
}

func (t *task) answer(r *sim.Response) {
	t.over = true
	t.reply(r)
}

func (t *task) cancelled(c sim.Cause) {
	if t.over || t.deaf {
		return
	}
	t.say("%s: %d is cancelled, %v", t.site.Node, t.id, c)
	t.timer.Stop()
	t.answer(sim.Fail(c))
}

// checked wants every request of a Handler to be answered exactly once, and
// every content to end once.
type checked struct {
	t     testing.TB
	h     sim.Handler
	open  int // answers and ends still to come
	total int
}

func (c *checked) Serve(req *sim.Request, reply func(*sim.Response)) {
	c.open++
	c.total++
	id, answers, ends := req.ID, 0, 0
	c.h.Serve(req, func(r *sim.Response) {
		if answers++; answers > 1 {
			c.t.Errorf("%d is answered twice", id)
		}
		if (r.Status == 0) != (r.Cause != sim.OK) {
			c.t.Errorf("%d gets status %d with %v", id, r.Status, r.Cause)
		}
		r.OnEnd(func(sim.Cause, int64) {
			if ends++; ends > 1 {
				c.t.Errorf("%d ends twice", id)
			}
			c.open--
		})
		reply(r)
	})
}

// quiet wants nothing to be under way in the world.
func quiet(t testing.TB, w *World, outside ...*Link) {
	t.Helper()
	links := outside
	for _, h := range w.hosts {
		if h.Open() != 0 || len(h.held) != 0 {
			t.Errorf("%s: %d exchanges open, %d held", h.Name, h.Open(), len(h.held))
		}
		links = append(links[:len(links):len(links)], h.links...)
	}
	for _, l := range links {
		if err := idle(l); err != nil {
			t.Errorf("link to %s: %v", l.to.Name, err)
		}
	}
	if n := w.Engine.Pending(); n != 0 {
		t.Errorf("%d events pending", n)
	}
}

// idle says what is still under way on a link.
func idle(l *Link) error {
	if n := len(l.open.list); n != 0 {
		return fmt.Errorf("%d exchanges open", n)
	}
	l.conns.Forget()
	if n := l.conns.Open(); n != 0 {
		return fmt.Errorf("%d connections leaked", n)
	}
	if len(l.free) != l.made {
		return fmt.Errorf("%d of %d exchanges free", len(l.free), l.made)
	}
	for _, x := range l.free {
		if x.near != free || x.far != away || x.req.Path != "" || x.reply != nil || x.body != nil || x.source != nil ||
			x.timer.Pending() || x.tail.Pending() || x.scope.Cause() != sim.OK {
			return fmt.Errorf("a free exchange is not clean: %+v", x)
		}
	}
	return nil
}
