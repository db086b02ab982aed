// Package cpu says how long a node's cores are busy with what passes through it,
// and when each piece of work is done. It is pure arithmetic: no event, no clock.
package cpu

import (
	"time"

	"cdnlab/sim"
)

// MaxCores bounds a node's cores: the largest servers have about as many.
const MaxCores = 512

// AcceptQueue is how many connections wait to be taken by a process before the
// kernel drops further SYNs: Linux's net.core.somaxconn since 5.4, which Go's
// net.Listen, nginx and HAProxy all go up to.
const AcceptQueue = 4096

// CPU is the cores of one incarnation of a node. Work is done in the order in
// which it comes, by the core that is free first: M/G/c without priorities. A
// backlog has no limit of its own: as on a real machine it is bounded by the
// connections that the work comes over, and by AcceptQueue where those are new.
type CPU struct {
	free    []sim.Time    // when each core has done all that it was given
	given   time.Duration // all work so far
	waiting []sim.Time    // from first on: when each connection in the accept queue is taken
	first   int
}

// New returns idle cores.
func New(cores int) *CPU { return &CPU{free: make([]sim.Time, cores)} }

// Take gives the cores a piece of work, and returns when it is done. now must
// not be earlier than in the calls before.
func (c *CPU) Take(now sim.Time, cost time.Duration) (done sim.Time) {
	if cost <= 0 {
		return now
	}
	core := c.next(now)
	done = max(now, c.free[core]).Add(cost)
	c.free[core] = done
	c.given += cost
	return done
}

// next is an idle core, or the one that is idle first.
func (c *CPU) next(now sim.Time) int {
	best := 0
	for i, at := range c.free {
		if at <= now {
			return i
		}
		if at < c.free[best] {
			best = i
		}
	}
	return best
}

// Accept is Take for a new connection, which stands in the accept queue until it
// is taken. Ask Full first.
func (c *CPU) Accept(now sim.Time, cost time.Duration) (done sim.Time) {
	done = c.Take(now, cost)
	if done > now {
		c.waiting = append(c.waiting, done)
	}
	return done
}

// Full reports whether the accept queue is: a SYN that comes now is dropped.
func (c *CPU) Full(now sim.Time) bool {
	for c.first < len(c.waiting) && c.waiting[c.first] <= now {
		c.first++
	}
	if c.first == len(c.waiting) || c.first >= AcceptQueue {
		c.waiting = append(c.waiting[:0], c.waiting[c.first:]...)
		c.first = 0
	}
	return len(c.waiting)-c.first >= AcceptQueue
}

// Busy returns how long the cores have worked until now, all together.
func (c *CPU) Busy(now sim.Time) time.Duration {
	busy := c.given
	for _, at := range c.free {
		busy -= max(0, at.Sub(now))
	}
	return busy
}
