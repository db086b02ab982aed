// Approach: the network before several balancers, as who asks has it.
package pair

import (
	"slices"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Approach says which balancer each request goes to: one for all who ask from one
// process. It watches the balancers where the network would, by requests of its own.
type Approach struct {
	env   *sim.Env
	cfg   Config
	names []string
	own   bool // all its requests are of one asker with one resolver
	dns   *DNS
	ecmp  *ECMP
	at    int // active-passive: who was last heard to have the address
	open  []*ask
	flows map[uint64]uint8 // ECMP: where a connection went last
	trace *sim.Tracer

	watched []*watch
	count   struct{ cut, moved, next *sim.Counter }
}

// maxFlows bounds the connections whose way is remembered, to count those that
// move.
const maxFlows = 1 << 16

// New returns the approach to the balancers. at is the one that has the address, where that
// moves. watch are ways to the balancers, apart from those of requests, over which they are
// asked how they are where the network asks.
func New(env *sim.Env, c Config, at int, watch []sim.Handler) *Approach {
	a := &Approach{env: env, cfg: c, names: c.Names(), at: at, flows: map[uint64]uint8{}, trace: env.Tracer()}
	a.count.cut, a.count.moved, a.count.next = env.Counter("requests-cut"), env.Counter("connections-moved"), env.Counter("next-address")
	switch {
	case c.Moves():
		return a
	case c.Spread == SpreadDNS:
		a.dns = NewDNS(c.DNS, c.Count, env.Stream("dns"))
	default:
		a.ecmp = NewECMP(c.Count, c.ECMP.Resilient)
	}
	for i, h := range watch {
		a.watched = append(a.watched, newWatch(a, i, h))
	}
	return a
}

// Alone has all requests be of one asker, with one resolver: a PoP, whoever it
// asks for. Call it before the first request.
func (a *Approach) Alone() *Approach {
	a.own = true
	return a
}

// Trace has the steps of traced requests told there: who asks tells them.
func (a *Approach) Trace(t *sim.Tracer) { a.trace = t }

// Change goes on with another configuration and, where the address moves, with who has
// it.
func (a *Approach) Change(c Config, at int) {
	a.cfg = c
	if a.dns != nil {
		a.dns.Change(c.DNS)
	}
	for _, w := range a.watched {
		w.change(c)
	}
	if at != a.at {
		a.at = at
		a.moved()
	}
}

// set tells that a balancer is well, or is not.
func (a *Approach) set(balancer int, up bool, why string) {
	kind := sim.EventWithdrawn
	if up {
		kind = sim.EventRouted
	}
	a.env.Note(kind, a.names[balancer], why)
	if a.dns != nil {
		a.dns.Set(balancer, up)
		return // resolvers hold what they have
	}
	a.ecmp.Set(balancer, up)
	a.moved()
}

// moved ends what is under way on connections that the network now sends elsewhere:
// whoever gets their packets knows nothing of them, and resets.
func (a *Approach) moved() {
	for _, x := range slices.Clone(a.open) { // one that ends leaves the list
		if x.ended || a.target(&x.req) == x.at {
			continue
		}
		a.count.cut.Add(1)
		x.scope.Cancel(sim.Reset)
	}
}

// target is the balancer that the network now sends a request's connection to.
func (a *Approach) target(req *sim.Request) int {
	switch {
	case a.ecmp != nil:
		return a.ecmp.Pick(flowOf(req))
	case a.dns == nil:
		return a.at
	case a.own:
		return a.dns.Pick(a.env.Now(), none)
	}
	return a.dns.Pick(a.env.Now(), req.Addr)
}

// follow counts a connection that has moved since its last request.
func (a *Approach) follow(req *sim.Request, at int) {
	if a.ecmp == nil {
		return
	}
	flow := flowOf(req)
	before, known := a.flows[flow]
	if known && int(before) != at {
		a.count.moved.Add(1)
	}
	if known || len(a.flows) < maxFlows {
		a.flows[flow] = uint8(at)
	}
}

// watch is the network's own look at one balancer.
type watch struct {
	a       *Approach
	number  int
	machine health.Machine
	prober  *health.Prober
}

func newWatch(a *Approach, number int, to sim.Handler) *watch {
	w := &watch{a: a, number: number}
	c := a.cfg.watch()
	w.machine = health.NewMachine(c.Fall, c.Rise)
	control := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		r := *req
		r.Control = true // it is the balancer that is asked, and nobody behind it
		to.Serve(&r, reply)
	})
	w.prober = health.NewProber(a.env, c, a.names[number], control, w.result)
	w.prober.Start()
	return w
}

// watch says how the balancers are looked at. A name server wants as many good
// answers as it took bad ones; a BFD session is up with the first.
func (c Config) watch() health.Config {
	h := health.Config{Check: health.CheckHTTP, Interval: c.DNS.Interval, Fall: c.DNS.Fall, Rise: c.DNS.Fall, Path: helloPath}
	if c.Spread == SpreadECMP {
		h.Interval, h.Timeout, h.Fall, h.Rise = c.ECMP.Interval, c.ECMP.Interval, c.ECMP.Multiplier, 1
	}
	return h.WithDefaults()
}

func (w *watch) change(c Config) {
	h := c.watch()
	if before := w.a.cfg.watch(); h == before {
		return
	}
	w.machine.Change(h.Fall, h.Rise)
	w.prober.Change(h)
}

func (w *watch) result(ok bool, why string) {
	if w.machine.Observe(w.a.env.Now(), ok) {
		w.a.set(w.number, w.machine.Up(), why)
	}
}
