// TLS between a Link and a Front: handshakes, sessions, certificates.
package live

import (
	"net"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

func testAuthority(t *testing.T) *Authority {
	t.Helper()
	a, err := NewAuthority("shop", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serveTLS is serve with a certificate.
func serveTLS(t *testing.T, n *Node, h sim.Handler, a *Authority) string {
	t.Helper()
	id, err := a.Identity("server", loopback)
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(n, h, "secret", sim.Epoch)
	if err := s.Secure(id); err != nil {
		t.Fatal(err)
	}
	return serveOn(t, NewFront(s))
}

func newTLSAsker(t *testing.T, rtt time.Duration, c network.Config, a *Authority, dial func() (net.Conn, error)) *asker {
	t.Helper()
	n := newTestNode(t)
	l := NewLink(n, LinkConfig{Path: network.NewLink(1, "client", "server", network.Plain(rtt)), Conns: c, Token: "secret", Dial: dial,
		Trust: a.Trust(loopback)})
	t.Cleanup(func() { n.Do(l.Forget) })
	return &asker{t, n, l}
}

// TestHandshakes: what each version of TLS costs when the two meet for the first
// time, and again; never less.
func TestHandshakes(t *testing.T) {
	const rtt = 20 * time.Millisecond
	a := testAuthority(t)
	n := newTestNode(t)
	address := serveTLS(t, n, echo(n), a)
	for _, c := range []struct {
		tls          string
		first, again int // RTTs to the first byte
	}{{"1.2", 4, 3}, {"1.3", 3, 3}} {
		asks := newTLSAsker(t, rtt, network.Config{TLS: c.tls}, a, Dialer("", address))
		for i, least := range []int{c.first, 1, c.again, 1} {
			if i == 2 {
				asks.n.Do(asks.link.Forget)
			}
			o := asks.get("/x")
			if want := time.Duration(least) * rtt; o.status != 200 || o.path != "GET /x" || o.header < want || o.header > want+patience/3 {
				t.Errorf("TLS %s, exchange %d took %v, want %v at the least; %+v", c.tls, i, o.header, want, o)
			} else {
				t.Log(c.tls, i, o.header-want)
			}
		}
		asks.wantDials(2)
	}
}
