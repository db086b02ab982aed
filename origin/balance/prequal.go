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
	fewestProbes = 2 // with fewer a server is drawn
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

	probes  answers
	loads   lately // in flight, as the last answers said
	asks    []*Server
	asking  float64 // what is left of probe-rate from the requests before
	removal float64 // likewise
	worst   bool    // the next to be removed is the worst

	eligible int   // of how many servers mostUse is
	mostUse  int32 // how often an answer may be used

	last struct { // pick, for who asks why
		of, hot, threshold int
		picked             health.Load
	}
}

var (
	_ Policy   = (*prequal)(nil)
	_ Asker    = (*prequal)(nil)
	_ Watcher  = (*prequal)(nil)
	_ Observer = (*prequal)(nil)
)

func newPrequal(cfg Config, t Tools) Policy {
	return &prequal{cfg: cfg.Probing, servers: t.Servers, dice: t.Dice, eligible: -1, asks: make([]*Server, 0, maxProbeRate)}
}

// Changed implements Watcher.
func (p *prequal) Changed(s *Server) {
	p.probes.grow(s.index)
	p.probes.fit(s.index, s.eligible)
}

// Pick implements Policy in O(1): there are at most 16 answers.
func (p *prequal) Pick(now sim.Time, _ *sim.Request) *Server {
	p.last.of = 0
	if p.servers.eligible == 0 {
		return nil
	}
	for p.probes.n > 0 && now.Sub(p.probes.at(0).at) > p.cfg.ProbeMaxAge {
		p.probes.drop(0)
	}
	p.probes.rank(p.loads.quantile(*p.cfg.HotQuantile))
	at := p.best()
	if at < 0 {
		return p.servers.AtShare(p.dice.Int64N(p.servers.Shares()))
	}
	a := p.probes.at(at)
	p.last.picked = a.load
	server := p.servers.all[a.server]
	p.probes.begin(at)
	if a.used++; a.used >= a.mostUse {
		p.probes.drop(at)
	}
	for p.removal += *p.cfg.RemoveRate; p.removal >= 1; p.removal-- {
		p.remove()
	}
	return server
}

// best returns the place of the answer to go by, of equal ones the oldest; -1 when there are too few
// of servers that may be picked.
func (p *prequal) best() int {
	best, least, of, hot := -1, rank(math.MaxUint64), 0, 0
	for k, order := 0, p.probes.order; k < p.probes.n; k, order = k+1, order>>4 {
		slot := order % mostProbes
		if p.probes.out>>slot&1 != 0 {
			continue
		}
		rank := p.probes.ranks[slot]
		of++
		hot += rank.hot()
		if rank < least {
			best, least = k, rank
		}
	}
	p.last.of, p.last.hot, p.last.threshold = of, hot, p.probes.bound
	if of < min(fewestProbes, p.servers.eligible) {
		p.last.of = 0
		return -1
	}
	return best
}

// remove forgets an answer: the oldest, or the worst, which is the hot one with the most in
// flight or else the one with the highest latency, of equal ones the oldest.
func (p *prequal) remove() {
	if p.probes.n == 0 {
		return
	}
	at := 0
	if p.worst {
		most := rank(0)
		for k, order := 0, p.probes.order; k < p.probes.n; k, order = k+1, order>>4 {
			if rank := p.probes.ranks[order%mostProbes]; rank > most {
				at, most = k, rank
			}
		}
	}
	p.worst = !p.worst
	p.probes.drop(at)
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
	p.probes.forget(s.index)
	if !ok {
		return
	}
	p.loads.add(load.InFlight)
	p.probes.add(now, s, load, p.uses())
}

// uses is how often an answer may be used.
func (p *prequal) uses() int32 {
	if p.eligible != p.servers.eligible {
		p.eligible = p.servers.eligible
		n := float64(p.eligible)
		rest := (1-min(mostProbes, n)/max(n, 1))*(*p.cfg.ProbeRate) - *p.cfg.RemoveRate
		if p.mostUse = 1; rest > 0 {
			p.mostUse = int32(max(1, min(2/rest, math.MaxInt32)))
		}
	}
	return p.mostUse
}

// Began implements Observer.
func (p *prequal) Began(sim.Time, *Server, *sim.Request) {}

// Ended implements Observer.
func (p *prequal) Ended(_ sim.Time, s *Server, o Outcome) {
	if o.Cause != sim.OK && o.Cause != sim.Cancelled || o.Status >= 500 {
		p.probes.forget(s.index)
	}
}

// Explain implements Explainer.
func (p *prequal) Explain(*Server, *sim.Request) string {
	if p.last.of == 0 {
		return "drawn, as too few servers have said how they are"
	}
	said := p.last.picked
	says := fmt.Sprintf("%d in flight and a latency of %s, as it said: ", said.InFlight, sim.Briefly(said.Latency))
	if said.Latency == 0 {
		says = fmt.Sprintf("%d in flight and a latency that it does not know yet, as it said: ", said.InFlight)
	}
	if p.last.hot == p.last.of {
		return says + fmt.Sprintf("the fewest of %d who are all hot (more than %d in flight)", p.last.of, p.last.threshold)
	}
	return says + fmt.Sprintf("the lowest latency of %d who are not hot (at most %d in flight), %d are", p.last.of-p.last.hot, p.last.threshold, p.last.hot)
}
