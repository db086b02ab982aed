// The golden table through a Link and a Front: to 1 µs of the formulas in a bubble,
// whose time is exact, and over real sockets, where make netcheck measures it.
package live

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
	"cdnlab/sim/network/golden"
)

// sized answers with as much as its path says.
var sized = sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
	n, _ := strconv.ParseInt(strings.TrimPrefix(r.Path, "/"), 10, 64)
	reply(sim.Answer(200, nil, n))
})

// goldenWant is what a row takes from the request on: the table counts from when the
// connection stands, and who asks opens a new one unless it is warm.
func goldenWant(c golden.Transfer) (header, end time.Duration) {
	var stands time.Duration
	if !c.Warm {
		stands = time.Duration(goldenConns(c).Setup(false).Rounds()) * c.RTT
	}
	return stands + c.RTT, stands + c.Takes()
}

func goldenConns(c golden.Transfer) *network.Config {
	conns := network.Config{TLS: network.TLS13}
	if c.Plain {
		conns.TLS = ""
	}
	conns = conns.WithDefaults()
	return &conns
}

// lane is where a row is played: who asks, and how they reach who answers.
type lane struct {
	near    *Node
	dial    func() (net.Conn, error)
	signs   *Authority
	base    Base
	discard bool
}

func (p *lane) link(c golden.Transfer) *Link {
	return NewLink(p.near, LinkConfig{Path: network.NewLink(1, "client", "server", network.Spec{Leg: network.Leg{RTT: c.RTT, Rate: c.Rate}}),
		Conns: *goldenConns(c), Token: "secret", Dial: p.dial, Trust: p.signs.Trust(loopback), Base: p.base, Discard: p.discard})
}

// play plays a row over a link of its own, and returns when the header came, and the
// last byte to who reads it.
func (p *lane) play(c golden.Transfer) (header, end time.Duration, err error) {
	l := p.link(c)
	defer p.near.Do(l.Close)
	if c.Warm {
		if _, _, err = fetch(l, 2000*network.MSS); err != nil {
			return 0, 0, err
		}
	}
	return fetch(l, c.Bytes) // warm, at once
}

func fetch(l *Link, size int64) (header, end time.Duration, err error) {
	n, ended := l.node, make(chan string, 1)
	n.Do(func() {
		begun := n.engine.Now()
		since := func() time.Duration { return n.wall.Now().Sub(begun) }
		l.Serve(&sim.Request{Method: "GET", Host: "shop", Path: fmt.Sprint("/", size)}, func(resp *sim.Response) {
			header = since()
			read := make(chan error, 1)
			if c, ok := resp.Body.(*content); ok {
				go func() { read <- copyBody(nil, io.Discard, c, size, nil) }()
			} else {
				read <- nil
			}
			resp.OnEnd(func(cause sim.Cause, n int64) {
				go func() {
					err := <-read
					end = since()
					ended <- fmt.Sprint(resp.Status, cause, n, err)
				}()
			})
		})
	})
	select {
	case got := <-ended:
		if want := fmt.Sprint(200, sim.OK, size, nil); got != want {
			return 0, 0, fmt.Errorf("got %s, want %s", got, want)
		}
		return header, end, nil
	case <-time.After(patience):
		return 0, 0, fmt.Errorf("no end of %d bytes", size)
	}
}

// inBubble lets a lane be used whose sockets are pipes and whose time is exact.
func inBubble(t *testing.T, use func(p *lane)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		wall, _ := StartWall()
		far, near, l := NewTimerNode(wall), NewTimerNode(wall), newOddListener()
		p := &lane{near: near, signs: testAuthority(t), dial: func() (net.Conn, error) {
			one, other := net.Pipe()
			l.give(other)
			return one, nil
		}}
		f := newSecureFront(t, far, sized, p.signs)
		go func() { _ = f.Serve(l) }() // it ends with Close
		use(p)
		synctest.Wait()
		f.Close()
		near.Close()
		far.Close()
	})
}

// TestGoldenInBubble plays the rows with the bytes kept, as PoPs do, and counted
// alone, as the driver does.
func TestGoldenInBubble(t *testing.T) {
	for _, c := range golden.Transfers {
		for _, discard := range []bool{false, true} {
			inBubble(t, func(p *lane) {
				p.discard = discard
				header, end, err := p.play(c)
				wantHeader, wantEnd := goldenWant(c)
				if err != nil || (header-wantHeader).Abs() > time.Microsecond || (end-wantEnd).Abs() > time.Microsecond {
					t.Errorf("%s, discarded: %v: %v and %v, want %v and %v; %v", c.Name, discard, header, end, wantHeader, wantEnd, err)
				}
			})
		}
	}
}

// TestReadAsItArrives: the bytes of a flight can be read as the wire brings them, and
// not all when the last of them is there.
func TestReadAsItArrives(t *testing.T) {
	const rtt, size = 100 * time.Millisecond, 400_000 // within a window that stands open
	inBubble(t, func(p *lane) {
		l := p.link(golden.Transfer{Plain: true, RTT: rtt, Rate: golden.Rate})
		defer p.near.Do(l.Close)
		if _, _, err := fetch(l, 2000*network.MSS); err != nil {
			t.Fatal(err)
		}
		done := make(chan []arrived, 1)
		begun := p.near.wall.Now()
		p.near.Do(func() {
			l.Serve(&sim.Request{Method: "GET", Host: "shop", Path: fmt.Sprint("/", size)}, func(resp *sim.Response) {
				go func() {
					w := &arrivals{wall: p.near.wall}
					_ = copyBody(nil, w, resp.Body, size, nil)
					done <- w.got
				}()
			})
		})
		all := receive(t, done, "the content")
		first, wire := begun.Add(rtt), time.Duration(network.Segments(size, false))*120*time.Microsecond
		if last := all[len(all)-1]; last.upTo != size || len(all) < size/chunkSize {
			t.Errorf("read %+v", all)
		}
		for _, a := range all {
			part := time.Duration(a.upTo) * wire / size
			if off := a.at.Sub(first.Add(part)); off.Abs() > time.Microsecond {
				t.Errorf("%d bytes were read %v after they came", a.upTo, off)
			}
		}
	})
}

// arrived is how much had been read at a time.
type arrived struct {
	upTo int64
	at   sim.Time
}

type arrivals struct {
	wall Wall
	upTo int64
	got  []arrived
}

func (a *arrivals) Write(p []byte) (int, error) {
	a.upTo += int64(len(p))
	a.got = append(a.got, arrived{a.upTo, a.wall.Now()})
	return len(p), nil
}

// TestGoldenTransfers plays the rows over real sockets: what comes is whole, and no
// sooner than the formulas say.
func TestGoldenTransfers(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for round trips")
	}
	signs, far := testAuthority(t), newTestNode(t)
	p := lane{near: newTestNode(t), signs: signs, dial: Dialer("", serveTLS(t, far, sized, signs))}
	if os.Getenv("CDNLAB_NETCHECK") != "" {
		p.hold(t)
		return
	}
	var rows sync.WaitGroup
	for _, c := range golden.Transfers { // all at once: they wait
		rows.Go(func() {
			header, end, err := p.play(c)
			if wantHeader, wantEnd := goldenWant(c); err != nil || header < wantHeader || end < wantEnd {
				t.Errorf("%s: %v and %v, want %v and %v at the least; %v", c.Name, header, end, wantHeader, wantEnd, err)
			}
		})
	}
	rows.Wait()
}

// hold measures the rows one after the other, on links that take off what exchanges
// cost by themselves, as those of a run do.
func (p lane) hold(t *testing.T) {
	p.base = measured(t, p.signs)
	for _, c := range golden.Transfers {
		header, end := goldenWant(c)
		holdRow(t, c.Name, []time.Duration{header, end}, func() []time.Duration {
			header, end, err := p.play(c)
			if err != nil {
				t.Error(err)
			}
			return []time.Duration{header, end}
		})
	}
}

func measured(t *testing.T, signs *Authority) Base {
	t.Helper()
	b, err := Measure(signs)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("by itself: %+v", b)
	return b
}

func holdRow(t *testing.T, name string, want []time.Duration, measure func() []time.Duration) {
	t.Helper()
	got, tried, held := golden.Hold(want, measure)
	t.Logf("%-22s %v, want %v, round %d", name, got, want, tried)
	if !held {
		t.Errorf("%s: %v, want %v within 1 ms or 1 %%", name, got, want)
	}
}
