// exchange: one request's way over a Link, from waiting for a connection to the
// end of its answer. It is used again for other requests.
package live

import (
	"net"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// exchange is one request on a link, at the asker's end. It plays the same steps
// at the same times as the virtual world's; the far end is real.
//
// Goroutines and held flights that may still call it hold the number of its use
// and compare.
type exchange struct {
	way   *way
	link  *Link
	req   *sim.Request
	reply func(*sim.Response)
	use   uint32 // which use of the exchange this is

	near    nearStage
	travels bool          // the request will be written, whatever becomes of the asker
	written bool          // it was, or is about to be
	conn    *conn         // nil: none yet
	taken   sim.Time      // when the request came to the link
	begun   sim.Time      // when the opening of a connection began, then the asking
	syn     sim.Time      // when the first packet of that arrived
	shakes  net.Conn      // a connection whose two ends are at the TLS handshake
	due     sim.Time      // when the request should be written
	reach   sim.Time      // when it is at the far end
	early   time.Duration // of due before that

	up, down network.Content
	resp     *sim.Response // on its way back
	left     sim.Time      // when it left the far end
	headed   bool          // its header's arrival is known
	flown    sim.Time      // when the last of its content arrives; Never: not all has left
	whole    *content      // its content, when that came with the header
	data     []byte        // what of the whole has not left yet
	buffer   *Buffer       // where its bytes go; nil: nobody keeps them
	tap      *tap          // by which the connection's reader takes the content; nil: it is here
	body     *sim.Transfer // while the content is still coming
	last     ending        // of the content
	size     int64         // of the content, in bytes
	total    int64         // likewise, in segments
	poured   int64         // of them those that can be read
	arrival  sim.Time      // of the header, when headed

	timer  sim.Timer // brings the next step
	tail   sim.Timer // brings the content's next flight, or its end
	cancel sim.Hook
	waiter network.Waiter[*conn]
	tunnel *tunnel // that it opens, and carries nothing; nil: it is a request's

	onCancel                                  func(sim.Cause)
	onSYN, onAgain, onOpen, onUnable, onLeave func()
	onUpload, onSend                          func()
	onReturn, onFlight, onDeliver             func()
	onTail, onLast                            func()
}

// nearStage is how far the asker's end has come.
type nearStage uint8

const (
	free       nearStage = iota // nobody's
	waiting                     // for a connection
	connecting                  // handshake under way
	asking                      // request on its way or at the far end
	answered                    // header on its way
	streaming                   // header delivered, content still coming
	over                        // the asker has its answer or has cancelled
)

// ending is the end of a content.
type ending struct {
	at    sim.Time // when it left the far end
	cause sim.Cause
	n     int64
	known bool // there is an end: what is behind that, no more is to come
	early bool // it overtook the header
}

func newExchange(w *way) *exchange {
	x := &exchange{way: w, flown: sim.Never}
	x.waiter.Ready, x.onCancel = x.ready, x.cancelled
	x.onSYN, x.onAgain, x.onOpen, x.onUnable = x.arrivedSYN, x.again, x.stands, x.unable
	x.onLeave, x.onUpload, x.onSend = x.leave, x.upload, x.send
	x.onReturn, x.onFlight, x.onDeliver = x.returns, x.flies, x.comesDue
	x.onTail, x.onLast = x.tails, x.lastByte
	return x
}

// begin takes on a request.
func (x *exchange) begin(l *Link, req *sim.Request, reply func(*sim.Response)) {
	x.near, x.link, x.req, x.reply = waiting, l, req, reply
	x.taken = l.node.engine.Now()
	x.cancel = req.Scope.OnCancel(x.onCancel)
}

// release makes the exchange ready for another request, once its asker is done
// with it and the request is written.
func (x *exchange) release() {
	if x.near != over || x.travels {
		return
	}
	x.use++
	x.near, x.written, x.headed, x.flown = free, false, false, sim.Never
	x.link, x.req, x.reply, x.conn = nil, nil, nil, nil
	x.resp, x.whole, x.data, x.buffer, x.tap, x.body = nil, nil, nil, nil, nil, nil
	x.last, x.poured, x.down, x.tunnel = ending{}, 0, network.Content{}, nil
	x.way.spare = append(x.way.spare, x)
}

// ready takes the connection it got, or opens one.
func (x *exchange) ready(c *conn, since sim.Time, warm bool) {
	if !warm {
		x.open()
		return
	}
	if x.req.Traced() {
		x.link.tell.Reuses(x.req)
	}
	x.take(c, since)
	x.ask(x.link.node.engine.Now())
}

// take makes a connection the exchange's, or one of its streams.
func (x *exchange) take(c *conn, since sim.Time) {
	l := x.link
	if c.many != nil {
		c = c.many.begin()
	}
	x.conn, c.x = c, x
	if c.lane != nil {
		return // its flows are others' too
	}
	l.flows(c, c.rested, since)
}

// hold keeps a flight that was sent into a cut and lets step try again when
// the sender does: the link may have been cut anew by then. The exchange may be
// another's by then, too.
func (x *exchange) hold(timer *sim.Timer, sent sim.Time, step func()) {
	l, use := x.link, x.use
	if x.req.Traced() {
		l.tell.Held(x.req)
	}
	l.net.Hold(func(healed sim.Time) {
		if x.use == use && x.near != over {
			*timer = l.node.engine.At(l.net.Retransmitted(sent, healed), step)
		}
	})
}

// finish ends the exchange with an answer that has come whole, or with none.
func (x *exchange) finish(resp *sim.Response) {
	reply := x.reply
	if x.req.Traced() {
		x.link.tell.Whole(x.req, resp)
	}
	x.settle(resp.Cause == sim.OK)
	reply(resp)
}

// settle gives the connection back, or up, and ends the asker's end.
func (x *exchange) settle(healthy bool) {
	l, c, near := x.link, x.conn, x.near
	if c != nil {
		c.x = nil
		if c.lane != nil {
			c.lane.on.leave(c)
		} else {
			c.rested = l.net.Rest(&c.up, &c.down) // before it is another's
		}
	}
	x.part()
	switch {
	case near <= waiting:
		return
	case healthy && !c.dead && !c.last && !c.uploading.Load():
		l.conns.Put(l.node.engine.Now(), c.carrier())
		return
	case c != nil && !c.parting:
		l.node.Later(c.close)
	}
	if c != nil && c.lane != nil { // others use the connection too
		l.conns.Put(l.node.engine.Now(), c.carrier())
		return
	}
	l.conns.Lost()
}

// part ends the asker's end: nothing will call it again.
func (x *exchange) part() {
	x.cancel.Drop()
	x.tail.Stop()
	if nc := x.shakes; nc != nil {
		x.shakes = nil
		x.link.node.Later(func() { nc.Close() })
	}
	if !x.travels {
		x.timer.Stop()
	}
	if x.tap != nil {
		x.tap.open() // whoever waits there finds out what became of the connection
	}
	x.near = over
	x.release()
}

// cancelled is the asker's change of mind: it is told at once, the far end one
// link delay later, by the close of the connection.
func (x *exchange) cancelled(cause sim.Cause) {
	reply, body, near := x.reply, x.body, x.near
	if near == waiting {
		x.link.conns.Leave(&x.waiter)
	}
	if x.req.Traced() {
		x.link.tell.Cancelled(x.req, cause, near == streaming)
	}
	x.hangUp(cause, false)
	x.settle(false)
	if near == streaming {
		body.End(cause, 0)
		return
	}
	reply(sim.Fail(cause))
}

// broken is the end of the connection in the middle of an exchange, by the path:
// each end is told that it was reset.
func (x *exchange) broken() {
	body, near := x.body, x.near
	x.hangUp(sim.Truncated, true)
	if near != streaming {
		x.finish(sim.Fail(sim.Reset))
		return
	}
	if x.req.Traced() {
		x.link.tell.End(x.req, sim.Truncated, 0)
	}
	x.settle(false)
	body.End(sim.Truncated, 0)
}

// hangUp takes the connection out of use, and closes it when the far end is to
// see that. A request that is on its way still gets there.
func (x *exchange) hangUp(cause sim.Cause, reset bool) {
	c := x.conn
	if x.travels {
		left := *x.req // the asker may use its own again
		x.req = &left
	}
	if x.buffer != nil && x.near == streaming {
		x.buffer.end(cause, x.link.node.engine.Now())
	}
	if c != nil {
		c.hangUp(reset)
	}
}
