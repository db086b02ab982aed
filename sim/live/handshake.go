// handshake: the two ends of a new connection agree on TLS over the path: each
// flight takes its time.
package live

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// flights is a connection whose two ends shake hands: a flight that is written
// is held for its travel, and the answer is read as much later than it came. The
// last flight travels with the first request, and from then on who uses the
// connection plays the travel.
type flights struct {
	net.Conn
	link   *Link
	stamps stamper  // nil: nobody tells when bytes arrive
	asked  bool     // a flight has left, and nothing of its answer was read: the handshake's goroutine alone
	now    sim.Time // when the last flight was due here, and the next one leaves: what this end takes to compute passes while that is held
	open   atomic.Bool
	timed  bool     // whoever reads from then on asks when that came: set before they do
	came   sim.Time // when the last read's bytes did; theirs alone

	mu   sync.Mutex // protects what follows, and keeps writes in their order
	held []byte
	sent int64 // bytes that have gone out

	// Of the last flight, under the node's mutex:
	due   sim.Time      // when it should have been written
	reach sim.Time      // when it is at the far end
	early time.Duration // of due before that
}

// handshake plays a handshake that begins now; done is called within the node, with
// the time at which its last flight was due here.
func (l *Link) handshake(nc net.Conn, c *tls.Config, done func(c *conn, at sim.Time, err error)) {
	nc = clocked(fast(nc))
	f := &flights{Conn: nc, link: l, now: l.node.engine.Now()}
	f.stamps, _ = nc.(stamper)
	go func() {
		s := &secured{tls.Client(f, c), nc}
		err := s.Handshake()
		f.open.Store(true)
		var many *session
		if err == nil {
			many, err = l.speak(s, f, c.NextProtos[0])
		}
		if err != nil {
			nc.Close()
		}
		l.node.Do(func() {
			switch {
			case err != nil:
				done(nil, f.now, err)
			case many != nil:
				done(many.join(l, s), f.now, nil)
			default:
				done(newConn(l, s), f.now, nil)
			}
		})
	}()
}

// speak begins the protocol that was asked for, if the far end has agreed to it:
// HTTP/2 with a session.
func (l *Link) speak(s *secured, f *flights, proto string) (*session, error) {
	switch agreed := s.ConnectionState().NegotiatedProtocol; {
	case agreed != proto && (agreed != "" || proto != protoHTTP1):
		return nil, errProto
	case proto == protoHTTP2:
		return newSession(s, f)
	}
	return nil, nil
}

var errProto = errors.New("live: the far end does not speak the protocol that was asked for")

// Write holds a flight, or sends what is still held in front of p.
func (f *flights) Write(p []byte) (int, error) {
	f.mu.Lock()
	if f.open.Load() && len(f.held) == 0 {
		f.mu.Unlock()
		return f.Conn.Write(p)
	}
	f.held = append(f.held, p...)
	upTo := f.sent + int64(len(f.held))
	f.mu.Unlock()
	if f.open.Load() {
		return len(p), f.release(upTo)
	}
	f.asked = true
	n := f.link.node
	n.Do(func() {
		f.early = f.link.half(f.link.base.Shake)
		f.link.carry(network.Out, f.now, f.now, f.early, func(reach sim.Time) {
			f.due, f.reach = n.engine.Now(), reach
			n.Later(func() { _ = f.release(upTo) }) // a failure shows at the reader
		})
	})
	return len(p), nil
}

// release sends what is held, up to a byte.
func (f *flights) release(upTo int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := upTo - f.sent
	if n <= 0 {
		return nil // a later flight took it along
	}
	ready := f.held[:n]
	f.held, f.sent = f.held[n:], upTo
	if len(f.held) == 0 {
		f.held = nil
	}
	_, err := f.Conn.Write(ready)
	return err
}

// Read gives what comes, the first of each flight when it has travelled: the rest
// of a flight came with it.
func (f *flights) Read(p []byte) (int, error) {
	switch {
	case f.timed:
		read, at, err := f.arrival(p)
		f.came = at
		return read, err
	case f.open.Load() || !f.asked:
		return f.Conn.Read(p)
	}
	f.asked = false
	n, here := f.link.node, make(chan struct{})
	read, at, err := f.arrival(p)
	n.Do(func() {
		if c := f.link.costs; c != nil {
			c.shakes = append(c.shakes, at.Sub(f.due))
		}
		at = max(at.Add(-f.early), f.reach)
		f.link.carry(network.Back, at, at, 0, func(sim.Time) {
			f.now = n.engine.Now()
			close(here)
		})
	})
	select {
	case <-here:
		return read, err
	case <-n.done:
		return 0, net.ErrClosed
	}
}

// arrival reads, and returns when what it read arrived.
func (f *flights) arrival(p []byte) (read int, at sim.Time, err error) {
	wall := f.link.node.wall
	if f.stamps != nil {
		f.stamps.ask()
	}
	read, err = f.Conn.Read(p)
	at = wall.Now()
	if f.stamps != nil {
		if ago, known := f.stamps.arrived(); known {
			at = at.Add(-wall.Scenario(ago))
		}
	}
	return read, at, err
}

// carry has arrive called when what set out at a time has travelled, or so much
// before, with the time when it has; a cut holds it until it is sent again.
func (l *Link) carry(d network.Direction, first, now sim.Time, early time.Duration, arrive func(at sim.Time)) {
	engine := l.node.engine
	if !l.net.Cut(d) {
		at := now.Add(l.net.OneWay())
		engine.At(max(engine.Now(), at.Add(-early)), func() { arrive(at) })
		return
	}
	l.net.Hold(func(healed sim.Time) {
		again := max(engine.Now(), l.net.Retransmitted(first, healed))
		engine.At(again, func() { l.carry(d, first, again, early, arrive) })
	})
}

// faultOf is why a handshake failed: the far end went away, or what it said could
// not be believed.
func faultOf(err error) sim.Cause {
	for _, gone := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, gone) {
			return sim.Reset
		}
	}
	return sim.Malformed
}
