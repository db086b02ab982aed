// The request's way over a Link: its head's travel, the flights of its content,
// and its writing.
package live

import (
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// ask lets the request go, over a connection that was open at a time.
func (x *exchange) ask(open sim.Time) {
	x.near, x.begun = asking, open
	x.leaveAt(open)
}

func (x *exchange) leave() { x.leaveAt(x.link.node.engine.Now()) }

func (x *exchange) leaveAt(now sim.Time) {
	l := x.link
	if l.net.Cut(network.Out) {
		x.hold(&x.timer, x.begun, x.onLeave)
		return
	}
	x.conn.head.Store(x.req.Method == "HEAD")
	at := l.net.Out(now, &x.conn.up, x.req)
	if x.req.Traced() {
		l.tell.LeavesAt(x.req, now, at.Sub(now))
	}
	if segments := network.Segments(x.req.Size, l.limits.Secure()); segments > 0 {
		l.net.Load(&x.up, network.Out, x.req, segments)
		x.upload()
		return
	}
	x.travel(at)
}

// upload sends what the window allows of the request's content. The request is at
// the far end when all of it is: it is written then, as a whole.
func (x *exchange) upload() {
	l := x.link
	engine := l.node.engine
	if l.net.Cut(network.Out) || l.net.Cut(network.Back) {
		x.hold(&x.timer, engine.Now(), x.onUpload)
		return
	}
	fl := l.net.Send(&x.conn.up, &x.up, engine.Now())
	if !fl.Done() {
		x.timer = engine.At(fl.Next, x.onUpload)
		return
	}
	x.travel(fl.Last)
}

// travel has the request written when it arrives.
func (x *exchange) travel(at sim.Time) {
	engine := x.link.node.engine
	x.travels, x.reach = true, at
	x.early = x.link.early(engine.Now())
	at = at.Add(-x.early)
	if at <= engine.Now() {
		x.send()
		return
	}
	x.timer = engine.At(at, x.onSend)
}

// send writes the request, once the node is free.
func (x *exchange) send() {
	l, c, req := x.link, x.conn, x.req
	x.travels = false
	x.due = l.node.engine.Now()
	if req.Traced() {
		l.tell.Reaches(req)
	}
	if x.near == over {
		if !c.closed {
			c.send(req)
		}
		x.release()
		return
	}
	if c.dead { // it broke on its way
		x.arrives(sim.Fail(sim.Reset), x.due)
		return
	}
	x.written = true
	c.send(req)
}
