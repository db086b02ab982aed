// Link: the way to a host, in virtual time.
package virtual

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// conn is an open connection: it stands as long as the incarnation that it was
// opened to.
type conn struct{ life *sim.Life }

// Link is a Handler: it takes a request to its host and the answer back, and
// charges connections exactly as the live client does.
type Link struct {
	world   *World
	net     *network.Link
	clock   sim.Clock // the asker's: its timers hang and die with the asker
	to      *Host
	conns   *network.Conns[conn]
	connect time.Duration // limit on a connection attempt
	open    exchanges     // on their way or at the host
	free    []*exchange   // done with, to be used again
	made    int           // exchanges in all
	closed  bool
}

func newLink(w *World, net *network.Link, clock sim.Clock, to *Host, c network.Config) *Link {
	c = c.WithDefaults()
	l := &Link{open: exchanges{side: onLink}, world: w, net: net, clock: clock, to: to, connect: c.ConnectTimeout}
	l.conns = network.NewConns[conn](c)
	l.conns.Alive = func(c conn) bool { return !c.life.Ended() }
	return l
}

// Serve implements sim.Handler.
func (l *Link) Serve(req *sim.Request, reply func(*sim.Response)) {
	if l.closed {
		return // the rest of a call in which the asker came to its end: it is told nothing more
	}
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(sim.Fail(cause))
		return
	}
	x := l.take()
	x.begin(req, reply)
	if !l.conns.Ask(l.clock.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

// Change gives the path another round-trip time and the connections other limits.
// What is on its way keeps the travel time it set out with.
func (l *Link) Change(rtt time.Duration, c network.Config) {
	c = c.WithDefaults()
	l.net.RTT, l.connect = rtt, c.ConnectTimeout
	l.conns.Change(c)
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }

// Dials returns how many connections were opened or tried.
func (l *Link) Dials() int64 { return l.conns.Dials() }

// close is the asker's crash: the host sees every exchange's connection reset
// one link delay later, and nobody is told on this side.
func (l *Link) close() {
	l.closed = true
	for len(l.open.list) > 0 {
		x := l.open.list[0]
		x.hangUp(sim.Cancelled)
		x.part()
	}
}

func (l *Link) take() *exchange {
	if n := len(l.free); n > 0 {
		x := l.free[n-1]
		l.free = l.free[:n-1]
		return x
	}
	l.made++
	return newExchange(l)
}
