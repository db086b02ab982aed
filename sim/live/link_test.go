// Link against a real Front: connections, delays, cancels.
package live

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// asker asks over a Link and collects what comes.
type asker struct {
	t    *testing.T
	n    *Node
	link *Link
}

type outcome struct {
	status int
	cause  sim.Cause // of the answer, or of its content's end
	size   int64
	path   string
	header time.Duration // since the request
	late   time.Duration
	waited time.Duration
	stamp  sim.Stamp
}

func newAsker(t *testing.T, rtt time.Duration, conns network.Config, dial func() (net.Conn, error)) *asker {
	t.Helper()
	n := newTestNode(t)
	l := NewLink(n, LinkConfig{Path: network.NewLink(1, "client", "server", network.Plain(rtt)), Conns: conns, Token: "secret", Dial: dial})
	t.Cleanup(func() { n.Do(l.Forget) })
	return &asker{t, n, l}
}

// ask sends a request and returns where its one outcome will be. A second one
// is a bug, which panics in a full channel's place.
func (a *asker) ask(req *sim.Request) <-chan outcome {
	if req.Method == "" {
		req.Method, req.Host = "GET", "shop"
	}
	c := make(chan outcome, 1)
	put := func(o outcome) {
		select {
		case c <- o:
		default:
			panic(fmt.Sprintf("answered again with %+v", o))
		}
	}
	a.n.Do(func() {
		begun := a.n.Engine().Now()
		a.link.Serve(req, func(resp *sim.Response) {
			o := outcome{status: resp.Status, header: a.n.Engine().Now().Sub(begun), late: resp.Late, waited: resp.Waited}
			if v := resp.Header["X-Path"]; len(v) > 0 {
				o.path = v[0]
			}
			if resp.Body != nil {
				go func() { _ = copyBody(nil, &strings.Builder{}, resp.Body, 0, nil) }() // its end is told by OnEnd
			}
			resp.OnEnd(func(cause sim.Cause, n int64) {
				o.cause, o.size, o.stamp = cause, n, resp.Stamp
				put(o)
			})
		})
	})
	return c
}

func (a *asker) get(path string) outcome {
	a.t.Helper()
	return receive(a.t, a.ask(&sim.Request{Path: path}), "the answer to "+path)
}

// open returns how many connections stand or are being opened.
func (a *asker) open() (open int) {
	a.n.Do(func() { open = a.link.conns.Open() })
	return open
}

func (a *asker) wantDials(want int64) {
	a.t.Helper()
	a.n.Do(func() {
		if got := a.link.Dials(); got != want {
			a.t.Errorf("%d connections were opened, want %d", got, want)
		}
	})
}

func TestLinkAsks(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	for path, want := range map[string]outcome{ // any order
		"/x": {status: 200, size: 2}, "/x/late": {status: 200, size: 7}, "/204": {status: 204}, "/304": {status: 304},
		"/big": {status: 200, size: 100_000}, "/dead": {cause: sim.Reset}, "/dead/late": {cause: sim.Reset}, "/unknown/late": {status: 200},
	} {
		got := a.get(path)
		if got.status != want.status || got.cause != want.cause || got.size != want.size || got.status != 0 && got.path != "GET "+path {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestLinkReuse(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	for range 20 {
		a.get("/late")
	}
	a.wantDials(1)
	var both []<-chan outcome
	for range 3 { // at once: two more
		both = append(both, a.ask(&sim.Request{Path: "/late"}))
	}
	for _, c := range both {
		receive(t, c, "an answer")
	}
	a.wantDials(3)
	// The one used last goes first: the others are never touched.
	used := map[*conn]bool{}
	for range 10 {
		a.get("/late")
		a.n.Do(func() {
			w := &network.Waiter[*conn]{Ready: func(c *conn, _ sim.Time, warm bool) {
				used[c] = warm
				a.link.conns.Put(a.n.Engine().Now(), c)
			}}
			a.link.conns.Ask(a.n.Engine().Now(), w)
		})
	}
	if len(used) != 1 || a.open() != 3 {
		t.Errorf("%d connections took turns, %d are open", len(used), a.open())
	}
}

// TestLinkWaited: a request tells how long it waited for its connection, so that
// nobody takes that for the way.
func TestLinkWaited(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	const rtt = 20 * time.Millisecond
	a := newAsker(t, rtt, network.Config{Limit: 1}, Dialer("", address))
	first, behind := a.ask(&sim.Request{Path: "/"}), a.ask(&sim.Request{Path: "/"})
	cold := receive(t, first, "the first answer")
	if cold.waited < rtt || cold.header < cold.waited+rtt {
		t.Errorf("the first waits %v of %v, want %v or more", cold.waited, cold.header, rtt)
	}
	if o := receive(t, behind, "the second answer"); o.waited < rtt || o.header < o.waited+rtt {
		t.Errorf("the second waits %v of %v for the connection that the first has", o.waited, o.header)
	}
	if o := a.get("/"); o.waited != 0 {
		t.Errorf("an open connection is waited for %v", o.waited)
	}
}

func TestLinkLimit(t *testing.T) {
	n := newTestNode(t)
	var waiting []func()
	address, _ := serve(t, n, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		waiting = append(waiting, func() { reply(sim.Answer(200, nil, 0)) })
	}))
	a := newAsker(t, 0, network.Config{Limit: 2, Waiting: 2}, Dialer("", address))
	var asked []<-chan outcome
	for range 4 {
		asked = append(asked, a.ask(&sim.Request{Path: "/"}))
	}
	if o := a.get("/too-many"); o.cause != sim.Overload {
		t.Errorf("beyond the limits: %+v", o)
	}
	leaves := &sim.Scope{}
	a.n.Do(func() { leaves.Cancel(sim.Cancelled) })
	if o := receive(t, a.ask(&sim.Request{Path: "/", Scope: leaves}), "the answer to who left before"); o.cause != sim.Cancelled {
		t.Errorf("cancelled before: %+v", o)
	}
	answered := 0
	eventually(t, "all four are answered", func() bool {
		n.Do(func() {
			for _, f := range waiting {
				f()
				answered++
			}
			waiting = nil
		})
		return answered == 4
	})
	for _, c := range asked {
		if o := receive(t, c, "an answer"); o.status != 200 {
			t.Errorf("%+v", o)
		}
	}
	a.wantDials(2)
}

func TestLinkRefused(t *testing.T) {
	a := newAsker(t, 0, network.Config{}, Dialer("", reserveForTest(t)))
	if o := a.get("/"); o.cause != sim.Refused || a.open() != 0 {
		t.Errorf("%+v, %d open", o, a.open())
	}
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.EADDRNOTAVAIL} {
		a := newAsker(t, 0, network.Config{}, func() (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: errno}
		})
		if o := a.get("/"); o.cause != sim.Unreachable || a.link.Local != 1 || a.open() != 0 {
			t.Errorf("%v: %+v, local %d", errno, o, a.link.Local)
		}
	}
}

// TestLinkDelays: a connection costs one RTT and an exchange another, never less.
func TestLinkDelays(t *testing.T) {
	const rtt = 20 * time.Millisecond
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, rtt, network.Config{}, Dialer("", address))
	for i, least := range []time.Duration{2 * rtt, rtt, rtt} {
		o := a.get("/")
		if o.status != 200 || o.header < least || o.header > least+patience/3 {
			t.Errorf("exchange %d took %v, want %v at the least", i, o.header, least)
		}
	}
	a.n.Do(func() {
		if out := a.link.Out.TotalCount(); out != 3 {
			t.Errorf("lateness of %d flights is recorded, want 3", out)
		}
	})
}

// TestLinkLate: a node that comes late sends late, and says so.
func TestLinkLate(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 2*time.Millisecond, network.Config{}, Dialer("", address))
	a.get("/warm")
	c := a.ask(&sim.Request{Path: "/"})
	a.n.Do(func() { // the flight is due in here, and nobody can play it
		for begun := a.n.Wall().Now(); a.n.Wall().Now() < begun.Add(30*time.Millisecond); {
		}
	})
	o := receive(t, c, "the answer")
	if o.late <= 0 && o.header < 30*time.Millisecond {
		return // it had left before: the machine is slow
	}
	if o.late < 20*time.Millisecond {
		t.Errorf("sent %v late, want 28ms or so", o.late)
	}
}

func TestLinkCutAndHealed(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 0, network.Config{ConnectTimeout: 20 * time.Millisecond}, Dialer("", address))
	cut := func(on bool) {
		a.n.Do(func() { a.link.net.Set(a.n.Engine().Now(), network.Change{CutOut: on, CutBack: on}) })
	}
	cut(true)
	if o := a.get("/"); o.cause != sim.Unreachable || o.header < 20*time.Millisecond || a.open() != 0 {
		t.Errorf("into a cut: %+v", o)
	}
	cut(false)
	a.get("/warm")
	cut(true)
	c := a.ask(&sim.Request{Path: "/held"})
	a.n.Do(func() {
		if len(c) > 0 {
			t.Error("answered through a cut")
		}
	})
	cut(false)
	if o := receive(t, c, "the answer after the cut"); o.status != 200 || o.header < 200*time.Millisecond {
		t.Errorf("held back by a cut: %+v, want the retransmission's 200ms", o)
	}
}

// reserveForTest returns an address where nobody listens, for the test's time.
func reserveForTest(t *testing.T) string {
	t.Helper()
	at, port, err := reserve(netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(port.release)
	return at.String()
}
