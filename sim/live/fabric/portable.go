// portable: how a loop waits, and has sockets, where there is no epoll: by Go's
// timers and with goroutines, which are less exact.
package fabric

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"cdnlab/sim"
)

type portable struct {
	woken chan struct{}
	timer *time.Timer
}

func newPortable() *portable {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &portable{woken: make(chan struct{}, 1), timer: t}
}

func (p *portable) says() string { return "Go's timers, which miss by about a millisecond" }
func (p *portable) close()       { p.timer.Stop() }
func (p *portable) tell()        {} // goroutines tell, by Do

func (p *portable) wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

// wait implements system.
func (p *portable) wait(l *Loop, until sim.Time) {
	if until == sim.Never {
		<-p.woken
		return
	}
	left := until.Sub(l.Clock())
	if left <= 0 {
		return
	}
	p.timer.Reset(left)
	select {
	case <-p.woken:
		p.timer.Stop()
	case <-p.timer.C:
	}
}

// stream is a socket of Go's made to look as one that does not block: a goroutine
// reads ahead into a buffer, another writes from one.
type stream struct {
	loop *Loop
	conn *net.TCPConn // nil while connecting

	mu     sync.Mutex // protects what follows
	change *sync.Cond // something of it changed
	w      watcher
	in     []byte // read and not yet taken
	at     sim.Time
	inErr  error
	out    []byte // taken and not yet written
	err    error  // why it broke
	last   bool   // send the end behind out
	closed bool

	inSpace, outSpace [streamBuffer]byte
}

// lastWords is how long a closed socket may take to write what was taken: a far
// end that never reads must not hold it for ever.
const lastWords = time.Minute

// streamBuffer is small, as there are two of them for each of two ends.
const streamBuffer = 16 << 10

func newStream(l *Loop, c *net.TCPConn) *stream {
	s := &stream{loop: l, conn: c}
	s.change = sync.NewCond(&s.mu)
	return s
}

// watch implements socket.
func (s *stream) watch(w watcher) error {
	s.w = w
	if s.conn != nil {
		s.begin()
		s.tell(writable)
	}
	return nil
}

func (s *stream) begin() {
	go s.reader()
	go s.writer()
}

func (s *stream) tell(what ready) {
	s.loop.Do(func() {
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if !closed {
			s.w.ready(what)
		}
	})
}

// reader reads ahead, one buffer at a time.
func (s *stream) reader() {
	for {
		n, err := s.conn.Read(s.inSpace[:])
		at := s.loop.Clock()
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return
		}
		s.in, s.at, s.inErr = s.inSpace[:n], at, err
		what := readable
		if err != nil {
			what |= ended
			if !errors.Is(err, io.EOF) {
				s.err, what = err, what|broken
			}
		}
		s.mu.Unlock()
		s.tell(what)
		if err != nil {
			return
		}
		s.mu.Lock()
		for len(s.in) > 0 && !s.closed {
			s.change.Wait()
		}
		s.mu.Unlock()
	}
}

// writer writes what was taken, then perhaps the end.
func (s *stream) writer() {
	for {
		s.mu.Lock()
		for len(s.out) == 0 && !s.last && !s.closed {
			s.change.Wait()
		}
		out, closed := s.out, s.closed
		s.mu.Unlock()
		if len(out) == 0 {
			if closed {
				s.conn.Close()
			} else {
				_ = s.conn.CloseWrite() // it fails only when the connection is gone
			}
			return
		}
		_, err := s.conn.Write(out)
		s.mu.Lock()
		s.out = s.out[:0]
		if err != nil {
			s.err = err
		}
		s.mu.Unlock()
		if err != nil {
			s.tell(broken | readable | writable | ended)
			return
		}
		s.tell(writable)
	}
}

// read implements socket.
func (s *stream) read(p []byte) (int, sim.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.in) == 0 {
		if s.inErr != nil {
			return 0, s.loop.Clock(), s.inErr
		}
		return 0, 0, errWait
	}
	n := copy(p, s.in)
	s.in = s.in[n:]
	if len(s.in) == 0 {
		s.change.Broadcast()
	}
	return n, s.at, nil
}

// write implements socket.
func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return 0, s.err
	case len(s.out) > 0:
		return 0, errWait
	}
	n := copy(s.outSpace[:], p)
	s.out = s.outSpace[:n]
	s.change.Broadcast()
	return n, nil
}

func (s *stream) fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *stream) finish() {
	s.mu.Lock()
	s.last = true
	s.change.Broadcast()
	s.mu.Unlock()
}

// close implements socket. What was written still leaves, but with reset.
func (s *stream) close(reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.change.Broadcast()
	if s.conn == nil {
		return // the dialler closes it
	}
	switch {
	case reset:
		_ = s.conn.SetLinger(0)
		s.conn.Close()
	case s.err != nil || len(s.out) == 0:
		s.conn.Close()
	default: // the writer closes it
		_ = s.conn.CloseRead()
		_ = s.conn.SetWriteDeadline(time.Now().Add(lastWords))
	}
}

// dial implements stack.
func (p *portable) dial(l *Loop, to netip.AddrPort) (socket, error) {
	s := newStream(l, nil)
	go func() {
		c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(to))
		if !l.Do(func() { s.dialled(c, err) }) && err == nil {
			c.Close()
		}
	}()
	return s, nil
}

// dialled takes in, on the loop, what became of an attempt.
func (s *stream) dialled(c *net.TCPConn, err error) {
	s.mu.Lock()
	closed := s.closed
	s.conn, s.err = c, err
	s.mu.Unlock()
	switch {
	case closed && c != nil:
		c.Close()
	case closed:
	case err != nil:
		s.w.ready(writable | broken)
	default:
		s.begin()
		s.w.ready(writable)
	}
}

// gate is a listener whose goroutine accepts.
type gate struct {
	l    *net.TCPListener
	wait chan struct{} // nil: not paused
	mu   sync.Mutex    // protects wait
}

// listen implements stack.
func (p *portable) listen(l *Loop, at netip.AddrPort, came func(socket, error)) (listener, error) {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	g := &gate{l: ln}
	go g.accept(l, came)
	return g, nil
}

func (g *gate) accept(l *Loop, came func(socket, error)) {
	for {
		g.mu.Lock()
		wait := g.wait
		g.mu.Unlock()
		if wait != nil {
			<-wait
			continue
		}
		c, err := g.l.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		ran := l.Call(func() {
			if err != nil {
				came(nil, err)
			} else {
				came(newStream(l, c), nil)
			}
		})
		if !ran {
			if c != nil {
				c.Close()
			}
			return
		}
	}
}

func (g *gate) addr() netip.AddrPort {
	a := g.l.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (g *gate) pause(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if on && g.wait == nil {
		g.wait = make(chan struct{})
	} else if !on && g.wait != nil {
		close(g.wait)
		g.wait = nil
	}
}

func (g *gate) close() {
	g.l.Close()
	g.pause(false)
}
