// Requests that are none, or slow: what they are answered, and what of them reaches
// the node.
package live

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/sim"
)

// heard is what a node hears of requests: each with how its content ended.
type heard struct {
	n        *Node
	requests []string
}

// Serve implements sim.Handler. It answers when the content has ended.
func (h *heard) Serve(r *sim.Request, reply func(*sim.Response)) {
	i := len(h.requests)
	h.requests = append(h.requests, r.Method+" "+r.Path+" "+r.Host)
	if r.Body == nil {
		reply(sim.Answer(200, nil, 2))
		return
	}
	body := r.Body
	share := body.Share() // somebody wants it
	go func() {
		from := open(nil, share, sim.Stamp{}, 0)
		defer from.close()
		for {
			if _, err := from.next(nil); err != nil {
				return
			}
		}
	}()
	body.OnEnd(func(c sim.Cause, n int64) {
		h.requests[i] += fmt.Sprint(" ", n, " ", c)
		if c == sim.OK {
			reply(sim.Answer(200, nil, 2))
			return
		}
		reply(sim.Fail(c))
	})
}

// take returns what was heard, and forgets it.
func (h *heard) take() (all []string) {
	h.n.Do(func() { all, h.requests = h.requests, nil })
	return all
}

const behindIt = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

func TestBadHeads(t *testing.T) {
	h := &heard{n: newTestNode(t)}
	for name, address := range serveBoth(t, h.n, h) { // any order
		for what, c := range badHeads { // likewise
			for _, before := range []string{"", get("/first"), post("Content-Length: 5", "hello")} {
				conn := connect(t, address)
				conn.what = name + ": " + what
				if before != "" {
					conn.send(before)
					if r, _ := conn.answer("GET"); r.StatusCode != 200 {
						t.Fatalf("%s: before %s: %d", name, what, r.StatusCode)
					}
				}
				_, _ = io.WriteString(conn, c.text+behindIt) // the server may have had enough before its end
				r, text := conn.answer("GET")
				if r.StatusCode != c.status || !r.Close || !strings.HasPrefix(text, fmt.Sprint(c.status)) {
					t.Errorf("%s: %s: %d (close %v) %q, want %d", name, what, r.StatusCode, r.Close, text, c.status)
				}
				conn.wantEnd()
				if got := h.take(); len(got) != min(1, len(before)) {
					t.Errorf("%s: %s: the node heard %q", name, what, got)
				}
			}
		}
	}
}

func TestBadContents(t *testing.T) {
	h := &heard{n: newTestNode(t)}
	for name, address := range serveBoth(t, h.n, h) { // any order
		for what, content := range badContents { // likewise
			conn := connect(t, address)
			conn.what = name + ": " + what
			_, _ = io.WriteString(conn, post("Transfer-Encoding: chunked", content)+behindIt)
			want := 400
			if what == "trailers: too long" {
				want = 431
			}
			if r, text := conn.answer("GET"); r.StatusCode != want || !r.Close {
				t.Errorf("%s: %s: %d (close %v) %q, want %d", name, what, r.StatusCode, r.Close, text, want)
			}
			conn.wantEnd()
			got := h.take()
			if len(got) != 1 || !strings.HasSuffix(got[0], fmt.Sprint(" ", sim.Truncated)) {
				t.Errorf("%s: %s: the node heard %q", name, what, got)
			}
		}
	}
}

func TestGoodRequests(t *testing.T) {
	h := &heard{n: newTestNode(t)}
	for name, address := range serveBoth(t, h.n, h) { // any order
		for what, text := range goodRequests { // likewise
			for _, part := range []int{len(text) + 100, 1000, 1} { // all at once, and in parts
				conn := connect(t, address)
				for some := range slices.Chunk([]byte(text+get("/next")), part) {
					conn.send(string(some))
				}
				for range 2 {
					if r, says := conn.answer("GET"); r.StatusCode != 200 {
						t.Fatalf("%s: %s: %d %q", name, what, r.StatusCode, says)
					}
				}
				got := h.take()
				if len(got) != 2 || strings.Contains(got[0], "://") || strings.Contains(got[0], sim.Truncated.String()) || got[1] != "GET /next shop" {
					t.Errorf("%s: %s: the node heard %q", name, what, got)
				}
				conn.Close()
			}
		}
	}
}

// TestSlowRequests: in a bubble, where time passes when there is nothing to do.
func TestSlowRequests(t *testing.T) {
	for what, c := range map[string]struct { // any order
		text  string
		after time.Duration
		heard int
	}{
		"request line":      {"GET /", headerTimeout, 0},
		"odd request line":  {"\r\nPOST /", headerTimeout, 0},
		"header":            {"GET / HTTP/1.1\r\nHost: a\r\nX", headerTimeout, 0},
		"header of a POST":  {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n", headerTimeout, 0},
		"second header":     {post("Content-Length: 0", "") + "POST / HTTP/1.1\r\n", headerTimeout, 1},
		"content":           {post("Content-Length: 5", "hell"), bodyTimeout, 1},
		"chunk":             {post("Transfer-Encoding: chunked", "5\r\nhell"), bodyTimeout, 1},
		"chunk's line":      {post("Transfer-Encoding: chunked", "5\r\nhello\r\n"), bodyTimeout, 1},
		"trailers":          {post("Transfer-Encoding: chunked", "0\r\n"), bodyTimeout, 1},
		"content of a GET":  {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", bodyTimeout, 1},
		"drops of a header": {"GET / HTTP/1.1\r\nX: |x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x|x", headerTimeout, 0},
	} {
		for name, front := range map[string]bool{"front": true, "net/http": false} { // any order
			synctest.Test(t, func(t *testing.T) { holdSlow(t, name+": "+what, front, c.text, c.after, c.heard) })
		}
	}
}

func holdSlow(t *testing.T, what string, front bool, text string, after time.Duration, want int) {
	wall, _ := StartWall()
	h := &heard{n: NewTimerNode(wall)}
	defer h.n.Close()
	s, l := NewServer(h.n, h, "", sim.Epoch), newOddListener()
	if front {
		f := NewFront(s)
		defer f.Close()
		go func() { _ = f.Serve(l) }() // it ends with Close
	} else {
		defer s.Close()
		go func() { _ = s.Serve(l) }() // likewise
	}
	defer l.Close()
	near, far := net.Pipe()
	l.give(far)
	begun := time.Now()
	var sending sync.WaitGroup
	defer func() { near.Close(); sending.Wait() }()
	sending.Go(func() {
		for drop := range strings.SplitSeq(text, "|") {
			if _, err := io.WriteString(near, drop); err != nil {
				return
			}
			time.Sleep(time.Second) // the bubble's
		}
	})
	all, _ := io.ReadAll(near)
	if took := time.Since(begun); took < after || took > after+2*time.Second {
		t.Errorf("%s: ended after %v", what, took)
	}
	last := string(all[max(0, strings.LastIndex(string(all), "HTTP/1.1")):])
	if !strings.HasPrefix(last, "HTTP/1.1 408 ") || !strings.Contains(last, "Connection: close\r\n") {
		t.Errorf("%s: answered %q", what, all)
	}
	if got := h.take(); len(got) != want {
		t.Errorf("%s: the node heard %q", what, got)
	}
}

// TestRefusedStreams: HTTP/2 frames requests beyond doubt, but what stands in them
// goes on in HTTP/1.1.
func TestRefusedStreams(t *testing.T) {
	for name, c := range map[string]struct { // any order
		method, host, target string
		header               http.Header
		status               int
	}{
		"right":               {"GET", "a", "/b?c", nil, 0},
		"request in a method": {"GET /admin HTTP/1.1", "a", "/", nil, 400},
		"request in a target": {"GET", "a", "/ HTTP/1.1", nil, 400},
		"line in a target":    {"GET", "a", "/\r\nX: y", nil, 400},
		"path in a host":      {"GET", "a/b", "/", nil, 400},
		"no host":             {"GET", "", "/", nil, 400},
		"two hosts":           {"GET", "a", "/", http.Header{"Host": {"b"}}, 400},
		"tunnel":              {"CONNECT", "a:443", "", nil, 501},
	} {
		r := &http.Request{Method: c.method, Host: c.host, RequestURI: c.target, Header: c.header, ProtoMajor: 2}
		status := 0
		if why := refused(r); why != nil {
			status = why.status
		}
		if status != c.status {
			t.Errorf("%s: %d, want %d", name, status, c.status)
		}
	}
}
