// Link: the way to a host, in virtual time.
package virtual

import (
	"net/netip"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// conn is an open connection: it stands as long as the incarnation that it was
// opened to, and until the path resets it. Most of them are idle, and there may be
// millions: there is little to one.
type conn struct {
	*end
	rested network.Rested // of one that carries one request at a time
	resets uint16         // of the path, when it was opened
}

// end is the host's end of connections: one for all that carry a request at a time,
// one for each that carries many or is passed on.
type end struct {
	life   *sim.Life
	shared *flows
	line   *line // nil: the host reads what comes
}

// many reports whether the connection carries many requests at a time.
func (c conn) many() bool { return c.end != nil && c.shared != nil }

// line is how a relay passes the connection on; nil when it is none's.
func (c conn) line() *line {
	if c.end == nil {
		return nil
	}
	return c.end.line
}

// flows are the two directions of a connection.
type flows struct{ up, down network.Flow }

// above is what an exchange sends to the host, where that is more than a head on a
// quiet path: most exchanges have none.
type above struct {
	flow    *network.Flow // own, or shared with others
	own     network.Flow
	content network.Content
}

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
	ends    *network.Ends[conn]
	tell    network.Teller
	connect time.Duration // limit on a connection attempt
	open    exchanges     // on their way or at the host
	free    []*exchange   // done with, to be used again
	made    int           // exchanges in all
	still   network.Flow  // of heads that leave no trace
	closed  bool

	peer   Peer
	relays [2]*Link                             // what it passes on goes by: plain, and TLS; nil: nothing yet
	dug    []*tunnel                            // of relays, those that stand
	miles  map[netip.AddrPort]*network.LastMile // of those who send datagrams, where there are any
}

// Link is a Handler: it takes a request to its host and the answer back, and
// charges connections exactly as the live client does.
type Link struct {
	*way
	conns network.Conns[conn]
	mile  *network.LastMile // of those who have connections of their own
	met   *sim.Life         // behind a relay: who gave the last TLS ticket
}

func newLink(w *World, net *network.Link, from *Host, clock sim.Clock, to *Host, p Peer, t *sim.Tracer) *Link {
	c := p.Conns.WithDefaults()
	way := &way{ends: &network.Ends[conn]{}, open: exchanges{side: onLink}, world: w, net: net, from: from, clock: clock, to: to, limits: c,
		connect: c.ConnectTimeout, tell: network.NewTeller(t, to.Name, net), peer: p}
	way.ends.Alive, way.ends.Close = way.stands, way.hangUp
	w.ways = append(w.ways, way)
	return way.link()
}

// link returns a link without a connection.
func (w *way) link() *Link {
	l := &Link{way: w, conns: *network.NewConns[conn](w.limits)}
	l.conns.Ends = w.ends
	return l
}

func (w *way) stands(c conn) bool {
	return !c.life.Ended() && c.resets == uint16(w.net.Resets()) && (c.end.line == nil || !w.hasEnded(c.end.line))
}

// Own returns a link on the same way with connections of its own, and a last mile
// of their own if there is one, for one of those who share this one.
func (l *Link) Own() sim.Handler {
	own := l.way.link()
	if l.net.Spec().Access != nil {
		own.mile = &network.LastMile{}
	}
	return own
}

// connection returns a new connection to the host as it is now.
func (l *Link) connection() conn {
	c := conn{end: l.to.door, resets: uint16(l.net.Resets())}
	if l.conns.Streams > 1 {
		c.end = &end{life: l.to.life, shared: l.flows(network.Rested{}, 0)}
	}
	return c
}

// flows returns the flows of a connection that has rested since a time.
func (l *Link) flows(r network.Rested, since sim.Time) *flows {
	f := &flows{}
	l.net.Up(&f.up, &l.limits, r, since, l.mile)
	l.net.Down(&f.down, &l.limits, r, since, l.mile)
	return f
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
	x.link = l
	x.begin(req, reply)
	if req.Traced() {
		l.tell.Asks(req)
	}
	if !l.conns.Ask(l.clock.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

// Change makes the path another and gives the connections other limits.
// What is on its way keeps the travel time it set out with.
func (l *Link) Change(s network.Spec, c network.Config) {
	c = c.WithDefaults()
	l.net.Respec(s)
	l.connect, l.limits = c.ConnectTimeout, c
	l.conns.Change(c)
	for _, r := range l.relays {
		if r != nil {
			r.connect = c.ConnectTimeout
		}
	}
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }

// Dials returns how many connections were opened or tried.
func (l *Link) Dials() int64 { return l.conns.Dials() }

// reset is what befalls the connections on a path that resets them: whoever waits
// on one is told, at both ends. What has not left yet waits for a new one.
func (w *way) reset() {
	for i := 0; i < len(w.open.list); {
		x := w.open.list[i]
		if x.near < asking || x.near == gone {
			i++
			continue
		}
		x.broken()
	}
	for _, t := range slices.Clone(w.dug) {
		t.end(sim.Reset)
	}
}

// close is the asker's crash: the host sees every exchange's connection reset
// one link delay later, and nobody is told on this side.
func (w *way) close() {
	w.closed = true
	w.world.ways = slices.DeleteFunc(w.world.ways, func(other *way) bool { return other == w })
	for len(w.open.list) > 0 {
		x := w.open.list[0]
		x.hangUp(sim.Cancelled)
		x.part()
	}
	for _, r := range w.relays {
		if r != nil {
			r.close()
		}
	}
	w.dug = nil
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
