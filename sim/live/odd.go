// Handing a connection over: to net/http, or to TLS.
package live

import (
	"net"
	"sync"
)

// handOver gives the connection, with what was read of it, to net/http, or to TLS
// when its first bytes are those of a handshake.
func (c *frontConn) handOver() {
	nc := &readConn{c.nc, c.in[:c.got]}
	if c.f.tls != nil && !c.head.secure && c.in[0] == tlsHandshake {
		c.f.secure(nc)
		return
	}
	c.f.leave(c.nc)
	if !c.f.odd.give(nc) {
		c.nc.Close()
	}
}

// readConn is a connection of which some was read ahead.
type readConn struct {
	net.Conn
	ahead []byte
}

func (c *readConn) Read(p []byte) (int, error) {
	if len(c.ahead) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.ahead)
	c.ahead = c.ahead[n:]
	return n, nil
}

// CloseWrite closes this direction, as net/http does with a connection that it
// gives up.
func (c *readConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// oddListener is a listener whose connections are handed to it.
type oddListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newOddListener() *oddListener {
	return &oddListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// give hands a connection in; false when the listener is closed.
func (l *oddListener) give(c net.Conn) bool {
	select {
	case l.conns <- c:
		return true
	case <-l.done:
		return false
	}
}

// Accept implements net.Listener.
func (l *oddListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *oddListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *oddListener) Addr() net.Addr { return &net.TCPAddr{} }
