// frontConn: one connection of a Front, request by request.
package live

import (
	"bufio"
	"net"
	"time"

	"cdnlab/sim"
)

// frontConn is one connection and the request that it carries.
type frontConn struct {
	f    *Front
	nc   net.Conn
	br   *bufio.Reader
	head plainHead
	out  []byte
	done chan struct{} // an answer has been written, or cannot be

	plainVisit
}

// plainVisit is one request's stay. Only done tells the reading goroutine that
// it may be used again.
type plainVisit struct {
	req   sim.Request
	scope sim.Scope
	bad   bool // the connection cannot go on after this answer
}

// visit answers a connection's requests.
func (f *Front) visit(nc net.Conn) {
	c := &frontConn{f: f, nc: nc, br: bufio.NewReaderSize(nc, frontBuffer), done: make(chan struct{}, 1)}
	_, c.head.secure = nc.(*secured)
	for c.next() {
	}
	f.leave(nc)
}

// frontBuffer holds a plain request's head; a longer one is net/http's.
const frontBuffer = 4 << 10

// next takes one request, and reports whether there can be another.
func (c *frontConn) next() bool {
	size, ok := c.await()
	if !ok {
		c.nc.Close()
		return false
	}
	text, _ := c.br.Peek(c.br.Buffered())
	if size == 0 || size != len(text) || !c.head.read(text, c.f.token) {
		return c.handOver()
	}
	_, _ = c.br.Discard(size) // it is in the buffer
	c.begin()
	if !c.finished() {
		c.nc.Close()
		return false
	}
	return true
}

// await waits for a request's head and returns its size: 0 when it does not end
// within the buffer.
func (c *frontConn) await() (int, bool) {
	if _, err := c.br.Peek(1); err != nil {
		return 0, false
	}
	for timed := false; ; {
		text, _ := c.br.Peek(c.br.Buffered())
		if end := headEnd(text); end > 0 {
			if timed {
				_ = c.nc.SetReadDeadline(time.Time{})
			}
			return end, true
		}
		if text[0] == tlsHandshake || len(text) == c.br.Size() || bareEnd(text) {
			return 0, true
		}
		if !timed {
			timed = true
			_ = c.nc.SetReadDeadline(time.Now().Add(c.f.http.ReadHeaderTimeout))
		}
		if _, err := c.br.Peek(len(text) + 1); err != nil {
			return 0, false
		}
	}
}

// begin hands the request to the node. The memory of the last one is used again
// only in there: what is due by now, the end of that one's content above all,
// has been played then.
func (c *frontConn) begin() {
	c.f.node.Do(func() {
		c.req = c.head.req
		c.scope.Reuse()
		c.req.Scope = &c.scope
		if !c.head.known {
			c.req.Addr = peerAddr(c.nc)
		}
		c.f.handler.Serve(&c.req, c.replied)
	})
}

// finished waits until the answer is written, and watches the client meanwhile:
// one that goes away cancels its request. It reports whether the connection can
// go on.
func (c *frontConn) finished() bool {
	select {
	case <-c.done:
		return !c.bad
	default:
	}
	if _, err := c.br.Peek(1); err != nil {
		select {
		case <-c.done: // it leaves after its answer
		default:
			c.f.node.Do(func() { c.scope.Cancel(sim.Cancelled) })
			<-c.done
		}
		return false
	}
	<-c.done
	return !c.bad
}

// end tells the reading goroutine that the answer has been dealt with. It waits
// for the next request's bytes: to close the connection is what wakes it.
func (c *frontConn) end() {
	if c.bad {
		c.nc.Close()
	}
	c.done <- struct{}{}
}

// replied is the node's answer. It is written by whoever leaves the node next.
func (c *frontConn) replied(resp *sim.Response) {
	c.f.node.Later(func() { c.write(resp) })
}

// atOnce is the content that is written without a goroutine: with its head it
// fits into a socket's buffer, which is empty as requests come one at a time.
const atOnce = 32 << 10

func (c *frontConn) write(resp *sim.Response) {
	if resp.Status == 0 {
		c.f.give(resp.Body, sim.Cancelled)
		c.bad = true
		c.end()
		return
	}
	c.bad = resp.Size < 0 && !bodiless(resp.Status) // its end is the connection's
	if c.req.Method == "HEAD" || bodiless(resp.Status) {
		c.out = c.f.appendHead(c.out[:0], resp)
		c.f.give(resp.Body, sim.Cancelled)
		c.send()
		return
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
		return
	}
	c.out = c.f.appendHead(c.out[:0], resp)
	go c.stream(resp)
}

// send writes an answer that is there whole.
func (c *frontConn) send() {
	if _, err := c.nc.Write(c.out); err != nil {
		c.bad = true
	}
	c.end()
}

// stream writes the head and a content as it comes.
func (c *frontConn) stream(resp *sim.Response) {
	w := &writeBehind{Conn: c.nc}
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
	if c, isContent := resp.Body.(*content); isContent {
		return c.whole(atOnce)
	}
	return nil, false, false
}
