// conn: one relayed connection, from the first packet to the last.
package fabric

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// conn joins who dialled (near) and the target (far). On a plain listener the
// system has accepted before the relay knows of it, so the connection stands at
// once; what the handshake would have taken, the first bytes wait instead: they
// leave one round trip after the connection was accepted. A client of the CONNECT
// proxy waits for its answer, and so finds even the connecting as long as it is.
type conn struct {
	relay *Relay
	id    uint64
	near  side
	far   side
	out   line // near to far
	back  line

	target  netip.AddrPort   // being tried
	targets []netip.AddrPort // still to be tried
	sent    sim.Time         // when the first SYN set out
	deaf    bool             // SYNs get no answer now
	stands  sim.Time         // when who dialled knows that the connection stands
	timer   sim.Timer        // of the attempt
	giveUp  sim.Timer
	proxy   *proxy // nil: a plain connection
	over    bool
}

// side is one end of a conn.
type side struct {
	conn  *conn
	sock  socket // nil: there is none yet
	open  bool   // it is connected
	reads *line  // what comes from here
	gives *line  // what goes here

	readable, writable, ended, broken bool
}

// synTimeout is when an attempt gives up: six SYNs more, after 1, 2, 4 … s, and the
// wait after the last (Linux, tcp_syn_retries).
const synTimeout = 127 * time.Second

func newConn(r *Relay, id uint64, s socket) *conn {
	c := &conn{relay: r, id: id, targets: r.Target}
	c.out.init(c, &c.near, &c.far, network.Out)
	c.back.init(c, &c.far, &c.near, network.Back)
	c.near = side{conn: c, sock: s, open: true, reads: &c.out, gives: &c.back}
	c.far = side{conn: c, reads: &c.back, gives: &c.out}
	return c
}

// begin begins with a connection that was just accepted.
func (c *conn) begin() {
	if len(c.targets) == 0 {
		c.proxy = newProxy(c)
	}
	if err := c.near.sock.watch(&c.near); err != nil {
		c.relay.Trouble(fmt.Errorf("fabric: cannot watch a connection: %w", err))
		c.drop(true)
		return
	}
	if c.proxy == nil {
		c.attempt(c.relay.loop.Clock())
	}
}

// attempt sends the SYN.
func (c *conn) attempt(sent sim.Time) {
	c.sent = sent
	c.giveUp = c.relay.loop.engine.At(sent.Add(synTimeout), func() { c.fail(errors.New("the connection attempt timed out")) })
	c.travel(sent)
}

// travel has a SYN that leaves at a time arrive, unless nothing gets through.
func (c *conn) travel(leaves sim.Time) {
	link := c.relay.link
	if c.deaf = link.Deaf(); c.deaf {
		return
	}
	arrives := leaves.Add(link.Connect(&sim.Request{ID: c.id}))
	c.stands = arrives.Add(link.OneWay())
	c.timer = c.relay.loop.engine.At(arrives, c.dial)
}

// changed looks again at what held the connection up.
func (c *conn) changed(now sim.Time) {
	if c.deaf && !c.relay.link.Deaf() {
		c.travel(c.relay.link.Reconnected(c.sent, now))
	}
	c.out.healed(now)
	c.back.healed(now)
}

// dial connects to the target, when the SYN is there.
func (c *conn) dial() {
	if c.relay.link.Changed().Reset {
		c.fail(errors.New("the link resets connections"))
		return
	}
	c.target, c.targets = c.targets[0], c.targets[1:]
	s, err := c.relay.loop.system.dial(c.relay.loop, c.target)
	if err == nil {
		if err = s.watch(&c.far); err != nil {
			s.close(false)
		} else {
			c.far.sock = s
			return
		}
	}
	c.refused(err)
}

// refused tries the next target, or fails.
func (c *conn) refused(err error) {
	c.far = side{conn: c, reads: &c.back, gives: &c.out}
	if len(c.targets) > 0 {
		c.dial()
		return
	}
	c.fail(fmt.Errorf("%v: %w", c.target, err))
}

// fail ends an attempt: one way later who dialled is told.
func (c *conn) fail(why error) {
	c.giveUp.Stop()
	c.timer.Stop()
	c.relay.stats.Failed++
	if c.proxy != nil {
		c.proxy.fail(why)
		return
	}
	c.relay.Trouble(fmt.Errorf("fabric: cannot connect to the target: %w", why))
	c.back.reset()
}

// connected is told how dialling ended.
func (c *conn) connected() {
	if err := c.far.sock.fault(); err != nil {
		c.far.sock.close(false)
		c.refused(err)
		return
	}
	c.giveUp.Stop()
	c.far.open = true
	if c.proxy != nil {
		c.proxy.connected()
		return
	}
	c.start()
}

// start lets bytes pass: from who dialled once they know that the connection
// stands, from who accepted one way later, when their accept returns.
func (c *conn) start() {
	c.out.open(c.stands)
	c.back.open(c.stands.Add(c.relay.link.OneWay()))
}

// ready implements watcher.
func (s *side) ready(what ready) {
	s.readable = s.readable || what&readable != 0
	s.writable = s.writable || what&writable != 0
	s.ended = s.ended || what&ended != 0
	c := s.conn
	if !s.open {
		if what&writable != 0 {
			c.connected()
		}
		return
	}
	if what&broken != 0 && s.sock.fault() != nil {
		c.broke(s)
		return
	}
	if c.proxy != nil && c.proxy.head != nil {
		c.proxy.read()
		return
	}
	if s.gives.arrived > 0 || s.gives.finAt != sim.Never {
		s.gives.step()
	}
	s.reads.step()
}

// read takes what is there, up to the length of p.
func (s *side) read(p []byte) (int, sim.Time, error) {
	n, at, err := s.sock.read(p)
	// Less than asked for: there is no more, and a watcher is told of what comes. But of
	// an end that was told already nobody will be told again.
	if err != nil || n < len(p) && !s.ended {
		s.readable = false
	}
	return n, at, err
}

func (s *side) write(p []byte) (int, error) {
	n, err := s.sock.write(p)
	if n < len(p) {
		s.writable = false
	}
	return n, err
}

// takes reports whether bytes can be written.
func (s *side) takes() bool { return s.open && s.writable && !s.broken }

// broke is told that an end's connection broke: the other end learns of it one way
// later, behind what is under way to it, and what was for this one is dropped.
func (c *conn) broke(s *side) {
	if s.broken || c.over {
		return
	}
	s.broken, s.readable, s.writable = true, false, false
	if s == &c.near && !c.far.open { // nobody is there who could be told
		c.drop(true)
		return
	}
	s.gives.drop()
	s.reads.reset()
}

// finished ends the connection when both directions have.
func (c *conn) finished() {
	if c.out.done && c.back.done {
		c.drop(false)
	}
}

// drop ends the connection now.
func (c *conn) drop(reset bool) {
	if c.over {
		return
	}
	c.over = true
	c.timer.Stop()
	c.giveUp.Stop()
	if c.proxy != nil {
		c.proxy.timer.Stop()
	}
	for _, s := range []*side{&c.near, &c.far} {
		s.readable, s.writable = false, false
		if s.sock != nil {
			s.sock.close(reset)
		}
	}
	c.out.drop()
	c.back.drop()
	c.relay.gone(c)
}
