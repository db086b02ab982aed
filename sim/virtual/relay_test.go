// Tests: connections that a relay passes on, in virtual time.
package virtual

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// passer is a relay to one server, which writes down how its connections end.
type passer struct {
	env  *sim.Env
	to   sim.Opener
	last *sim.Scope // of the connection opened last
	log  *[]string
}

func (p *passer) Relays() {}

// Serve implements sim.Relay.
func (p *passer) Serve(req *sim.Request, reply func(*sim.Response)) {
	own := *req
	scope, _ := req.Scope.Derive()
	own.Scope, p.last = scope, scope
	p.to.Open(&own, func(resp *sim.Response) {
		p.note("opened %v", resp.Cause)
		if resp.Body != nil {
			resp.Body.OnEnd(func(c sim.Cause, _ int64) { p.note("ended %v", c) })
		}
		reply(resp)
	})
}

func (p *passer) note(format string, args ...any) {
	*p.log = append(*p.log, fmt.Sprintf("%v ", time.Duration(p.env.Now()))+fmt.Sprintf(format, args...))
}

// relayWorld is a user, 10 ms from a relay, which is 5 ms from a server that takes
// 100 ms for everything.
type relayWorld struct {
	*World
	link *Link
	log  []string
	node *passer
}

func newRelayWorld(c network.Config) *relayWorld {
	r := &relayWorld{World: New(1, nil)}
	r.Add("app", sim.Blueprint{Build: func(site sim.Site) sim.Handler {
		return sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			site.After(100*time.Millisecond, func() {
				if req.Scope.Cause() == sim.OK {
					reply(sim.Answer(200, nil, 100))
				} else {
					reply(sim.Fail(req.Scope.Cause()))
				}
			})
		})
	}}, nil, 0)
	r.Add("balancer", sim.Blueprint{Build: func(site sim.Site) sim.Handler {
		r.node = &passer{env: site.Env, to: site.Dial("app").(sim.Opener), log: &r.log}
		return r.node
	}}, func(string) Peer { return Peer{Path: network.Plain(10 * time.Millisecond)} }, 0)
	r.Start()
	r.link = r.Dial("user", "balancer", Peer{Path: network.Plain(20 * time.Millisecond), Conns: c})
	return r
}

// ask asks at a time, in ms.
func (r *relayWorld) ask(at int) {
	r.at(at, func() {
		begun := r.Engine.Now()
		r.link.Serve(&sim.Request{ID: uint64(at), Method: "GET", Path: "/"}, func(resp *sim.Response) {
			r.log = append(r.log, fmt.Sprintf("%v answer %d %v after %v", time.Duration(r.Engine.Now()), resp.Status, resp.Cause, r.Engine.Now().Sub(begun)))
		})
	})
}

func (r *relayWorld) at(ms int, f func()) {
	r.Engine.At(sim.Time(time.Duration(ms)*time.Millisecond), f)
}

func (r *relayWorld) play(t *testing.T, want ...string) {
	t.Helper()
	r.Engine.Run(sim.Time(5 * time.Second))
	if !slices.Equal(r.log, want) {
		t.Errorf("\n%s\nnot\n%s", strings.Join(r.log, "\n"), strings.Join(want, "\n"))
	}
	for _, h := range r.Hosts() {
		if n := h.Open(); n > 0 {
			t.Errorf("%d exchanges are left at %s", n, h.Name)
		}
	}
}

const opened = "20ms opened ok"

func TestRelayIdleEnd(t *testing.T) {
	r := newRelayWorld(network.Config{})
	r.ask(0)
	r.ask(200)
	r.at(1000, r.link.Forget) // seen one way later
	r.play(t, opened, "150ms answer 200 ok after 150ms", "330ms answer 200 ok after 130ms", "1.01s ended ok")
}

// The server dies: who waits is told by way of the relay, and so is the relay of
// the connections that carry nothing.
func TestRelayServerDies(t *testing.T) {
	r := newRelayWorld(network.Config{})
	r.ask(0)
	r.at(50, func() { r.Crash("app") })
	r.play(t, opened, "55ms ended ok", "65ms answer 0 reset after 65ms")

	r = newRelayWorld(network.Config{})
	r.ask(0)
	r.at(300, func() { r.Crash("app") })
	r.ask(304) // sets out before the user can know
	r.ask(400)
	r.play(t, opened, "150ms answer 200 ok after 150ms", "305ms ended ok", "324ms answer 0 reset after 20ms",
		"420ms opened refused", "440ms answer 0 reset after 40ms")
}

// The relay ends a connection (a drain's deadline): what is under way is lost.
func TestRelayCuts(t *testing.T) {
	for name, c := range map[string]network.Config{"http/1.1": {}, "http/2": {HTTP: network.HTTP2}} { // each is a test of its own
		t.Run(name, func(t *testing.T) {
			r := newRelayWorld(c)
			first, more := "150ms answer 200 ok after 150ms", 0
			if c.HTTP != "" { // TLS is between the two ends: 20 ms to the relay and 10 more to the server
				first, more = "180ms answer 200 ok after 180ms", 30
			}
			r.ask(0)
			r.ask(200 + more)
			r.at(250+more, func() { r.node.last.Cancel(sim.TimedOut) })
			at := time.Duration(250+more) * time.Millisecond
			r.play(t, opened, first, fmt.Sprint(at, " ended timed-out"), fmt.Sprint(at+10*time.Millisecond, " answer 0 reset after 60ms"))
		})
	}
}

// The user gives up: over HTTP/1.1 that closes the connection, over HTTP/2 it ends
// a stream.
func TestRelayUserLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		conns network.Config
		ends  []string
	}{
		"http/1.1": {network.Config{}, []string{"310ms ended ok"}},
		"http/2":   {network.Config{HTTP: network.HTTP2}, nil},
	} { // each is a test of its own
		t.Run(name, func(t *testing.T) {
			r := newRelayWorld(c.conns)
			r.at(0, func() {
				r.link.Serve(&sim.Request{ID: 1, Method: "GET", Path: "/"}, func(*sim.Response) {})
			})
			var scope sim.Scope
			r.at(250, func() {
				r.link.Serve(&sim.Request{ID: 2, Method: "GET", Path: "/", Scope: &scope}, func(resp *sim.Response) {
					r.log = append(r.log, fmt.Sprint(time.Duration(r.Engine.Now()), " told ", resp.Cause))
				})
			})
			r.at(300, func() { scope.Cancel(sim.Cancelled) })
			r.play(t, append([]string{opened, "300ms told cancelled"}, c.ends...)...)
		})
	}
}

// A relay that hangs passes nothing on, and one that dies takes its connections
// along.
func TestRelayHangsAndDies(t *testing.T) {
	r := newRelayWorld(network.Config{})
	r.at(0, func() { r.Hang("balancer") })
	r.ask(5)
	r.at(100, func() { r.Resume("balancer") })
	r.at(300, func() { r.Crash("balancer") })
	r.ask(400)
	r.play(t, "110ms opened ok", "230ms answer 200 ok after 225ms", "420ms answer 0 refused after 20ms")
}
