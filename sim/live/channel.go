// channel: one direction of a tunnel, on a path that takes time.
package live

import (
	"errors"
	"io"
	"net"
	"sync/atomic"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// channel passes bytes on when they have travelled. Where there is no way, as in one
// machine room, they are written at once by who has read them.
type channel struct {
	tunnel *tunnel
	to     net.Conn
	d      network.Direction
	flow   *network.Flow
	ready  chan part // under way, in their order; nil: nothing has travelled yet
	under  atomic.Int32
	broken atomic.Bool   // nothing can be written any more
	sent   chan struct{} // closed when all has been delivered
}

// part is what travels together.
type part struct {
	data []byte   // nil: the direction's end
	at   sim.Time // when it is to be written
}

// channelRoom is how many pieces may be under way: more wait in the sender's kernel,
// as they would for a full window.
const channelRoom = 64

// take passes on what was read, and reports whether more is of use.
func (l *channel) take(p []byte) bool {
	if len(p) > 0 && l.under.Load() == 0 && l.tunnel.way.still.Load() {
		if _, err := l.to.Write(p); err != nil {
			l.broken.Store(true)
		}
		return !l.broken.Load()
	}
	if len(p) > 0 && !l.travel(append([]byte(nil), p...)) {
		return false
	}
	return !l.broken.Load()
}

// travel sends bytes on their way, as many at a time as the connection's window
// allows.
func (l *channel) travel(p []byte) bool {
	w := l.tunnel.way
	var content network.Content
	loaded := false
	first := w.node.wall.Now()
	for now := first; len(p) > 0; {
		if !l.open(first) {
			return false
		}
		n, at, next := len(p), sim.Time(0), sim.Never
		w.node.Do(func() {
			defer func() { at = at.Add(-w.half(w.base.Hot)) }()
			segments := network.Segments(int64(len(p)), false)
			now = max(now, w.node.engine.Now())
			if segments == 1 && !loaded { // as a head is
				at = w.head(l.d, now, l.flow, &l.tunnel.req)
				return
			}
			if !loaded {
				w.net.Load(&content, l.d, &l.tunnel.req, segments)
				loaded = true
			}
			fl := w.net.Send(l.flow, &content, now)
			at, next = fl.Last, fl.Next
			if !fl.Done() {
				n = min(n, int(fl.Ready)*network.MSS)
			}
		})
		if !l.give(part{p[:n:n], at}) {
			return false
		}
		p = p[n:]
		if len(p) > 0 {
			w.node.sleepUntil(next)
			now = next
		}
	}
	return true
}

// open waits until the path is open in the channel's direction for what was first sent
// at a time.
func (l *channel) open(first sim.Time) bool {
	w := l.tunnel.way
	for {
		var healed chan struct{}
		w.node.Do(func() {
			if !w.net.Cut(l.d) {
				return
			}
			healed = make(chan struct{})
			w.net.Hold(func(at sim.Time) {
				engine := w.node.engine
				engine.At(max(engine.Now(), w.net.Retransmitted(first, at)), func() { close(healed) })
			})
		})
		if healed == nil {
			return true
		}
		select {
		case <-healed:
		case <-l.tunnel.gone:
			return false
		}
	}
}

func (l *channel) give(p part) bool {
	if l.ready == nil {
		l.ready, l.sent = make(chan part, channelRoom), make(chan struct{})
		go l.deliver()
	}
	l.under.Add(1)
	select {
	case l.ready <- p:
		return true
	case <-l.tunnel.gone:
		return false
	}
}

// head is when a segment that travels alone arrives.
func (w *way) head(d network.Direction, now sim.Time, f *network.Flow, req *sim.Request) sim.Time {
	if d == network.Out {
		return w.net.Out(now, f, req)
	}
	return w.net.Back(now, f, req)
}

// deliver writes what has travelled.
func (l *channel) deliver() {
	defer close(l.sent)
	for p := range l.ready {
		l.tunnel.way.node.sleepUntil(p.at)
		if p.data == nil {
			l.closeWrite()
		} else if _, err := l.to.Write(p.data); err != nil {
			l.broken.Store(true)
		}
		l.under.Add(-1)
	}
}

// finish takes the direction's end to the far end, behind all before it.
func (l *channel) finish() {
	w := l.tunnel.way
	switch {
	case l.under.Load() == 0 && w.still.Load():
		l.closeWrite()
	case l.open(w.node.wall.Now()):
		var at sim.Time
		w.node.Do(func() { at = w.node.engine.Now().Add(w.net.Closing()) })
		l.give(part{at: at})
	}
	if l.ready != nil {
		close(l.ready)
		<-l.sent
	}
}

func (l *channel) closeWrite() {
	if half, ok := l.to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // a broken connection shows at the reader
		return
	}
	l.to.Close() // a pipe has no halves
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// settle notes whether the path takes no time and loses nothing.
func (w *way) settle() {
	w.still.Store(w.net.RTT() == 0 && w.net.Quiet() && w.net.Changed() == network.Change{})
}
