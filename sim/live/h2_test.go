// HTTP/2 between a Link and a Front: many exchanges on one connection.
package live

import (
	"fmt"
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
