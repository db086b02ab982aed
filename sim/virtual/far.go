// The far end of an exchange: the host's, from the request's arrival to the
// content's end.
package virtual

import (
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

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
	switch ln := x.conn.end.line; {
	case ln != nil && x.req.Traced():
		h.env.Watch(ln, &x.req, x.onReply)
	case ln != nil:
		ln.Serve(&x.req, x.onReply)
	case x.req.Traced():
		h.env.Watch(h.node, &x.req, x.onReply)
	default:
		h.node.Serve(&x.req, x.onReply)
	}
}

// leaveHost ends the far end.
func (x *exchange) leaveHost() {
	x.way.to.open.remove(x)
	x.far, x.source, x.taken = away, nil, nil
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
		if x.conn.end != nil && x.conn.life.Ended() {
			return // the rest of a call in which the node came to its end: who asked was told
		}
		panic("virtual: " + x.way.to.Name + " answered twice")
	}
	body := resp.Body
	_, whole := body.(sim.Text)
	if x.near != gone && resp.Status != 0 && body != nil && !whole {
		x.stream(resp)
		return
	}
	x.leaveHost()
	if resp.Status == 0 {
		// A node without an answer closes the connection: all a peer can see.
		resp = sim.Fail(sim.Reset)
	}
	x.answer(resp, x.served(resp.Size))
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

// comeBack lets the answer leave the host.
func (x *exchange) comeBack() {
	l := x.way
	if l.net.Cut(network.Back) {
		x.hold(&x.timer, x.sent, x.comeBack)
		return
	}
	n := contentOf(&x.req, x.resp)
	if x.conn.end == nil || n == 0 || x.last.cause != sim.OK {
		x.headerAlone()
		return
	}
	l.net.Load(&x.down, network.Back, &x.req, network.Segments(n, l.limits.Secure()))
	x.taken = sim.TakenOf(x.source)
	x.flight()
}

// headerAlone sends a header with nothing behind it.
func (x *exchange) headerAlone() {
	leaves := x.leaves()
	x.flown = x.way.net.Back(leaves, x.downward(), &x.req)
	x.departs(leaves, x.flown)
}

// leaves is when a header can leave: when the cores that made it are done, and not
// in the past, after a cut.
func (x *exchange) leaves() sim.Time { return max(x.sent, x.way.clock.Now()) }

// contentOf is how many bytes of content an answer brings along that was there
// whole, or whose length is known.
func contentOf(req *sim.Request, r *sim.Response) int64 {
	if req.Method == http.MethodHead || r.Status < 200 || r.Status == http.StatusNoContent || r.Status == http.StatusNotModified {
		return 0
	}
	return max(0, r.Size)
}

// downward is the flow of the answer, or of a connection that never stood.
func (x *exchange) downward() *network.Flow {
	if x.below == nil {
		return &network.Flow{}
	}
	return x.below
}

// departs tells of the way of a header that was first sent at a time, and has it
// arrive.
func (x *exchange) departs(sent, arrives sim.Time) {
	l := x.way
	x.headed = true
	if x.req.Traced() {
		l.tell.Returns(&x.req, sent, x.resp, arrives.Sub(sent))
	}
	x.timer = l.clock.After(l.until(arrives), x.onDeliver)
}

// flight sends what the window allows of the answer's content, the header with the
// first of it. On a quiet path nothing can come between the flights of a
// connection that carries one request: they are worked out at once.
func (x *exchange) flight() {
	l := x.way
	now := l.world.Engine.Now()
	switch {
	case l.net.Cut(network.Back) || x.headed && l.net.Cut(network.Out): // no acknowledgement gets through
		x.hold(&x.tail, now, x.onFlight)
		return
	case x.last.cause != sim.OK: // what has not left never will
		if !x.headed {
			x.headerAlone()
		}
		return
	}
	flow := x.below
	if !x.headed {
		now = x.leaves()
	}
	fl := l.net.Send(flow, &x.down, now)
	header, some := fl.First, fl.Ready > 0
	for x.taken == nil && l.net.Quiet() && x.link.conns.Streams <= 1 && !fl.Done() {
		fl = l.net.Send(flow, &x.down, fl.Next)
	}
	if fl.Done() {
		x.flown = fl.Last
	} else {
		x.tail = l.world.Engine.At(fl.Next, x.onFlight)
	}
	if some && !x.headed {
		x.stretch(header)
		x.departs(x.down.Began(), header)
	}
	if fl.Done() && x.last.known {
		x.tail = l.clock.After(l.until(x.flown), x.onLast)
	}
	if t := x.taken; t != nil && x.far == sending {
		t.Take(t.Size() - x.down.Left()*network.MSS) // to a segment, which is exact enough
	}
}

// stretch makes an answer that was there whole one whose content comes later than
// its header, when it does.
func (x *exchange) stretch(header sim.Time) {
	if x.body != nil || x.flown == header {
		return
	}
	x.body = &sim.Transfer{Length: x.resp.Size, Abandoned: x.onCancel}
	x.resp.Body = near(x.body, x.resp.Body)
	x.last = ending{sent: x.sent, n: x.resp.Size, known: true}
}

// stream sends the header on its way while content is still coming.
func (x *exchange) stream(resp *sim.Response) {
	source, use := resp.Body, x.use
	x.far, x.source = sending, source
	// Nobody has it before the header, and it ends with the near end: none can
	// give it up at another time.
	x.body = &sim.Transfer{Length: source.Size(), Abandoned: x.onCancel}
	resp.Body = near(x.body, source)
	if resp.Status == http.StatusSwitchingProtocols {
		resp.Body = x.switched(source)
	}
	x.answer(resp, x.served(0))
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
	now := x.followed(n)
	x.last = ending{sent: now, cause: c, n: n, known: true}
	switch {
	case c != sim.OK:
		x.tail.Stop()
		if x.flown == sim.Never {
			x.flown = now
		}
		if !x.headed && !x.way.net.Cut(network.Back) {
			x.headerAlone()
		}
	case x.body.Length < 0 && n > 0 && x.conn.end != nil: // only now it is known how much there is to send
		x.way.net.Load(&x.down, network.Back, &x.req, network.Segments(n, x.way.limits.Secure()))
		x.flown = sim.Never
		x.flight()
		return
	}
	if x.flown != sim.Never {
		x.end()
	}
}

// end is the end of a content of which all has left: it arrives behind that.
func (x *exchange) end() {
	l := x.way
	now := max(x.last.sent, l.world.Engine.Now())
	switch {
	case x.last.cause == sim.OK && l.net.Rides(now, x.flown):
	case l.net.Cut(network.Back):
		x.hold(&x.tail, x.last.sent, x.end)
		return
	default:
		x.flown = max(x.flown, l.net.Back(now, x.downward(), &x.req))
	}
	x.tail = l.clock.After(l.until(x.flown), x.onLast)
}

// hangUp tells the host that nobody wants its answer: one link delay from now,
// later when the link is cut. A host that hangs hears of it when it runs on, a
// dead one never.
func (x *exchange) hangUp(c sim.Cause) {
	if x.far == away {
		return
	}
	use := x.use
	x.way.closes(x.conn.life, func() {
		if x.use == use {
			x.hungUp(c)
		}
	})
}

// closes has an incarnation of the host see that a connection is closed.
func (w *way) closes(life *sim.Life, seen func()) {
	tell := func() { life.After(w.net.Closing(), seen) }
	if !w.net.Cut(network.Out) {
		tell()
		return
	}
	sent := w.world.Engine.Now()
	w.net.Hold(func(healed sim.Time) {
		w.world.Engine.At(w.net.Retransmitted(sent, healed), tell)
	})
}

// hungUp is the host's discovery that the connection is closed.
func (x *exchange) hungUp(c sim.Cause) {
	x.scope.Cancel(c)
	if x.source != nil { // the node has not ended it by itself
		x.source.Abandon(c)
	}
}
