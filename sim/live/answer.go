// Answers on a connection of a Link: plain ones, and of any form.
package live

import (
	"bytes"
	"io"
	"math"
	"net"
	"net/http"
	"time"

	"cdnlab/sim"
)

// plain takes a plain answer off the connection: one whose head lies in the
// buffer and, unless nobody reads it, its content too.
func (c *conn) plain(at sim.Time) (handled, usable bool) {
	a, ok := peekAnswer(c.br, c.link.discard && !c.link.fields)
	switch {
	case !ok:
		return false, false
	case c.link.discard:
		return true, c.count(a, at)
	case a.head+a.size > c.br.Buffered():
		return false, false
	}
	resp, ok := a.response(c.link)
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
	hr, err := readAnswer(c.br, method)
	if err == nil {
		c.room = math.MaxInt
	}
	if err != nil {
		return false, err
	}
	if hr.StatusCode < 200 && hr.StatusCode != http.StatusSwitchingProtocols {
		c.link.node.Do(func() { c.interim(hr, at) })
		return true, nil
	}
	if hr.StatusCode == http.StatusSwitchingProtocols && c.lane == nil && hr.Header.Get("Upgrade") == sim.ProtocolWebSocket {
		return c.switches(response(hr), webSocket, at), nil
	}
	return c.answer(hr, at), nil
}

// asked returns the exchange that an answer is for; nil when nobody asked, or
// has had one already: what such a far end says next cannot be trusted.
func (c *conn) asked(at sim.Time) *exchange {
	if x := c.x; x != nil && x.written && x.near == asking && c.begun.Load() == c.writes {
		return x
	}
	c.broken(sim.Malformed, at)
	return nil
}

// count takes in an answer whose bytes nobody reads: one entry into the node
// for the header and the end, when both are here.
func (c *conn) count(a plainAnswer, at sim.Time) bool {
	whole := a.head+a.size <= c.br.Buffered()
	var header http.Header
	if len(a.others) > 0 {
		header, _ = c.link.headers.of(a.others) // what is not plain sets no cookie, and is not stored
	}
	var date sim.Time
	if c.link.fields {
		date, _ = c.link.dates.of(a.date)
	}
	var stamp sim.Stamp
	if whole {
		stamp = c.peekStamp(a.head, a.size)
	} else {
		c.begin(int64(a.size))
	}
	var resp *sim.Response
	u, ok := c.come(a.last, at, func(x *exchange) *sim.Response {
		resp = c.link.answers.New()
		resp.Status, resp.Header, resp.Size, resp.Stamp, resp.Via = a.status, header, int64(a.size), stamp, a.via
		resp.Date, resp.Aged, resp.Age = date, a.aged, sim.Time(a.age)*sim.Time(time.Second)
		if !whole {
			resp.Body = x.streams(c.tap, resp.Size)
		}
		return resp
	})
	if !ok {
		return false
	}
	if whole {
		_, _ = c.br.Discard(a.head + a.size) // it is in the buffer
		return !a.last
	}
	_, _ = c.br.Discard(a.head) // likewise
	stamp = c.peekStamp(0, a.size)
	read, err := c.drain(int64(a.size))
	cause := sim.OK
	if err != nil {
		cause = sim.Truncated
	}
	u.ends(cause, read, func() { resp.Stamp = stamp })
	return err == nil && !a.last
}

// come hands on an answer that is made within the node.
func (c *conn) come(last bool, at sim.Time, answer func(x *exchange) *sim.Response) (u using, ok bool) {
	c.link.node.Do(func() {
		x := c.asked(at)
		if x == nil {
			return
		}
		u, ok, c.last = using{x, x.use, c.link.net.OneWay()}, true, last
		x.arrives(answer(x), at)
	})
	return u, ok
}

// streams has the exchange's content come behind its header, by a tap.
func (x *exchange) streams(t *tap, size int64) *sim.Transfer {
	x.body, x.tap = &sim.Transfer{Length: size, Abandoned: x.onCancel}, t
	return x.body
}

// using is a use of an exchange, which may be another's by now.
type using struct {
	x      *exchange
	use    uint32
	travel time.Duration // of a packet, as it set out
}

// ends tells the exchange that its content has ended now, after what is to be done
// just before.
func (u using) ends(cause sim.Cause, read int64, before func()) {
	n := u.x.way.node
	at := n.wall.Now()
	n.Do(func() {
		if u.x.use == u.use {
			before()
			u.x.ends(cause, read, at)
		}
	})
}

// begin prepares for a content that comes behind its header.
func (c *conn) begin(size int64) {
	c.tap.shut()
	if size > narrowFrom && !c.narrow {
		c.narrow = true
		narrow(c.nc)
	}
}

// narrowFrom is the content in bytes from which a connection's socket gets a small
// buffer, so that the far end knows how far its sending has come: what fits into
// that is not worth the system call.
const narrowFrom = 64 << 10

// narrow gives a connection a receive buffer of 64 KB.
func narrow(nc net.Conn) {
	if t, ok := nc.(interface{ SetReadBuffer(bytes int) error }); ok {
		_ = t.SetReadBuffer(64 << 10) // the system's own is only less true
	}
}

// drain takes a content of so many bytes off the connection, as it is let through.
func (c *conn) drain(size int64) (read int64, err error) {
	for read < size && err == nil {
		flight := c.tap.next(read, size)
		var n int
		n, err = c.br.Discard(int(flight.upTo - read))
		read += int64(n)
	}
	return read, err
}

// peekStamp reads the stamp of a content of so many bytes, some way ahead, and
// waits for its first bytes when they are not here.
func (c *conn) peekStamp(ahead, size int) sim.Stamp {
	text, _ := c.br.Peek(ahead + min(size, sim.StampBytes)) // what breaks off is told by the next read
	return sim.ReadStamp(text[min(ahead, len(text)):])
}

// interim hands a 1xx answer on when it arrives.
func (c *conn) interim(hr *http.Response, at sim.Time) {
	x, l := c.x, c.link
	if x == nil || x.near != asking || x.req.Interim == nil {
		return
	}
	use := x.use
	l.node.engine.At(at.Add(l.net.OneWay()), func() {
		if x.use == use && (x.near == asking || x.near == answered) {
			x.req.Interim(hr.StatusCode, hr.Header)
		}
	})
}

// broken tells whoever waits on the connection that there will be no answer,
// and takes it out of use. A request that is on its way finds out when it gets
// there.
func (c *conn) broken(cause sim.Cause, at sim.Time) {
	c.dead = true
	x := c.x
	switch {
	case x == nil || x.near != asking || !x.written:
	case c.link.stranger && c.writes > 1 && cause == sim.Reset && x.req.Safe() && x.req.Body == nil:
		x.once()
	default:
		x.arrives(sim.Fail(cause), at)
	}
}

// once asks once more, over another connection: a strange server may have closed this
// one, which had been idle, just when the request was sent (RFC 9112 9.3.1, RFC 9110
// 9.2.2). The lab's own servers never do, and there a reset is what it is.
func (x *exchange) once() {
	l := x.link
	x.conn.x, x.conn = nil, nil
	x.near, x.written = waiting, false
	l.conns.Lost()
	if !l.conns.Ask(l.node.engine.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

// answer hands an answer on and reads its content; it reports whether the
// connection can carry another.
func (c *conn) answer(hr *http.Response, at sim.Time) bool {
	var resp *sim.Response
	if c.link.stranger {
		resp = foreign(hr)
	} else {
		resp = response(hr)
	}
	size := hr.ContentLength
	if hr.Body == http.NoBody || size == 0 {
		return c.whole(hr.Close || c.more(), resp, hr.ContentLength, nil, at)
	}
	if size > 0 && size <= int64(c.br.Buffered()) {
		data, err := c.take(hr.Body, resp, size)
		if err != nil {
			return false
		}
		return c.whole(hr.Close || c.more(), resp, size, data, at)
	}
	return c.stream(hr, resp, at)
}

// more reports whether the far end has sent more than its answer, which is not to be
// taken for the next one's (RFC 9112 9.2).
func (c *conn) more() bool { return c.lane == nil && c.br.Buffered() > 0 }

// take reads content that is already here, or only what it says of itself.
func (c *conn) take(body io.Reader, resp *sim.Response, size int64) ([]byte, error) {
	if c.link.discard {
		var first stampReader
		_, err := io.CopyN(io.Discard, io.TeeReader(body, &first), size)
		resp.Stamp = first.stamp()
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
			x.buffer, x.data = newBuffer(n), data
			x.whole = x.buffer.handle(x.buffer.last, &sim.Transfer{Length: size})
			resp.Body = x.whole
		}
		x.arrives(resp, at)
	})
	return usable
}

// stream hands on an answer and then its content as it comes.
func (c *conn) stream(hr *http.Response, resp *sim.Response, at sim.Time) bool {
	buffer := newBuffer(c.link.node)
	resp.Size = hr.ContentLength
	known := buffer.handle(buffer.last, nil)
	resp.Body = known
	c.begin(resp.Size)
	u, ok := c.come(hr.Close, at, func(x *exchange) *sim.Response {
		x.buffer, known.end = buffer, x.streams(c.tap, resp.Size)
		return resp
	})
	if !ok {
		return false
	}
	var first stampReader
	cause, read := c.fill(buffer, &first, hr, u.travel)
	last := hr.Close || c.more()
	u.ends(cause, read, func() {
		c.last = last
		if c.link.discard { // else the answer is another's by now
			resp.Stamp = first.stamp()
		}
	})
	return cause == sim.OK && !last
}

// fill reads content into a buffer, or only what it says of itself and how much
// it is.
func (c *conn) fill(b *Buffer, first *stampReader, hr *http.Response, travel time.Duration) (sim.Cause, int64) {
	var read int64
	var data []byte
	size := hr.ContentLength
	if size < 0 {
		size = math.MaxInt64
	}
	for {
		if data == nil {
			data = make([]byte, chunkFor(hr.ContentLength-read))
		}
		flight := c.tap.next(read, size)
		n, err := hr.Body.Read(data[:min(int64(len(data)), max(1, flight.upTo-read))])
		read += int64(n)
		due := flight.due(read)
		if came := c.link.node.wall.Now().Add(travel); came > due.Add(behind) {
			due = came // the far end has kept the flight waiting
		}
		switch {
		case c.link.discard:
			_, _ = first.Write(data[:n])
		case n > 0 && !b.write(keep(&data, n), due):
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

// behind is how long after its flight could leave a far end may give the bytes:
// what it takes to write them. They travel with the flight all the same, as a
// content's end does.
const behind = time.Millisecond

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
