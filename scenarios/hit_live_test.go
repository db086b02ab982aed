// A hit's memory, through the whole live PoP: socket, front, PoP and back.
package scenarios

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cdnlab/edge"
	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/network"
)

// livePoP serves a PoP whose parent has one object, and returns its address.
func livePoP(t *testing.T, object string) string {
	t.Helper()
	return livePoPBefore(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Header().Set("Vary", "Accept-Encoding")
		_, _ = io.WriteString(w, object)
	})
}

// livePoPBefore serves a PoP before a site.
func livePoPBefore(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	site := httptest.NewServer(h)
	t.Cleanup(site.Close)
	wall, _ := live.StartWall()
	node := live.NewNode(wall)
	t.Cleanup(node.Close)
	var pop sim.Handler
	node.Do(func() {
		env := sim.NewEnv(node.Engine(), "pop", 1, nil)
		link := live.NewLink(node, live.LinkConfig{Path: network.NewLink(1, "pop", "site", network.Plain(0)), Token: "secret",
			Dial: live.Dialer("", site.Listener.Addr().String())})
		t.Cleanup(func() { node.Do(link.Forget) })
		pop = env.Watched(edge.New(env, edge.Config{}, link))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := live.NewFront(live.NewServer(node, pop, "secret", sim.Epoch))
	go func() { _ = front.Serve(l) }() // it ends with Close
	t.Cleanup(func() { front.Close() })
	return l.Addr().String()
}

// TestHitAllocatesNothing: neither for the load's own clients nor for foreign
// ones, and from bytes that came over a link.
func TestHitAllocatesNothing(t *testing.T) {
	object := strings.Repeat("0123456789abcdef", 64)
	address := livePoP(t, object)
	for name, who := range map[string]string{"foreign": "", "ours": "Cdnlab-Client: secret 7 0 2 3 127.0.0.1 New York\r\n"} { // any order
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		ask := []byte("GET /page HTTP/1.1\r\nHost: shop\r\nAccept-Encoding: gzip\r\n" + who + "\r\n")
		answer := make([]byte, 8<<10)
		exchange := func() []byte {
			if _, err := c.Write(ask); err != nil {
				t.Fatal(err)
			}
			for n := 0; ; {
				more, err := c.Read(answer[n:])
				if err != nil {
					t.Fatal(err)
				}
				if n += more; bytes.HasSuffix(answer[:n], []byte(object)) {
					return answer[:n]
				}
			}
		}
		exchange() // the first may be a miss
		if got := exchange(); !bytes.Contains(got, []byte("Cache-Status: pop; hit; ttl=")) {
			t.Fatalf("%s: no hit:\n%s", name, got[:len(got)-len(object)])
		}
		// Once a second the head is written anew; that, and what the test's other
		// goroutines do, is far less than one for each hit.
		if n := testing.AllocsPerRun(2000, func() { exchange() }); n >= 1 {
			t.Errorf("%s: a hit allocates %v times, want 0", name, n)
		}
	}
}

// TestAskAllocatesNothing: nor does the driver's end of a link, of which the answer
// is given back.
func TestAskAllocatesNothing(t *testing.T) {
	wall, _ := live.StartWall()
	node := live.NewNode(wall)
	t.Cleanup(node.Close)
	var link *live.Link
	node.Do(func() {
		link = live.NewLink(node, live.LinkConfig{Path: network.NewLink(1, "driver", "pop", network.Plain(0)), Token: "secret", Discard: true,
			Dial: live.Dialer("", livePoP(t, strings.Repeat("0123456789abcdef", 64)))})
	})
	t.Cleanup(func() { node.Do(link.Forget) })
	var scope sim.Scope
	req := &sim.Request{Method: "GET", Scheme: "http", Host: "shop", Path: "/page", Header: userHeader, Scope: &scope}
	answered := make(chan sim.Mark, 1)
	var resp *sim.Response
	ended := func(sim.Cause, int64) {
		m := *resp.Via.At(0)
		resp.Done()
		scope.Reuse()
		answered <- m
	}
	reply := func(r *sim.Response) {
		resp = r
		r.OnEnd(ended)
	}
	ask := func() { link.Serve(req, reply) }
	exchange := func() sim.Mark {
		node.Do(ask)
		return <-answered
	}
	exchange() // the first may be a miss
	if m := exchange(); m.Verdict != sim.VerdictHit {
		t.Fatalf("no hit: %+v", m)
	}
	if n := testing.AllocsPerRun(2000, func() { exchange() }); n >= 1 {
		t.Errorf("%v allocations for an exchange", n)
	}
}
