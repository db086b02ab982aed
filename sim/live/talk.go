// talk: a Server's end of a connection that has switched to messages.
package live

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"sync"

	"cdnlab/sim"
)

// talk is one such connection.
type talk struct {
	server  *Server
	nc      net.Conn
	visit   *visit
	channel sim.Channel // nil: who has connected was not let in yet
	words   words

	mu sync.Mutex // of writes
}

// talks are those of a server.
type talks struct {
	mu     sync.Mutex // protects what follows
	conns  map[net.Conn]struct{}
	closed bool
}

func (t *talks) enter(nc net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conns == nil {
		t.conns = map[net.Conn]struct{}{}
	}
	t.conns[nc] = struct{}{}
	return !t.closed
}

func (t *talks) leave(nc net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.conns, nc)
}

func (t *talks) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for nc := range t.conns { // all of them: any order will do
		nc.Close()
	}
}

// switches takes a connection whose answer is a Channel out of net/http's hands, and
// passes messages until it ends.
func (s *Server) switches(w http.ResponseWriter, r *http.Request, v *visit, channel sim.Channel) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.give(channel, sim.Cancelled)
		return
	}
	defer nc.Close()
	if !s.talks.enter(nc) {
		return
	}
	defer s.talks.leave(nc)
	t := &talk{server: s, nc: bare(nc), visit: v, channel: channel}
	head := switchHead{http.Header{}}
	writeHeader(head, v.resp, s.epoch)
	if key := r.Header["Sec-Websocket-Key"]; len(key) == 1 && len(head.Header()["Sec-Websocket-Accept"]) == 0 {
		head.Header()["Sec-Websocket-Accept"] = []string{acceptKey(key[0])}
	}
	head.Header()["Connection"], head.Header()["Upgrade"] = sim.Switched["Connection"], sim.Switched["Upgrade"]
	out := bufio.NewWriter(t.nc)
	fmt.Fprintf(out, "HTTP/1.1 101 %s\r\n", http.StatusText(http.StatusSwitchingProtocols))
	_ = head.Header().Write(out) // a broken connection shows at the reader
	_, _ = out.WriteString("\r\n")
	_ = out.Flush()
	s.node.Do(func() {
		channel.OnEnd(func(c sim.Cause, _ int64) {
			s.node.Later(func() { t.close(c) })
		})
	})
	t.read(rw.Reader)
	s.node.Do(func() {
		v.scope.Cancel(sim.Cancelled)
		channel.Abandon(sim.Cancelled)
	})
}

// bare is a connection without what stands around it for HTTP.
func bare(nc net.Conn) net.Conn {
	if b, ok := nc.(*writeBehind); ok {
		nc = b.Conn
	}
	if g, ok := nc.(*guard); ok {
		nc = g.Conn
	}
	return nc
}

// switchHead takes a header that is not written by net/http.
type switchHead struct{ header http.Header }

func (h switchHead) Header() http.Header         { return h.header }
func (h switchHead) Write(p []byte) (int, error) { return len(p), nil }
func (h switchHead) WriteHeader(int)             {}

// read takes messages until the client leaves. What net/http has read ahead comes
// first.
func (t *talk) read(ahead *bufio.Reader) {
	text, _ := ahead.Peek(ahead.Buffered()) // it is in the buffer
	r := bufio.NewReader(&readConn{t.nc, text})
	for {
		f, err := readFrame(r)
		switch {
		case err != nil, f.op == frameClose:
			return
		case f.op == framePing:
			t.write(appendFrame(nil, framePong, f.data, false))
		case f.op != framePong:
			t.message(f)
		}
	}
}

// message passes a message on.
func (t *talk) message(f frame) {
	id, _ := f.message()
	req := t.visit.req
	req.ID, req.Attempt, req.Size, req.Body, req.Scope, req.Interim = id, 0, int64(len(f.data)), nil, nil, nil
	req.Header = plainHeader
	n := t.server.node
	n.Do(func() {
		t.channel.Serve(&req, func(resp *sim.Response) {
			text := t.words.message(id, resp.Failed(), max(resp.Size, 0), false)
			n.Later(func() { t.write(text) })
		})
	})
}

// plainHeader is a message's: it has none of the request that the connection began
// with.
var plainHeader = http.Header{}

func (t *talk) write(text []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = t.nc.Write(text) // a broken connection shows at the reader
}

// close ends the connection: with a word, where it ends in good order.
func (t *talk) close(c sim.Cause) {
	if c == sim.OK {
		t.write(t.words.bye())
	}
	t.nc.Close()
}
