// duplex: a connection that has switched to messages, in virtual time.
package virtual

import (
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// duplex is the near end's Channel of an exchange whose answer is one: it takes a
// message to the host's and its answer back.
type duplex struct {
	*sim.Transfer
	x       *exchange
	use     uint32
	far     sim.Channel
	pending sim.Pending
}

var _ sim.Channel = (*duplex)(nil)

// switched makes the content that the near end gets a Channel where the host's is.
func (x *exchange) switched(source sim.Body) sim.Body {
	far, ok := source.(sim.Channel)
	if !ok {
		return x.body
	}
	x.upgraded = true
	d := &duplex{Transfer: x.body, x: x, use: x.use, far: far}
	d.OnEnd(func(sim.Cause, int64) { d.pending.Fail(sim.Truncated) })
	return d
}

// live reports whether the connection still is the exchange's, at both ends.
func (d *duplex) live() bool {
	x := d.x
	return x.use == d.use && x.near == streaming && x.far == sending
}

// Serve implements sim.Handler.
func (d *duplex) Serve(req *sim.Request, reply func(*sim.Response)) {
	if d.Ended() {
		reply(sim.Fail(sim.Reset))
		return
	}
	d.send(d.pending.Add(req, reply), d.x.way.clock.Now())
}

// send sends a message that was first sent at a time.
func (d *duplex) send(m *sim.Message, first sim.Time) {
	x, l := d.x, d.x.way
	if !d.live() {
		return // its end is on its way, and fails the message
	}
	if l.net.Cut(network.Out) {
		l.net.Hold(func(healed sim.Time) {
			l.world.Engine.At(l.net.Retransmitted(first, healed), func() { d.send(m, first) })
		})
		return
	}
	at := l.net.Out(l.world.Engine.Now(), x.upward(), &m.Request)
	l.world.Engine.After(l.until(at), func() { d.arrive(m) })
}

// arrive is a message's arrival at the host; one that hangs takes it in when it runs
// on.
func (d *duplex) arrive(m *sim.Message) {
	h := d.x.way.to
	switch {
	case !d.live() || !h.up(d.x.conn.life):
	case h.life.Held():
		h.life.After(0, func() { d.arrive(m) })
	default:
		d.far.Serve(&m.Request, func(resp *sim.Response) { d.replied(m, resp) })
	}
}

// replied is the host's answer, on its way back when the cores are done with it: a
// proxy passes messages on, and reads nothing of them.
func (d *duplex) replied(m *sim.Message, resp *sim.Response) {
	x, l := d.x, d.x.way
	if !d.live() {
		return
	}
	if resp.Cause != sim.OK && resp.Status == 0 {
		l.clock.After(l.net.OneWay(), func() { m.Answer(sim.Fail(resp.Cause)) })
		return
	}
	leaves := l.to.passes(d.far, resp.Size)
	if x.conn.line() != nil {
		leaves = x.served(resp.Size)
	}
	d.back(m, resp, leaves)
}

func (d *duplex) back(m *sim.Message, resp *sim.Response, leaves sim.Time) {
	x, l := d.x, d.x.way
	if !d.live() {
		return
	}
	if l.net.Cut(network.Back) {
		l.net.Hold(func(healed sim.Time) {
			at := l.net.Retransmitted(leaves, healed)
			l.world.Engine.At(at, func() { d.back(m, resp, at) })
		})
		return
	}
	at := l.net.Back(max(leaves, l.world.Engine.Now()), x.downward(), &m.Request)
	l.clock.After(l.until(at), func() {
		if d.live() || x.use == d.use && x.near == streaming {
			m.Answer(resp)
		}
	})
}

// passes returns when a message's answer can set out from a host: one that another
// Channel has brought is passed on.
func (h *Host) passes(from sim.Channel, n int64) sim.Time {
	c := &h.world.Costs
	if _, proxied := from.(*duplex); proxied {
		return h.work(c.Relay + h.content(c.RelayMB, n, false))
	}
	return h.served(n, false)
}
