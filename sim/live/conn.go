// conn: one HTTP/1.1 connection of a Link and the goroutine that reads it.
package live

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"cdnlab/sim"
)

// conn carries one exchange at a time. Its reader always waits for bytes, so a
// far end that goes away is noticed at once, idle or not.
type conn struct {
	link *Link
	nc   net.Conn
	br   *bufio.Reader
	out  []byte      // the last request's text, its memory used again
	head atomic.Bool // the request under way is a HEAD

	// Under the node's mutex:
	x    *exchange // under way; nil: idle
	dead bool      // the far end is gone or the stream is broken
	last bool      // the far end closes after this answer
}

// readBuffer is large enough for most answers to be taken in by one read.
const readBuffer = 16 << 10

func newConn(l *Link, nc net.Conn) *conn {
	c := &conn{link: l, nc: nc, br: bufio.NewReaderSize(nc, readBuffer)}
	go c.read()
	return c
}

func (c *conn) close() { c.nc.Close() }

// write sends a request. A failure shows at the reader too, which reports it.
func (c *conn) write(text []byte, x *exchange) {
	req := x.req
	_, err := c.nc.Write(text)
	x.flushed.Store(true)
	if err != nil {
		c.nc.Close()
		return
	}
	if req.Body != nil || req.Size > 0 {
		go c.writeBody(req)
	}
}

func (c *conn) writeBody(req *sim.Request) {
	if err := copyBody(c.nc, req.Body, req.Size, nil); err != nil {
		c.nc.Close()
	}
}

// appendRequest writes the head of a request.
func (l *Link) appendRequest(b []byte, r *sim.Request) []byte {
	b = append(append(append(b, r.Method...), ' '), r.Path...)
	b = append(append(b, " HTTP/1.1\r\nHost: "...), r.Host...)
	b = append(b, "\r\n"...)
	b = append(b, l.texts.of(r.Header)...)
	if r.Size > 0 || r.Method == http.MethodPost || r.Method == http.MethodPut {
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
			n.Do(func() { c.broken(sim.Malformed, at) })
			break
		}
		if !usable {
			break
		}
	}
	c.close()
	n.Do(func() { c.broken(sim.Reset, n.wall.Now()) })
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
	hr, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err != nil {
		return false, err
	}
	if hr.StatusCode < 200 && hr.StatusCode != http.StatusSwitchingProtocols {
		c.link.node.Do(func() { c.interim(hr) })
		return true, nil
	}
	return c.answer(hr, at), nil
}

// count takes in an answer whose bytes nobody reads: one entry into the node
// for the header and the end.
func (c *conn) count(a plainAnswer, at sim.Time) bool {
	n := c.link.node
	whole := a.head+a.size <= c.br.Buffered()
	read, err := c.br.Discard(a.head + a.size)
	read = max(0, read-a.head)
	end := at
	if !whole {
		end = n.wall.Now()
	}
	n.Do(func() {
		x := c.x
		if x == nil {
			c.dead = true // an answer that nobody asked for
			return
		}
		c.last = a.last
		resp := &sim.Response{Status: a.status, Size: int64(a.size), Via: a.via}
		if whole {
			x.arrives(resp, at)
			return
		}
		cause := sim.OK
		if err != nil {
			cause = sim.Truncated
		}
		x.body = &sim.Transfer{Length: int64(a.size), Abandoned: x.cancelled}
		resp.Body = x.body
		x.arrives(resp, at)
		n.engine.At(end.Add(c.link.net.OneWay()), func() { x.bodyEnds(cause, int64(read)) })
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
		return c.whole(hr.Close, resp, max(0, hr.ContentLength), nil, at)
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
	n.Do(func() {
		x := c.x
		if x == nil {
			c.dead = true // an answer that nobody asked for
			return
		}
		c.last = last
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
	return !last
}

// stream hands on an answer and then its content as it comes.
func (c *conn) stream(hr *http.Response, resp *sim.Response, at sim.Time) bool {
	n := c.link.node
	var x *exchange
	var travel time.Duration
	buffer := newBuffer(n.wall)
	n.Do(func() {
		if x = c.x; x == nil {
			c.dead = true
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
	buffer.end(cause, due)
	n.Do(func() { n.engine.At(due, func() { x.bodyEnds(cause, read) }) })
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
		if data == nil || !c.link.discard {
			data = make([]byte, chunkFor(hr.ContentLength-read))
		}
		n, err := hr.Body.Read(data)
		read += int64(n)
		due := c.link.node.wall.Now().Add(travel)
		if n > 0 && !c.link.discard && !b.write(data[:n], due) {
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

// chunkFor is how much room to make for the next of so many bytes to come (-1:
// nobody knows).
func chunkFor(left int64) int64 {
	if left <= 0 {
		return chunkSize
	}
	return min(left, chunkSize)
}
