// HTTP/2 between a Link and a Front: many exchanges on one connection.
package live

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

func TestHTTP2Asks(t *testing.T) {
	a := testAuthority(t)
	n := newTestNode(t)
	address := serveTLS(t, n, echo(n), a)
	asks := newTLSAsker(t, 0, network.Config{HTTP: network.HTTP2}, a, Dialer("", address))
	for path, want := range map[string]outcome{ // any order
		"/x": {status: 200, size: 2}, "/x/late": {status: 200, size: 7}, "/204": {status: 204}, "/304": {status: 304},
		"/big": {status: 200, size: 100_000}, "/dead": {cause: sim.Reset}, "/dead/late": {cause: sim.Reset}, "/unknown/late": {status: 200},
	} {
		got := asks.get(path)
		if got.status != want.status || got.cause != want.cause || got.size != want.size || got.status != 0 && got.path != "GET "+path {
			t.Errorf("%s: %+v", path, got)
		}
	}
	asks.wantDials(1) // a request without an answer costs its stream alone
}

// TestHTTP2Streams: as many requests at once as one connection carries share it,
// and the next one opens another.
func TestHTTP2Streams(t *testing.T) {
	const streams = 100
	a := testAuthority(t)
	n := newTestNode(t)
	var waiting []func()
	address := serveTLS(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		waiting = append(waiting, func() { reply(sim.Answer(200, nil, int64(r.ID))) })
	}), a)
	asks := newTLSAsker(t, time.Millisecond, network.Config{HTTP: network.HTTP2, Streams: streams}, a, Dialer("", address))
	asked := map[int]<-chan outcome{}
	for i := range streams {
		asked[i] = asks.ask(&sim.Request{ID: uint64(i), Path: fmt.Sprint("/", i)})
	}
	all := func(want int) {
		eventually(t, "all requests are there", func() (ok bool) {
			n.Do(func() { ok = len(waiting) == want })
			return ok
		})
	}
	all(streams)
	asks.wantDials(1)
	asked[streams] = asks.ask(&sim.Request{ID: streams, Path: "/"})
	all(streams + 1)
	asks.wantDials(2)
	n.Do(func() {
		for _, f := range waiting {
			f()
		}
	})
	for i, c := range asked { // each has its own: any order will do
		if o := receive(t, c, "an answer"); o.status != 200 || o.size != int64(i) {
			t.Errorf("request %d: %+v", i, o)
		}
	}
}

// TestHTTP2Cancel: who is given up ends alone, wherever it is; the node is told,
// and the connection carries on.
func TestHTTP2Cancel(t *testing.T) {
	const rtt = 2 * time.Millisecond
	a := testAuthority(t)
	n := newTestNode(t)
	asked, cancelled := make(chan string, 10), make(chan sim.Cause, 10)
	address := serveTLS(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		asked <- r.Path
		switch r.Path {
		case "/x":
			reply(sim.Answer(200, nil, 1))
		default:
			r.Scope.OnCancel(func(c sim.Cause) { cancelled <- c; reply(sim.Fail(c)) })
		}
	}), a)
	asks := newTLSAsker(t, rtt, network.Config{HTTP: network.HTTP2}, a, Dialer("", address))
	asks.get("/x")
	receive(t, asked, "the first request")
	scope := &sim.Scope{}
	c := asks.ask(&sim.Request{Path: "/wait", Scope: scope})
	receive(t, asked, "the request to be given up")
	asks.n.Do(func() { scope.Cancel(sim.TimedOut) })
	if o := receive(t, c, "the end of who gives up"); o.cause != sim.TimedOut {
		t.Errorf("%+v", o)
	}
	if cause := receive(t, cancelled, "the word to the node"); cause != sim.Cancelled {
		t.Errorf("the node heard of %v", cause)
	}
	if o := asks.get("/x"); o.status != 200 {
		t.Errorf("beside one that was given up: %+v", o)
	}
	asks.wantDials(1)
}

// TestHTTP2Interim: 1xx answers come before the one that counts.
func TestHTTP2Interim(t *testing.T) {
	a := testAuthority(t)
	id, err := a.Identity("server", loopback)
	if err != nil {
		t.Fatal(err)
	}
	c, err := id.server()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		w.Header().Set("Trailer", "X-Sum")
		_, _ = w.Write([]byte("hello"))
		w.Header().Set("X-Sum", "5")
	})}
	go func() { _ = s.Serve(l) }() // it ends with the test
	t.Cleanup(func() { s.Close() })
	asks := newTLSAsker(t, 0, network.Config{HTTP: network.HTTP2}, a, Dialer("", l.Addr().String()))
	hints := make(chan string, 2)
	o := receive(t, asks.ask(&sim.Request{Path: "/", Interim: func(status int, h http.Header) { hints <- fmt.Sprint(status, h["Link"]) }}), "the answer")
	if o.status != 200 || o.size != 5 {
		t.Errorf("%+v", o)
	}
	if hint := receive(t, hints, "the early hint"); hint != "103 [</style.css>; rel=preload]" {
		t.Error(hint)
	}
}

// TestHTTP2Reset: a path that resets its connections ends all exchanges on one, at
// both ends, and the next request opens another.
func TestHTTP2Reset(t *testing.T) {
	a := testAuthority(t)
	n := newTestNode(t)
	asked, cancelled := make(chan struct{}, 3), make(chan sim.Cause, 3)
	address := serveTLS(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		if r.Path == "/x" {
			reply(sim.Answer(200, nil, 1))
			return
		}
		asked <- struct{}{}
		r.Scope.OnCancel(func(c sim.Cause) { cancelled <- c; reply(sim.Fail(c)) })
	}), a)
	asks := newTLSAsker(t, time.Millisecond, network.Config{HTTP: network.HTTP2}, a, Dialer("", address))
	var waiting []<-chan outcome
	for range 3 {
		waiting = append(waiting, asks.ask(&sim.Request{Path: "/wait"}))
	}
	for range waiting {
		receive(t, asked, "a request")
	}
	asks.n.Do(func() { asks.link.Set(network.Change{Reset: true}) })
	for _, c := range waiting {
		if o := receive(t, c, "the word of the reset"); o.cause != sim.Reset {
			t.Errorf("%+v", o)
		}
		receive(t, cancelled, "the word to the node")
	}
	asks.n.Do(func() { asks.link.Set(network.Change{}) })
	if o := asks.get("/x"); o.status != 200 {
		t.Errorf("after the reset: %+v", o)
	}
	asks.wantDials(2)
	eventually(t, "one connection is left", func() (ok bool) {
		asks.n.Do(func() { ok = len(asks.link.ends.list) == 1 })
		return ok
	})
}
