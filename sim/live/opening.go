// Opening a connection of a Link: the first packet's travel, the real connect,
// and the rest of the handshake.
package live

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

func (x *exchange) setup() network.Setup { return x.link.limits.Setup(x.link.conns.Stood()) }

// open sends the first packet on its way.
func (x *exchange) open() {
	l := x.link
	engine := l.node.engine
	x.near, x.begun = connecting, engine.Now()
	arrival := l.net.Connect(x.req)
	if x.req.Traced() {
		l.tell.Connects(x.req, x.setup(), l.conns.Open(), l.conns.Dials(), arrival)
	}
	switch {
	case l.net.Deaf():
		x.blocked()
	case arrival+l.net.OneWay() > l.connect:
		x.timer = engine.After(l.connect, x.onUnable)
	case arrival == 0:
		x.arrivedSYN()
	default:
		x.timer = engine.After(arrival, x.onSYN)
	}
}

// blocked is a cut in the middle of the handshake: SYNs go out again until one
// gets through or the time is up.
func (x *exchange) blocked() {
	l, use, limit := x.link, x.use, x.begun.Add(x.link.connect)
	x.timer = l.node.engine.At(limit, x.onUnable)
	l.net.Hold(func(healed sim.Time) {
		again := l.net.Reconnected(x.begun, healed)
		if x.use == use && x.near == connecting && again.Add(2*l.net.OneWay()) < limit {
			x.timer.Stop()
			x.timer = l.node.engine.At(again, x.onAgain)
		}
	})
}

// again sends the SYN that meets a healed link, unless that was cut anew.
func (x *exchange) again() {
	l := x.link
	if l.net.Deaf() {
		x.blocked()
		return
	}
	x.timer = l.node.engine.After(l.net.OneWay(), x.onSYN)
}

// unable is the end of a connection attempt that ran out of time.
func (x *exchange) unable() { x.finish(sim.Fail(sim.Unreachable)) }

// arrivedSYN is a connection attempt's arrival.
func (x *exchange) arrivedSYN() {
	l := x.link
	x.syn = l.node.engine.Now()
	switch {
	case l.net.Deaf(): // nor does the answer get through
		x.blocked()
	case l.net.Changed().Reset:
		x.arrives(sim.Fail(sim.Reset), x.syn)
	default:
		x.dial()
	}
}

// dial connects, in a goroutine of its own: connect may block, for long when a
// hung far end's queue is full.
func (x *exchange) dial() {
	l, use, own := x.link, x.use, x.tunnel == nil
	x.timer = l.node.engine.At(x.begun.Add(l.connect), x.onUnable)
	l.node.Later(func() {
		go func() {
			nc, err := l.dial()
			if err == nil && own && l.reveals { // a health check of the balancer's
				_, _ = nc.Write(appendProxy(nil, netip.AddrPort{}, addrPort(nc.RemoteAddr()))) // a broken connection shows at the reader
			}
			l.node.Do(func() {
				if x.use == use && x.near == connecting {
					x.dialled(nc, err)
				} else if err == nil {
					l.node.Later(func() { nc.Close() })
				}
			})
		}()
	})
}

// dialled is the real connection's arrival. It takes a moment, which is not the
// scenario's: what follows counts from the moment before it.
func (x *exchange) dialled(nc net.Conn, err error) {
	l := x.link
	x.timer.Stop()
	if err != nil {
		x.arrives(sim.Fail(l.causeOf(err)), x.syn)
		return
	}
	stands := x.syn.Add(l.net.OneWay())
	if x.tunnel != nil {
		x.connected(nc, stands)
		return
	}
	if setup := x.setup(); setup.TLS != "" {
		x.shakes = nc
		x.timer = l.node.engine.At(stands, func() { x.shake(nc, setup) })
		return
	}
	x.take(newConn(l, nc), 0)
	x.timer = l.node.engine.At(stands, x.onOpen)
}

// shake begins the TLS handshake, once TCP's has ended. What it takes this end to
// believe the last flight passes while the request travels.
func (x *exchange) shake(nc net.Conn, s network.Setup) {
	l, use := x.link, x.use
	if x.req.Traced() {
		l.tell.Shakes(x.req, l.node.engine.Now(), s)
	}
	l.handshake(nc, l.clientTLS(s), func(c *conn, at sim.Time, err error) {
		switch {
		case x.use != use || x.near != connecting:
			if err == nil {
				l.node.Later(c.close)
			}
		case err != nil:
			x.finish(sim.Fail(faultOf(err)))
		default:
			x.shakes = nil
			x.take(c, 0)
			x.opened(at)
		}
	})
}

// causeOf says what a failed connect means to who asks.
func (l *Link) causeOf(err error) sim.Cause {
	switch {
	case isLocal(err):
		l.Local++
		return sim.Unreachable
	case os.IsTimeout(err):
		return sim.Unreachable
	case errors.Is(err, syscall.ECONNRESET):
		return sim.Reset // somebody had listened, and died
	}
	return sim.Refused
}

// isLocal reports whether a connection failed on this side: no port, no
// descriptor, no memory.
func isLocal(err error) bool {
	for _, e := range []syscall.Errno{syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func (x *exchange) stands() { x.opened(x.link.node.engine.Now()) }

// opened is the end of the handshake, at a time.
func (x *exchange) opened(at sim.Time) {
	l := x.link
	if x.tunnel != nil {
		x.dug()
		return
	}
	if x.req.Traced() {
		l.tell.Opens(x.req, at)
	}
	l.conns.Opened(l.node.engine.Now(), x.conn.carrier())
	x.ask(at)
}
