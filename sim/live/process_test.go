//go:build unix

// World: real processes, their crashes and what they leave behind.
package live

import (
	"context"
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

// lab is a World with what it told.
type lab struct {
	t      *testing.T
	w      *World
	failed chan error
	events map[string]int // under the driver's mutex, as counts
	counts map[string]map[string]int64
	askers map[string]*asker
	conns  network.Config // of askers
}

func newLab(t *testing.T, how ...string) *lab {
	t.Helper()
	command, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, failed: make(chan error, 10), events: map[string]int{}, counts: map[string]map[string]int64{}, askers: map[string]*asker{}}
	l.w, err = NewWorld(Config{Command: append(command, how...), Seed: 1, Secure: "shop",
		Sink:   func(e sim.Event) { l.events[e.Node+" "+string(e.Kind)]++ },
		Counts: func(_ sim.Time, node string, n map[string]int64) { l.counts[node] = n },
		Failed: func(err error) { l.failed <- err }})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) start(names ...string) *lab {
	l.t.Helper()
	l.t.Cleanup(l.w.Close)
	if err := l.w.Start(context.Background(), specs(names...)); err != nil {
		l.t.Fatal(err)
	}
	for _, name := range names {
		a := &asker{t: l.t, n: l.w.Node}
		l.w.Node.Do(func() { a.link = l.w.Dial("clients", name, network.Plain(0), l.conns, netip.Addr{}) })
		l.askers[name] = a
	}
	return l
}

func specs(names ...string) []NodeSpec {
	var all []NodeSpec
	for _, name := range names {
		all = append(all, NodeSpec{Name: name, Addr: loopback, Spec: name})
	}
	return all
}

func (l *lab) do(f func()) { l.w.Node.Do(f) }

// happened waits until an event has been told n times.
func (l *lab) happened(event string, n int) {
	l.t.Helper()
	eventually(l.t, fmt.Sprintf("%s %d times", event, n), func() (is bool) {
		l.do(func() { is = l.events[event] >= n })
		return is
	})
}

func (l *lab) pid(name string) int { return l.w.node(name).process().cmd.Process.Pid }

func gone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }

func TestNothingIsLeft(t *testing.T) {
	goroutines, descriptors := left(t)
	l := newLab(t).start("a", "b", "c")
	var pids []int
	var ports []string
	for _, name := range []string{"a", "b", "c"} {
		if o := l.askers[name].get("/x"); o.status != 200 {
			t.Errorf("%s: %+v", name, o)
		}
		pids = append(pids, l.pid(name))
		ports = append(ports, l.w.node(name).config.Listen)
	}
	waits := l.askers["a"].ask(&sim.Request{Path: "/wait", Scope: &sim.Scope{}})
	l.do(func() { l.w.Crash("b") })
	l.do(func() { l.w.Restart("b") })
	l.do(func() { l.w.Hang("c") })
	l.w.Quit()
	l.do(func() {
		if l.counts["a"]["asked"] < 1 || len(l.failed) > 0 {
			t.Errorf("last counts %v, failures %d", l.counts, len(l.failed))
		}
	})
	if o := receive(t, waits, "the answer of a node that has ended"); o.status != 0 {
		t.Errorf("%+v", o)
	}
	l.w.Close()
	for _, pid := range append(pids, l.pid("b")) {
		if !gone(pid) {
			t.Errorf("process %d is left", pid)
		}
	}
	for _, port := range ports {
		free, err := net.Listen("tcp", port)
		if err != nil {
			t.Errorf("the port is held: %v", err)
			continue
		}
		free.Close()
	}
	eventually(t, "no goroutine and no descriptor is left", func() bool {
		g, d := left(t)
		return g <= goroutines && d <= descriptors
	})
}

func TestCrashAndRestart(t *testing.T) {
	l := newLab(t).start("a")
	a := l.askers["a"]
	at := l.w.node("a").config.Listen
	for i := range 20 {
		if o := a.get("/x"); o.status != 200 {
			t.Fatalf("round %d: %+v", i, o)
		}
		pid := l.pid("a")
		waits := a.ask(&sim.Request{Path: "/wait"})
		l.do(func() { l.w.Crash("a") })
		if o := receive(t, waits, "the answer of the dead"); o.cause != sim.Reset && o.cause != sim.Refused {
			t.Errorf("round %d: asked the dead: %+v", i, o)
		}
		receive(t, l.w.node("a").process().ended, "the end")
		if nc, err := net.Dial("tcp", at); err == nil {
			nc.Close()
			t.Errorf("round %d: a dead node's port takes connections", i)
		}
		if o := a.get("/x"); o.cause != sim.Refused && o.cause != sim.Reset {
			t.Errorf("round %d: %+v", i, o)
		}
		l.do(func() { l.w.Slow("a", 3); l.w.Restart("a") })
		l.happened("a started", i+2)
		if l.pid("a") == pid || !gone(pid) {
			t.Errorf("round %d: process %d lives on", i, pid)
		}
	}
	eventually(t, "the new incarnation is told what lasts", func() (is bool) {
		l.do(func() { is = l.w.node("a").present["told to be slow"] == 1 })
		return is
	})
}

func TestHang(t *testing.T) {
	l := newLab(t).start("a")
	a := l.askers["a"]
	l.do(func() { l.w.Hang("a") })
	nc, err := net.Dial("tcp", l.w.node("a").config.Listen)
	if err != nil {
		t.Fatalf("the kernel does not take connections for a hung node: %v", err)
	}
	nc.Close()
	c := a.ask(&sim.Request{Path: "/x"})
	eventually(t, "the request is sent", func() (is bool) {
		l.do(func() { is = a.link.Out.TotalCount() > 0 || a.link.conns.Open() > 0 })
		return is
	})
	if len(c) > 0 {
		t.Error("a hung node answers")
	}
	l.do(func() { l.w.Resume("a"); l.w.Resume("a") })
	if o := receive(t, c, "the answer after the hang"); o.status != 200 {
		t.Errorf("%+v", o)
	}
	l.do(func() { l.w.Hang("a") })
	l.w.Close() // it must not wait for one that cannot hear
	if pid := l.pid("a"); !gone(pid) {
		t.Errorf("process %d is left", pid)
	}
}

func TestExitAndRevival(t *testing.T) {
	l := newLab(t)
	t.Cleanup(l.w.Close)
	s := specs("a")
	s[0].Restart = time.Millisecond
	if err := l.w.Start(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	a := &asker{t: t, n: l.w.Node}
	l.do(func() { a.link = l.w.Dial("clients", "a", network.Plain(0), network.Config{}, netip.Addr{}) })
	a.get("/x")
	if o := a.get("/exit"); o.status != 0 {
		t.Logf("the answer left before the end: %+v", o) // it may
	}
	l.happened("a exited", 1)
	l.happened("a started", 2)
	if o := a.get("/x"); o.status != 200 {
		t.Errorf("%+v", o)
	}
	eventually(t, "counters go on over incarnations", func() (is bool) {
		l.do(func() { is = l.counts["a"]["asked"] == 3 })
		return is
	})
}

func TestDiedUnasked(t *testing.T) {
	for path, want := range map[string]string{"/die": "exit status 4; its last words on standard error:\n  the first word\n  the last word", // any order
		"/panic": "a broken invariant"} {
		for _, method := range []string{"GET", "POST"} { // the second goes by net/http
			l := newLab(t).start("a")
			l.askers["a"].ask(&sim.Request{Method: method, Host: "shop", Path: path, Size: int64(len(method) - 3)})
			if err := receive(t, l.failed, "the obituary"); !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a died unasked") {
				t.Errorf("%s %s: %v", method, path, err)
			}
			l.w.Close()
		}
	}
}

// TestSecureWorld: nodes of a run speak whatever they are asked in, through
// crashes and hangs, and leave nothing behind.
func TestSecureWorld(t *testing.T) {
	for _, c := range []network.Config{{TLS: "1.2"}, {TLS: "1.3"}, {HTTP: "2"}} {
		goroutines, descriptors := left(t)
		l := newLab(t)
		l.conns = c
		l.start("a")
		a := l.askers["a"]
		if o := a.get("/x"); o.status != 200 {
			t.Errorf("%+v", o)
		}
		waits := a.ask(&sim.Request{Path: "/wait"})
		l.do(func() { l.w.Crash("a") })
		if o := receive(t, waits, "the answer of the dead"); o.cause != sim.Reset && o.cause != sim.Refused {
			t.Errorf("asked the dead: %+v", o)
		}
		l.do(func() { l.w.Restart("a") })
		l.happened("a started", 2)
		if o := a.get("/y"); o.status != 200 { // by the ticket of the one before
			t.Errorf("%+v", o)
		}
		l.do(func() { l.w.Hang("a"); a.link.Forget() })
		held := a.ask(&sim.Request{Path: "/held"}) // TCP is the kernel's, and TLS the process's
		eventually(t, "the connection is being opened", func() bool { return a.open() == 1 })
		l.do(func() { l.w.Resume("a") })
		if o := receive(t, held, "the answer after the hang"); o.status != 200 {
			t.Errorf("%+v", o)
		}
		l.do(func() { l.w.Hang("a"); a.link.Forget() })
		scope := &sim.Scope{}
		left1 := a.ask(&sim.Request{Path: "/left", Scope: scope})
		l.do(func() { scope.Cancel(sim.TimedOut) })
		if o := receive(t, left1, "the word that it was given up"); o.cause != sim.TimedOut {
			t.Errorf("%+v", o)
		}
		l.w.Close()
		eventually(t, "no goroutine and no descriptor is left", func() bool {
			g, d := left(t)
			return g <= goroutines && d <= descriptors
		})
	}
}
