// conn: one HTTP/1.1 connection of a Link and the goroutine that reads it.
package live

import (
	"bufio"
	"bytes"
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
}

// readBuffer is large enough for most answers to be taken in by one read.
const readBuffer = 16 << 10

func newConn(l *Link, nc net.Conn) *conn {
	c := &conn{link: l, nc: nc, room: math.MaxInt}
	c.br = bufio.NewReaderSize(c, readBuffer)
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

func (c *conn) close() { c.nc.Close() }

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

// plain takes a plain answer off the connection: one whose head lies in the
// buffer and, unless nobody reads it, its content too.
func (c *conn) plain(at sim.Time) (handled, usable bool) {
	a, ok := peekAnswer(c.br)
	switch {
	case !ok:
		return false, false
	case c.link.discard:
		return true, c.count(a, at)
	case a.head+a.size > c.br.Buffered():
		return false, false
	}
	resp, ok := a.response(&c.link.headers)
	if !ok {
		return false, false
	}
	_, _ = c.br.Discard(a.head) // it is in the buffer
	var data []byte
	if a.size > 0 {
		data = newBytes(int64(a.size))
		_, _ = io.ReadFull(c.br, data) // likewise
	}
	return true, c.whole(a.last, resp, int64(a.size), data, at)
}

// next takes one answer of any form off the connection, and reports whether
// there can be another.
func (c *conn) next(at sim.Time) (bool, error) {
	method := http.MethodGet
	if c.head.Load() {
		method = http.MethodHead
	}
	c.room = maxHeaderBytes
	hr, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err == nil {
		c.room = math.MaxInt
	}
	if err != nil {
		return false, err
	}
	if hr.StatusCode < 200 && hr.StatusCode != http.StatusSwitchingProtocols {
		c.link.node.Do(func() { c.interim(hr) })
		return true, nil
	}
	return c.answer(hr, at), nil
}

// asked returns the exchange that an answer is for; nil when nobody asked, or
// has had one already: what such a far end says next cannot be trusted.
func (c *conn) asked(at sim.Time) *exchange {
	if x := c.x; x != nil && x.sent && !x.answered {
		return x
	}
	c.broken(sim.Malformed, at)
	return nil
}

// count takes in an answer whose bytes nobody reads: one entry into the node
// for the header and the end, when both are here.
func (c *conn) count(a plainAnswer, at sim.Time) bool {
	n := c.link.node
	whole := a.head+a.size <= c.br.Buffered()
	resp := &sim.Response{Status: a.status, Size: int64(a.size), Via: a.via}
	var x *exchange
	n.Do(func() {
		if x = c.asked(at); x == nil {
			return
		}
		c.last = a.last
		if !whole {
			x.body = &sim.Transfer{Length: int64(a.size), Abandoned: x.cancelled}
			resp.Body = x.body
		}
		x.arrives(resp, at)
	})
	if x == nil {
		return false
	}
	read, err := c.br.Discard(a.head + a.size)
	if whole {
		return !a.last
	}
	cause := sim.OK
	if err != nil {
		cause = sim.Truncated
	}
	end := n.wall.Now()
	n.Do(func() {
		n.engine.At(end.Add(c.link.net.OneWay()), func() { x.bodyEnds(cause, int64(max(0, read-a.head))) })
	})
	return err == nil && !a.last
}

func (c *conn) interim(hr *http.Response) {
	if c.x != nil && c.x.req.Interim != nil {
		c.x.req.Interim(hr.StatusCode, hr.Header)
	}
}

// broken tells whoever waits on the connection that there will be no answer,
// and takes it out of use.
func (c *conn) broken(cause sim.Cause, at sim.Time) {
	c.dead = true
	if x := c.x; x != nil && !x.answered {
		x.timer.Stop()
		x.arrives(sim.Fail(cause), at)
	}
}

// answer hands an answer on and reads its content; it reports whether the
// connection can carry another.
func (c *conn) answer(hr *http.Response, at sim.Time) bool {
	resp := response(hr)
	size := hr.ContentLength
	if hr.Body == http.NoBody || size == 0 {
		return c.whole(hr.Close, resp, hr.ContentLength, nil, at)
	}
	if size > 0 && size <= int64(c.br.Buffered()) {
		data, err := c.take(hr.Body, size)
		if err != nil {
			return false
		}
		return c.whole(hr.Close, resp, size, data, at)
	}
	return c.stream(hr, resp, at)
}

// take reads content that is already here.
func (c *conn) take(body io.Reader, size int64) ([]byte, error) {
	if c.link.discard {
		_, err := io.CopyN(io.Discard, body, size)
		return nil, err
	}
	data := newBytes(size)
	_, err := io.ReadFull(body, data)
	return data, err
}

// whole hands on an answer whose content is here too.
func (c *conn) whole(last bool, resp *sim.Response, size int64, data []byte, at sim.Time) bool {
	n := c.link.node
	usable := false
	n.Do(func() {
		x := c.asked(at)
		if x == nil {
			return
		}
		usable, c.last = !last, last
		resp.Size = size
		if data != nil {
			end := &sim.Transfer{Length: size}
			end.End(sim.OK, size)
			buffer := newBuffer(n.wall)
			first := buffer.last
			buffer.write(data, at)
			buffer.end(sim.OK, at)
			resp.Body = buffer.handle(first, end)
		}
		x.arrives(resp, at)
	})
	return usable
}

// stream hands on an answer and then its content as it comes.
func (c *conn) stream(hr *http.Response, resp *sim.Response, at sim.Time) bool {
	n := c.link.node
	var x *exchange
	var travel time.Duration
	buffer := newBuffer(n.wall)
	n.Do(func() {
		if x = c.asked(at); x == nil {
			return
		}
		travel = c.link.net.OneWay()
		c.last = hr.Close
		x.body = &sim.Transfer{Length: hr.ContentLength, Abandoned: x.cancelled}
		resp.Size = hr.ContentLength
		resp.Body = buffer.handle(buffer.last, x.body)
		x.arrives(resp, at)
	})
	if x == nil {
		return false
	}
	cause, read := c.fill(buffer, hr, travel)
	due := n.wall.Now().Add(travel)
	n.Do(func() {
		n.engine.At(due, func() { x.bodyEnds(cause, read) })
		buffer.end(cause, due) // behind it, so that no reader is done before the node knows when
	})
	return cause == sim.OK && !hr.Close
}

// bodyEnds is the content's end at the asker; a header that was lost on its way
// comes first.
func (x *exchange) bodyEnds(cause sim.Cause, n int64) {
	if x.done {
		return
	}
	if !x.delivered {
		x.end = func() { x.bodyEnds(cause, n) }
		return
	}
	x.settle(cause == sim.OK)
	x.body.End(cause, n)
}

// fill reads content into a buffer, or only counts it.
func (c *conn) fill(b *Buffer, hr *http.Response, travel time.Duration) (sim.Cause, int64) {
	var read int64
	var data []byte
	for {
		if data == nil {
			data = make([]byte, chunkFor(hr.ContentLength-read))
		}
		n, err := hr.Body.Read(data)
		read += int64(n)
		due := c.link.node.wall.Now().Add(travel)
		if n > 0 && !c.link.discard && !b.write(keep(&data, n), due) {
			return sim.Cancelled, read
		}
		switch {
		case err == io.EOF:
			return sim.OK, read
		case err != nil:
			return sim.Truncated, read
		}
	}
}

// keep returns the first n bytes of a chunk, for good: the chunk itself, which
// is then gone, or a copy when most of it would stay unused.
func keep(chunk *[]byte, n int) []byte {
	data := (*chunk)[:n]
	if 2*n < len(*chunk) {
		return bytes.Clone(data)
	}
	*chunk = nil
	return data
}

// chunkFor is how much room to make for the next of so many bytes to come (-1:
// nobody knows).
func chunkFor(left int64) int64 {
	if left <= 0 {
		return chunkSize
	}
	return min(left, chunkSize)
}
