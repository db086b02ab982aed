// Tests: datagrams over real sockets, and what is none of the lab's.
package live

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// castServer answers every datagram with 300 bytes, but those for /silent; it tells who
// has come.
type castServer struct{ came chan sim.Request }

func (s *castServer) Receive(d *sim.Request, back func(*sim.Response)) {
	s.came <- *d
	if d.Path != "/silent" {
		resp := sim.Answer(200, nil, 300)
		resp.Via.Add(sim.Mark{Node: "app-1", Hop: sim.HopApp, Took: time.Millisecond})
		back(resp)
	}
}

// passer is a relay for datagrams.
type passer struct{ link *Link }

func (p *passer) Relays()                                          {}
func (p *passer) Serve(_ *sim.Request, reply func(*sim.Response))  { reply(sim.Fail(sim.NoServer)) }
func (p *passer) Receive(d *sim.Request, back func(*sim.Response)) { p.link.Cast(d, back) }

// hears has a node take datagrams, and returns its address.
func hears(t *testing.T, n *Node, to sim.Receiver, p Passed) netip.AddrPort {
	t.Helper()
	conn, err := ListenDatagrams("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDatagrams(n, to, "secret", p)
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(conn) }()
	t.Cleanup(func() {
		d.Close()
		receive(t, ended, "the end of Serve")
	})
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func castLink(t *testing.T, n *Node, to netip.AddrPort, rtt time.Duration, reveals bool) *Link {
	l := NewLink(n, LinkConfig{Path: network.NewLink(1, "a", to.String(), network.Plain(rtt)), Token: "secret", Cast: Caster("", to.String(), ManyAddresses), To: to, Reveals: reveals})
	t.Cleanup(func() { n.Do(l.Close) })
	return l
}

func TestCasts(t *testing.T) {
	n := newTestNode(t)
	server := &castServer{make(chan sim.Request, 10)}
	user9 := netip.MustParseAddr("127.0.0.9")
	for name, reveals := range map[string]bool{"told whose they are": true, "not": false} { // any order
		t.Run(name, func(t *testing.T) {
			by := netip.MustParseAddr("127.0.0.1")
			app := hears(t, n, server, Passed{By: by, As: netip.MustParseAddr("127.10.1.9"), Reveals: reveals})
			lb := hears(t, n, &passer{castLink(t, n, app, 0, reveals)}, Passed{})
			user := castLink(t, n, lb, 2*time.Millisecond, false)
			answers := make(chan *sim.Response, 10)
			for id := uint64(1); id <= 4; id++ {
				path := "/state"
				if id == 3 {
					path = "/silent"
				}
				n.Do(func() {
					user.Cast(&sim.Request{ID: id, Attempt: int(id), Client: 7, Addr: user9, Place: "New York", Path: path, Size: 200},
						func(r *sim.Response) { answers <- r })
				})
				d := receive(t, server.came, "a datagram")
				if d.ID != id || d.Attempt != int(id) || d.Client != 7 || d.Place != "New York" || d.Path != path || d.Size != 200 {
					t.Errorf("datagram %d came as %+v", id, d)
				}
				if want := map[bool]string{true: "127.0.0.9", false: "127.10.1.9"}[reveals]; ManyAddresses && d.Addr.String() != want {
					t.Errorf("it comes from %v", d.Addr)
				}
				if id == 3 {
					continue
				}
				r := receive(t, answers, "an answer")
				if r.Status != 200 || r.Size != 300 || r.Via.Len() != 1 || r.Via.At(0).Node != "app-1" {
					t.Errorf("answered with %+v", r)
				}
			}
			if len(answers) > 0 {
				t.Errorf("one too many: %+v", <-answers)
			}
		})
	}
}

// TestCastsToNobody: a closed port tells the sender nothing, and what is sent once it is
// open arrives, although the system has said that it is not.
func TestCastsToNobody(t *testing.T) {
	n := newTestNode(t)
	conn, err := ListenDatagrams("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	conn.Close()
	l := castLink(t, n, at, 0, false)
	cast := func(id uint64) {
		n.Do(func() {
			l.Cast(&sim.Request{ID: id, Path: "/early"}, func(*sim.Response) {})
		})
	}
	for id := range uint64(5) {
		cast(id)
	}
	eventually(t, "all were written", func() (all bool) {
		n.Do(func() {
			all = true
			for _, p := range l.caster(netip.AddrPort{}).pending {
				all = all && p.sent.wrote.Load() > 0
			}
		})
		return all
	})
	conn, err = ListenDatagrams(at.String())
	if err != nil {
		t.Skip("the port is somebody else's by now: ", err)
	}
	server := &castServer{make(chan sim.Request, 10)}
	d := NewDatagrams(n, server, "other", Passed{})
	go func() { _ = d.Serve(conn) }() // it ends with Close
	t.Cleanup(func() { d.Close() })
	n.Do(func() { l.Cast(&sim.Request{ID: 9, Client: 4, Path: "/silent"}, func(*sim.Response) {}) })
	got := receive(t, server.came, "the last datagram")
	for got.Path == "/early" { // it was about to be written when the port was opened
		got = receive(t, server.came, "the last datagram")
	}
	if got.Path != "/silent" || got.Client != 0 { // the token is another run's
		t.Errorf("it came as %+v", got)
	}
}

// TestCastNonsense: what is none of the lab's datagrams reaches no node, and is answered
// by nobody.
func TestCastNonsense(t *testing.T) {
	n := newTestNode(t)
	server := &castServer{make(chan sim.Request, 10)}
	app := hears(t, n, server, Passed{By: netip.MustParseAddr("127.0.0.1"), Reveals: true})
	nc, err := net.Dial("udp", app.String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	query := appendQuery("secret", &sim.Request{ID: 1, Path: "/state"})
	header := appendProxyOf(proxyUDP, nil, netip.MustParseAddrPort("10.1.1.1:99"), app)
	for _, text := range [][]byte{nil, []byte("x"), query, append(header, "Q"...), append(header, query[:20]...),
		append(header, bytes.Replace(query, []byte("/state"), []byte("state"), 1)...), append(header, bytes.Replace(query, []byte("/state"), []byte("/st te"), 1)...),
		append(header, append(query, make([]byte, sim.MaxDatagram)...)...)} {
		if _, err := nc.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := nc.Write(append(header, query...)); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, server.came, "the only right one"); got.ID != 1 || got.Addr.String() != "10.1.1.1" || got.Port != 99 {
		t.Errorf("it came as %+v", got)
	}
	if len(server.came) > 0 {
		t.Errorf("so did %+v", <-server.came)
	}
}

// TestCastsAreBounded: of many datagrams without an answer the latest are waited for.
func TestCastsAreBounded(t *testing.T) {
	n := newTestNode(t)
	l := castLink(t, n, netip.MustParseAddrPort("127.0.0.1:9"), time.Hour, false)
	n.Do(func() {
		for id := range uint64(3 * maxCasts) {
			l.Cast(&sim.Request{ID: id, Path: "/"}, func(*sim.Response) {})
		}
		s := l.caster(netip.AddrPort{})
		if len(s.pending) != maxCasts || len(s.order) != maxCasts || s.order[0].id != 2*maxCasts {
			t.Errorf("%d are waited for, the first is %v", len(s.pending), s.order[0])
		}
	})
}

func FuzzReadQuery(f *testing.F) {
	f.Add(appendQuery("secret", &sim.Request{ID: 1, Path: "/state", Size: 100}))
	f.Add(appendReply(&sim.Request{ID: 1}, sim.Answer(200, nil, 50)))
	f.Add([]byte("Q"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var req sim.Request
		if readQuery(text, []byte("secret"), &req) && (req.Path == "" || req.Path[0] != '/') {
			t.Fatalf("a path of %q", req.Path)
		}
		if n := packetNumber(packetAnswer, text); n != (castNumber{}) {
			readReply(text)
		}
		p := Passed{By: netip.MustParseAddr("127.0.0.1"), Reveals: true}
		if rest, _, ok := p.of(text, netip.MustParseAddrPort("127.0.0.1:1")); ok && len(rest) >= len(text) {
			t.Fatal("a header of no bytes")
		}
	})
}
