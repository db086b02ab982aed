// Datagrams: users who ask over UDP, wait, and perhaps ask again.
package scenarios

import (
	"net/http"
	"slices"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// datagrams reports whether somebody sends some.
func (s *Scenario) datagrams() bool {
	return slices.ContainsFunc(s.Catalog, func(e load.Entry) bool { return e.UDP != nil })
}

// Users of an address have ports of their own, from the first one that is nobody's by
// custom; who finds none begins anew. The same user has the same one in both worlds, as
// hashes go by it.
const (
	firstPort = 10000
	portsEach = 50000
)

func (c *crowd) port(client uint64) uint16 {
	return uint16(firstPort + client/uint64(len(c.g.Addrs))%portsEach)
}

// query is a user's question by datagram, until it is answered or given up.
type query struct {
	a     *ask
	asks  *load.Datagram
	over  bool
	hook  sim.Hook
	timer sim.Timer
}

// casts sends a request by datagram.
func (a *ask) casts(asks *load.Datagram) {
	q := &query{a: a, asks: asks}
	r := &a.req
	r.Method, r.Header, r.Size, r.Port = http.MethodGet, userHeader, int64(*asks.Size), a.crowd.port(r.Client)
	q.hook = r.Scope.OnCancel(func(c sim.Cause) { q.ends(sim.Fail(c)) })
	q.send()
}

func (q *query) count(counter string) {
	d := q.a.crowd.d
	d.rec.Count(max(0, d.now()-1), report.Datagrams, counter, 1)
}

func (q *query) send() {
	a := q.a
	d := a.crowd.d
	q.count("sent")
	answered := false
	attempt, client := a.req.Attempt, a.req.Client
	q.timer = d.e.After(q.asks.Timeout, func() { q.timedOut(attempt) })
	a.crowd.links[client%uint64(len(a.crowd.links))].(sim.Caster).Cast(&a.req, func(resp *sim.Response) {
		if answered || d.finished {
			return
		}
		answered = true
		q.answered(resp)
	})
}

// answered is an answer's arrival, perhaps when it is too late.
func (q *query) answered(resp *sim.Response) {
	if q.over {
		q.count("late")
		return
	}
	q.count("answered")
	c := q.a.crowd
	for i := range resp.Via.Len() {
		if m := resp.Via.At(i); m.Hop == sim.HopApp {
			c.meets(q, m.Node)
		}
	}
	q.ends(resp)
}

// meets notes which server a user's flow has met, and whether it is another than the
// last time: what that one knew of the user this one does not.
func (c *crowd) meets(q *query, server string) {
	if c.met == nil {
		c.met = map[uint64]string{}
	}
	client := q.a.req.Client
	if before, known := c.met[client]; known && before != server {
		q.count("moved")
	} else if !known {
		q.count("flows")
	}
	c.met[client] = server
}

func (q *query) timedOut(attempt int) {
	q.count("lost")
	if attempt >= q.asks.Retries {
		q.ends(sim.Fail(sim.TimedOut))
		return
	}
	q.a.req.Attempt++
	q.count("repeated")
	q.send()
}

// ends answers the user, once.
func (q *query) ends(resp *sim.Response) {
	if q.over {
		return
	}
	q.over = true
	q.timer.Stop()
	q.hook.Drop()
	q.a.answered(resp)
}
