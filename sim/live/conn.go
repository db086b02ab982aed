// conn: one HTTP/1.1 connection of a Link and the goroutine that reads it.
package live

import (
	"bufio"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"sync/atomic"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// conn carries one exchange at a time. Its reader always waits for bytes, so a
// far end that goes away is noticed at once, idle or not.
type conn struct {
	link  *Link
	nc    net.Conn
	br    *bufio.Reader
	room  int         // how much more may be read: bounds a head that net/http reads
	broke bool        // a read failed
	out   []byte      // the last request's text, its memory used again
	head  atomic.Bool // the request under way is a HEAD

	// Under the node's mutex:
	x    *exchange // under way; nil: idle
	dead bool      // the far end is gone or the stream is broken
	last bool      // the far end closes after this answer
	up   network.Flow
	down network.Flow

	many *session // of HTTP/2: it carries exchanges by streams; nil else
	lane *stream  // that this stands for; nil: it is a connection
}

// readBuffer is large enough for most answers to be taken in by one read; that
// of those who have connections of their own holds a head, as they are many, and
// idle most of the time.
const (
	readBuffer = 16 << 10
	ownBuffer  = 4 << 10
)

func newConn(l *Link, nc net.Conn) *conn {
	c := &conn{link: l, nc: nc, room: math.MaxInt}
	c.br = bufio.NewReaderSize(c, l.buffer)
	go c.read()
	return c
}

var errHead = errors.New("live: the head of an answer is too long")

// Read implements io.Reader for the buffer.
func (c *conn) Read(p []byte) (int, error) {
	if c.room <= 0 {
		return 0, errHead
	}
	n, err := c.nc.Read(p)
	c.room -= n
	c.broke = err != nil
	return n, err
}

// close closes the connection, or cancels the stream.
func (c *conn) close() {
	if c.lane != nil {
		c.lane.cancel()
		return
	}
	c.nc.Close()
}

// carrier is the connection that carries a stream, or the connection itself.
func (c *conn) carrier() *conn {
	if c.lane != nil {
		return c.lane.on.conn
	}
	return c
}

// write sends a request, of which only the text and the content are still the
// exchange's. A failure shows at the reader too, which reports it.
func (c *conn) write(text []byte, x *exchange, body sim.Body, size int64) {
	_, err := c.nc.Write(text)
	x.flushed.Store(true)
	if err != nil {
		c.nc.Close()
		return
	}
	if x.uploading.Load() {
		go c.writeBody(x, body, size)
	}
}

func (c *conn) writeBody(x *exchange, body sim.Body, size int64) {
	var err error
	if size < 0 {
		err = writeChunked(c.nc, body)
	} else {
		err = copyBody(c.nc, body, size, nil)
	}
	x.uploading.Store(false)
	if err != nil {
		c.nc.Close()
	}
}

// writeChunked writes a content whose length nobody knows (RFC 9112 7.1).
func writeChunked(w io.Writer, body sim.Body) error {
	chunks := httputil.NewChunkedWriter(w)
	if err := copyBody(chunks, body, 0, nil); err != nil {
		return err
	}
	if err := chunks.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\r\n") // no trailers
	return err
}

// appendRequest writes the head of a request.
func (l *Link) appendRequest(b []byte, r *sim.Request) []byte {
	b = append(append(append(b, r.Method...), ' '), r.Path...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), r.Host...)
	b = append(b, "\r\n"...)
	b = append(b, l.texts.of(r.Header)...)
	if r.Size < 0 && r.Body != nil {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	} else if r.Size > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut {
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), max(0, r.Size), 10), "\r\n"...)
	}
	b = append(b, headerClient+": "...)
	b = appendClient(b, l.token, r)
	return append(b, "\r\n\r\n"...)
}

// read takes answers off the connection until it breaks.
func (c *conn) read() {
	n := c.link.node
	for {
		_, err := c.br.Peek(1)
		at := n.wall.Now()
		if err != nil {
			break
		}
		if !c.head.Load() {
			if handled, usable := c.plain(at); handled {
				if !usable {
					break
				}
				continue
			}
		}
		usable, err := c.next(at)
		if err != nil {
			n.Do(func() { c.broken(c.fault(), at) })
			break
		}
		if !usable {
			break
		}
	}
	c.close()
	n.Do(func() { c.broken(sim.Reset, n.wall.Now()) })
}

// fault tells a stream that ended or broke from one that is no HTTP.
func (c *conn) fault() sim.Cause {
	if c.broke {
		return sim.Reset
	}
	return sim.Malformed
}
