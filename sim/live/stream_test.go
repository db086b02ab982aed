// Contents on their way through a Front: streaming, back-pressure, sharing, and
// who goes away before the end.
package live

import (
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"cdnlab/sim"
)

// odd makes net/http serve a request.
const odd = "Connection: keep-alive\r\n"

func getWith(path, extra string) string {
	return strings.TrimSuffix(get(path), "\r\n") + extra + "\r\n"
}

// source is a content that a test fills.
type source struct {
	n      *Node
	buffer *Buffer
	end    *sim.Transfer
	body   *content
	ahead  atomic.Int64 // the furthest that the fill ran ahead of its slowest reader
	given  atomic.Int64
}

func newSource(n *Node, size int64) *source {
	s := &source{n: n, buffer: newBuffer(n), end: &sim.Transfer{Length: size}}
	s.body = s.buffer.handle(s.buffer.last, s.end)
	return s
}

func (s *source) answer(body sim.Body) *sim.Response {
	resp := sim.Answer(200, nil, s.end.Length)
	resp.Body = body
	return resp
}

// read reports whether somebody reads.
func (s *source) read() bool {
	s.buffer.mu.Lock()
	defer s.buffer.mu.Unlock()
	return len(s.buffer.readers) > 0
}

// fill writes size bytes and ends.
func (s *source) fill(size int64, cause sim.Cause) {
	for left := size; left > 0; {
		data := filler[:min(left, chunkSize)]
		if !s.buffer.write(data, s.n.wall.Now()) {
			break
		}
		left -= int64(len(data))
		s.given.Add(int64(len(data)))
		s.buffer.mu.Lock()
		if len(s.buffer.readers) > 0 {
			s.ahead.Store(max(s.ahead.Load(), s.buffer.written-s.buffer.slowest()))
		}
		s.buffer.mu.Unlock()
	}
	s.stop(cause)
}

func (s *source) stop(cause sim.Cause) {
	s.buffer.end(cause, s.n.wall.Now())
	s.n.Do(func() { s.end.End(cause, s.given.Load()) })
}

// once serves each request with what the test hands over.
type once chan *sim.Response

func (o once) Serve(_ *sim.Request, reply func(*sim.Response)) { reply(<-o) }

func TestBackPressure(t *testing.T) {
	const size = 24 << 20 // more than both sockets' buffers take
	for _, extra := range []string{"", odd} {
		n := newTestNode(t)
		answers := make(once, 1)
		address, _ := serve(t, n, answers)
		s := newSource(n, size)
		answers <- s.answer(s.body)
		c := connect(t, address)
		_ = c.Conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		c.send(getWith("/", extra))
		eventually(t, "the content is being read", s.read)
		filled := make(chan struct{})
		go func() { s.fill(size, sim.OK); close(filled) }()
		eventually(t, "the fill runs ahead", func() bool { return s.ahead.Load() > window })
		select {
		case <-filled:
			t.Error("nothing held the fill back")
		default:
		}
		if _, body := c.answer("GET"); len(body) != size || body[:100] != string(filler[:100]) {
			t.Errorf("%d bytes of %d", len(body), size)
		}
		receive(t, filled, "the fill's end")
		if ahead := s.ahead.Load(); ahead > window+chunkSize {
			t.Errorf("the fill ran %d bytes ahead", ahead)
		}
	}
}

// TestSharedFill: readers that come before, during and after the fill all get
// all of it, and a reader that leaves holds nobody up.
func TestSharedFill(t *testing.T) {
	const size = 5 << 20
	n := newTestNode(t)
	answers := make(once, 4)
	address, _ := serve(t, n, answers)
	s := newSource(n, size)
	first := func() *client {
		n.Do(func() { answers <- s.answer(s.body.Share()) })
		c := connect(t, address)
		c.send(get("/"))
		return c
	}
	early, leaves := first(), first()
	filled := make(chan struct{})
	go func() { s.fill(size, sim.OK); close(filled) }()
	during := first()
	leaves.Close()
	for _, c := range []*client{early, during} {
		if _, body := c.answer("GET"); len(body) != size {
			t.Errorf("%d bytes of %d", len(body), size)
		}
	}
	receive(t, filled, "the fill's end")
	if _, body := first().answer("GET"); len(body) != size {
		t.Errorf("after the fill: %d bytes of %d", len(body), size)
	}
}

// TestFirstBytesAtOnce: what has come is sent before the rest is there.
func TestFirstBytesAtOnce(t *testing.T) {
	for _, extra := range []string{"", odd} {
		n := newTestNode(t)
		answers := make(once, 1)
		address, _ := serve(t, n, answers)
		s := newSource(n, 2000)
		answers <- s.answer(s.body)
		c := connect(t, address)
		c.send(getWith("/", extra))
		s.buffer.write(filler[:1000], 0)
		s.given.Add(1000)
		r, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r.Body, make([]byte, 1000)); err != nil {
			t.Fatalf("the first half: %v", err)
		}
		s.fill(1000, sim.OK)
		if rest, err := io.ReadAll(r.Body); len(rest) != 1000 || err != nil {
			t.Errorf("the second half: %d bytes, %v", len(rest), err)
		}
	}
}

// TestTruncated: a content that is cut short must not look whole.
func TestTruncated(t *testing.T) {
	for _, extra := range []string{"", odd} {
		for _, size := range []int64{100_000, -1} {
			n := newTestNode(t)
			answers := make(once, 1)
			address, _ := serve(t, n, answers)
			s := newSource(n, size)
			answers <- s.answer(s.body)
			c := connect(t, address)
			c.send(getWith("/", extra))
			s.fill(50_000, sim.Truncated)
			r, err := http.ReadResponse(c.br, nil)
			if errors.Is(err, syscall.ECONNRESET) {
				continue // the reset may overtake what was not read yet
			}
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(r.Body); err == nil {
				t.Errorf("%q, length %d: %d bytes look like the whole content", extra, size, len(body))
			}
		}
	}
}

// TestClientLeaves: its request is cancelled, and the node's answer is taken
// all the same, once.
func TestClientLeaves(t *testing.T) {
	for _, extra := range []string{"", odd} {
		n := newTestNode(t)
		asked, cancelled := make(chan struct{}, 1), make(chan sim.Cause, 2)
		address, _ := serve(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
			asked <- struct{}{}
			r.Scope.OnCancel(func(c sim.Cause) {
				cancelled <- c
				reply(sim.Fail(c))
			})
		}))
		c := connect(t, address)
		c.send(getWith("/", extra))
		receive(t, asked, "the request")
		c.Close()
		if cause := receive(t, cancelled, "the cancel"); cause != sim.Cancelled {
			t.Errorf("cancelled with %v", cause)
		}
	}
}

// TestClientLeavesContent: when the only reader leaves, the fill learns that
// nobody wants any more.
func TestClientLeavesContent(t *testing.T) {
	for _, extra := range []string{"", odd} {
		n := newTestNode(t)
		answers := make(once, 1)
		address, _ := serve(t, n, answers)
		s := newSource(n, 1<<30)
		answers <- s.answer(s.body)
		c := connect(t, address)
		c.send(getWith("/", extra))
		// Until then the content is kept whole for who may still ask for it.
		eventually(t, "the content is being read", s.read)
		filled := make(chan struct{})
		go func() { s.fill(1<<30, sim.OK); close(filled) }()
		_, _ = io.ReadFull(c.br, make([]byte, 1<<20))
		c.Close()
		receive(t, filled, "the fill's end")
		if given := s.given.Load(); given == 1<<30 {
			t.Error("all of it was written for nobody")
		}
	}
}

// TestEarlyAnswer: a client that is still sending gets its answer.
func TestEarlyAnswer(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	c := connect(t, address)
	c.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhello")
	if r, _ := c.answer("POST"); r.StatusCode != 200 || r.Header.Get("X-Size") != "100000" {
		t.Errorf("%+v", r)
	}
	c.send(strings.Repeat("x", 100000-5) + get("/next"))
	if r, _ := c.answer("GET"); r.Header.Get("X-Path") != "GET /next" {
		t.Errorf("%+v", r)
	}
}

// TestFrontClose: idle, waiting, streaming to who does not read: all ends.
func TestFrontClose(t *testing.T) {
	before := runtime.NumGoroutine()
	n := newTestNode(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 8)
	f := NewFront(NewServer(n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		asked <- struct{}{}
		if r.Path == "/big" {
			reply(sim.Answer(200, nil, 1<<30))
			return
		}
		r.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
	}), "", sim.Epoch))
	served := make(chan error, 1)
	go func() { served <- f.Serve(l) }()
	for _, extra := range []string{"", odd} {
		for _, path := range []string{"/wait", "/big"} {
			c := connect(t, l.Addr().String())
			c.send(getWith(path, extra))
			receive(t, asked, "a request")
		}
	}
	connect(t, l.Addr().String())
	connect(t, l.Addr().String()).send("GET / HT")
	closed := make(chan struct{})
	go func() { f.Close(); close(closed) }()
	receive(t, closed, "the end of Close")
	receive(t, served, "the end of Serve")
	if err := f.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve after Close: %v", err)
	}
	n.Close()
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}
