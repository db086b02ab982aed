// Front: a node behind the lab's own HTTP/1.1 loop, for the plain requests that
// a load is made of. Everything else it hands over to net/http.
package live

import (
	"bufio"
	"errors"
	"net"
	"sync"
	"time"

	"cdnlab/sim"
)

// Front serves a node's handler. A plain request (GET or HEAD over HTTP/1.1,
// without content, one at a time) costs a read and a write; the goroutine that
// has the answer writes it. The first request of a connection that is not so
// plain takes the connection to a Server, for good.
type Front struct {
	*Server
	odd   *oddListener
	texts headerTexts

	mu     sync.Mutex // protects what follows
	conns  map[net.Conn]struct{}
	closed bool
	listen net.Listener
}

// NewFront returns a front for a node's handler; see NewServer.
func NewFront(s *Server) *Front {
	return &Front{Server: s, odd: newOddListener(), conns: map[net.Conn]struct{}{}}
}

// Serve answers on a listener until Close.
func (f *Front) Serve(l net.Listener) error {
	f.mu.Lock()
	f.listen = l
	closed := f.closed
	f.mu.Unlock()
	if closed {
		l.Close()
		return net.ErrClosed
	}
	go func() { _ = f.Server.Serve(f.odd) }() // it ends with Close
	for {
		nc, err := l.Accept()
		if err != nil {
			if temporary(err) {
				time.Sleep(acceptPause)
				continue
			}
			return err
		}
		nc = fast(nc)
		if !f.enter(nc) {
			nc.Close()
			return net.ErrClosed
		}
		go f.visit(nc)
	}
}

// acceptPause is the wait after an accept that failed for want of descriptors.
const acceptPause = 5 * time.Millisecond

func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary() && !errors.Is(err, net.ErrClosed)
}

func (f *Front) enter(nc net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.conns[nc] = struct{}{}
	return true
}

func (f *Front) leave(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, nc)
}

// Close ends the front and its connections.
func (f *Front) Close() error {
	f.mu.Lock()
	f.closed = true
	for nc := range f.conns { // all of them: any order will do
		nc.Close()
	}
	l := f.listen
	f.mu.Unlock()
	if l != nil {
		l.Close()
	}
	return f.Server.Close()
}

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
		if len(text) == c.br.Size() || bareEnd(text) {
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
		err = copyBody(w, resp.Body, resp.Size, func() { _ = w.Flush() }) // a broken connection shows at the next write
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
