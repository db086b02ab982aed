// tunnel: a connection that a relay has opened to pass another on, in virtual
// time.
package virtual

import (
	"net/http"
	"net/netip"
	"slices"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// tunnel is a connection to a host by which a relay passes on what came over
// another. It costs the relay's cores nothing of its own: the line does.
type tunnel struct {
	sim.Transfer
	way   *way
	conn  conn
	scope *sim.Scope // of who had it opened
	hook  sim.Hook
	addr  netip.Addr  // whom the far end sees
	link  *Link       // by which requests go; nil: it is not known yet of what kind they are
	asked sim.Request // room
}

// Open implements sim.Opener.
func (l *Link) Open(req *sim.Request, reply func(*sim.Response)) {
	if l.closed {
		return // as in Serve
	}
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(sim.Fail(cause))
		return
	}
	own := l.relay(false).link()
	own.conns.Limit = 1
	t := &tunnel{way: l.way, scope: req.Scope, addr: l.peer.Local}
	if l.peer.Reveals {
		t.addr = req.Addr
	}
	t.Length, t.Abandoned = -1, func(sim.Cause) { t.end(sim.OK) }
	x := own.take()
	x.link, x.tunnel, x.opens = own, t, true
	x.begin(req, reply)
	own.conns.Ask(l.clock.Now(), &x.waiter)
}

// relay returns the link that stands for what goes to the host by tunnels. What
// it costs the relay is the line's, and whether there is TLS is between the two
// ends.
func (l *Link) relay(secure bool) *Link {
	r := &l.relays[0]
	c := network.Config{ConnectTimeout: l.connect, TLS: network.TLS13}
	if secure {
		r = &l.relays[1]
	} else {
		c.TLS = ""
	}
	if *r == nil {
		p := l.peer
		p.Conns = c
		*r = newLink(l.world, l.net, &Host{world: l.world}, l.clock, l.to, p, nil)
		(*r).tell = l.tell
	}
	return *r
}

// dug is the end of the handshake that opens a tunnel.
func (x *exchange) dug() {
	t, reply := x.tunnel, x.reply
	t.conn = x.conn
	t.way.dug = append(t.way.dug, t)
	x.part()
	t.hook = t.scope.OnCancel(t.end)
	reply(&sim.Response{Status: http.StatusOK, Size: -1, Body: t})
}

// carries makes the tunnel one for what comes over a link's connections.
func (t *tunnel) carries(from *Link) {
	l := (&Link{way: t.way}).relay(from.limits.Secure()).link()
	l.conns.Limit, l.conns.Waiting, l.conns.Idle, l.conns.Streams = 1, maxWaiting, 0, from.conns.Streams
	if l.conns.Streams > 1 {
		t.conn.end = &end{life: t.conn.life, shared: l.flows(network.Rested{}, 0)}
	}
	l.conns.Adopt(t.way.clock.Now(), t.conn)
	t.link = l
}

// maxWaiting is how many may wait for a tunnel: those before it have their own
// limits, and wait for the answer to what they sent before.
const maxWaiting = 1 << 20

// Serve takes a request to the far end and its answer back.
func (t *tunnel) Serve(req *sim.Request, reply func(*sim.Response)) {
	if cause := req.Scope.Cause(); cause != sim.OK { // while it waited for the tunnel
		reply(sim.Fail(cause))
		return
	}
	if t.Ended() || !t.way.stands(t.conn) {
		reply(sim.Fail(sim.Reset))
		return
	}
	t.asked = *req
	t.asked.Addr = t.addr
	x := t.link.take()
	x.link, x.tunnel = t.link, t
	x.begin(&t.asked, reply)
	if req.Traced() {
		t.link.tell.Asks(req)
	}
	t.link.conns.Ask(t.way.clock.Now(), &x.waiter)
}

// settled is told when what it carried is done with, in good order or not.
func (t *tunnel) settled(healthy bool) {
	switch {
	case t.conn.life.Ended(), !healthy && !t.conn.many(): // it is closed, by one of its ends
		t.end(sim.OK)
	case !t.way.stands(t.conn):
		t.end(sim.Reset)
	}
}

// end is the end of the connection.
func (t *tunnel) end(c sim.Cause) {
	if t.Ended() {
		return
	}
	t.hook.Drop()
	if i := slices.Index(t.way.dug, t); i >= 0 {
		last := len(t.way.dug) - 1
		t.way.dug[i], t.way.dug[last] = t.way.dug[last], nil
		t.way.dug = t.way.dug[:last]
	}
	t.End(c, 0)
}

// shake takes a TLS handshake to the far end, whose keys and work it takes.
func (t *tunnel) shake(x *exchange) {
	use := x.use
	x.timer = x.way.clock.After(t.way.net.OneWay(), func() { t.shaken(x, use) })
}

// shaken is the arrival of a handshake at the far end. A session is resumed with
// the one who gave the ticket.
func (t *tunnel) shaken(x *exchange, use uint32) {
	host, near, l := t.way.to, x.way, t.way
	switch {
	case x.use != use || x.near != connecting:
		return
	case !near.to.up(x.conn.life):
		x.answer(sim.Fail(sim.Reset), near.world.Engine.Now())
		return
	case !l.stands(t.conn):
		return // its line tells it, when it knows
	case host.life.Held():
		host.life.After(0, func() { t.shaken(x, use) })
		return
	}
	x.shaken.Resumed = x.shaken.Resumed && x.link.met == t.conn.life
	x.link.met = t.conn.life
	s := x.shaken
	more := near.net.Handshake(s) - near.net.OneWay() + l.net.Handshake(s) - l.net.OneWay()
	x.timer = near.clock.After(near.until(host.shook(s))+more, x.onOpen)
}

// sever tells those who pass connections on to a host that it is gone. The kernel
// closes the connections of who dies in good order: that something was under way only
// those can tell who read them.
func (w *World) sever(h *Host) {
	for _, way := range slices.Clone(w.ways) {
		if way.to != h {
			continue
		}
		for _, t := range slices.Clone(way.dug) {
			way.clock.After(way.net.Closing(), func() { t.end(sim.OK) })
		}
	}
}
