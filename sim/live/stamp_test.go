// Stamps on the wire: whatever serves them, and in whatever pieces they come.
package live

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// stamped answers with a content of the size in the path, of version 17, made
// for who asks.
func stamped(t *testing.T) sim.Handler {
	return sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		var size int64
		if _, err := fmt.Sscanf(r.Path, "/%d", &size); err != nil {
			t.Error(err)
		}
		resp := sim.Answer(200, nil, size)
		resp.Stamp = sim.Stamp{Version: 17, Owner: sim.OwnerOf(r.Client)}
		reply(resp)
	})
}

// serveBoth puts a handler behind a Front and behind net/http.
func serveBoth(t *testing.T, n *Node, h sim.Handler) map[string]string {
	t.Helper()
	front, _ := serve(t, n, h)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(n, h, "secret", sim.Epoch)
	go func() { _ = s.Serve(l) }() // it ends with Close
	t.Cleanup(func() { s.Close() })
	return map[string]string{"front": front, "net/http": l.Addr().String()}
}

// TestStampsArrive: a content says what it is however large it is, unless it is
// too small for that, and to those alone who want no bytes.
func TestStampsArrive(t *testing.T) {
	n := newTestNode(t)
	for server, address := range serveBoth(t, n, stamped(t)) { // any order
		a := newAsker(t, 0, network.Config{}, Dialer("", address))
		a.link.discard = true
		reads := newAsker(t, 0, network.Config{}, Dialer("", address))
		for _, size := range []int{0, 1, sim.StampBytes - 1, sim.StampBytes, 1000, atOnce, atOnce + 1, 1 << 20} {
			path, want := fmt.Sprintf("/%d", size), sim.Stamp{Version: 17, Owner: 42}
			if size < sim.StampBytes {
				want = sim.Stamp{}
			}
			if o := receive(t, a.ask(&sim.Request{Path: path, Client: 41}), path); o.stamp != want || o.size != int64(size) || o.cause != sim.OK {
				t.Errorf("%s: %d bytes: %+v", server, size, o)
			}
			if o := receive(t, reads.ask(&sim.Request{Path: path, Client: 41}), path); o.stamp != (sim.Stamp{}) || o.size != int64(size) {
				t.Errorf("%s: who reads the bytes itself was told of them: %+v", server, o)
			}
		}
		if o := receive(t, a.ask(&sim.Request{Method: "HEAD", Host: "shop", Path: "/1000"}), "HEAD"); o.stamp != (sim.Stamp{}) || o.status != 200 {
			t.Errorf("%s: HEAD: %+v", server, o)
		}
	}
}

// TestStampedBytes: the stamp takes the place of filler, and adds nothing.
func TestStampedBytes(t *testing.T) {
	n := newTestNode(t)
	const line = "cdnlab version=17 owner=1\n"
	for server, address := range serveBoth(t, n, stamped(t)) { // any order
		for _, size := range []int{sim.StampBytes, 1000, 100_000} {
			c := connect(t, address)
			c.send(get(fmt.Sprintf("/%d", size)))
			_, body := c.answer("GET")
			plain := strings.Repeat(string(filler), size/len(filler)+1)
			if len(body) != size || !strings.HasPrefix(body, line) || body[len(line):sim.StampBytes] != plain[len(line):sim.StampBytes] {
				t.Errorf("%s: %d bytes that begin with %q", server, len(body), body[:min(len(body), 80)])
			}
		}
	}
}

// pieces is the way to a server that answers with these bytes, so many at a
// time.
func pieces(answer string, size int) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		near, far := net.Pipe() // a write is read by itself
		go func() {
			defer far.Close()
			if _, err := http.ReadRequest(bufio.NewReader(far)); err != nil {
				return
			}
			for len(answer) > 0 {
				n := min(max(size, 1), len(answer))
				if _, err := io.WriteString(far, answer[:n]); err != nil {
					return
				}
				answer = answer[n:]
			}
		}()
		return near, nil
	}
}

// framings are the ways to send a content (RFC 9112 6).
var framings = []func(content string) string{
	func(content string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(content), content)
	},
	func(content string) string {
		var b strings.Builder
		b.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		w := httputil.NewChunkedWriter(&b)
		for from := 0; from < len(content); from += 7 {
			_, _ = io.WriteString(w, content[from:min(from+7, len(content))])
		}
		_ = w.Close()
		return b.String() + "\r\n"
	},
	func(content string) string { return "HTTP/1.1 200 OK\r\n\r\n" + content },
	func(content string) string { // odd, so that net/http reads it
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: x\r\n\r\n%s", len(content), content)
	},
}

// checkPieces asks over a link for a content in pieces.
func checkPieces(t *testing.T, content string, framing, size int) {
	t.Helper()
	a := newAsker(t, 0, network.Config{}, pieces(framings[framing](content), size))
	a.link.discard = true
	o := receive(t, a.ask(&sim.Request{Path: "/"}), "the answer")
	if want := sim.ReadStamp([]byte(content)); o.cause != sim.OK || o.size != int64(len(content)) || o.stamp != want {
		t.Errorf("framing %d, %d bytes at a time, %q: %+v, want %d bytes with %+v", framing, size, content[:min(len(content), 80)], o, len(content), want)
	}
}

func TestStampsInPieces(t *testing.T) {
	long := make([]byte, 3000)
	sim.Stamp{Version: 4294967295, Owner: 18446744073709551615}.Put(long)
	damaged := strings.Replace(string(long), "owner", "owned", 1)
	for framing := range framings {
		for _, content := range []string{string(long), string(long[:sim.StampBytes]), "cdnlab version=1 owner=2\n", damaged, damaged[:20], "hello"} {
			for _, size := range []int{1, 2, 50, 100, 1 << 20} {
				checkPieces(t, content, framing, size)
			}
		}
	}
}

// TestCutStamps: a content that breaks off says so, whatever it began with.
func TestCutStamps(t *testing.T) {
	for _, text := range []string{"cdnlab version=1 owner=2\n", "cdnlab vers", ""} {
		for _, size := range []int{1, 1000} {
			a := newAsker(t, 0, network.Config{}, pieces("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+text, size))
			a.link.discard = true
			if o := receive(t, a.ask(&sim.Request{Path: "/"}), "the answer"); o.cause != sim.Truncated || o.size != int64(len(text)) {
				t.Errorf("%q, %d bytes at a time: %+v", text, size, o)
			}
		}
	}
}

// FuzzStamped: no content brings a link down, or is counted or read wrongly.
func FuzzStamped(f *testing.F) {
	f.Add("cdnlab version=1 owner=2\n", uint8(0), uint8(3))
	f.Add("cdnlab version=1 owner=", uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, content string, framing, size uint8) {
		if len(content) > 1000 {
			return
		}
		checkPieces(t, content, int(framing)%len(framings), int(size))
	})
}
