//go:build linux

// Hosts with TCP stacks of their own: what they reach, how long that takes at the
// least, and that nothing of them stays.
package kernel

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"cdnlab/sim/network"
)

// pair is two hosts with a way between them.
type pair struct {
	net  *Net
	a, b *Host
	link *network.Link
}

func newPair(t testing.TB, w Wires, s network.Spec) *pair {
	t.Helper()
	n, err := New(w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	p := &pair{net: n, link: network.NewLink(1, "a", "b", s)}
	for name, h := range map[string]**Host{"a": &p.a, "b": &p.b} { // any order
		if *h, err = n.Host(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Path(p.a, p.b, p.link); err != nil {
		t.Fatal(err)
	}
	return p
}

// each runs a test on all wires that there are here.
func each(t *testing.T, f func(t *testing.T, w Wires)) {
	for _, w := range []Wires{Netem, Tun} {
		t.Run(string(w), func(t *testing.T) {
			if err := try(w); err != nil {
				t.Skip(err)
			}
			f(t, w)
		})
	}
}

// serve lets b answer each byte that comes with so many.
func (p *pair) serve(t testing.TB, answer int) netip.AddrPort {
	t.Helper()
	return p.serveOn(t, answer, func(l net.Listener) net.Listener { return l })
}

// serveOn is serve on a listener around the plain one.
func (p *pair) serveOn(t testing.TB, answer int, around func(net.Listener) net.Listener) netip.AddrPort {
	t.Helper()
	at := netip.AddrPortFrom(p.b.Addr, 80)
	var l net.Listener
	config := net.ListenConfig{Control: Cubic}
	if err := p.b.Do(func() (err error) { l, err = config.Listen(context.Background(), "tcp", at.String()); return err }); err != nil {
		t.Fatal(err)
	}
	l = around(l)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				ask, all := make([]byte, 1), bytes.Repeat([]byte("x"), answer)
				for {
					if _, err := io.ReadFull(c, ask); err != nil {
						return
					}
					if _, err := c.Write(all); err != nil {
						return
					}
				}
			}()
		}
	}()
	return at
}

func (p *pair) dial(t testing.TB, at netip.AddrPort) net.Conn {
	t.Helper()
	var c net.Conn
	d := net.Dialer{Timeout: time.Minute, Control: Cubic}
	err := p.a.Do(func() (err error) { c, err = d.Dial("tcp", at.String()); return err })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a byte and reads the answer: when its first byte and its last came.
func ask(t testing.TB, c net.Conn, answer int) (first, last time.Duration) {
	t.Helper()
	began := time.Now()
	if _, err := c.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	first = time.Since(began)
	if _, err := io.CopyN(io.Discard, c, int64(answer-1)); err != nil {
		t.Fatal(err)
	}
	return first, time.Since(began)
}

// TestNoFasterThanTheWay: a connection takes a round trip, and an answer of more
// than a window more than one.
func TestNoFasterThanTheWay(t *testing.T) {
	each(t, func(t *testing.T, w Wires) {
		const rtt = 40 * time.Millisecond
		p := newPair(t, w, network.Plain(rtt))
		at := p.serve(t, 50_000)
		began := time.Now()
		c := p.dial(t, at)
		if took := time.Since(began); took < rtt {
			t.Errorf("a connection stands after %v, on a way of %v", took, rtt)
		}
		first, last := ask(t, c, 50_000)
		if first < rtt || last < 3*rtt {
			t.Errorf("35 segments came from %v to %v, on a way of %v with windows of 10 and 20", first, last, rtt)
		}
	})
}

// TestVeth: the wires that are all the kernel's carry what they should, without a
// delay even where the kernel has no netem.
func TestVeth(t *testing.T) {
	if err := try(Tun); err != nil { // what that needs, this needs too
		t.Skip(err)
	}
	p := newPair(t, Netem, network.Plain(0))
	ask(t, p.dial(t, p.serve(t, 1e6)), 1e6)
}

// TestCutAndHealed: what is lost in a cut comes when that is over.
func TestCutAndHealed(t *testing.T) {
	each(t, func(t *testing.T, w Wires) {
		p := newPair(t, w, network.Plain(2*time.Millisecond))
		c := p.dial(t, p.serve(t, 10))
		ask(t, c, 10)
		change := func(c network.Change) {
			if err := p.net.Change(p.a, p.b, c); err != nil {
				t.Error(err)
			}
		}
		change(network.Change{CutOut: true})
		healed := time.Now().Add(300 * time.Millisecond)
		heals := time.AfterFunc(time.Until(healed), func() { change(network.Change{}) })
		defer heals.Stop()
		if ask(t, c, 10); time.Now().Before(healed) {
			t.Error("an answer came through a cut")
		}
	})
}

// TestNothingStays: descriptors and namespaces go with the Net.
func TestNothingStays(t *testing.T) {
	each(t, func(t *testing.T, w Wires) {
		round := func() {
			n, err := New(w)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			a, errA := n.Host("a")
			b, errB := n.Host("b")
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if err := n.Path(a, b, network.NewLink(1, "a", "b", network.Plain(0))); err != nil {
				t.Fatal(err)
			}
		}
		round()
		before := descriptors(t)
		for range 5 {
			round()
		}
		for tries := 0; descriptors(t) > before && tries < 1000; tries++ { // goroutines let go of theirs
			runtime.Gosched()
			runtime.GC()
		}
		if after := descriptors(t); after > before {
			t.Errorf("%d descriptors are open, %d before", after, before)
		}
	})
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestSupported(t *testing.T) {
	w, err := Supported()
	if (w == "") == (err == nil) {
		t.Fatalf("wires %q and error %v", w, err)
	}
	t.Logf("wires %q, %v", w, err)
}

// FuzzEnds: whatever a host sends, it is understood or dropped.
func FuzzEnds(f *testing.F) {
	f.Add([]byte{0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 77, 0, 1, 10, 77, 0, 2})
	f.Add([]byte{0x60})
	f.Fuzz(func(t *testing.T, packet []byte) {
		if from, to, ok := ends(packet); ok && (!from.Is4() || !to.Is4()) {
			t.Errorf("%v to %v", from, to)
		}
	})
}
