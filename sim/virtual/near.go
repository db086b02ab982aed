// The near end of an exchange: the asker's, from the connection to the answer.
package virtual

import (
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// ready takes the connection it got, or opens one.
func (x *exchange) ready(c conn, since sim.Time, warm bool) {
	if warm {
		if x.req.Traced() {
			x.way.tell.Reuses(&x.req)
		}
		x.take(c, since)
		x.stood = true
		x.send()
		return
	}
	x.dial()
}

// take makes a connection the exchange's.
func (x *exchange) take(c conn, since sim.Time) {
	x.conn, x.since = c, since
	if !c.many() {
		x.way.net.Down(&x.own, &x.way.limits, c.rested, since, x.link.mile)
		x.below = &x.own
		return
	}
	x.below = &c.shared.down
}

// upward is the flow of the request's head. On a quiet path a head leaves no trace,
// and no flow of its own is needed.
func (x *exchange) upward() *network.Flow {
	if x.above == nil && x.way.net.Quiet() && !x.conn.many() {
		return &x.way.still
	}
	return x.rise().flow
}

// rise returns what goes up.
func (x *exchange) rise() *above {
	if x.above != nil {
		return x.above
	}
	a := &above{}
	x.above, a.flow = a, &a.own
	if x.conn.many() {
		a.flow = &x.conn.shared.up
	} else {
		x.way.net.Up(&a.own, &x.way.limits, x.conn.rested, x.since, x.link.mile)
	}
	return a
}

// rested is what is left of the connection's own flows.
func (x *exchange) rested() network.Rested {
	if x.above == nil {
		return x.way.net.RestDown(x.conn.rested, &x.own)
	}
	return x.way.net.Rest(x.above.flow, &x.own)
}

func (x *exchange) setup() network.Setup { return x.way.limits.Setup(x.link.conns.Stood()) }

func (x *exchange) dial() {
	l := x.way
	x.near, x.sent = connecting, l.clock.Now()
	arrival := l.net.Connect(&x.req)
	if x.req.Traced() {
		l.tell.Connects(&x.req, x.setup(), x.link.conns.Open(), x.link.conns.Dials(), arrival)
	}
	if l.net.Deaf() {
		x.blocked()
		return
	}
	if arrival+l.net.OneWay() > l.connect {
		x.timer = l.clock.After(l.connect, x.unable)
		return
	}
	x.timer = l.world.Engine.After(arrival, x.onSYN)
}

// blocked is a cut in the middle of the handshake: SYNs go out again until one
// gets through or the time is up.
func (x *exchange) blocked() {
	l, use, limit := x.way, x.use, x.sent.Add(x.way.connect)
	x.timer = l.clock.After(limit.Sub(l.clock.Now()), x.unable)
	l.net.Hold(func(healed sim.Time) {
		again := l.net.Reconnected(x.sent, healed)
		if x.use == use && x.near == connecting && again.Add(2*l.net.OneWay()) < limit {
			x.timer.Stop()
			x.timer = l.world.Engine.At(again, x.again)
		}
	})
}

// again sends the SYN that meets a healed link, unless that was cut anew.
func (x *exchange) again() {
	l := x.way
	if l.net.Deaf() {
		x.blocked()
		return
	}
	x.timer = l.world.Engine.After(l.net.OneWay(), x.onSYN)
}

// unable is the end of a connection attempt that ran out of time.
func (x *exchange) unable() { x.finish(sim.Fail(sim.Unreachable)) }

// syn is a connection attempt's arrival. A host that hangs accepts, as its
// kernel does; TLS is the process's own.
func (x *exchange) syn() {
	l := x.way
	switch {
	case l.net.Deaf(): // nor does the kernel's answer get through
		x.blocked()
	case l.net.Changed().Reset:
		x.answer(sim.Fail(sim.Reset), l.clock.Now())
	case !l.to.running():
		x.answer(sim.Fail(sim.Refused), l.clock.Now())
	case l.to.full():
		x.dropped()
	default:
		x.take(x.link.connection(), 0)
		if l.to.relays {
			x.pass()
		} else {
			l.to.accepted()
		}
		x.accepted()
	}
}

// accepted is the rest of the handshake, up to its end at the near end. TCP's is
// the kernel's, and the process's begins behind it.
func (x *exchange) accepted() {
	l := x.way
	x.shaken = x.setup()
	ln := x.conn.line()
	switch {
	case ln != nil && x.shaken.TLS != "" && !ln.awaits(x):
	case x.shaken.TLS == "":
		x.timer = l.clock.After(l.net.OneWay(), x.onOpen)
	case x.shaken.QUIC:
		x.shake()
	default:
		x.timer = l.world.Engine.After(2*l.net.OneWay(), x.hello)
	}
}

// hello is the arrival of TLS's first flight.
func (x *exchange) hello() {
	if x.req.Traced() {
		x.way.tell.Shakes(&x.req, x.way.world.Engine.Now().Add(-x.way.net.OneWay()), x.shaken)
	}
	x.shake()
}

// shake is the process's part of the handshake.
func (x *exchange) shake() {
	l, s := x.way, x.shaken
	switch {
	case !l.to.up(x.conn.life):
		x.answer(sim.Fail(sim.Reset), l.clock.Now())
	case l.to.life.Held():
		l.to.shaking = append(l.to.shaking, handshake{x, x.use})
	case x.conn.line() != nil:
		x.conn.line().shake(x)
	case s.Rounds() == 0: // the request has come along
		l.to.shook(s)
		x.opened()
	case s.QUIC:
		x.timer = l.clock.After(l.until(l.to.shook(s))+l.net.OneWay(), x.onOpen)
	default:
		x.timer = l.clock.After(l.until(l.to.shook(s))+l.net.Handshake(s)-l.net.OneWay(), x.onOpen)
	}
}

// dropped is a SYN that a full accept queue has no room for: it goes out again
// until the time is up.
func (x *exchange) dropped() {
	l, limit := x.way, x.sent.Add(x.way.connect)
	again := l.net.Reconnected(x.sent, l.world.Engine.Now().Add(-l.net.OneWay())+1)
	if again.Add(2*l.net.OneWay()) < limit {
		x.timer = l.world.Engine.At(again, x.again)
		return
	}
	x.timer = l.clock.After(l.until(limit), x.unable)
}

// opened is the end of the handshake.
func (x *exchange) opened() {
	if x.opens {
		x.dug()
		return
	}
	if x.req.Traced() {
		x.way.tell.Opens(&x.req, 0)
	}
	x.near, x.sent, x.stood = asking, x.way.from.asked(), true
	early := x.setup().Rounds() == 0 // before it stands
	x.link.conns.Opened(x.way.clock.Now(), x.conn)
	if early {
		x.far = travelling
		x.arrive()
		return
	}
	x.leave()
}

// send lets the request go, over an open connection.
func (x *exchange) send() {
	x.near, x.sent = asking, x.way.from.asked()
	x.leave()
}

func (x *exchange) leave() {
	l := x.way
	if l.net.Cut(network.Out) {
		x.hold(&x.timer, x.sent, x.leave)
		return
	}
	leaves := x.leaves()
	at := l.net.Out(leaves, x.upward(), &x.req)
	if x.req.Traced() {
		l.tell.LeavesAt(&x.req, leaves, at.Sub(leaves))
	}
	if segments := network.Segments(x.req.Size, l.limits.Secure()); segments > 0 {
		l.net.Load(&x.rise().content, network.Out, &x.req, segments)
		x.upload()
		return
	}
	x.far = travelling
	l.world.Engine.After(l.until(at), x.onArrive) // mostly the same delay, which costs less than a time
}

// upload sends what the window allows of the request's content. The request is at
// the host when all of it is.
func (x *exchange) upload() {
	l := x.way
	if l.net.Cut(network.Out) || l.net.Cut(network.Back) {
		x.hold(&x.timer, l.clock.Now(), x.upload)
		return
	}
	fl := l.net.Send(x.above.flow, &x.above.content, x.leaves())
	if !fl.Done() {
		x.timer = l.clock.After(l.until(fl.Next), x.upload)
		return
	}
	x.far = travelling
	l.world.Engine.At(fl.Last, x.onArrive)
}

// deliver is the header's arrival at the asker.
func (x *exchange) deliver() {
	resp := x.resp
	x.resp = nil
	if x.body == nil {
		x.finish(resp)
		return
	}
	if x.req.Traced() {
		x.way.tell.Header(&x.req, resp)
	}
	x.near = streaming
	x.reply(resp)
	if x.last.early { // not so when who got it has cancelled: the exchange is free again
		x.endBody()
	}
}

// lastByte is the arrival of the content's end.
func (x *exchange) lastByte() {
	if x.near == answered { // the header was lost on its way and comes later
		x.last.early = true
		return
	}
	x.endBody()
}

func (x *exchange) endBody() {
	body, end := x.body, x.last
	if x.req.Traced() {
		x.way.tell.Arrived(&x.req, end.cause, end.n, &x.down)
	}
	x.way.from.got(end.n, x.way.limits.Secure())
	x.settle(end.cause == sim.OK && !x.upgraded)
	body.End(end.cause, end.n)
}

// finish ends the near end with an answer that has come whole, or with none.
func (x *exchange) finish(resp *sim.Response) {
	reply := x.reply
	if x.req.Traced() {
		x.way.tell.Whole(&x.req, resp)
	}
	x.way.from.got(resp.Size, x.way.limits.Secure())
	x.settle(resp.Cause == sim.OK)
	reply(resp)
}

// settle gives the connection back, or up, and ends the near end.
func (x *exchange) settle(healthy bool) {
	l, c, near, t := x.link, x.conn, x.near, x.carried()
	if healthy && !c.many() && near > waiting {
		c.rested = x.rested() // before it is another's
	}
	x.part()
	switch {
	case near <= waiting:
	case healthy || c.many() && x.stood: // others use that too
		l.conns.Put(l.clock.Now(), c)
	default:
		l.hangUp(c)
		l.conns.Lost()
	}
	if t != nil {
		t.settled(healthy)
	}
}

// part ends the near end: nothing will call it again.
func (x *exchange) part() {
	x.cancel.Drop()
	x.timer.Stop()
	x.tail.Stop()
	x.way.open.remove(x)
	x.near = gone
	x.release()
}

// broken is the end of the connection in the middle of an exchange: each end is
// told that it was reset.
func (x *exchange) broken() {
	body, near := x.body, x.near
	x.hangUp(sim.Cancelled)
	if near != streaming {
		x.finish(sim.Fail(sim.Reset))
		return
	}
	if x.req.Traced() {
		x.way.tell.End(&x.req, sim.Truncated, 0)
	}
	x.settle(false)
	body.End(sim.Truncated, 0)
}

// cancelled is the asker's change of mind: it is told at once, the host one
// link delay later, by the close of the connection.
func (x *exchange) cancelled(c sim.Cause) {
	reply, body, near := x.reply, x.body, x.near
	if near == waiting {
		x.link.conns.Leave(&x.waiter)
	}
	if x.req.Traced() {
		x.way.tell.Cancelled(&x.req, c, near == streaming)
	}
	x.hangUp(c)
	x.settle(false)
	if near == streaming {
		body.End(c, 0)
		return
	}
	reply(sim.Fail(c))
}

// interim takes the host's 1xx answers to the asker, one link delay later.
func (x *exchange) interim(tell func(int, http.Header)) func(int, http.Header) {
	l, use := x.way, x.use
	return func(status int, h http.Header) {
		if x.use != use || x.far != serving {
			return
		}
		l.clock.After(l.net.OneWay(), func() {
			if x.use == use && (x.near == asking || x.near == answered) {
				tell(status, h)
			}
		})
	}
}
