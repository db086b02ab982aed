// prequal: servers are asked beside the requests how they are, and the one that would answer soonest is picked.
package balance

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

func init() {
	Policies.Add("prequal", "of servers that have just been asked, the one with the lowest latency among those with few requests in flight (Prequal, NSDI 2024)", newPrequal)
}

// Asker is a Policy that goes by what servers answer when they are asked. The pool asks beside
// the requests, which wait for none of that.
type Asker interface {
	// Asks returns the servers to be asked now, when a request has been sent. The list is the
	// policy's own, until the next call.
	Asks(now sim.Time) []*Server
	// Told takes an answer; not ok: there was none.
	Told(now sim.Time, s *Server, load health.Load, ok bool)
}

// Probing are the options of prequal, by their names in the paper.
type Probing struct {
	ProbeRate   *float64      `toml:"probe-rate" json:"probe-rate,omitempty" jsonschema:"default=3,minimum=0,maximum=32,description=of prequal: servers that are asked for each request (r_probe)"`
	RemoveRate  *float64      `toml:"probe-remove-rate" json:"probe-remove-rate,omitempty" jsonschema:"default=1,minimum=0,maximum=32,description=of prequal: answers that are forgotten with each request\\, the oldest and the worst in turn (r_remove)"`
	HotQuantile *float64      `toml:"hot-quantile" json:"hot-quantile,omitempty" jsonschema:"default=0.84,minimum=0,maximum=1,description=of prequal: a server is hot when it has more requests in flight than that share of the last answers say (Q_RIF); of those that are not the lowest latency is picked\\, and of hot ones alone the fewest in flight"`
	ProbeMaxAge time.Duration `toml:"probe-max-age" json:"probe-max-age" jsonschema:"default=1s,minimum=1ms,description=of prequal: how long an answer counts\\, and how long one is waited for"`
}

// WithDefaults fills in what was not given, by the paper (Wydrowski et al., NSDI 2024, section 5):
// 3 probes and 1 removal a request, Q_RIF 2^-0.25 = 0.84, a second.
func (c Probing) WithDefaults() Probing {
	c.ProbeRate, c.RemoveRate, c.HotQuantile = orElse(c.ProbeRate, 3), orElse(c.RemoveRate, 1), orElse(c.HotQuantile, 0.84)
	if c.ProbeMaxAge == 0 {
		c.ProbeMaxAge = time.Second
	}
	return c
}

func (c Probing) check() error {
	switch {
	case !(*c.ProbeRate >= 0 && *c.ProbeRate <= maxProbeRate && *c.RemoveRate >= 0 && *c.RemoveRate <= maxProbeRate):
		return fmt.Errorf("balance: probe-rate and probe-remove-rate are in 0..%d", maxProbeRate)
	case !(*c.HotQuantile >= 0 && *c.HotQuantile <= 1):
		return fmt.Errorf("balance: hot-quantile %g is not in 0..1", *c.HotQuantile)
	case c.ProbeMaxAge < 0:
		return errors.New("balance: probe-max-age must not be negative")
	}
	return nil
}

const (
	maxProbeRate = 32
	mostProbes   = 16 // answers that are kept; more tell no more (section 4)
	seenLoads    = 64 // of which the quantile is taken
	fewestProbes = 2  // with fewer a server is drawn
)

// prequal is Prequal's rule: hot or cold, then latency (HCL). The answers that are kept are of
// as many servers, a newer one of a server in the place of the older. A pick counts as one more in
// flight there, and uses the answer once: how often it may be used is
//
//	max(1, (1+d) / ((1 - m/n) r_probe - r_remove))
//
// with m answers kept of n servers and d = 1. Where the divisor is not positive that is once, as the
// formula has it; prequal-rs takes it for any number of times, with which few servers do worse
// (10 of which one is slow, 20 balancers: 3.2 service times in the mean against 2.2).
//
// A server whose request fails has its answer forgotten: one that fails at once has
// nothing in flight, and would draw everything (sinkholing). Weights are not looked at: what a server can do
// shows in its latency.
type prequal struct {
	cfg     Probing
	servers *Servers
	dice    *rand.Rand

	probes  [mostProbes]answer // the oldest first
	n       int
	loads   [seenLoads]int // in flight, as the last answers said, in their order
	sorted  []int          // the same by size
	next    int            // place of the next in loads
	asks    []*Server
	asking  float64 // what is left of probe-rate from the requests before
	removal float64 // likewise
	worst   bool    // the next to be removed is the worst

	last struct { // pick, for who asks why
		of, hot, threshold int
		picked             answer
	}
}

// answer is what a server said.
type answer struct {
	server  *Server
	at      sim.Time
	load    health.Load
	used    int
	mostUse int
}

var (
	_ Policy   = (*prequal)(nil)
	_ Asker    = (*prequal)(nil)
	_ Observer = (*prequal)(nil)
)

func newPrequal(cfg Config, t Tools) Policy {
	return &prequal{cfg: cfg.Probing, servers: t.Servers, dice: t.Dice, sorted: make([]int, 0, seenLoads), asks: make([]*Server, 0, maxProbeRate)}
}

// Pick implements Policy in O(1): there are at most 16 answers.
func (p *prequal) Pick(now sim.Time, _ *sim.Request) *Server {
	p.last.of = 0
	if p.servers.eligible == 0 {
		return nil
	}
	p.forget(func(a *answer) bool { return now.Sub(a.at) > p.cfg.ProbeMaxAge })
	at := p.best()
	if at < 0 {
		return p.servers.AtShare(p.dice.Int64N(p.servers.Shares()))
	}
	a := &p.probes[at]
	p.last.picked = *a
	server := a.server
	a.load.InFlight++
	if a.used++; a.used >= a.mostUse {
		p.drop(at)
	}
	for p.removal += *p.cfg.RemoveRate; p.removal >= 1; p.removal-- {
		p.remove()
	}
	return server
}

// best returns the answer to go by; -1 when there are too few of servers that may be picked.
func (p *prequal) best() int {
	threshold, best := p.threshold(), -1
	p.last.hot, p.last.threshold = 0, threshold
	for i := range p.probes[:p.n] {
		a := &p.probes[i]
		if !a.server.eligible {
			continue
		}
		p.last.of++
		if a.load.InFlight > threshold {
			p.last.hot++
		}
		if best < 0 || a.before(&p.probes[best], threshold) {
			best = i
		}
	}
	if p.last.of < min(fewestProbes, p.servers.eligible) {
		p.last.of = 0
		return -1
	}
	return best
}

// before reports whether an answer is better than another: cold before hot, of cold ones the
// lower latency, of hot ones the fewer in flight.
func (a *answer) before(b *answer, threshold int) bool {
	hot, other := a.load.InFlight > threshold, b.load.InFlight > threshold
	switch {
	case hot != other:
		return other
	case hot:
		return a.load.InFlight < b.load.InFlight
	}
	return a.load.Latency < b.load.Latency
}

// threshold is how many in flight are not hot yet.
func (p *prequal) threshold() int {
	if len(p.sorted) == 0 {
		return 0
	}
	return p.sorted[min(int(*p.cfg.HotQuantile*float64(len(p.sorted))), len(p.sorted)-1)]
}

// remove forgets an answer: the oldest, or the worst, which is the hot one with the most in
// flight or else the one with the highest latency.
func (p *prequal) remove() {
	if p.n == 0 {
		return
	}
	at := 0
	if p.worst {
		threshold := p.threshold()
		for i := range p.probes[1:p.n] {
			if p.probes[at].before(&p.probes[i+1], threshold) {
				at = i + 1
			}
		}
	}
	p.worst = !p.worst
	p.drop(at)
}

func (p *prequal) drop(at int) {
	copy(p.probes[at:p.n], p.probes[at+1:p.n])
	p.n--
	p.probes[p.n] = answer{}
}

func (p *prequal) forget(which func(*answer) bool) {
	for i := p.n - 1; i >= 0; i-- {
		if which(&p.probes[i]) {
			p.drop(i)
		}
	}
}

// Asks implements Asker: as many servers as probe-rate says, drawn, each another one.
func (p *prequal) Asks(sim.Time) []*Server {
	p.asking += *p.cfg.ProbeRate
	n := int(p.asking)
	p.asking -= float64(n)
	p.asks = p.asks[:0]
	for range min(n, p.servers.eligible) {
		s := p.servers.Nth(p.dice.IntN(p.servers.eligible))
		for slices.Contains(p.asks, s) {
			s = p.servers.Next(s.index + 1)
		}
		p.asks = append(p.asks, s)
	}
	return p.asks
}

// Told implements Asker.
func (p *prequal) Told(now sim.Time, s *Server, load health.Load, ok bool) {
	p.forget(func(a *answer) bool { return a.server == s })
	if !ok {
		return
	}
	p.saw(load.InFlight)
	if p.n == mostProbes {
		p.drop(0)
	}
	p.probes[p.n] = answer{server: s, at: now, load: load, mostUse: p.mostUse()}
	p.n++
}

// saw takes a load into the distribution.
func (p *prequal) saw(load int) {
	if len(p.sorted) == seenLoads {
		at, _ := slices.BinarySearch(p.sorted, p.loads[p.next])
		p.sorted = slices.Delete(p.sorted, at, at+1)
	}
	p.loads[p.next] = load
	p.next = (p.next + 1) % seenLoads
	at, _ := slices.BinarySearch(p.sorted, load)
	p.sorted = slices.Insert(p.sorted, at, load)
}

// mostUse is how often an answer may be used.
func (p *prequal) mostUse() int {
	n := float64(p.servers.eligible)
	rest := (1-min(mostProbes, n)/max(n, 1))*(*p.cfg.ProbeRate) - *p.cfg.RemoveRate
	if rest <= 0 {
		return 1
	}
	return int(max(1, min(2/rest, math.MaxInt32)))
}

// Began implements Observer.
func (p *prequal) Began(sim.Time, *Server, *sim.Request) {}

// Ended implements Observer.
func (p *prequal) Ended(_ sim.Time, s *Server, o Outcome) {
	if o.Cause != sim.OK && o.Cause != sim.Cancelled || o.Status >= 500 {
		p.forget(func(a *answer) bool { return a.server == s })
	}
}

// Explain implements Explainer.
func (p *prequal) Explain(*Server, *sim.Request) string {
	if p.last.of == 0 {
		return "drawn, as too few servers have said how they are"
	}
	a := p.last.picked
	says := fmt.Sprintf("%d in flight and a latency of %s, as it said: ", a.load.InFlight, sim.Briefly(a.load.Latency))
	if a.load.Latency == 0 {
		says = fmt.Sprintf("%d in flight and a latency that it does not know yet, as it said: ", a.load.InFlight)
	}
	if p.last.hot == p.last.of {
		return says + fmt.Sprintf("the fewest of %d who are all hot (more than %d in flight)", p.last.of, p.last.threshold)
	}
	return says + fmt.Sprintf("the lowest latency of %d who are not hot (at most %d in flight), %d are", p.last.of-p.last.hot, p.last.threshold, p.last.hot)
}
