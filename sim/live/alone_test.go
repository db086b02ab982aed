// Tests of a node that stands between strangers.
package live

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// fickle is a server that closes each connection at the request behind its first
// answer, without a word, and tells of all it was asked.
func fickle(t *testing.T) (address string, asked chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	asked = make(chan string, 100)
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				in := bufio.NewReader(nc)
				for i := range 2 {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					asked <- r.Method
					if i == 0 {
						fmt.Fprint(nc, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
					}
				}
			}()
		}
	}()
	return l.Addr().String(), asked
}

// TestStrangerAskedOnceMore: a connection that a strange server has closed in between
// costs a safe request nothing but another connection. One that changes something is
// not sent twice, and one of the lab's own servers was killed.
func TestStrangerAskedOnceMore(t *testing.T) {
	for _, test := range []struct {
		stranger bool
		method   string
		status   int
		asks     int
	}{
		{true, "GET", 200, 3},
		{true, "POST", 0, 2},
		{false, "GET", 0, 2},
	} {
		address, asked := fickle(t)
		n := newTestNode(t)
		l := NewLink(n, LinkConfig{Path: network.NewLink(1, "pop", "stranger", network.Plain(0)), Token: "secret", Stranger: test.stranger, Dial: Dialer("", address)})
		t.Cleanup(func() { n.Do(l.Forget) })
		a := &asker{t, n, l}
		if o := a.get("/"); o.status != 200 {
			t.Fatalf("%+v", o)
		}
		o := receive(t, a.ask(&sim.Request{Method: test.method, Host: "shop", Path: "/"}), "the second answer")
		if o.status != test.status || o.status == 0 && o.cause != sim.Reset {
			t.Errorf("%+v: %+v", test, o)
		}
		if len(asked) != test.asks {
			t.Errorf("%+v: the server was asked %d times", test, len(asked))
		}
	}
}

// TestMoreThanAnAnswer: what a server sends behind its answer is not taken for the
// next one, whether the content comes with its header or behind it.
func TestMoreThanAnAnswer(t *testing.T) {
	for _, size := range []int{2, 100_000} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			nc, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			fmt.Fprintf(nc, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%sHTTP/1.1 500 Poison\r\nContent-Length: 0\r\n\r\n", size, make([]byte, size))
			_, _ = nc.Read(make([]byte, 1)) // until the far end closes it
		})}
		go func() { _ = server.Serve(l) }() // it ends with Close
		t.Cleanup(func() { server.Close() })
		n := newTestNode(t)
		link := NewLink(n, LinkConfig{Path: network.NewLink(1, "pop", "stranger", network.Plain(0)), Stranger: true, Dial: Dialer("", l.Addr().String())})
		t.Cleanup(func() { n.Do(link.Forget) })
		a := &asker{t, n, link}
		for range 3 {
			if o := a.get("/"); o.status != 200 || o.size != int64(size) {
				t.Errorf("%d bytes: %+v", size, o)
			}
		}
	}
}
