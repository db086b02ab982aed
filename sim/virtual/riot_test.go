// Riot: random hosts, requests and faults, then quiet; nothing may be left.
package virtual

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/cpu"
	"cdnlab/sim/network"
)

// riot is a random run: a client reaches a and b; a asks b, c and d; b asks c
// and d; c asks d.
type riot struct {
	*rand.Rand
	t       *testing.T
	w       *World
	hosts   []string
	links   []*Link // the client's
	checks  []*checked
	scopes  map[uint64]*sim.Scope
	bodies  map[uint64]sim.Body
	next    uint64
	trace   bytes.Buffer
	granule time.Duration // times are multiples: many things fall on one instant
}

func newRiot(t *testing.T, seed uint64) *riot {
	r := &riot{Rand: rand.New(rand.NewPCG(seed, 1)), t: t, scopes: map[uint64]*sim.Scope{}, bodies: map[uint64]sim.Body{}}
	r.granule = []time.Duration{time.Microsecond, time.Millisecond, 5 * time.Millisecond}[r.IntN(3)]
	r.w = New(seed, func(e sim.Event) { r.say("%s: %s %s", e.Node, e.Kind, e.Detail) })
	r.hosts = []string{"a", "b", "c", "d"}[:2+r.IntN(3)]
	for i, name := range r.hosts {
		restart := time.Duration(r.IntN(3)) * 20 * time.Millisecond
		r.w.Add(name, sim.Blueprint{Build: newActor(r.say, r.hosts[i+1:]...)}, func(string) Peer { return r.peer() }, restart).Cores = int(seed % 3)
	}
	r.w.Costs = cpu.Costs{Serve: r.time(2 * time.Millisecond), Forward: r.time(time.Millisecond), Accept: r.time(time.Millisecond), ServeMB: time.Second, ForwardMB: time.Second}
	r.w.Start()
	for _, name := range r.hosts[:2] {
		l := r.w.Dial("client", name, r.peer())
		r.links = append(r.links, l)
		r.checks = append(r.checks, &checked{t: t, h: l})
	}
	return r
}

func (r *riot) say(format string, args ...any) {
	fmt.Fprintf(&r.trace, "%v %s\n", r.w.Engine.Now(), fmt.Sprintf(format, args...))
}

func (r *riot) peer() Peer {
	c := network.Config{Limit: r.IntN(4), Waiting: 1 + r.IntN(4), Idle: r.time(100 * time.Millisecond), ConnectTimeout: r.time(2 * time.Second)}
	c.HTTP = []string{"", "", network.HTTP2, network.HTTP3}[r.IntN(4)]
	if c.HTTP == "" {
		c.TLS = []string{"", network.TLS12, network.TLS13}[r.IntN(3)]
	}
	c.Early, c.Streams = c.HTTP == network.HTTP3 && r.IntN(2) == 0, r.IntN(4)
	return Peer{Path: r.anyPath(), Conns: c}
}

// anyPath is a path that may have everything a path can have.
func (r *riot) anyPath() network.Spec {
	s := network.Plain(r.time(30 * time.Millisecond))
	if r.IntN(2) == 0 {
		return s
	}
	leg := func() network.Leg {
		return network.Leg{RTT: r.time(20 * time.Millisecond), Jitter: r.time(5 * time.Millisecond), Correlation: r.Float64(),
			JitterShape: []string{"", "uniform", "pareto"}[r.IntN(3)], Rate: sim.Rate(r.IntN(3)) * 1e6, Queue: sim.Bytes(1500 * r.IntN(20)),
			Loss: float64(r.IntN(3)) / 20, Burst: float64(r.IntN(4))}
	}
	s.Leg = leg()
	if r.IntN(2) == 0 {
		s.Access = &network.Access{Name: "4g", Leg: leg()}
	}
	return s
}

// time is a random duration up to most, often 0.
func (r *riot) time(most time.Duration) time.Duration {
	if r.IntN(8) == 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(most))) / r.granule * r.granule
}

// path is what a request at host i may be told to do.
func (r *riot) path(i int) string {
	path := fmt.Sprintf("wait=%v", r.time(20*time.Millisecond))
	if r.IntN(4) == 0 {
		path += " deaf"
	}
	if r.IntN(6) == 0 {
		path += fmt.Sprintf(" interim=%v", r.time(20*time.Millisecond))
	}
	if r.IntN(3) == 0 {
		path += fmt.Sprintf(" size=%d", []int{-1, 5000, r.IntN(200_000)}[r.IntN(3)])
	}
	switch n := r.IntN(30); {
	case n == 0:
		return path + " silent"
	case n == 1:
		return path + " exit"
	case n == 2:
		return path + " exit=late"
	case n < 9:
		return path + fmt.Sprintf(" body=%v", r.time(40*time.Millisecond))
	case n < 22 && i+1 < len(r.hosts):
		to := i + 1 + r.IntN(len(r.hosts)-i-1)
		return path + " ask=" + r.hosts[to] + " then " + r.path(to)
	}
	return path
}

func (r *riot) ask() {
	i := r.IntN(2)
	id := r.next
	r.next++
	scope, answered := &sim.Scope{}, false
	r.scopes[id] = scope
	req := &sim.Request{ID: id, Path: r.path(i), Scope: scope, Size: int64(r.IntN(5000) * (1 + 20*r.IntN(2)*r.IntN(2))),
		Interim: func(status int, _ http.Header) {
			r.say("%d hears %d", id, status)
			if answered {
				r.t.Errorf("%d hears %d after its answer", id, status)
			}
		}}
	r.say("%d asks %s: %s", id, r.hosts[i], req.Path)
	r.checks[i].Serve(req, func(resp *sim.Response) {
		answered = true
		*req = sim.Request{Path: "gone"} // it is its owner's again
		r.say("%d gets %d %v", id, resp.Status, resp.Cause)
		if resp.Body == nil {
			return
		}
		r.bodies[id] = resp.Body
		resp.Body.OnEnd(func(c sim.Cause, n int64) { r.say("%d ends %v after %d", id, c, n) })
		if r.IntN(5) == 0 {
			resp.Body.Abandon(sim.Cancelled)
			delete(r.bodies, id)
		}
	})
}

func (r *riot) fault() {
	host := r.hosts[r.IntN(len(r.hosts))]
	ends := append([]string{"client"}, r.hosts...)
	from := r.IntN(len(r.hosts))
	to := ends[from+1+r.IntN(len(ends)-from-1)]
	r.say("fault at %s or from %s to %s", host, ends[from], to)
	switch r.IntN(12) {
	case 0:
		r.w.Crash(host)
	case 1, 2:
		r.w.Restart(host)
	case 3:
		r.w.Hang(host)
	case 4:
		r.w.Resume(host)
	case 5:
		r.w.Slow(host, float64(1+r.IntN(3)))
	case 6:
		r.w.SetLink(ends[from], to, network.Change{CutOut: true, CutBack: true})
	case 7:
		r.w.SetLink(ends[from], to, network.Change{Loss: 0.4 * r.Float64(), Delay: r.time(20 * time.Millisecond)})
	case 8:
		r.w.SetLink(ends[from], to, network.Change{})
	case 9:
		r.w.SetLink(ends[from], to, network.Change{CutOut: r.IntN(2) == 0, CutBack: r.IntN(2) == 0, Blackhole: r.IntN(2) == 0})
	case 10:
		r.w.SetLink(ends[from], to, network.Change{Reset: true})
	case 11:
		r.w.SetLink(ends[from], to, network.Change{Rate: 1e5, SlowClose: r.time(50 * time.Millisecond)})
	}
}

func (r *riot) cancel() {
	id := uint64(r.Int64N(int64(r.next)))
	if b := r.bodies[id]; b != nil && r.IntN(2) == 0 {
		delete(r.bodies, id)
		r.say("%d gives its content up", id)
		b.Abandon(sim.Cancelled)
		return
	}
	r.say("%d cancels", id)
	r.scopes[id].Cancel(sim.TimedOut)
}

// step is one random thing that happens.
func (r *riot) step() {
	switch n := r.IntN(20); {
	case n < 11 || r.next == 0:
		r.ask()
	case n < 15:
		r.fault()
	case n < 19:
		r.cancel()
	default:
		r.links[r.IntN(len(r.links))].Forget()
	}
}

// play riots, heals everything and lets the rest come to its end.
func (r *riot) play() string {
	e := r.w.Engine
	for range 20 + r.IntN(120) {
		e.At(sim.Time(r.time(600*time.Millisecond)), r.step)
	}
	e.Run(sim.Time(700 * time.Millisecond))
	ends := append([]string{"client"}, r.hosts...)
	for _, from := range ends {
		for _, to := range ends {
			r.w.SetLink(from, to, network.Change{})
		}
	}
	for _, h := range r.hosts {
		r.w.Resume(h)
		r.w.Restart(h)
	}
	e.Run(sim.Time(10 * time.Minute))
	for _, c := range r.checks {
		if c.open != 0 {
			r.t.Errorf("%d of %d requests are not answered", c.open, c.total)
		}
	}
	quiet(r.t, r.w, r.links...)
	fmt.Fprintf(&r.trace, "%d events", e.Fired())
	return r.trace.String()
}

func TestRiot(t *testing.T) {
	seeds := uint64(400)
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		first := newRiot(t, seed).play()
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, first)
		}
		if second := newRiot(t, seed).play(); second != first {
			t.Fatalf("seed %d gives two runs:\n%s\n\n%s", seed, first, second)
		}
	}
}

func FuzzRiot(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { newRiot(t, seed).play() })
}
