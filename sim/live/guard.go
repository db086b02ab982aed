// guard: the connection that net/http reads requests from. It hands on what is a
// request, and in the place of what is none one that the server answers as such.
package live

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// guardRoom is how much is read at a time where lines are expected.
const guardRoom = 4 << 10

// guard reads a connection's requests by its own rules. A head is handed on when it
// has come whole and is right; content as it comes.
type guard struct {
	net.Conn
	patience time.Duration // for a head to come to its end

	scan    requestScan
	came    []byte   // not handed on yet: lines under way, and what is behind them
	right   int      // bytes of came that are lines of the head under way
	ready   []byte   // to be handed on
	refused *refusal // in whose place ready is
	whyNot  *refusal // what is wrong with the content under way
	err     error    // what comes behind ready

	mu    sync.Mutex // protects what follows: net/http ends reads by their deadline
	limit time.Time  // net/http's deadline
	until time.Time  // the head's; zero: none is under way
}

func newGuard(c net.Conn, patience time.Duration) *guard { return &guard{Conn: c, patience: patience} }

// Read implements net.Conn.
func (g *guard) Read(p []byte) (int, error) {
	for len(p) > 0 {
		switch {
		case len(g.ready) > 0:
			n := copy(p, g.ready)
			g.ready = g.ready[n:]
			return n, nil
		case g.err != nil:
			return 0, g.err
		case g.scan.passes():
			if n, err := g.content(p); n > 0 || err != nil {
				return n, err
			}
		default:
			if err := g.lines(); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// content hands on what is not lines.
func (g *guard) content(p []byte) (n int, err error) {
	p = p[:min(int64(len(p)), g.scan.left)]
	if len(g.came) > 0 {
		n = copy(p, g.came)
		g.came = g.came[n:]
	} else {
		g.came = nil
		n, err = g.read(p)
	}
	g.scan.passed(int64(n))
	return n, err
}

// lines takes in one line more, or reads on.
func (g *guard) lines() error {
	rest := g.came[g.right:]
	end := bytes.IndexByte(rest, '\n') + 1
	if room := g.scan.room(); end > room || end == 0 && len(rest) > room {
		g.refuse(g.scan.tooLong(rest))
		return nil
	}
	if end > 0 {
		g.line(rest[:end])
		return nil
	}
	if why := g.scan.begins(rest); why != nil {
		g.refuse(why)
		return nil
	}
	return g.more()
}

func (g *guard) line(raw []byte) {
	if g.scan.stage == scanRequest && string(raw) == "\r\n" { // before a request, such a line means nothing (RFC 9112 2.2)
		g.came = g.came[2:]
		return
	}
	if why := g.scan.line(raw); why != nil {
		g.refuse(why)
		return
	}
	if g.right += len(raw); g.scan.stage == scanFields {
		return
	}
	g.ready, g.came, g.right = g.came[:g.right:g.right], g.came[g.right:], 0
	g.within(time.Time{})
}

// more reads on. What is in came may be handed on already, so it is never written
// over. A read that net/http has ended by its deadline it will ask for again.
func (g *guard) more() error {
	if g.scan.holds() && len(g.came) > 0 {
		g.begin()
	}
	if cap(g.came)-len(g.came) < guardRoom/4 {
		g.came = append(make([]byte, 0, max(2*len(g.came), guardRoom)), g.came...)
	}
	n, err := g.read(g.came[len(g.came):cap(g.came)])
	if g.came = g.came[:len(g.came)+n]; n > 0 {
		return nil
	}
	return err
}

// read reads from the connection. A time that is over is the client's fault, unless
// net/http has set it to end the read.
func (g *guard) read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if n > 0 || !tooLate(err) {
		return n, err
	}
	g.mu.Lock()
	ours := g.limit.IsZero() || g.limit.After(aborted)
	g.mu.Unlock()
	switch {
	case !ours || g.scan.holds() && len(g.came) == 0:
		return 0, err
	case g.scan.holds():
		g.refuse(badSlowHead)
	default:
		g.refuse(badSlowBody)
	}
	return 0, nil
}

// refuse has the request, or what is left of it, refused.
func (g *guard) refuse(why *refusal) {
	if g.scan.holds() {
		g.refused, g.ready, g.err = why, inPlace, io.EOF
	} else {
		g.whyNot, g.err = why, why
	}
	g.came, g.right = nil, 0
	g.within(time.Time{})
}

// begin starts the time that a head has, once.
func (g *guard) begin() {
	g.mu.Lock()
	begun := !g.until.IsZero()
	g.mu.Unlock()
	if !begun {
		g.within(time.Now().Add(g.patience))
	}
}

// within sets the time of the head under way.
func (g *guard) within(until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.until.Equal(until) {
		return
	}
	g.until = until
	_ = g.Conn.SetReadDeadline(g.earlier()) // a broken connection shows at the read
}

// SetReadDeadline implements net.Conn.
func (g *guard) SetReadDeadline(t time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit = t
	return g.Conn.SetReadDeadline(g.earlier())
}

// SetDeadline implements net.Conn.
func (g *guard) SetDeadline(t time.Time) error {
	if err := g.Conn.SetWriteDeadline(t); err != nil {
		return err
	}
	return g.SetReadDeadline(t)
}

func (g *guard) earlier() time.Time {
	if g.limit.IsZero() || !g.until.IsZero() && g.until.Before(g.limit) {
		return g.until
	}
	return g.limit
}

// CloseWrite closes this direction, as net/http does with a connection that it
// gives up.
func (g *guard) CloseWrite() error {
	if half, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// guardOf returns the guard of a request's connection; nil when it has none.
func guardOf(ctx context.Context) *guard {
	behind, ok := ctx.Value(behindKey{}).(*writeBehind)
	if !ok {
		return nil
	}
	g, _ := behind.Conn.(*guard)
	return g
}
