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

// way is what the links of one asker to one host have in common: the path, and
// the memory of the exchanges on it. A person's link is then little more than
// its connections.
type way struct {
	world   *World
	net     *network.Link
	clock   sim.Clock // the asker's: its timers hang and die with the asker
	from    *Host     // the asker; outside the nodes it is nobody, without cores
	to      *Host
	limits  network.Config
	tell    network.Teller
	connect time.Duration // limit on a connection attempt
	open    exchanges     // on their way or at the host
	free    []*exchange   // done with, to be used again
	made    int           // exchanges in all
	closed  bool
}

// Link is a Handler: it takes a request to its host and the answer back, and
// charges connections exactly as the live client does.
type Link struct {
	*way
	conns network.Conns[conn]
}

func newLink(w *World, net *network.Link, from *Host, clock sim.Clock, to *Host, c network.Config, t *sim.Tracer) *Link {
	c = c.WithDefaults()
	return (&way{open: exchanges{side: onLink}, world: w, net: net, from: from, clock: clock, to: to, limits: c,
		connect: c.ConnectTimeout, tell: network.NewTeller(t, to.Name, net)}).link()
}

// link returns a link without a connection.
func (w *way) link() *Link {
	l := &Link{way: w, conns: *network.NewConns[conn](w.limits)}
	l.conns.Alive = stands
	return l
}

func stands(c conn) bool { return !c.life.Ended() }

// Own returns a link on the same way with connections of its own, for one of
// those who share this one.
func (l *Link) Own() sim.Handler { return l.way.link() }

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
	x.link = l
	x.begin(req, reply)
	if req.Traced() {
		l.tell.Asks(req)
	}
	if !l.conns.Ask(l.clock.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

// Change gives the path another round-trip time and the connections other limits.
// What is on its way keeps the travel time it set out with.
func (l *Link) Change(rtt time.Duration, c network.Config) {
	c = c.WithDefaults()
	l.net.RTT, l.connect, l.limits = rtt, c.ConnectTimeout, c
	l.conns.Change(c)
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }

// Dials returns how many connections were opened or tried.
func (l *Link) Dials() int64 { return l.conns.Dials() }

// close is the asker's crash: the host sees every exchange's connection reset
// one link delay later, and nobody is told on this side.
func (w *way) close() {
	w.closed = true
	for len(w.open.list) > 0 {
		x := w.open.list[0]
		x.hangUp(sim.Cancelled)
		x.part()
	}
}

func (w *way) take() *exchange {
	if n := len(w.free); n > 0 {
		x := w.free[n-1]
		w.free = w.free[:n-1]
		return x
	}
	w.made++
	return newExchange(w)
}
