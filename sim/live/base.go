// Base: what an exchange costs on this machine by itself, without any way.
package live

import (
	"net"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Base is how long an exchange over loopback takes, from when its request should be
// written to when its answer's first byte arrives, less what the node takes: wakes
// and system calls, which are no part of the path. Links take half of it off each
// way. It is the machine's time.
type Base struct {
	Idle time.Duration `json:"idle,omitempty"` // after a pause, in which the cores fell asleep
	Hot  time.Duration `json:"hot,omitempty"`  // in the midst of others
}

// pause is how long after the last exchange the cores are asleep.
const pause = 4 * time.Millisecond

// mostCost bounds it: what takes longer waits for a core, and that is for the
// receipt to show and not for the links to hide.
const mostCost = 500 * time.Microsecond

// How a Base is measured: exchanges one after the other, as many as make a median
// and take a fifth of a second in all.
const (
	idleTries = 15
	hotTries  = 60
	idleRTT   = 2 * pause
	hotRTT    = 500 * time.Microsecond
)

// Measure measures the Base of this machine, on loopback.
func Measure() (Base, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Base{}, err
	}
	wall, _ := StartWall()
	far, near := NewNode(wall), NewNode(wall)
	defer near.Close()
	defer far.Close()
	front := NewFront(NewServer(far, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 100))
	}), "", sim.Epoch))
	go func() { _ = front.Serve(l) }() // it ends with Close
	defer front.Close()
	var b Base
	for _, way := range []struct {
		rtt   time.Duration
		tries int
		to    *time.Duration
	}{{idleRTT, idleTries, &b.Idle}, {hotRTT, hotTries, &b.Hot}} {
		link := NewLink(near, LinkConfig{Path: network.NewLink(0, "near", "far", network.Plain(way.rtt)), Discard: true,
			Dial: Dialer("", l.Addr().String())})
		*way.to = link.median(way.tries)
		near.Do(link.Close)
	}
	return b, nil
}

// median returns the median cost of so many exchanges, one after the other.
func (l *Link) median(tries int) time.Duration {
	var costs []time.Duration
	done := make(chan struct{})
	var again func(*sim.Response)
	ask := func() {
		l.Serve(&sim.Request{Method: "GET", Host: "base", Path: "/"}, again)
	}
	again = func(*sim.Response) {
		if tries--; tries < 0 {
			l.node.Later(func() { close(done) })
			return
		}
		l.node.engine.After(0, ask)
	}
	l.node.Do(func() {
		l.cost = func(d time.Duration) { costs = append(costs, d) }
		ask()
	})
	<-done
	slices.Sort(costs)
	return min(costs[len(costs)/2], mostCost)
}

// early is how much less than the path's time a flight is held that sets out now:
// half of what an exchange costs by itself, and no more than there is.
func (w *way) early(now sim.Time) time.Duration {
	cost := w.base.Hot
	if now.Sub(w.busy) > w.node.wall.Scenario(pause) {
		cost = w.base.Idle
	}
	return min(w.node.wall.Scenario(cost)/2, w.net.OneWay())
}
