// line: a connection that has come to a relay, in virtual time.
package virtual

import (
	"net/http"
	"slices"

	"cdnlab/sim"
)

// line is a connection that a relay passes on: this end of it is the relay's, and
// a tunnel, once it is open, the other.
type line struct {
	host   *Host
	of     *Link // of who has connected
	req    sim.Request
	scope  sim.Scope
	tunnel *tunnel  // nil: not open yet
	stands sim.Time // when who has connected knows that it is
	closed bool     // by either end
	at     sim.Time // when

	waiting []heldBack // requests that have come before it was open
	shaking *handshake // nil: there is none, or it has ended
	early   bool       // it has come before it was open
}

// pass has the relay that the exchange's new connection has come to pass it on.
func (x *exchange) pass() {
	h := x.way.to
	h.passed()
	ln := &line{host: h, of: x.link, stands: h.world.Engine.Now().Add(x.way.net.OneWay())}
	ln.req = sim.Request{ID: x.req.ID, Attempt: x.req.Attempt, Trace: x.req.Trace, Method: http.MethodConnect, Addr: x.way.peer.Local, Scope: &ln.scope}
	x.conn.end = &end{life: h.life, shared: x.conn.shared, line: ln}
	if h.life.Held() {
		h.life.After(0, ln.begin)
		return
	}
	ln.begin()
}

func (ln *line) begin() { ln.host.node.Serve(&ln.req, ln.replied) }

// replied is the relay's answer.
func (ln *line) replied(resp *sim.Response) {
	t, open := resp.Body.(*tunnel)
	switch {
	case !open:
		ln.close()
	case ln.closed: // who asked has gone
		t.Abandon(sim.Cancelled)
	default:
		ln.tunnel = t
		t.carries(ln.of)
		t.OnEnd(func(sim.Cause, int64) { ln.close() })
		held := ln.waiting
		ln.waiting = nil
		if x := ln.shaker(); x != nil && ln.early {
			t.shake(x)
		}
		for _, w := range held {
			ln.Serve(w.req, w.reply)
		}
	}
}

// heldBack is a request that the connection's far end is not open for yet.
type heldBack struct {
	req   *sim.Request
	reply func(*sim.Response)
}

// Serve takes a request that has come to the far end.
func (ln *line) Serve(req *sim.Request, reply func(*sim.Response)) {
	switch {
	case ln.closed:
		reply(sim.Fail(sim.Reset))
	case ln.tunnel == nil:
		ln.waiting = append(ln.waiting, heldBack{req, reply})
	default:
		ln.tunnel.Serve(req, reply)
	}
}

// awaits is told that a TLS handshake is to come, and reports whether it can: who
// has connected waits for an answer from the moment that the connection stands, and
// hears of it then when it is closed.
func (ln *line) awaits(x *exchange) bool {
	if ln.closed {
		x.answer(sim.Fail(sim.Reset), ln.stands)
		return false
	}
	ln.shaking = &handshake{x, x.use}
	return true
}

// shaker is the exchange whose handshake is not done; nil when there is none.
func (ln *line) shaker() *exchange {
	if s := ln.shaking; s != nil && s.x.use == s.use && s.x.near == connecting {
		return s.x
	}
	return nil
}

// shake takes a TLS handshake that has come to the far end.
func (ln *line) shake(x *exchange) {
	if ln.early = ln.tunnel == nil; !ln.early {
		ln.tunnel.shake(x)
	}
}

// close is the end of the connection, by the relay or the far end: what is under
// way on it is lost.
func (ln *line) close() {
	if ln.closed {
		return
	}
	h := ln.host
	ln.closed, ln.at = true, h.world.Engine.Now()
	held := ln.waiting
	ln.waiting = nil
	for _, w := range held {
		w.reply(sim.Fail(sim.Reset))
	}
	if x := ln.shaker(); x != nil {
		x.timer.Stop()
		x.answer(sim.Fail(sim.Reset), max(ln.at, ln.stands))
	}
	h.life.After(0, ln.cut) // what ends by itself meanwhile is over then
}

// cut ends what is under way on a connection that is closed.
func (ln *line) cut() {
	for _, x := range slices.Clone(ln.host.open.list) {
		if x.conn.line() == ln && x.far != away {
			x.hungUp(sim.Reset)
		}
	}
}

// hungUp is the relay's discovery that who has connected has closed the
// connection.
func (ln *line) hungUp() {
	if ln.closed {
		return
	}
	ln.closed, ln.at = true, ln.host.world.Engine.Now()
	if ln.tunnel != nil {
		ln.tunnel.Abandon(sim.Cancelled)
		return
	}
	ln.scope.Cancel(sim.Cancelled)
}

// hangUp tells a relay that a connection to it is closed; others find nothing in
// that to do.
func (w *way) hangUp(c conn) {
	if ln := c.line(); ln != nil && !ln.closed {
		w.closes(c.life, ln.hungUp)
	}
}

// hasEnded reports whether who has connected knows that the relay has closed the
// connection.
func (w *way) hasEnded(ln *line) bool {
	return ln.closed && w.world.Engine.Now() >= ln.at.Add(w.net.OneWay())
}
