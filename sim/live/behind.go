// writeBehind: a server's connection that sends an answer in one piece.
package live

import (
	"context"
	"net"
	"time"
)

// behindLimit is how many bytes may wait to be sent.
const behindLimit = 32 << 10

// writeBehind collects what net/http writes, in pieces of at most 4 KB, and
// sends it when the server turns to read the next request: an answer costs one
// system call and wakes its reader once. Flush sends what is there when the
// rest must wait.
type writeBehind struct {
	net.Conn
	held    gate // protects pending: net/http may read while a handler writes
	pending []byte
}

func newWriteBehind(c net.Conn) *writeBehind { return &writeBehind{Conn: c, held: make(gate, 1)} }

// gate is a mutex that is held while a write waits for the far end, perhaps for
// long. In a testing/synctest bubble time passes for who waits at a channel, and
// not for who waits at a sync.Mutex.
type gate chan struct{}

func (t gate) lock()   { t <- struct{}{} }
func (t gate) unlock() { <-t }

func (t gate) tryLock() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// Write keeps small pieces and sends large ones with all before them.
func (c *writeBehind) Write(p []byte) (int, error) {
	c.held.lock()
	defer c.held.unlock()
	if len(c.pending)+len(p) <= behindLimit {
		c.pending = append(c.pending, p...)
		return len(p), nil
	}
	if err := c.send(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Read sends what is pending first: who asks the next thing has waited for it.
func (c *writeBehind) Read(p []byte) (int, error) {
	if err := c.Flush(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Flush sends what is pending.
func (c *writeBehind) Flush() error {
	c.held.lock()
	defer c.held.unlock()
	return c.send()
}

func (c *writeBehind) send() error {
	if len(c.pending) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.pending)
	c.pending = c.pending[:0]
	return err
}

// CloseWrite sends what is pending and closes this direction, as net/http does
// before a connection that it gives up.
func (c *writeBehind) CloseWrite() error {
	if err := c.Flush(); err != nil {
		return err
	}
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// lastWords is how long a Close may wait for the far end to take what is pending.
const lastWords = 50 * time.Millisecond

// Close sends what is pending, if the far end still takes it. A write under way
// holds the lock, perhaps for ever: then there is nothing to wait for.
func (c *writeBehind) Close() error {
	if c.held.tryLock() {
		if len(c.pending) > 0 {
			_ = c.Conn.SetWriteDeadline(time.Now().Add(lastWords))
			_ = c.send() // it is closed all the same
		}
		c.held.unlock()
	}
	return c.Conn.Close()
}

// behindListener gives connections that write behind, and that let only requests
// through.
type behindListener struct {
	net.Listener
	patience time.Duration // for a request's header
}

// Accept implements net.Listener.
func (l behindListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newWriteBehind(newGuard(c, l.patience)), nil
}

type behindKey struct{}

// withConn lets a handler find its connection.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, behindKey{}, c)
}

// flushConn sends what a request's connection holds back.
func flushConn(ctx context.Context) {
	if c, ok := ctx.Value(behindKey{}).(*writeBehind); ok {
		_ = c.Flush() // a broken connection shows at the next write
	}
}
