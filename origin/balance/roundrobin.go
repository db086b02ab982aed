// round-robin: one after the other.
package balance

import "cdnlab/sim"

func init() {
	Policies.Add("round-robin", "the servers in turn, weights ignored", newRoundRobin)
}

// roundRobin goes round the eligible servers in the order of configuration, as
// HAProxy's static-rr with equal weights. While a server is out, the one after
// it inherits its turn.
type roundRobin struct {
	servers *Servers
	next    int
}

var _ Policy = (*roundRobin)(nil)

func newRoundRobin(_ Config, t Tools) Policy { return &roundRobin{servers: t.Servers} }

// Pick implements Policy in O(n/64).
func (p *roundRobin) Pick(sim.Time, *sim.Request) *Server {
	s := p.servers.Next(p.next)
	if s != nil {
		p.next = s.index + 1
	}
	return s
}

// Explain implements Explainer.
func (p *roundRobin) Explain(picked *Server, _ *sim.Request) string {
	return "its turn, and " + p.servers.Next(p.next).Name + "'s next"
}
