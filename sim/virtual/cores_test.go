// Tests: what a host's cores do to its answers.
package virtual

import (
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/cpu"
	"cdnlab/sim/network"
)

const us = time.Microsecond

// strong is a world of hosts with so many cores, at prices that a reader can add
// up.
func strong(cores int, hosts ...func(w *World) *Host) *World {
	w := New(1, nil)
	w.Costs = cpu.Costs{Serve: 100 * us, ServeMB: 1000 * us, Forward: 10 * us, ForwardMB: 500 * us, Accept: 7 * us}
	for _, host := range hosts {
		host(w).Cores = cores
	}
	w.Start()
	return w
}

func host(name string, build sim.Factory) func(*World) *Host {
	return func(w *World) *Host {
		return w.Add(name, sim.Blueprint{Build: build}, func(string) Peer { return Peer{} }, 0)
	}
}

// came plays requests at their times, over one warm connection for each, and
// returns when their answers came.
func came(w *World, to string, at ...time.Duration) []time.Duration {
	l := w.Dial("client", to, Peer{Path: network.Plain(0)})
	var begin sim.Time
	var all []time.Duration
	ask := func(f func()) {
		l.Serve(&sim.Request{ID: uint64(len(all)), Method: "GET"}, func(*sim.Response) { f() })
	}
	for range at {
		ask(func() {})
	}
	w.Engine.Run(sim.Time(time.Second))
	begin = w.Engine.Now()
	for _, d := range at {
		w.Engine.At(begin.Add(d), func() {
			ask(func() { all = append(all, w.Engine.Now().Sub(begin)) })
		})
	}
	w.Engine.Run(begin.Add(time.Second))
	slices.Sort(all)
	return all
}

func hold(t *testing.T, what string, got, want []time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: answers come after %v, want %v", what, got, want)
	}
}

// An answer of 1 KB takes 101 µs: it waits for a core, and nobody needs an event
// for that.
func TestAnswersWaitForACore(t *testing.T) {
	hit := host("a", handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, nil, 1000)) })))
	hold(t, "one core", came(strong(1, hit), "a", 0, 0, 50*us, 500*us), []time.Duration{101 * us, 202 * us, 303 * us, 601 * us})
	hold(t, "two cores", came(strong(2, hit), "a", 0, 0, 50*us, 500*us), []time.Duration{101 * us, 101 * us, 202 * us, 601 * us})
	hold(t, "none", came(strong(0, hit), "a", 0, 0, 50*us, 500*us), []time.Duration{0, 0, 50 * us, 500 * us})

	w := strong(1, hit)
	before := w.Engine.Fired()
	came(w, "a", 0)
	if n := w.Engine.Fired() - before; n != 7 {
		t.Errorf("%d events: two for the handshake, two for each exchange, one for its time", n)
	}
	var busy int64
	w.Host("a").Count(func(name string, n int64) {
		if name == counterBusy {
			busy = n
		}
	})
	if want := int64((7 + 101 + 101) * us); busy != want {
		t.Errorf("its cores worked %d ns, want %d", busy, want)
	}
}

// A proxied request costs its ask (10 µs) and its answer (100), and content both
// on its way in and out.
func TestProxiedCostsMore(t *testing.T) {
	answer := sim.Answer(200, nil, 1_000_000)
	origin := host("origin", handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(answer) })))
	proxy := host("proxy", func(s sim.Site) sim.Handler { return s.Dial("origin") })
	// 10 ask; 1100 at the origin; 500 in and 1100 out.
	hold(t, "one core", came(strong(1, origin, proxy), "proxy", 0), []time.Duration{2710 * us})
	// What came in is read by one core, and goes out by the other.
	hold(t, "two cores", came(strong(2, origin, proxy), "proxy", 0), []time.Duration{2210 * us})
}

// A header sets out when a core is done with it; the content's end when one is
// done with the content.
func TestStreamWaitsForACore(t *testing.T) {
	build := handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		body := &sim.Transfer{Length: 2_000_000}
		reply(&sim.Response{Status: 200, Size: 2_000_000, Body: body})
		body.End(sim.OK, 2_000_000)
	}))
	w := strong(1, host("a", build))
	l := w.Dial("client", "a", Peer{})
	var header, end sim.Time
	l.Serve(&sim.Request{ID: 1}, func(r *sim.Response) {
		header = w.Engine.Now()
		r.OnEnd(func(c sim.Cause, n int64) {
			if end = w.Engine.Now(); c != sim.OK || n != 2_000_000 {
				t.Errorf("%v after %d bytes", c, n)
			}
		})
	})
	w.Engine.Run(sim.Time(time.Second))
	if header != sim.Time(107*us) || end != sim.Time(2107*us) {
		t.Errorf("the header at %v, the end at %v", header, end)
	}
}

// A crash ends what was to be done, and what was done stays counted.
func TestCrashEndsTheWork(t *testing.T) {
	hit := host("a", handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, nil, 0)) })))
	w := strong(1, hit)
	l := w.Dial("client", "a", Peer{})
	for id := range uint64(10) {
		l.Serve(&sim.Request{ID: id}, func(*sim.Response) {})
	}
	w.Engine.Run(sim.Time(300 * us))
	w.Crash("a")
	w.Restart("a")
	if busy := w.Host("a").busy(); busy != int64(300*us) {
		t.Errorf("it worked %d ns in 300 µs", busy)
	}
	done := sim.Time(0)
	w.Dial("client", "a", Peer{}).Serve(&sim.Request{ID: 11}, func(*sim.Response) { done = w.Engine.Now() })
	w.Engine.Run(sim.Time(time.Second))
	if done != sim.Time(407*us) {
		t.Errorf("the new incarnation answers at %v", done)
	}
}

// New connections beyond the accept queue are let in at their next SYN, one
// second later, or never when that is too late for them.
func TestFullAcceptQueue(t *testing.T) {
	hit := host("a", handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, nil, 0)) })))
	for _, c := range []struct {
		patience time.Duration
		refused  int
		last     time.Duration
	}{{3 * time.Second, 0, time.Second}, {500 * time.Millisecond, 10, 0}} {
		w := strong(1, hit)
		w.Costs = cpu.Costs{Accept: 10 * us}
		refused, last := 0, time.Duration(0)
		for id := range uint64(cpu.AcceptQueue + 10) {
			l := w.Dial("client", "a", Peer{Conns: network.Config{ConnectTimeout: c.patience}})
			l.Serve(&sim.Request{ID: id}, func(r *sim.Response) {
				last = time.Duration(w.Engine.Now())
				if r.Cause == sim.Unreachable {
					refused++
				}
			})
		}
		w.Engine.Run(sim.Time(time.Minute))
		if refused != c.refused || c.refused == 0 && last != c.last || c.refused > 0 && last != c.patience {
			t.Errorf("who waits %v: %d refused, the last at %v", c.patience, refused, last)
		}
		quiet(t, w)
	}
}

// What the cores cost a request beside those that are free.
func BenchmarkWarmRequestOnCores(b *testing.B) {
	w := strong(8, host("a", handler(&echo{})))
	once := exchangesOf(w, w.Dial("client", "a", Peer{Path: network.Plain(10 * time.Millisecond)}))
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// A handshake is the server's work and the client's wait; records cost by their
// content.
func TestTLSCosts(t *testing.T) {
	hit := host("a", handler(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, nil, 1000)) })))
	for _, c := range []struct {
		tls  string
		want time.Duration // 7 to accept, the handshake, 100 to serve, a thousandth of what a MB costs
	}{{"none", (7 + 100 + 1) * us}, {"1.2", (7 + 300 + 100 + 1 + 2) * us}, {"1.3", (7 + 500 + 100 + 1 + 2) * us}} {
		w := strong(1, hit)
		w.Costs.TLS12, w.Costs.TLS13, w.Costs.Resumed, w.Costs.TLSMB = 300*us, 500*us, 200*us, 2000*us
		l := w.Dial("client", "a", Peer{Path: network.Plain(0), Conns: network.Config{TLS: c.tls}})
		ask := func() time.Duration {
			begin, took := w.Engine.Now(), time.Duration(-1)
			l.Serve(&sim.Request{}, func(*sim.Response) { took = w.Engine.Now().Sub(begin) })
			w.Engine.Run(begin.Add(time.Second))
			return took
		}
		if got := ask(); got != c.want {
			t.Errorf("TLS %s: the first answer after %v, want %v", c.tls, got, c.want)
		}
		l.Forget()
		again := c.want
		if c.tls != "none" {
			again = (7 + 200 + 100 + 1 + 2) * us
		}
		if got := ask(); got != again {
			t.Errorf("TLS %s: on a resumed connection after %v, want %v", c.tls, got, again)
		}
	}
}
