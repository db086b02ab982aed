// Answers on a connection of a Link: plain ones, and of any form.
package live

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"time"

	"cdnlab/sim"
)

// plain takes a plain answer off the connection: one whose head lies in the
// buffer and, unless nobody reads it, its content too.
func (c *conn) plain(at sim.Time) (handled, usable bool) {
	a, ok := peekAnswer(c.br, c.link.discard)
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
	if len(a.others) > 0 {
		resp.Header, _ = c.link.headers.of(a.others) // what is not plain sets no cookie
	}
	if whole {
		resp.Stamp = c.peekStamp(a.head, a.size)
	}
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
	if whole {
		_, _ = c.br.Discard(a.head + a.size) // it is in the buffer
		return !a.last
	}
	_, _ = c.br.Discard(a.head) // likewise
	stamp := c.peekStamp(0, a.size)
	read, err := c.br.Discard(a.size)
	cause := sim.OK
	if err != nil {
		cause = sim.Truncated
	}
	end := n.wall.Now()
	n.Do(func() {
		n.engine.At(end.Add(c.link.net.OneWay()), func() {
			resp.Stamp = stamp
			x.bodyEnds(cause, int64(read))
		})
	})
	return err == nil && !a.last
}

// peekStamp reads the stamp of a content of so many bytes, some way ahead, and
// waits for its first bytes when they are not here.
func (c *conn) peekStamp(ahead, size int) sim.Stamp {
	text, _ := c.br.Peek(ahead + min(size, sim.StampBytes)) // what breaks off is told by the next read
	return sim.ReadStamp(text[min(ahead, len(text)):])
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
		data, err := c.take(hr.Body, resp, size)
		if err != nil {
			return false
		}
		return c.whole(hr.Close, resp, size, data, at)
	}
	return c.stream(hr, resp, at)
}

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
	var first stampReader
	cause, read := c.fill(buffer, &first, hr, travel)
	due := n.wall.Now().Add(travel)
	n.Do(func() {
		n.engine.At(due, func() {
			if c.link.discard { // else the answer is another's by now
				resp.Stamp = first.stamp()
			}
			x.bodyEnds(cause, read)
		})
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
	if x.req.Traced() {
		x.link.tell.End(x.req, cause, n)
	}
	x.settle(cause == sim.OK)
	x.body.End(cause, n)
}

// fill reads content into a buffer, or only what it says of itself and how much
// it is.
func (c *conn) fill(b *Buffer, first *stampReader, hr *http.Response, travel time.Duration) (sim.Cause, int64) {
	var read int64
	var data []byte
	for {
		if data == nil {
			data = make([]byte, chunkFor(hr.ContentLength-read))
		}
		n, err := hr.Body.Read(data)
		read += int64(n)
		due := c.link.node.wall.Now().Add(travel)
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
