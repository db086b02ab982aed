// Front and Server over real sockets, with clients that write bytes.
package live

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// serve puts a handler behind a Front and returns its address. Everything ends
// with the test.
func serve(t testing.TB, n *Node, h sim.Handler) (string, *Front) {
	t.Helper()
	f := NewFront(NewServer(n, h, "secret", sim.Epoch))
	return serveOn(t, f), f
}

// serveOn has a front serve until the test's end, and returns its address.
func serveOn(t testing.TB, f *Front) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(l) }()
	t.Cleanup(func() {
		f.Close()
		if err := receive(t, ended, "the end of Serve"); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// client is a connection that speaks bytes.
type client struct {
	t *testing.T
	net.Conn
	br   *bufio.Reader
	what string // it is there for
}

func connect(t *testing.T, address string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	return &client{t: t, Conn: nc, br: bufio.NewReader(nc)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(c.what, err)
	}
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n" }

// answer reads an answer to a method and its content.
func (c *client) answer(method string) (*http.Response, string) {
	c.t.Helper()
	r, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err != nil {
		c.t.Fatal(c.what, err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(c.what, err)
	}
	return r, string(body)
}

// wantEnd checks that the server closes the connection and says no more.
func (c *client) wantEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.br); len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("instead of the end: %q, %v", rest, err)
	}
}

// echo answers with what it was asked, in the header, some of it later.
func echo(n *Node) sim.Handler {
	return sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		size, status := int64(len(r.Path)), 200
		switch {
		case strings.HasPrefix(r.Path, "/204"):
			status, size = 204, 0
		case strings.HasPrefix(r.Path, "/304"):
			status = 304
		case strings.HasPrefix(r.Path, "/big"):
			size = 100_000
		case strings.HasPrefix(r.Path, "/unknown"):
			size = -1
		}
		resp := sim.Answer(status, http.Header{"X-Path": {r.Method + " " + r.Path}, "X-Who": {fmt.Sprint(r.ID, " ", r.Place, " ", r.Addr)},
			"X-Size": {fmt.Sprint(r.Size)}}, size)
		if strings.HasPrefix(r.Path, "/dead") {
			resp = sim.Fail(sim.Reset)
		}
		if strings.HasSuffix(r.Path, "/late") {
			n.Engine().After(time.Millisecond, func() { reply(resp) })
			return
		}
		reply(resp)
	})
}

func TestKeepAlive(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	c := connect(t, address)
	for i := range 20 {
		path := fmt.Sprintf("/%d", i)
		if i%2 == 0 {
			path += "/late"
		}
		c.send(get(path))
		r, body := c.answer("GET")
		if r.Header.Get("X-Path") != "GET "+path || len(body) != len(path) || r.Close {
			t.Fatalf("%s: %+v %q", path, r, body)
		}
	}
}

func TestPipelined(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	for _, first := range []string{"/0", "/0/late"} {
		c := connect(t, address)
		c.send(get(first))
		all := ""
		for i := 1; i < 10; i++ {
			all += get(fmt.Sprintf("/%d/late", i))
		}
		c.send(all[:len(all)-9])
		c.send(all[len(all)-9:])
		for i := range 10 {
			r, _ := c.answer("GET")
			if want := fmt.Sprintf("GET /%d", i); !strings.HasPrefix(r.Header.Get("X-Path"), want) {
				t.Fatalf("answer %d is %q", i, r.Header.Get("X-Path"))
			}
		}
	}
}

func TestWithoutContent(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	c := connect(t, address)
	for _, step := range []struct {
		method, path string
		status       int
		length       string
	}{
		{"HEAD", "/head/late", 200, "10"}, {"HEAD", "/big", 200, "100000"}, {"GET", "/204", 204, ""}, {"GET", "/304/late", 304, ""},
		{"GET", "/last", 200, "5"},
	} {
		c.send(step.method + strings.TrimPrefix(get(step.path), "GET"))
		r, _ := c.answer(step.method)
		if r.StatusCode != step.status || r.Header.Get("Content-Length") != step.length || r.Header.Get("X-Path") != step.method+" "+step.path {
			t.Errorf("%s %s: %+v", step.method, step.path, r)
		}
	}
}

// TestEndByClose: where the connection's end is the answer's, it must come,
// whether the answer was there at once or later.
func TestEndByClose(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	for _, path := range []string{"/unknown", "/unknown/late"} {
		for _, method := range []string{"GET", "HEAD"} {
			c := connect(t, address)
			c.send(method + strings.TrimPrefix(get(path), "GET"))
			if r, _ := c.answer(method); r.StatusCode != 200 || !r.Close {
				t.Errorf("%s %s: %+v", method, path, r)
			}
			c.wantEnd()
		}
	}
	for _, path := range []string{"/dead", "/dead/late"} {
		for _, extra := range []string{"", "Connection: keep-alive\r\n"} { // the second is net/http's
			c := connect(t, address)
			c.send(strings.TrimSuffix(get(path), "\r\n") + extra + "\r\n")
			c.wantEnd()
		}
	}
}

func TestOddRequests(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	long := strings.Repeat("x", frontBuffer)
	for name, c := range map[string]struct { // any order
		text   string
		status int
		path   string
	}{
		"POST":              {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200, "POST /p"},
		"chunked":           {"POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200, "POST /p"},
		"GET with content":  {"GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200, "GET /p"},
		"malformed":         {"GET /p HTTP/1.1\r\nHost: a\r\nno field\r\n\r\n", 400, ""},
		"no host":           {"GET /p HTTP/1.1\r\n\r\n", 400, ""},
		"two hosts":         {"GET /p HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, ""},
		"blank before :":    {"GET /p HTTP/1.1\r\nHost : a\r\n\r\n", 400, ""},
		"wrong host":        {"GET /p HTTP/1.1\r\nHost: a b\r\n\r\n", 400, ""},
		"wrong escape":      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
		"CL and TE":         {"GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, ""},
		"bare LF":           {"GET /p HTTP/1.1\nHost: a\n\n", 400, ""},
		"bare LF in part":   {"GET /p HTTP/1.1\r\nHost: a\n\r\n", 400, ""},
		"long head":         {"GET /p HTTP/1.1\r\nHost: a\r\nX: " + long + "\r\n\r\n", 200, "GET /p"},
		"absolute form":     {"GET http://a/p HTTP/1.1\r\nHost: a\r\n\r\n", 200, "GET /p"},
		"HTTP/1.0":          {"GET /p HTTP/1.0\r\nHost: a\r\n\r\n", 200, "GET /p"},
		"unknown method":    {"PURGE /p HTTP/1.1\r\nHost: a\r\n\r\n", 200, "PURGE /p"},
		"head in two parts": {"GET /p HTTP/1.1\r\nHost: a\r\n|\r\n", 200, "GET /p"},
	} {
		conn := connect(t, address)
		for part := range strings.SplitSeq(c.text, "|") {
			conn.send(part)
		}
		r, _ := conn.answer("GET")
		if r.StatusCode != c.status || r.Header.Get("X-Path") != c.path {
			t.Errorf("%s: %d %q", name, r.StatusCode, r.Header.Get("X-Path"))
		}
	}
}

// TestWhoIsBelieved: by both front ends, with the token only.
func TestWhoIsBelieved(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	for _, extra := range []string{"", "Connection: keep-alive\r\n"} {
		for token, want := range map[string]string{"secret": "7 New York 127.9.9.9", "wrong": "0  127.0.0.1"} { // any order
			c := connect(t, address)
			c.send("GET /p HTTP/1.1\r\nHost: a\r\n" + extra + headerClient + ": " + token + " 7 0 1 2 127.9.9.9 New York\r\n\r\n")
			if r, _ := c.answer("GET"); r.Header.Get("X-Who") != want {
				t.Errorf("%q with token %q: %q", extra, token, r.Header.Get("X-Who"))
			}
		}
	}
}

// TestSlowHead: a head that does not come to its end ends the connection, in
// either front end.
func TestSlowHead(t *testing.T) {
	n := newTestNode(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(n, echo(n), "", sim.Epoch)
	s.http.ReadHeaderTimeout = 30 * time.Millisecond
	f := NewFront(s)
	go func() { _ = f.Serve(l) }() // it ends with Close
	defer f.Close()
	c := connect(t, l.Addr().String())
	c.send(get("/first"))
	c.answer("GET")
	begun := time.Now()
	c.send("GET /second HTTP/1.1\r\nHost")
	if r, _ := c.answer("GET"); r.StatusCode != http.StatusRequestTimeout || !r.Close {
		t.Errorf("%+v", r)
	}
	c.wantEnd()
	if took := time.Since(begun); took < 30*time.Millisecond {
		t.Errorf("ended after %v", took)
	}
	c = connect(t, l.Addr().String())
	c.send("GET /x HTTP/1.1\r\nX: " + strings.Repeat("x", frontBuffer))
	if r, _ := c.answer("GET"); r.StatusCode != http.StatusRequestTimeout || !r.Close {
		t.Errorf("%+v", r)
	}
	c.wantEnd()
}
