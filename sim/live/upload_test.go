// Contents that a Link sends.
package live

import (
	"slices"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// TestLinkUploads: contents with and without a known length arrive, by a second
// link too, and leave connections that can be used again.
func TestLinkUploads(t *testing.T) {
	for _, c := range []network.Config{{}, {TLS: network.TLS13}, {HTTP: network.HTTP2}} {
		holdUploads(t, c)
	}
}

func holdUploads(t *testing.T, conns network.Config) {
	t.Helper()
	n, signs := newTestNode(t), testAuthority(t)
	var sizes []int64
	got := make(chan int64, 8)
	address := serveTLS(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		sizes = append(sizes, r.Size)
		r.Body.OnEnd(func(c sim.Cause, n int64) {
			if c != sim.OK {
				n = -1
			}
			got <- n
			reply(sim.Answer(200, nil, 0))
		})
	}), signs)
	a := newTLSAsker(t, 0, conns, signs, Dialer("", address))
	for _, size := range []int64{70_000, -1, 70_000} {
		s := newSource(a.n, size)
		c := a.ask(&sim.Request{Method: "POST", Host: "shop", Path: "/", Size: size, Body: s.body})
		s.fill(70_000, sim.OK)
		if n := receive(t, got, "the content"); n != 70_000 {
			t.Errorf("length %d: %d bytes came", size, n)
		}
		if o := receive(t, c, "the answer"); o.status != 200 {
			t.Errorf("%+v", o)
		}
	}
	n.Do(func() {
		if !slices.Equal(sizes, []int64{70_000, -1, 70_000}) {
			t.Errorf("lengths %v", sizes)
		}
	})
}
