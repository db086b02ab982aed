// join-idle-queue: an idle server, the one that has been idle longest; else by chance.
package balance

import (
	"fmt"

	"cdnlab/sim"
)

func init() {
	Policies.Add("join-idle-queue", "the server that has been idle longest; when none is, by chance in proportion to the weights (JIQ)", newJoinIdle)
}

// joinIdle is Join-Idle-Queue (Lu et al., Performance 2011): servers that have become
// idle stand in a queue and are picked in its order; when the queue is empty a
// server is drawn. With one balancer its queue is always right; that it needs no
// counts of the busy ones is what makes it cheap for many balancers.
type joinIdle struct {
	weightedRandom
	next, prev []int32 // the queue, a ring: place 0 is its head, place i+1 server i's
	idle       bool    // the last pick was of the queue
}

// notQueued is the next of a server that does not stand in the queue.
const notQueued = -1

var (
	_ Policy   = (*joinIdle)(nil)
	_ Watcher  = (*joinIdle)(nil)
	_ Observer = (*joinIdle)(nil)
)

func newJoinIdle(_ Config, t Tools) Policy {
	return &joinIdle{weightedRandom: weightedRandom{t.Servers, t.Dice}, next: []int32{0}, prev: []int32{0}}
}

// Changed implements Watcher.
func (p *joinIdle) Changed(s *Server) {
	for len(p.next) <= s.index+1 {
		p.next, p.prev = append(p.next, notQueued), append(p.prev, notQueued)
	}
	p.settle(s)
}

// Began implements Observer.
func (p *joinIdle) Began(_ sim.Time, s *Server, _ *sim.Request) { p.settle(s) }

// Ended implements Observer.
func (p *joinIdle) Ended(_ sim.Time, s *Server, _ Outcome) { p.settle(s) }

// settle puts a server at the end of the queue when it has become idle, and takes it
// out when it no longer is.
func (p *joinIdle) settle(s *Server) {
	at := int32(s.index + 1)
	idle, queued := s.eligible && s.active == 0, p.next[at] != notQueued
	switch {
	case idle && !queued:
		last := p.prev[0]
		p.next[last], p.prev[at], p.next[at], p.prev[0] = at, last, 0, at
	case queued && !idle:
		p.next[p.prev[at]], p.prev[p.next[at]] = p.next[at], p.prev[at]
		p.next[at] = notQueued
	}
}

// Pick implements Policy in O(1), or in O(log n) when nobody is idle.
func (p *joinIdle) Pick(now sim.Time, req *sim.Request) *Server {
	p.idle = p.next[0] != 0
	if p.idle {
		return p.servers.all[p.next[0]-1]
	}
	return p.weightedRandom.Pick(now, req)
}

// Explain implements Explainer.
func (p *joinIdle) Explain(picked *Server, req *sim.Request) string {
	if !p.idle {
		return "nobody is idle; " + p.weightedRandom.Explain(picked, req)
	}
	n := 0
	for at := p.next[0]; at != 0; at = p.next[at] {
		n++
	}
	return fmt.Sprintf("idle for longest, of %d who are idle", n)
}
