// frontConn: one connection of a Front, request by request.
package live

import (
	"net"
	"net/netip"
	"time"

	"cdnlab/sim"
)

// frontConn is one connection and the request that it carries.
type frontConn struct {
	f    *Front
	nc   net.Conn
	addr netip.Addr // the far end's
	head plainHead

	in    []byte // room for one head
	got   int    // bytes of in that have come and were not taken
	timed bool   // a head has begun and must end in time

	out    []byte
	errand errand // to write an answer that came later
	reply  func(*sim.Response)
	done   chan struct{} // an answer that came later has been dealt with

	plainVisit
}

// plainVisit is one request's stay.
type plainVisit struct {
	req   sim.Request
	scope sim.Scope
	resp  *sim.Response // under the node's mutex; nil: it has not come
	begun bool          // under the node's mutex: the handler is being asked, so who asks will write
	asked bool          // the reading goroutine's: the answer comes later
	bad   bool          // the connection cannot go on after this answer
}

// turn is what a connection needs next.
type turn uint8

const (
	turnRead turn = iota // more bytes
	turnWait             // the answer under way: there are bytes behind its request
	turnOdd              // net/http
	turnRaw              // what speaks no HTTP
	turnOver             // an end
)

// frontBuffer holds a plain request's head; a longer one is net/http's.
const frontBuffer = 4 << 10

// visit answers a connection's requests.
func (f *Front) visit(nc net.Conn) {
	c := &frontConn{f: f, nc: nc, addr: f.passed.sees(peerAddr(nc)), in: make([]byte, frontBuffer), done: make(chan struct{}, 1)}
	c.reply, c.errand.run = c.replied, c.writeLate
	_, c.head.secure = nc.(*secured)
	defer f.leave(nc)
	for next := turnRead; ; {
		switch next {
		case turnRead:
			next = c.read()
		case turnWait:
			<-c.done
			next = c.proceed()
		case turnOdd:
			c.handOver()
			return
		case turnRaw:
			f.raw(&readConn{c.nc, c.in[:c.got]}, c.addr)
			return
		case turnOver:
			c.over()
			return
		}
	}
}

// read reads until there is something to do that the connection must not be
// held for.
func (c *frontConn) read() turn {
	if t, ok := c.nc.(through); ok {
		return t.readThrough(c)
	}
	for {
		n, err := c.nc.Read(c.in[c.got:])
		if next := c.came(n, err); next != turnRead {
			return next
		}
	}
}

// through is a connection that can be read and answered in one go.
type through interface {
	readThrough(c *frontConn) turn
}

// came takes in what a read brought.
func (c *frontConn) came(n int, err error) turn {
	c.got += n
	if n == 0 {
		if err == nil {
			return turnRead
		}
		if c.timed && tooLate(err) { // or the front is closing, and nothing can be written
			_, _ = c.nc.Write(badSlowHead.answer(httpDate(c.f.epoch, c.f.node.wall.Now())))
		}
		return turnOver
	}
	if c.asked {
		select {
		case <-c.done:
		default:
			return turnWait
		}
	}
	return c.proceed()
}

// proceed answers the plain request that has come, if one has.
func (c *frontConn) proceed() turn {
	c.asked = false
	if c.bad {
		return turnOver
	}
	if c.got == 0 {
		return turnRead
	}
	text := c.in[:c.got]
	if text[0] == rawByte {
		return turnRaw
	}
	size := headEnd(text)
	switch {
	case size == 0:
		return c.partly(text)
	case size != len(text) || !c.head.read(text, c.f.token):
		return turnOdd
	}
	c.timely()
	c.got = 0
	return c.serve()
}

// partly waits for the rest of a head.
func (c *frontConn) partly(text []byte) turn {
	if !plainByte(text[0]) || len(text) == len(c.in) || bareEnd(text) {
		return turnOdd
	}
	if !c.timed {
		c.timed = true
		_ = c.nc.SetReadDeadline(time.Now().Add(c.f.http.ReadHeaderTimeout))
	}
	return turnRead
}

// timely ends the time that a head has.
func (c *frontConn) timely() {
	if c.timed {
		c.timed = false
		_ = c.nc.SetReadDeadline(time.Time{})
	}
}

// serve hands the request to the node, and writes the answer if it is there at
// once. The memory of the last request is used again only in the node, and its
// answer given back there: what is due by now, the end of that one's content above
// all, has been played then.
func (c *frontConn) serve() turn {
	var resp *sim.Response
	c.f.node.Do(func() {
		if c.resp != nil {
			c.resp.Done()
		}
		c.req = c.head.req
		c.scope.Reuse()
		c.req.Scope = &c.scope
		if !c.head.known || c.f.passed.By.IsValid() {
			c.req.Addr = c.addr
		}
		c.resp, c.begun = nil, true
		c.f.handler.Serve(&c.req, c.reply)
		resp, c.begun = c.resp, false
	})
	if resp == nil || !c.write(resp) {
		c.asked = true
		return turnRead
	}
	if c.bad {
		return turnOver
	}
	return turnRead
}

// replied is the node's answer. One that comes later is written by whoever
// leaves the node next.
func (c *frontConn) replied(resp *sim.Response) {
	c.resp = resp
	if !c.begun {
		c.f.node.later(&c.errand)
	}
}

// writeLate writes an answer that came later.
func (c *frontConn) writeLate() {
	if c.write(c.resp) {
		c.end()
	}
}

// end tells the reading goroutine that an answer that came later has been dealt
// with. If it waits for bytes, to close the connection is what wakes it.
func (c *frontConn) end() {
	bad := c.bad // the next request may begin at once
	c.done <- struct{}{}
	if bad {
		c.nc.Close()
	}
}

// over ends the connection. A client that goes away cancels its request.
func (c *frontConn) over() {
	if c.asked {
		select {
		case <-c.done: // it leaves after its answer
		default:
			c.f.node.Do(func() { c.scope.Cancel(sim.Cancelled) })
			<-c.done
		}
	}
	c.nc.Close()
}

// atOnce is the content that is written without a goroutine: with its head it
// fits into a socket's buffer, which is empty as requests come one at a time.
const atOnce = 32 << 10

// write writes an answer, and reports whether it is done with: else a goroutine
// goes on, and tells when it is.
func (c *frontConn) write(resp *sim.Response) bool {
	if resp.Status == 0 {
		c.f.give(resp.Body, sim.Cancelled)
		c.bad = true
		return true
	}
	c.bad = resp.Size < 0 && !bodiless(resp.Status) // its end is the connection's
	if c.req.Method == "HEAD" || bodiless(resp.Status) {
		c.out = c.f.appendHead(c.out[:0], resp)
		c.f.give(resp.Body, sim.Cancelled)
		c.send()
		return true
	}
	if data, ours, ok := wholeContent(resp); ok {
		resp.Size, c.bad = int64(len(data)), false
		c.out = append(c.f.appendHead(c.out[:0], resp), data...)
		if resp.Body == nil {
			resp.Stamp.Put(c.out[len(c.out)-len(data):])
		}
		if ours {
			freeBytes(data)
		}
		c.send()
		return true
	}
	c.out = c.f.appendHead(c.out[:0], resp)
	go c.stream(resp)
	return false
}

// send writes an answer that is there whole.
func (c *frontConn) send() {
	if _, err := c.nc.Write(c.out); err != nil {
		c.bad = true
	}
}

// stream writes the head and a content as it comes.
func (c *frontConn) stream(resp *sim.Response) {
	w := newWriteBehind(c.nc)
	_, err := w.Write(c.out)
	if err == nil {
		err = c.f.copyContent(w, resp, func() { _ = w.Flush() }) // a broken connection shows at the next write
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		if c.bad {
			reset(c.nc) // where the end is the connection's, an orderly close would look like it
		}
		c.bad = true
		c.f.give(resp.Body, sim.Cancelled)
	}
	c.end()
}

// reset makes a connection's close a reset.
func reset(nc net.Conn) {
	if t, ok := nc.(interface{ SetLinger(seconds int) error }); ok {
		_ = t.SetLinger(0) // it is closed all the same
	}
}

func bodiless(status int) bool { return status == 204 || status == 304 }

// wholeContent returns a small content that has come whole (the filler for one
// whose size alone is known), and whether nobody else has a claim on its bytes.
func wholeContent(resp *sim.Response) (data []byte, ours, ok bool) {
	if resp.Body == nil {
		if resp.Size < 0 || resp.Size > min(atOnce, int64(len(filler))) {
			return nil, false, false
		}
		return filler[:resp.Size], false, true
	}
	switch b := resp.Body.(type) {
	case *content:
		return b.whole(atOnce)
	case *sim.Pieces:
		data, ok = wholeSection(b.Pieces())
	case sim.Text:
		return []byte(b), true, b.Size() <= atOnce
	}
	return data, false, ok
}

// wholeSection returns the bytes of one section of a small content.
func wholeSection(pieces []sim.Piece) (data []byte, ok bool) {
	if len(pieces) != 1 {
		return nil, false
	}
	c, ok := pieces[0].Body.(*content)
	if !ok {
		return nil, false
	}
	if data, _, ok = c.whole(atOnce); !ok {
		return nil, false
	}
	return data[pieces[0].From:][:pieces[0].Size], true
}
