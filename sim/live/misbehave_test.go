// Link against servers that misbehave, and askers that change their minds.
package live

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// misbehave is a TCP server: f is called with each connection, which is closed
// when it returns.
func misbehave(t *testing.T, f func(c net.Conn, number int)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Add(1)
	go func() {
		defer serving.Done()
		for i := 0; ; i++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(patience))
			serving.Add(1)
			go func() { defer serving.Done(); defer c.Close(); f(c, i) }()
		}
	}()
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return l.Addr().String()
}

// after says text after each request, and reset how it ends.
func says(text string, reset bool) func(net.Conn, int) {
	return func(c net.Conn, _ int) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		_, _ = io.WriteString(c, text)
		if reset {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
	}
}

func TestMisbehavingServers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
	for name, c := range map[string]struct { // any order
		server func(net.Conn, int)
		status int
		cause  sim.Cause
	}{
		"closes at once":          {func(net.Conn, int) {}, 0, sim.Reset},
		"resets at once":          {func(c net.Conn, _ int) { _ = c.(*net.TCPConn).SetLinger(0) }, 0, sim.Reset},
		"says nothing and closes": {says("", false), 0, sim.Reset},
		"resets":                  {says("", true), 0, sim.Reset},
		"closes in the header":    {says("HTTP/1.1 200 OK\r\nConte", false), 0, sim.Reset},
		"garbage":                 {says("what?\r\n\r\n", false), 0, sim.Malformed},
		"garbage without an end":  {func(c net.Conn, i int) { says(strings.Repeat("x", 1<<20), false)(c, i); _, _ = io.Copy(io.Discard, c) }, 0, sim.Malformed},
		"two lengths":             {says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", false), 0, sim.Malformed},
		"answers and closes":      {says("HTTP/1.1 200 OK\r\n\r\nto the end", false), 200, sim.OK},
		"cuts the content":        {says("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello", false), 200, sim.Truncated},
		"two answers":             {says(ok+ok, false), 200, sim.OK},
		"interim":                 {says("HTTP/1.1 103 Early Hints\r\n\r\n"+ok, false), 200, sim.OK},
	} {
		for _, discard := range []bool{false, true} {
			for _, rtt := range []time.Duration{0, 2 * time.Millisecond} {
				a := newAsker(t, rtt, network.Config{}, Dialer("", misbehave(t, c.server)))
				a.link.discard = discard
				if o := a.get("/"); o.status != c.status || o.cause != c.cause {
					t.Errorf("%s (discard %v, RTT %v): %+v, want %d %v", name, discard, rtt, o, c.status, c.cause)
				}
				eventually(t, name+": the connection is given up", func() bool {
					dead := 0
					a.n.Do(func() { a.link.Forget(); dead = a.link.conns.Open() })
					return dead == 0
				})
			}
		}
	}
}

// TestSpeaksFirst: an answer that nobody has asked for yet is none.
func TestSpeaksFirst(t *testing.T) {
	address := misbehave(t, func(c net.Conn, _ int) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	for _, discard := range []bool{false, true} {
		a := newAsker(t, 10*time.Millisecond, network.Config{}, Dialer("", address))
		a.link.discard = discard
		if o := a.get("/"); o.status != 0 || o.cause == sim.OK {
			t.Errorf("%+v", o)
		}
	}
}

// TestIdleClosed: a far end that closes an idle connection fails nobody.
func TestIdleClosed(t *testing.T) {
	gone := make(chan struct{}, 10)
	address := misbehave(t, func(c net.Conn, i int) {
		says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", i%2 == 0)(c, i)
		c.Close()
		gone <- struct{}{}
	})
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	for i := range 10 {
		o := a.get("/")
		if o.status != 200 && o.cause != sim.Reset { // the reset may overtake the answer
			t.Fatalf("request %d: %+v", i, o)
		}
		receive(t, gone, "the close")
		eventually(t, "the close is noticed", func() bool {
			alive := 0
			a.n.Do(func() {
				w := &network.Waiter[*conn]{Ready: func(c *conn, _ sim.Time, warm bool) {
					if warm {
						alive++
						a.link.conns.Put(0, c)
						return
					}
					a.link.conns.Lost()
				}}
				a.link.conns.Ask(0, w)
			})
			return alive == 0
		})
	}
}

// TestAnsweredEarly: an answer that comes before the content has been sent is
// taken, and the connection not used again: what is left of the content would
// be the next request.
func TestAnsweredEarly(t *testing.T) {
	address := misbehave(t, func(c net.Conn, _ int) {
		br := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	s := newSource(a.n, 10_000)
	o := receive(t, a.ask(&sim.Request{Method: "POST", Host: "shop", Path: "/", Size: 10_000, Body: s.body}), "the answer")
	if o.status != 413 || a.open() != 0 {
		t.Errorf("%+v, %d open", o, a.open())
	}
	s.fill(10_000, sim.OK)
	if o := a.get("/next"); o.status != 413 {
		t.Errorf("%+v", o)
	}
	a.wantDials(2)
}

// TestCancel: at every stage the asker gets one answer at once, the far end
// sees the connection close, and its place is free.
func TestCancel(t *testing.T) {
	const rtt = 10 * time.Millisecond
	closed := make(chan struct{}, 1)
	for _, c := range []struct {
		stage string
		after func(a *asker, asked <-chan struct{}) // when to cancel
		says  string
	}{
		{"in the connect's travel", func(*asker, <-chan struct{}) {}, ""},
		{"on the connect's way back", func(a *asker, _ <-chan struct{}) {
			eventually(t, "connected", func() (is bool) {
				a.n.Do(func() { is = a.n.Engine().Now() > sim.Time(rtt/2) })
				return is
			})
		}, ""},
		{"waiting for the answer", func(_ *asker, asked <-chan struct{}) { receive(t, asked, "the request") }, ""},
		{"streaming", func(_ *asker, asked <-chan struct{}) { receive(t, asked, "the request") }, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"},
	} {
		asked, connected := make(chan struct{}, 1), make(chan struct{}, 1)
		address := misbehave(t, func(nc net.Conn, _ int) {
			connected <- struct{}{}
			br := bufio.NewReader(nc)
			if _, err := http.ReadRequest(br); err == nil {
				_, _ = io.WriteString(nc, c.says)
				asked <- struct{}{}
				_, _ = io.Copy(io.Discard, br)
			}
			closed <- struct{}{}
		})
		a := newAsker(t, rtt, network.Config{}, Dialer("", address))
		scope := &sim.Scope{}
		answer := a.ask(&sim.Request{Path: "/", Scope: scope})
		c.after(a, asked)
		a.n.Do(func() { scope.Cancel(sim.TimedOut) })
		if o := receive(t, answer, "the end of who was "+c.stage); o.cause != sim.TimedOut {
			t.Errorf("%s: %+v", c.stage, o)
		}
		if open := a.open(); open != 0 {
			t.Errorf("%s: %d places are taken", c.stage, open)
		}
		if len(connected) > 0 {
			receive(t, closed, "the close of who was "+c.stage)
		}
	}
}

// TestCancelDial: a connection that stands after its asker left is closed.
func TestCancelDial(t *testing.T) {
	near, far := net.Pipe()
	dialling, release := make(chan struct{}), make(chan struct{})
	dial := func() (net.Conn, error) {
		close(dialling)
		<-release
		return near, nil
	}
	for _, conns := range []network.Config{{}, {ConnectTimeout: 10 * time.Millisecond}} {
		dialling, release = make(chan struct{}), make(chan struct{})
		near, far = net.Pipe()
		a := newAsker(t, 0, conns, dial)
		scope := &sim.Scope{}
		answer := a.ask(&sim.Request{Path: "/", Scope: scope})
		receive(t, dialling, "the dial")
		want := sim.Unreachable
		if conns.ConnectTimeout == 0 {
			want = sim.Cancelled
			a.n.Do(func() { scope.Cancel(want) })
		}
		if o := receive(t, answer, "the answer"); o.cause != want || a.open() != 0 {
			t.Errorf("%+v, %d open", o, a.open())
		}
		close(release)
		if _, err := far.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the connection stands: %v", err)
		}
	}
}
