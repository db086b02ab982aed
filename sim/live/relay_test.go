// Tests: connections that are passed on, as bytes.
package live

import (
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// relayed is a relay in front of a server, and what it was asked.
type relayed struct {
	t       *testing.T
	node    *Node
	link    *Link
	address string
	opened  chan *sim.Response // of each connection, when it stands or not
	ended   chan sim.Cause     // likewise, when it is over
	scopes  chan *sim.Scope
}

func (r *relayed) Relays() {}

// Serve implements sim.Relay: all goes to the one server.
func (r *relayed) Serve(req *sim.Request, reply func(*sim.Response)) {
	scope := &sim.Scope{}
	req.Scope.OnCancel(scope.Cancel)
	own := *req
	own.Scope = scope
	r.scopes <- scope
	r.link.Open(&own, func(resp *sim.Response) {
		r.opened <- resp
		resp.OnEnd(func(c sim.Cause, _ int64) { r.ended <- c })
		reply(resp)
	})
}

// newRelayed starts a relay to a server that does what serve does with each
// connection, and then closes it.
func newRelayed(t *testing.T, rtt time.Duration, serve func(net.Conn)) *relayed {
	t.Helper()
	far := listening4(t, func(nc net.Conn) {
		defer nc.Close()
		serve(nc)
	})
	r := &relayed{t: t, node: newTestNode(t), opened: make(chan *sim.Response, 100), ended: make(chan sim.Cause, 100), scopes: make(chan *sim.Scope, 100)}
	r.link = NewLink(r.node, LinkConfig{Path: network.NewLink(1, "balancer", "app", network.Plain(rtt)), Dial: Dialer("", far)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	relays := NewRelays(r.node, r)
	done := make(chan struct{})
	go func() { defer close(done); _ = relays.Serve(l) }()
	t.Cleanup(func() { relays.Close(); <-done })
	r.address = l.Addr().String()
	return r
}

func listening4(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go serve(nc)
		}
	}()
	return l.Addr().String()
}

func (r *relayed) dial() *net.TCPConn {
	r.t.Helper()
	nc, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { nc.Close() })
	return nc.(*net.TCPConn)
}

// shout answers all that comes, when all of it has come: the client must close its
// half, and be heard all the same.
func shout(nc net.Conn) {
	all, err := io.ReadAll(nc)
	if err == nil {
		fmt.Fprintf(nc, "%d bytes", len(all))
	}
}

// Each direction ends by itself, on a path with and without a way, and what is
// large comes whole.
func TestRelayHalves(t *testing.T) {
	for _, rtt := range []time.Duration{0, 10 * time.Millisecond} {
		r := newRelayed(t, rtt, shout)
		nc := r.dial()
		const much = 3 << 20
		if n, err := io.Copy(nc, io.LimitReader(&zeros{}, much)); n != much || err != nil {
			t.Fatalf("%v: %d bytes sent: %v", rtt, n, err)
		}
		_ = nc.CloseWrite()
		answer, err := io.ReadAll(nc)
		if want := fmt.Sprint(much, " bytes"); string(answer) != want || err != nil {
			t.Errorf("%v: %q, %v, not %q", rtt, answer, err, want)
		}
		if c := receive(t, r.ended, "the connection's end"); c != sim.OK {
			t.Errorf("%v: it ends with %v", rtt, c)
		}
	}
}

// Who sends faster than the far end reads must wait: no more is held than sockets
// and a window of pieces take.
func TestRelayHoldsBack(t *testing.T) {
	for _, rtt := range []time.Duration{0, 10 * time.Millisecond} {
		reads := make(chan struct{})
		r := newRelayed(t, rtt, func(nc net.Conn) {
			<-reads
			shout(nc)
		})
		nc := r.dial()
		receive(t, r.opened, "the connection")
		sent := 0
		for piece := make([]byte, 1<<20); ; sent += len(piece) {
			_ = nc.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
			if _, err := nc.Write(piece); err != nil {
				break
			}
			if sent > 64<<20 {
				t.Fatalf("%v: %d bytes were taken that nobody reads", rtt, sent)
			}
		}
		close(reads)
	}
}

// A connection that the relay's node ends (a drain's deadline) ends for both, and
// one that cannot be opened is reset.
func TestRelayEnds(t *testing.T) {
	gone := make(chan error, 1)
	r := newRelayed(t, 0, func(nc net.Conn) {
		_, err := io.ReadAll(nc)
		gone <- err
	})
	nc := r.dial()
	receive(t, r.opened, "the connection")
	scope := receive(t, r.scopes, "its scope")
	r.node.Do(func() { scope.Cancel(sim.TimedOut) })
	if n, err := nc.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes come over a connection that was ended", n)
	}
	receive(t, gone, "its end at the server")
	if c := receive(t, r.ended, "its end"); c != sim.TimedOut {
		t.Errorf("it ends with %v", c)
	}

	r.node.Do(func() { r.link.Set(network.Change{Reset: true}) })
	nc = r.dial()
	if n, err := nc.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes come over a connection that was not opened", n)
	}
	if resp := receive(t, r.opened, "the word about it"); resp.Cause != sim.Reset {
		t.Errorf("it was not opened because of %v", resp.Cause)
	}
}

// Who leaves before the connection is open has it given up.
func TestRelayLeft(t *testing.T) {
	r := newRelayed(t, time.Minute, shout)
	nc := r.dial()
	receive(t, r.scopes, "its scope")
	nc.Close()
	if resp := receive(t, r.opened, "the word about it"); resp.Cause != sim.Cancelled {
		t.Errorf("it was not opened because of %v", resp.Cause)
	}
}

// A path that is cut holds what was sent, and what the path resets is no more.
func TestRelayFaults(t *testing.T) {
	r := newRelayed(t, 0, func(nc net.Conn) { _, _ = io.Copy(nc, nc) })
	nc := r.dial()
	receive(t, r.opened, "the connection")
	echo := func(word string) string {
		t.Helper()
		if _, err := io.WriteString(nc, word); err != nil {
			return err.Error()
		}
		got := make([]byte, len(word))
		if _, err := io.ReadFull(nc, got); err != nil {
			return err.Error()
		}
		return string(got)
	}
	if got := echo("one"); got != "one" {
		t.Fatal(got)
	}
	r.node.Do(func() {
		r.link.Set(network.Change{CutOut: true})
		r.node.Engine().After(300*time.Millisecond, func() { r.link.Set(network.Change{}) })
	})
	begun := time.Now()
	if got := echo("two"); got != "two" || time.Since(begun) < 300*time.Millisecond {
		t.Errorf("over a link that is cut comes %q after %v", got, time.Since(begun))
	}
	if got := echo("three"); got != "three" {
		t.Error(got)
	}
	r.node.Do(func() { r.link.Set(network.Change{Reset: true}) })
	if got := echo("four"); got == "four" {
		t.Error("a path that resets all connections has left one")
	}
	if c := receive(t, r.ended, "the connection's end"); c != sim.Reset {
		t.Errorf("it ends with %v", c)
	}
}
