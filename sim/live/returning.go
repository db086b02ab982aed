// The answer's way over a Link: its header, and its content flight by flight.
package live

import (
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// arrives plays an answer's travel; at is when its first byte came, and so when it
// left the far end.
func (x *exchange) arrives(resp *sim.Response, at sim.Time) {
	l := x.link
	if x.written {
		resp.Late, resp.Waited = max(0, x.conn.wrote().Sub(x.due)), x.begun.Sub(x.taken)
		late(l.Out, resp.Late)
		if l.costs != nil {
			l.costs.exchanges = append(l.costs.exchanges, at.Sub(x.due))
		}
		l.busy = at
		at = max(at.Add(-x.early), x.reach)
	}
	x.timer.Stop()
	x.near, x.resp, x.left = answered, resp, at
	x.comeBack(at)
	if now := l.node.engine.Now(); x.headed && x.resp != nil && x.arrival <= now { // there is no way
		x.timer.Stop()
		x.deliver()
	}
}

func (x *exchange) returns() { x.comeBack(x.link.node.engine.Now()) }

// comeBack lets the answer leave the far end.
func (x *exchange) comeBack(now sim.Time) {
	l := x.link
	if l.net.Cut(network.Back) {
		x.hold(&x.timer, x.left, x.onReturn)
		return
	}
	n := contentOf(x.req, x.resp)
	if x.conn == nil || n == 0 || x.last.cause != sim.OK {
		x.headerAlone(now)
		return
	}
	x.size, x.total = n, network.Segments(n, l.limits.Secure())
	l.net.Load(&x.down, network.Back, x.req, x.total)
	x.flight(now)
}

// contentOf is how many bytes of content an answer brings along, as far as that is
// known.
func contentOf(req *sim.Request, r *sim.Response) int64 {
	if req.Method == http.MethodHead || r.Status < 200 || bodiless(r.Status) {
		return 0
	}
	return max(0, r.Size)
}

// downward is the flow of the answer, or of a connection that never stood.
func (x *exchange) downward() *network.Flow {
	if x.conn == nil {
		return &network.Flow{}
	}
	return &x.conn.down
}

// headerAlone sends a header with nothing behind it that could be counted.
func (x *exchange) headerAlone(now sim.Time) {
	x.flown = x.link.net.Back(now, x.downward(), x.req)
	if x.tap != nil {
		x.tap.open()
	}
	x.departs(now, x.flown)
}

// departs tells of the header's way and has it arrive.
func (x *exchange) departs(now, arrives sim.Time) {
	l := x.link
	x.headed, x.arrival = true, arrives
	if x.req.Traced() {
		l.tell.Returns(x.req, now, x.resp, arrives.Sub(now))
	}
	x.timer = l.node.engine.At(arrives, x.onDeliver)
}

func (x *exchange) flies() { x.flight(x.link.node.engine.Now()) }

// flight sends what the window allows of the answer's content, the header with the
// first of it. On a quiet path nothing can come between the flights of a
// connection that carries one request: they are worked out at once.
func (x *exchange) flight(now sim.Time) {
	l := x.link
	switch {
	case l.net.Cut(network.Back) || x.headed && l.net.Cut(network.Out): // no acknowledgement gets through
		x.hold(&x.tail, now, x.onFlight)
		return
	case x.last.cause != sim.OK: // what has not left never will
		if !x.headed {
			x.headerAlone(now)
		}
		return
	}
	flow := &x.conn.down
	fl := l.net.Send(flow, &x.down, now)
	header, some := fl.First, fl.Ready > 0
	x.pour(now, &fl)
	for l.net.Quiet() && l.conns.Streams <= 1 && !fl.Done() {
		left := fl.Next
		fl = l.net.Send(flow, &x.down, left)
		x.pour(left, &fl)
	}
	if fl.Done() {
		x.flown = fl.Last
	} else {
		x.tail = l.node.engine.At(fl.Next, x.onFlight)
	}
	if some && !x.headed {
		x.stretch(header)
		x.departs(x.down.Began(), header)
	}
	if fl.Done() && x.last.known {
		x.ended()
	}
}

// ended has the content's end seen when all of it has arrived.
func (x *exchange) ended() {
	x.tail = x.link.node.engine.At(x.flown, x.onLast)
	if x.buffer != nil { // behind it, so that no reader is done before the node knows when
		x.buffer.end(x.last.cause, x.flown)
	}
}

// stretch makes an answer that came whole one whose content comes later than its
// header, when it does.
func (x *exchange) stretch(header sim.Time) {
	if x.body != nil {
		return
	}
	size := x.resp.Size
	if x.flown == header {
		if x.whole != nil {
			x.buffer.end(sim.OK, header)
			x.whole.end.End(sim.OK, size)
		}
		return
	}
	if x.whole != nil {
		x.body = x.whole.end
		x.body.Abandoned = x.onCancel
	} else {
		x.body = &sim.Transfer{Length: size, Abandoned: x.onCancel}
		x.resp.Body = x.body
	}
	x.last = ending{at: x.left, n: size, known: true}
}

// pour lets what a flight makes readable be read.
func (x *exchange) pour(leaves sim.Time, fl *network.Flight) {
	x.poured += fl.Ready
	switch {
	case x.tap != nil:
		upTo := x.size
		if x.poured < x.total {
			upTo = upTo * x.poured / x.total
		}
		x.tap.pour(upTo, leaves, fl.First, fl.Last)
	case x.whole != nil && fl.Ready > 0:
		n := int64(len(x.data))
		if !fl.Done() {
			n = min(n, fl.Ready*network.MSS)
		}
		x.buffer.write(x.data[:n:n], fl.Last)
		x.data = x.data[n:]
	}
}

// comesDue is the header's arrival at the asker.
func (x *exchange) comesDue() {
	late(x.link.In, x.link.node.wall.Now().Sub(x.arrival))
	x.deliver()
}

func (x *exchange) deliver() {
	resp, use := x.resp, x.use
	x.resp = nil
	if x.body == nil {
		x.finish(resp)
		return
	}
	if x.req.Traced() {
		x.link.tell.Header(x.req, resp)
	}
	x.near = streaming
	x.reply(resp)
	if x.use == use && x.last.early { // else who got it has cancelled
		x.endBody()
	}
}

// ends takes the content's end to the asker; at is when it left the far end.
func (x *exchange) ends(c sim.Cause, n int64, at sim.Time) {
	l := x.link
	x.last = ending{at: at, cause: c, n: n, known: true}
	switch {
	case c != sim.OK:
		x.tail.Stop()
		if x.flown == sim.Never {
			x.flown = at
		}
		if !x.headed && !l.net.Cut(network.Back) {
			x.timer.Stop()
			x.headerAlone(at)
		}
	case x.body.Length < 0 && n > 0: // only now it is known how much there was to send
		x.total = network.Segments(n, l.limits.Secure())
		l.net.Load(&x.down, network.Back, x.req, x.total)
		x.flown, x.tap = sim.Never, nil
		x.flight(at)
		return
	}
	if x.flown != sim.Never {
		x.end(at)
	}
}

func (x *exchange) tails() { x.end(x.link.node.engine.Now()) }

// end is the end of a content of which all has left: it arrives behind that.
func (x *exchange) end(now sim.Time) {
	l := x.link
	switch {
	case x.last.cause == sim.OK && l.net.Rides(now, x.flown):
	case l.net.Cut(network.Back):
		x.hold(&x.tail, x.last.at, x.onTail)
		return
	default:
		x.flown = max(x.flown, l.net.Back(now, x.downward(), x.req))
	}
	x.ended()
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
		x.link.tell.Arrived(x.req, end.cause, end.n, &x.down)
	}
	x.settle(end.cause == sim.OK)
	body.End(end.cause, end.n)
}
