// messages: a Link's end of a connection that has switched to messages.
package live

import (
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// messages is the Channel of an answer that came over a Link. It belongs to the
// node; the connection's reader reads what comes.
type messages struct {
	*sim.Transfer
	x       *exchange
	use     uint32
	conn    *conn
	words   words
	pending sim.Pending
}

var _ sim.Channel = (*messages)(nil)

// switches hands on an answer that switches the connection, and reads messages until
// it ends.
func (c *conn) switches(resp *sim.Response, w words, at sim.Time) bool {
	resp.Size = -1
	m := &messages{conn: c, words: w}
	c.begin(-1)
	u, ok := c.come(true, at, func(x *exchange) *sim.Response {
		m.Transfer, m.x, m.use = x.streams(c.tap, -1), x, x.use
		m.OnEnd(func(sim.Cause, int64) { m.pending.Fail(sim.Truncated) })
		resp.Body = m
		return resp
	})
	if !ok {
		return false
	}
	cause := m.read()
	u.ends(cause, 0, func() {})
	return false
}

// read takes messages until the far end closes the connection or breaks it.
func (m *messages) read() sim.Cause {
	n := m.conn.link.node
	for {
		f, err := m.words.read(m.conn.br)
		at := n.wall.Now()
		switch {
		case err != nil:
			return sim.Truncated
		case f.op == frameClose:
			return sim.OK
		case f.op == frameBinary:
			id, failed := f.message()
			n.Do(func() { m.came(id, failed, int64(len(f.data)), at) })
		}
	}
}

// live reports whether the connection still is the exchange's.
func (m *messages) live() bool { return m.x.use == m.use && m.x.near == streaming }

// came is an answer's arrival in this process; it is here when it has travelled.
func (m *messages) came(id uint64, failed bool, size int64, at sim.Time) {
	l := m.conn.link
	msg := m.pending.Find(id)
	if msg == nil || m.x.use != m.use {
		return
	}
	if l.net.Cut(network.Back) {
		l.net.Hold(func(healed sim.Time) {
			again := max(l.node.engine.Now(), l.net.Retransmitted(at, healed))
			l.node.engine.At(again, func() { m.came(id, failed, size, again) })
		})
		return
	}
	resp := sim.Answer(http.StatusOK, nil, size)
	if failed {
		resp = sim.Answer(http.StatusServiceUnavailable, nil, size)
	}
	due := l.net.Back(at, &m.conn.down, &msg.Request).Add(-l.half(l.base.Hot))
	l.node.engine.At(max(due, l.node.engine.Now()), func() { msg.Answer(resp) })
}

// Serve implements sim.Handler.
func (m *messages) Serve(req *sim.Request, reply func(*sim.Response)) {
	if m.Ended() {
		reply(sim.Fail(sim.Reset))
		return
	}
	m.send(m.pending.Add(req, reply), m.conn.link.node.engine.Now())
}

// send has a message written when it has travelled.
func (m *messages) send(msg *sim.Message, first sim.Time) {
	l := m.conn.link
	engine := l.node.engine
	if !m.live() {
		return // its end fails the message
	}
	if l.net.Cut(network.Out) {
		l.net.Hold(func(healed sim.Time) {
			engine.At(max(engine.Now(), l.net.Retransmitted(first, healed)), func() { m.send(msg, first) })
		})
		return
	}
	due := l.net.Out(engine.Now(), &m.conn.up, &msg.Request).Add(-l.half(l.base.Hot))
	text := m.words.message(msg.ID, false, msg.Size, true)
	engine.At(max(due, engine.Now()), func() {
		if m.live() {
			l.node.Later(func() { _, _ = m.conn.nc.Write(text) }) // a failure shows at the reader
		}
	})
}
