// The far end of an exchange: the host's, from the request's arrival to the
// content's end.
package virtual

import "cdnlab/sim"

// arrive is the request's arrival at the host.
func (x *exchange) arrive() {
	h := x.way.to
	x.far = away
	if x.req.Traced() {
		x.way.tell.Reaches(&x.req)
	}
	switch {
	case !h.up(x.conn.life):
		x.answer(sim.Fail(sim.Reset), h.world.Engine.Now())
	case x.scope.Cause() != sim.OK:
		x.release() // lost on its way, and the close of the connection came first
	default:
		x.far = serving
		h.open.add(x)
		h.receive(x)
	}
}

func (x *exchange) enter() {
	h := x.way.to
	if x.req.Traced() {
		h.env.Watch(h.node, &x.req, x.onReply)
		return
	}
	h.node.Serve(&x.req, x.onReply)
}

// leaveHost ends the far end.
func (x *exchange) leaveHost() {
	x.way.to.open.remove(x)
	x.far, x.source = away, nil
}

// reset is the host's crash.
func (x *exchange) reset() {
	half := x.far == sending
	x.leaveHost()
	if half {
		x.ends(sim.Truncated, 0)
		return
	}
	x.answer(sim.Fail(sim.Reset), x.way.world.Engine.Now())
}

// replied is the host's answer.
func (x *exchange) replied(resp *sim.Response) {
	if x.far != serving {
		if x.conn.life != nil && x.conn.life.Ended() {
			return // the rest of a call in which the node came to its end: who asked was told
		}
		panic("virtual: " + x.way.to.Name + " answered twice")
	}
	body := resp.Body
	if x.near != gone && resp.Status != 0 && body != nil {
		x.stream(resp)
		return
	}
	x.leaveHost()
	if resp.Status == 0 {
		// A node without an answer closes the connection: all a peer can see.
		resp = sim.Fail(sim.Reset)
	}
	x.answer(resp, x.way.to.served(resp.Size))
	if body != nil {
		body.Abandon(sim.Cancelled)
	}
}

// answer sends a whole answer, or none, on its way back at a time, when the far
// end has done its part.
func (x *exchange) answer(resp *sim.Response, at sim.Time) {
	if x.near == gone {
		x.release()
		return
	}
	x.near, x.resp, x.sent = answered, resp, at
	x.comeBack()
}

func (x *exchange) comeBack() {
	l := x.way
	if l.net.Cut() {
		x.hold(&x.timer, x.sent, x.onReturn)
		return
	}
	travel := l.net.Back(&x.req, x.resp.Size)
	if x.req.Traced() {
		l.tell.Returns(&x.req, max(x.sent, l.clock.Now()), x.resp, travel)
	}
	x.timer = l.clock.After(l.until(x.sent)+travel, x.onDeliver)
}

// stream sends the header on its way while content is still coming.
func (x *exchange) stream(resp *sim.Response) {
	source, use := resp.Body, x.use
	x.far, x.source = sending, source
	// Nobody has it before the header, and it ends with the near end: none can
	// give it up at another time.
	x.body = &sim.Transfer{Length: source.Size(), Abandoned: x.onCancel}
	resp.Body = x.body
	x.answer(resp, x.way.to.served(0))
	source.OnEnd(func(c sim.Cause, n int64) {
		if x.use != use || x.far != sending {
			return
		}
		x.leaveHost()
		if c != sim.OK {
			c = sim.Truncated // why, only the host knows
		}
		x.ends(c, n)
	})
}

// ends takes the content's end to the near end.
func (x *exchange) ends(c sim.Cause, n int64) {
	if x.near == gone {
		x.release()
		return
	}
	x.last = ending{sent: x.way.to.sent(n), cause: c, n: n}
	x.end()
}

func (x *exchange) end() {
	l := x.way
	if l.net.Cut() {
		x.hold(&x.tail, x.last.sent, x.onTail)
		return
	}
	x.tail = l.clock.After(l.until(x.last.sent)+l.net.OneWay(), x.onLast)
}

// hangUp tells the host that nobody wants its answer: one link delay from now,
// later when the link is cut. A host that hangs hears of it when it runs on, a
// dead one never.
func (x *exchange) hangUp(c sim.Cause) {
	if x.far == away {
		return
	}
	l, use, life := x.way, x.use, x.conn.life
	tell := func() {
		life.After(l.net.OneWay(), func() {
			if x.use == use {
				x.hungUp(c)
			}
		})
	}
	if !l.net.Cut() {
		tell()
		return
	}
	sent := l.world.Engine.Now()
	l.net.Hold(func(healed sim.Time) {
		l.world.Engine.At(l.net.Retransmitted(sent, healed), tell)
	})
}

// hungUp is the host's discovery that the connection is closed.
func (x *exchange) hungUp(c sim.Cause) {
	x.scope.Cancel(c)
	if x.source != nil { // the node has not ended it by itself
		x.source.Abandon(c)
	}
}
