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
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// conn carries one exchange at a time. Its reader always waits for bytes, so a
// far end that goes away is noticed at once, idle or not.
type conn struct {
	link   *Link
	nc     net.Conn
	stamps stamper // nil: nobody tells when bytes arrive
	br     *bufio.Reader
	room   int         // how much more may be read: bounds a head that lies not whole in the buffer
	broke  bool        // a read failed
	head   atomic.Bool // the request under way is a HEAD
	raw    atomic.Bool // ... or is no HTTP
	tap    *tap        // of contents that do not come with their header
	narrow bool        // its socket has a small buffer

	out       []byte   // the last request's text, its memory used again
	body      sim.Body // its content
	size      int64    // likewise
	writing   errand
	uploading atomic.Bool  // content is still to be written
	wroteAt   atomic.Int64 // when the last write began
	begun     atomic.Int64 // writes that have begun
	flushed   atomic.Int64 // writes that have returned

	// Under the node's mutex:
	x       *exchange // under way; nil: idle
	writes  int64     // requests sent
	dead    bool      // the far end is gone or the stream is broken
	last    bool      // the far end closes after this answer
	parting bool      // it will be closed
	closed  bool
	resets  int // of the path when it was opened
	rested  network.Rested
	place   int // 1 + index in the way's list; 0: in none
	*flows      // of a stream those of its session

	many *session // of HTTP/2: it carries exchanges by streams; nil else
	lane *stream  // that this stands for; nil: it is a connection
}

// flows are the two directions of a connection.
type flows struct{ up, down network.Flow }

// flows gives a connection those of one that has rested since a time.
func (l *Link) flows(c *conn, r network.Rested, since sim.Time) {
	l.net.Up(&c.up, &l.limits, r, since, l.mile)
	l.net.Down(&c.down, &l.limits, r, since, l.mile)
}

// stamper is a connection that can tell when the bytes of a read arrived.
type stamper interface {
	ask() // has the next read find out
	arrived() (ago time.Duration, known bool)
}

// readBuffer is large enough for most answers to be taken in by one read; that
// of those who have connections of their own holds a head, as they are many, and
// idle most of the time.
const (
	readBuffer = 16 << 10
	ownBuffer  = 4 << 10
)

func newConn(l *Link, nc net.Conn) *conn {
	c := barely(l, nc)
	c.stamps, _ = c.nc.(stamper)
	if s, ok := nc.(*secured); ok {
		c.stamps, _ = s.raw.(stamper)
	}
	c.br, c.writing.run = bufio.NewReaderSize(c, l.buffer), c.write
	l.ends.add(c)
	go c.read()
	return c
}

// barely returns a connection that nobody reads yet.
func barely(l *Link, nc net.Conn) *conn {
	return &conn{link: l, nc: clocked(fast(nc)), room: math.MaxInt, resets: l.net.Resets(), tap: newTap(l.node), flows: &flows{}}
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

// close closes the connection, when it is not closed yet, or cancels the stream.
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

// wrote returns when the last request was written.
func (c *conn) wrote() sim.Time { return sim.Time(c.wroteAt.Load()) }

// hangUp takes the connection out of use and closes it when the far end is to see
// that: a link delay from now, later when the link is cut. Reset has it see a
// reset.
func (c *conn) hangUp(asReset bool) {
	if c.parting {
		return
	}
	c.dead, c.parting = true, true
	l := c.link
	engine, sent := l.node.engine, l.node.engine.Now()
	tell := func() {
		engine.After(l.net.Closing(), func() {
			c.closed = true
			l.node.Later(func() {
				if asReset {
					reset(c.nc)
				}
				c.close()
			})
		})
	}
	if !l.net.Cut(network.Out) {
		tell()
		return
	}
	l.net.Hold(func(healed sim.Time) { engine.At(l.net.Retransmitted(sent, healed), tell) })
}

// send writes a request, once the node is free.
func (c *conn) send(req *sim.Request) {
	if c.flushed.Load() != c.writes {
		c.out = nil // the last was answered before it was read: its text may still be in use
	}
	c.writes++
	c.uploading.Store(req.Body != nil || req.Size > 0)
	if c.lane != nil {
		c.lane.on.send(c.lane, req)
		return
	}
	if c.raw.Store(req.Raw()); req.Raw() {
		c.out = appendHello(c.out[:0], c.link.token, req)
	} else {
		c.out = c.link.appendRequest(c.out[:0], req)
	}
	c.body, c.size = req.Body, req.Size
	c.link.node.later(&c.writing)
}

// write writes what send has prepared. A failure shows at the reader too, which
// reports it.
func (c *conn) write() {
	text, body, size := c.out, c.body, c.size
	uploads := c.uploading.Load()
	c.wroteAt.Store(int64(c.link.node.wall.Now()))
	c.begun.Add(1)
	_, err := c.nc.Write(text)
	c.flushed.Add(1)
	switch {
	case err != nil:
		c.nc.Close()
	case uploads:
		go c.writeBody(body, size)
	}
}

func (c *conn) writeBody(body sim.Body, size int64) {
	var err error
	if size < 0 {
		err = writeChunked(c.link.node, c.nc, body)
	} else {
		err = copyBody(c.link.node, c.nc, body, size, nil)
	}
	c.uploading.Store(false)
	if err != nil {
		c.nc.Close()
	}
}

// writeChunked writes a content whose length nobody knows (RFC 9112 7.1).
func writeChunked(n *Node, w io.Writer, body sim.Body) error {
	chunks := httputil.NewChunkedWriter(w)
	if err := copyBody(n, chunks, body, 0, nil); err != nil {
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
	b = append(append(b, " HTTP/1.1\r\nHost: "...), hostOf(r)...)
	b = append(b, "\r\n"...)
	b = append(b, l.texts.of(r.Header)...)
	if r.Size < 0 && r.Body != nil {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	} else if r.Size > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut {
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), max(0, r.Size), 10), "\r\n"...)
	}
	if !l.stranger {
		b = append(b, headerClient+": "...)
		b = append(appendClient(b, l.token, r), "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// nobody is the host of a request that has none, as a query to a database: an empty
// one is no host (RFC 9110 4.2.1).
const nobody = "nobody"

func hostOf(r *sim.Request) string {
	if r.Host == "" {
		return nobody
	}
	return r.Host
}

// read takes answers off the connection until it breaks.
func (c *conn) read() {
	n := c.link.node
	for {
		at, err := c.await()
		if err != nil {
			break
		}
		if c.raw.Load() {
			if !c.greeted(at) {
				break
			}
			continue
		}
		if !c.head.Load() && !c.link.stranger {
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
	n.Do(func() {
		c.broken(sim.Reset, n.wall.Now())
		c.link.ends.remove(c)
	})
}

// await waits for an answer, and returns when its first byte arrived.
func (c *conn) await() (sim.Time, error) {
	wall := c.link.node.wall
	if c.stamps == nil {
		_, err := c.br.Peek(1)
		return wall.Now(), err
	}
	if c.br.Buffered() == 0 {
		c.stamps.ask()
	}
	_, err := c.br.Peek(1)
	at := wall.Now()
	if ago, known := c.stamps.arrived(); known {
		at = at.Add(-wall.Scenario(ago))
	}
	return at, err
}

// fault tells a stream that ended or broke from one that is no HTTP.
func (c *conn) fault() sim.Cause {
	if c.broke {
		return sim.Reset
	}
	return sim.Malformed
}
