// bounded-load: consistent hashing, but nobody gets much more than the mean.
package balance

import (
	"fmt"
	"math"

	"cdnlab/sim"
)

func init() {
	Policies.Add("bounded-load", "as ring-hash, but no server has more than balance-factor times the mean in flight: the next on the ring takes what is too much (Mirrokni; HAProxy)", newBoundedLoad)
}

// boundedLoad is consistent hashing with bounded loads (Mirrokni, Thorup,
// Zadimoghaddam, 2018): of m requests in flight and one more, a server of n takes
// up to ceil(c(m+1)/n), by its weight and one at the least; what it has no room for
// goes on along the ring. Loads are the requests in flight, as in HAProxy
// (hash-balance-factor) and Envoy (hash_balance_factor), which round alike but for
// the rest of weights that differ.
type boundedLoad struct {
	*ringHash
	factor float64
	active int // at all servers
	passed int // servers without room before the last pick, for Explain
}

var (
	_ Policy   = (*boundedLoad)(nil)
	_ Observer = (*boundedLoad)(nil)
)

func newBoundedLoad(cfg Config, t Tools) Policy {
	p := &boundedLoad{ringHash: makeRingHash(cfg, t), factor: cfg.Factor}
	for _, s := range t.Servers.all { // the pool may have had another policy before
		p.active += s.active
	}
	return p
}

// Pick implements Policy.
func (p *boundedLoad) Pick(now sim.Time, req *sim.Request) *Server {
	p.passed = 0
	return p.pick(now, req, p.fits)
}

// fits reports whether a server has room for one more.
func (p *boundedLoad) fits(s *Server) bool {
	if s.active == 0 || float64(s.active) < p.bound(s) { // less than what, rounded up, are its slots
		return true
	}
	p.passed++
	return false
}

// slots is how many requests a server may have.
func (p *boundedLoad) slots(s *Server) int { return max(1, int(math.Ceil(p.bound(s)))) }

func (p *boundedLoad) bound(s *Server) float64 {
	mean := float64(p.active+1) * float64(s.share) / float64(p.servers.Shares())
	return p.factor*mean - 1e-9
}

// Began implements Observer.
func (p *boundedLoad) Began(now sim.Time, s *Server, req *sim.Request) {
	p.active++
	p.ringHash.Began(now, s, req)
}

// Ended implements Observer.
func (p *boundedLoad) Ended(sim.Time, *Server, Outcome) { p.active-- }

// Explain implements Explainer.
func (p *boundedLoad) Explain(picked *Server, req *sim.Request) string {
	says := p.ringHash.Explain(picked, req)
	if p.passed > 0 {
		says += fmt.Sprintf("; before this one on it there are those without room for more than %g times the mean in flight", p.factor)
	}
	return fmt.Sprintf("%s; it has %d of %d that it may have", says, picked.active, p.slots(picked))
}
