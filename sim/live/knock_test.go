// Connections that are opened and closed again, against real sockets.
package live

import (
	"net"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Nobody accepts here, as nobody does in a process that hangs: the kernel does.
func TestKnock(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	knock := func(a *asker, scope *sim.Scope) sim.Cause {
		got := make(chan sim.Cause, 2)
		a.n.Do(func() { a.link.Knock(&sim.Request{Scope: scope}, func(c sim.Cause) { got <- c }) })
		return receive(t, got, "what came of it")
	}
	a := newAsker(t, time.Millisecond, network.Config{}, Dialer("", address))
	if c := knock(a, nil); c != sim.OK {
		t.Errorf("nobody accepts: %v, want ok", c)
	}
	over := &sim.Scope{}
	over.Cancel(sim.TimedOut)
	if c := knock(a, over); c != sim.TimedOut {
		t.Errorf("cancelled before: %v", c)
	}
	listener.Close()
	if c := knock(a, nil); c != sim.Refused {
		t.Errorf("nobody listens: %v, want refused", c)
	}
	a.wantDials(0)
	blocked := make(chan struct{})
	b := newAsker(t, 0, network.Config{}, func() (net.Conn, error) {
		<-blocked
		return net.Dial("tcp", address)
	})
	scope, got := &sim.Scope{}, make(chan sim.Cause, 2)
	b.n.Do(func() { b.link.Knock(&sim.Request{Scope: scope}, func(c sim.Cause) { got <- c }) })
	b.n.Do(func() { scope.Cancel(sim.TimedOut) })
	close(blocked)
	if c := receive(t, got, "the cancel"); c != sim.TimedOut {
		t.Errorf("cancelled in the midst: %v", c)
	}
}
