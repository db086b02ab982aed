// exchange: one request's way over a Link, from waiting for a connection to the
// end of its answer.
package live

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// exchange is one request on a link.
type exchange struct {
	link      *Link
	req       *sim.Request
	reply     func(*sim.Response)
	conn      *conn
	started   bool // a connection is taken or being opened
	sent      bool // the request was written, or is about to be
	done      bool
	answered  bool   // an answer has begun to arrive
	delivered bool   // the header was delivered; the content is still coming
	end       func() // the content's end, when it overtook the header
	timer     sim.Timer
	cancel    sim.Hook
	waiter    network.Waiter[*conn]
	due       sim.Time     // when it should be written
	wrote     atomic.Int64 // when it was
	flushed   atomic.Bool  // and that the write has returned
	uploading atomic.Bool  // content is still to be written
	begun     sim.Time     // when the connection's opening began
	shakes    net.Conn     // a connection whose two ends are at the TLS handshake
	body      *sim.Transfer
}

func (x *exchange) ready(c *conn, _ sim.Time, warm bool) {
	x.started = true
	if warm {
		if x.req.Traced() {
			x.link.tell.Reuses(x.req)
		}
		x.take(c)
		x.flight()
		return
	}
	x.open()
}

// take makes a connection the exchange's, or one of its streams.
func (x *exchange) take(c *conn) {
	x.conn = c
	if c.many != nil {
		x.conn = c.many.begin(x)
	}
}

// open plays the first packet's travel, connects for real, and plays its way
// back.
func (x *exchange) open() {
	l := x.link
	engine := l.node.engine
	started := engine.Now()
	x.begun = started
	arrival := l.net.Connect(x.req)
	if x.req.Traced() {
		l.tell.Connects(x.req, x.setup(), l.conns.Open(), l.conns.Dials(), arrival)
	}
	if l.net.Deaf() {
		x.timer = engine.After(l.connect, x.unable)
		l.net.Hold(func(healed sim.Time) {
			again := l.net.Reconnected(started, healed)
			if !x.done && again.Add(2*l.net.OneWay()) < started.Add(l.connect) {
				x.timer.Stop()
				x.timer = engine.At(again.Add(l.net.OneWay()), x.dial)
			}
		})
		return
	}
	if arrival+l.net.OneWay() > l.connect {
		x.timer = engine.After(l.connect, x.unable)
		return
	}
	if arrival == 0 {
		x.dial()
		return
	}
	x.timer = engine.After(arrival, x.dial)
}

func (x *exchange) unable() { x.finish(sim.Fail(sim.Unreachable)) }

// dial connects, in a goroutine of its own: connect may block, for long when a
// hung far end's queue is full.
func (x *exchange) dial() {
	l := x.link
	x.timer = l.node.engine.At(x.begun.Add(l.connect), x.unable)
	l.node.Later(func() {
		go func() {
			nc, err := l.dial()
			l.node.Do(func() { x.dialled(nc, err) })
		}()
	})
}

func (x *exchange) dialled(nc net.Conn, err error) {
	l := x.link
	if x.done {
		if err == nil {
			l.node.Later(func() { nc.Close() })
		}
		return
	}
	x.timer.Stop()
	if err != nil {
		cause := sim.Refused
		if isLocal(err) {
			l.Local++
			cause = sim.Unreachable
		} else if os.IsTimeout(err) {
			cause = sim.Unreachable
		} else if errors.Is(err, syscall.ECONNRESET) {
			cause = sim.Reset // somebody had listened, and died
		}
		x.arrives(sim.Fail(cause), l.node.engine.Now())
		return
	}
	nc = fast(nc)
	if setup := x.setup(); setup.TLS != "" {
		x.shakes = nc
		x.timer = l.node.engine.After(l.net.OneWay(), func() {
			if x.req.Traced() {
				l.tell.Shakes(x.req, l.node.engine.Now(), setup)
			}
			l.handshake(nc, l.clientTLS(setup), x.secured)
		})
		return
	}
	x.conn = newConn(l, nc)
	x.timer = l.node.engine.After(l.net.OneWay(), x.opened)
}

// setup is how the connection is opened.
func (x *exchange) setup() network.Setup { return x.link.limits.Setup(x.link.conns.Stood()) }

// secured is the end of the TLS handshake.
func (x *exchange) secured(c *conn, err error) {
	switch {
	case err != nil && !x.done:
		x.finish(sim.Fail(faultOf(err)))
	case err != nil:
	case x.done:
		x.link.node.Later(c.close)
	default:
		x.shakes = nil
		x.take(c)
		x.opened()
	}
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

// opened is the end of the handshake.
func (x *exchange) opened() {
	if x.req.Traced() {
		x.link.tell.Opens(x.req)
	}
	x.link.conns.Opened(x.link.node.engine.Now(), x.conn.carrier())
	x.flight()
}

// flight plays the request's travel.
func (x *exchange) flight() {
	l := x.link
	engine := l.node.engine
	if x.conn.dead { // it broke on its way back
		x.arrives(sim.Fail(sim.Reset), engine.Now())
		return
	}
	x.conn.x = x
	x.conn.head.Store(x.req.Method == "HEAD")
	sent := engine.Now()
	if l.net.Cut(network.Out) {
		x.retransmit(network.Out, sent, x.leaves, x.send)
		return
	}
	travel := l.net.Out(sent, &x.conn.carrier().up, x.req).Sub(sent)
	if x.req.Traced() {
		l.tell.Leaves(x.req, travel)
	}
	if travel > 0 {
		x.timer = engine.After(travel, x.send)
		return
	}
	x.send()
}

// retransmit has a flight that was first sent into a cut arrive: sent again when
// the link has healed, and once more if it is cut again by then. leave tells of
// the one that gets through.
func (x *exchange) retransmit(d network.Direction, first sim.Time, leave, arrive func()) {
	l := x.link
	engine := l.node.engine
	if x.req.Traced() {
		l.tell.Held(x.req)
	}
	l.net.Hold(func(healed sim.Time) {
		if x.done {
			return
		}
		x.timer = engine.At(l.net.Retransmitted(first, healed), func() {
			if l.net.Cut(d) {
				x.retransmit(d, first, leave, arrive)
				return
			}
			if x.req.Traced() {
				leave()
			}
			x.timer = engine.After(l.net.OneWay(), arrive)
		})
	})
}

// send writes the request, once the node is free.
func (x *exchange) send() {
	x.sent = true
	x.due = x.link.node.engine.Now()
	if x.req.Traced() {
		x.link.tell.Reaches(x.req)
	}
	c, body, size := x.conn, x.req.Body, x.req.Size
	x.uploading.Store(body != nil || size > 0)
	if st := c.lane; st != nil {
		st.on.send(st)
		return
	}
	text := x.link.appendRequest(c.out[:0], x.req)
	c.out = text
	x.link.node.Later(func() {
		x.wrote.Store(int64(x.link.node.wall.Now()))
		c.write(text, x, body, size)
	})
}

// arrives plays an answer's travel; at is when its first byte came.
func (x *exchange) arrives(resp *sim.Response, at sim.Time) {
	l := x.link
	engine := l.node.engine
	x.answered = true
	if x.sent {
		if !x.flushed.Load() {
			x.conn.out = nil // answered before it was read: the text may still be in use
		}
		resp.Late = max(0, sim.Time(x.wrote.Load()).Sub(x.due))
		late(l.Out, resp.Late)
	}
	if l.net.Cut(network.Back) {
		x.retransmit(network.Back, at, func() { x.returns(engine.Now(), resp, l.net.OneWay()) }, func() { x.deliver(resp) })
		return
	}
	down := &network.Flow{}
	if x.conn != nil {
		down = &x.conn.carrier().down
	}
	travel := l.net.Back(at, down, x.req).Sub(at)
	if x.req.Traced() {
		x.returns(at, resp, travel)
	}
	due := at.Add(travel)
	if due <= engine.Now() {
		x.deliver(resp)
		return
	}
	x.timer = engine.At(due, func() {
		late(l.In, l.node.wall.Now().Sub(due))
		x.deliver(resp)
	})
}

// leaves tells that the request gets through a link that was cut, returns that an
// answer sets out.
func (x *exchange) leaves() { x.link.tell.Leaves(x.req, x.link.net.OneWay()) }

func (x *exchange) returns(at sim.Time, resp *sim.Response, travel time.Duration) {
	x.link.tell.Returns(x.req, at, resp, travel)
}

func (x *exchange) deliver(resp *sim.Response) {
	if x.body != nil && !x.body.Ended() {
		x.delivered = true
		if x.req.Traced() {
			x.link.tell.Header(x.req, resp)
		}
		x.reply(resp)
		if x.end != nil {
			x.end()
		}
		return
	}
	x.finish(resp)
}

// finish ends the exchange with an answer that has come whole, or with none.
func (x *exchange) finish(resp *sim.Response) {
	if x.req.Traced() {
		x.link.tell.Whole(x.req, resp)
	}
	x.settle(resp.Cause == sim.OK)
	x.reply(resp)
}

// settle gives the connection back, or up.
func (x *exchange) settle(healthy bool) {
	l, c := x.link, x.conn
	x.done = true
	x.cancel.Drop()
	x.timer.Stop()
	if !x.started {
		return
	}
	if c != nil {
		c.x = nil
	}
	if healthy && !c.dead && !c.last && !x.uploading.Load() {
		l.conns.Put(l.node.engine.Now(), c.carrier())
		return
	}
	if c != nil {
		l.node.Later(c.close)
	}
	x.lost()
}

// lost gives the connection up. Others use that of a stream too.
func (x *exchange) lost() {
	l := x.link
	if x.conn != nil && x.conn.lane != nil {
		l.conns.Put(l.node.engine.Now(), x.conn.carrier())
		return
	}
	l.conns.Lost()
}

// cancelled is the asker's change of mind. The far end learns of it one link
// delay later, by the close of the connection.
func (x *exchange) cancelled(cause sim.Cause) {
	if x.done {
		return
	}
	l, c := x.link, x.conn
	x.done = true
	x.cancel.Drop()
	if nc := x.shakes; nc != nil {
		l.node.Later(func() { nc.Close() })
	}
	if x.req.Traced() {
		l.tell.Cancelled(x.req, cause, x.delivered)
	}
	if c == nil || c.x == nil || x.sent {
		x.timer.Stop()
	} else { // the request is on its way already, and the close behind it
		left := *x.req // the asker may use its own again
		x.req = &left
	}
	if !x.started {
		l.conns.Leave(&x.waiter)
	} else {
		if c != nil {
			c.x, c.dead = nil, true
			l.node.engine.After(l.net.OneWay(), func() { l.node.Later(c.close) })
		}
		x.lost()
	}
	if x.delivered {
		x.body.End(cause, 0)
		return
	}
	x.reply(sim.Fail(cause))
}
