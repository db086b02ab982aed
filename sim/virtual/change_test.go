// A world that changes: other ways, nodes that come late and end in good order.
package virtual

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

const ms = time.Millisecond

// What sets out after a change of the round trip takes half the new one, to the
// nanosecond; what is on its way keeps its time.
func TestLinkChange(t *testing.T) {
	w, _, l := pair(handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 1))
	})))
	var got []string
	ask := func(at time.Duration) {
		w.Engine.At(sim.Time(at), func() {
			l.Serve(&sim.Request{}, func(*sim.Response) { got = append(got, w.Engine.Now().String()) })
		})
	}
	change := func(at, rtt time.Duration) {
		w.Engine.At(sim.Time(at), func() { l.Change(network.Plain(rtt), network.Config{}) })
	}
	ask(0)        // connects in 10 ms, and is back in 10 more
	ask(100 * ms) // out in 5 ms; by its way back the round trip is longer
	change(102*ms, 40*ms+2)
	ask(200 * ms) // 20 ms and 1 ns each way
	change(300*ms, 10*ms)
	ask(400 * ms)
	w.Engine.Run(sim.Time(time.Second))
	if want := "20ms 125.000001ms 240.000002ms 410ms"; strings.Join(got, " ") != want {
		t.Errorf("answers at %v, want %s", got, want)
	}
}

// A host that is late starts when it is told, with the ways that it has been given
// by then; one that is stopped resets what still asks it, and does not come back
// by itself.
func TestLateAndStopped(t *testing.T) {
	var notes []string
	w := New(1, nil)
	w.Sink = func(e sim.Event) { notes = append(notes, fmt.Sprint(e.At, " ", e.Node, " ", e.Kind)) }
	silent := handler(sim.HandlerFunc(func(*sim.Request, func(*sim.Response)) {}))
	w.Add("b", sim.Blueprint{Build: handler(&echo{})}, nil, 0)
	var toB sim.Handler
	w.Add("a", sim.Blueprint{Build: func(site sim.Site) sim.Handler {
		toB = site.Dial("b")
		return silent(site)
	}}, func(string) Peer { return Peer{Path: network.Plain(10 * ms)} }, ms).Late = true
	w.Start()
	l := w.Dial("client", "a", Peer{Path: network.Plain(10 * ms)})
	var got []string
	ask := func(to sim.Handler, at time.Duration) {
		w.Engine.At(sim.Time(at), func() {
			to.Serve(&sim.Request{}, func(r *sim.Response) { got = append(got, fmt.Sprint(w.Engine.Now(), " ", r.Status, r.Cause)) })
		})
	}
	at := func(at time.Duration, f func()) { w.Engine.At(sim.Time(at), f) }
	ask(l, 0)
	at(100*ms, func() { w.Rewire("a", func(string) Peer { return Peer{Path: network.Plain(20 * ms)} }, ms) })
	at(200*ms, func() { w.Restart("a"); ask(toB, 210*ms) })
	ask(l, 300*ms)
	at(400*ms, func() { w.Stop("a") })
	at(410*ms, func() { w.Stop("a") }) // nobody runs
	ask(l, 500*ms)
	w.Engine.Run(sim.Time(time.Second))
	if want := "10ms 0 refused, 250ms 200 ok, 405ms 0 reset, 510ms 0 refused"; strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
	if want := "0s b started, 200ms a started, 400ms a stopped"; strings.Join(notes, ", ") != want {
		t.Errorf("notes %s\nwant %s", strings.Join(notes, ", "), want)
	}
	quiet(t, w, l)
}

// The limits of a host's connections change for those that stand too.
func TestRewireConnections(t *testing.T) {
	w := New(1, nil)
	slow := handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		w.Engine.After(100*ms, func() { reply(sim.Answer(200, nil, 1)) })
	}))
	w.Add("b", sim.Blueprint{Build: slow}, nil, 0)
	var toB sim.Handler
	w.Add("a", sim.Blueprint{Build: func(site sim.Site) sim.Handler {
		toB = site.Dial("b")
		return toB
	}}, func(string) Peer { return Peer{Conns: network.Config{Limit: 1}} }, 0)
	w.Start()
	var got []string
	for range 3 {
		toB.Serve(&sim.Request{}, func(*sim.Response) { got = append(got, w.Engine.Now().String()) })
	}
	w.Engine.At(sim.Time(50*ms), func() { w.Rewire("a", func(string) Peer { return Peer{Conns: network.Config{Limit: 2}} }, 0) })
	w.Engine.Run(sim.Time(time.Second))
	if want := "100ms 150ms 200ms"; strings.Join(got, " ") != want {
		t.Errorf("answers at %v, want %s", got, want)
	}
	quiet(t, w)
}
