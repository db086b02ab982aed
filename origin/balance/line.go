// The line: requests that wait in the pool for a server with room.
package balance

import (
	"fmt"

	"cdnlab/sim"
)

// Limits are what a pool has under way at a time at the most, as Envoy's circuit
// breakers (1024 connections, 1024 requests, 3 retries there; what waits there is our
// Queue).
type Limits struct {
	Connections int `toml:"connections" json:"connections,omitempty" jsonschema:"default=0,minimum=0,description=requests at all servers of a pool together\\, each of which takes a connection; more wait as balancer.queue says; 0 is no limit"`
	Requests    int `toml:"requests" json:"requests,omitempty" jsonschema:"default=0,minimum=0,description=requests in a pool\\, waiting ones included; more are answered 503 at once; 0 is no limit"`
	Retries     int `toml:"retries" json:"retries,omitempty" jsonschema:"default=0,minimum=0,description=retries under way; no more are made; 0 is no limit beside the budget"`
}

// line is a queue, first come first served, that anyone can leave.
type line struct {
	first, last *ask
	n           int
}

func (l *line) join(a *ask) {
	a.waits, a.before = true, l.last
	if l.last != nil {
		l.last.behind = a
	} else {
		l.first = a
	}
	l.last = a
	l.n++
}

// leave takes an ask out, if it is in.
func (l *line) leave(a *ask) {
	if !a.waits {
		return
	}
	if a.before != nil {
		a.before.behind = a.behind
	} else {
		l.first = a.behind
	}
	if a.behind != nil {
		a.behind.before = a.before
	} else {
		l.last = a.before
	}
	a.waits, a.before, a.behind = false, nil, nil
	l.n--
}

// full reports whether a request that comes may not go to a server now, whichever it
// is: nobody goes past those who wait.
func (p *Pool) full() bool {
	if p.waking.Pending() {
		p.waking.Stop()
		p.move()
	}
	return p.line.n > 0 || !p.room(0)
}

// room reports whether limits.connections lets one more try go, when some of those
// under way end before it.
func (p *Pool) room(ending int) bool {
	limit := p.cfg.Limits.Connections
	return limit == 0 || p.trying-ending < limit
}

// saturated reports whether there are servers that would take requests, were they not
// full.
func (p *Pool) saturated() bool {
	for _, m := range p.members {
		s := m.server
		if s.Full() && !s.draining && s.share > 0 && (!s.down || m.servers.panic) {
			return true
		}
	}
	return false
}

// wait lets a request wait, if there is room for that.
func (a *ask) wait(now sim.Time) {
	p := a.pool
	if p.line.n >= p.cfg.Queue {
		p.refuse(now, a, fmt.Sprintf("no server has room, and %d wait already", p.line.n))
		return
	}
	p.line.join(a)
	p.count.queued.Add(1)
	if a.req.Traced() {
		p.env.Explain(a.req, sim.StepServer, fmt.Sprintf("no server has room: it waits, as number %d", p.line.n)+p.absent(now, nil))
	}
	a.hook = a.req.Scope.OnCancel(a.onCancel)
	a.timer = p.env.After(p.cfg.QueueTimeout, a.waited)
}

// waited is the end of the longest wait.
func (a *ask) waited() {
	p, now := a.pool, a.pool.env.Now()
	p.line.leave(a)
	p.count.waited.Add(int64(now.Sub(a.at)))
	p.refuse(now, a, "it has waited for "+sim.Briefly(p.cfg.QueueTimeout))
}

// refuse answers that there is no room.
func (p *Pool) refuse(now sim.Time, a *ask, why string) {
	p.count.rejected.Add(1)
	if a.req.Traced() {
		p.env.Explain(a.req, sim.StepServer, "turned away: "+why+p.absent(now, nil))
	}
	a.cause = sim.Overload
	a.fail(now, sim.Overload)
}

// wake lets the line move behind what goes on now, as a server may have room.
func (p *Pool) wake() {
	if p.line.n > 0 && !p.waking.Pending() {
		p.waking = p.env.After(0, p.move)
	}
}

// move sends those who wait to servers, in their order, while there is room.
func (p *Pool) move() {
	now := p.env.Now()
	for a := p.line.first; a != nil; a = p.line.first {
		if !p.room(0) {
			return
		}
		server := p.place(now, a)
		if server == nil && !a.bound() {
			return
		}
		p.line.leave(a)
		a.timer.Stop()
		a.queued = now.Sub(a.at)
		p.count.waited.Add(int64(a.queued))
		if server == nil {
			p.nobody(now, a)
			continue
		}
		if a.req.Traced() {
			p.explainPick(now, a, server)
		}
		a.try(now, server)
	}
}
