// weighted-round-robin: in turn by weight, nginx's smooth sequence.
package balance

import "cdnlab/sim"

func init() {
	Policies.Add("weighted-round-robin", "in turn by weight, evenly interleaved (nginx's smooth sequence)", newWeighted)
}

// weighted is nginx's smooth weighted round robin
// (ngx_http_upstream_round_robin.c): at each pick every eligible server's
// current weight grows by its weight, the greatest is picked (strict >, so the
// first in order wins ties) and pays the sum. Weights 5, 1, 1 give
// a a b a c a a. nginx also lowers a weight for a while after a failure; here
// that is the pool's passive health.
//
// It looks at every server, as nginx does: about a nanosecond each.
type weighted struct {
	servers *Servers
	current []int64
	share   []int64 // 0 when not eligible
}

var (
	_ Policy   = (*weighted)(nil)
	_ Watcher  = (*weighted)(nil)
	_ Weighted = (*weighted)(nil)
)

func newWeighted(_ Config, t Tools) Policy { return newSmooth(t.Servers) }

func newSmooth(servers *Servers) *weighted { return &weighted{servers: servers} }

// Weighted implements Weighted.
func (p *weighted) Weighted() {}

// Changed implements Watcher.
func (p *weighted) Changed(s *Server) {
	for len(p.share) <= s.index {
		p.share = append(p.share, 0)
		p.current = append(p.current, 0)
	}
	p.share[s.index] = 0
	if s.eligible {
		p.share[s.index] = s.share
	}
}

// Pick implements Policy in O(n).
func (p *weighted) Pick(sim.Time, *sim.Request) *Server {
	best, total := -1, int64(0)
	current := p.current[:len(p.share)]
	for i, share := range p.share {
		if share == 0 {
			continue
		}
		current[i] += share
		total += share
		if best < 0 || current[i] > current[best] {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	current[best] -= total
	return p.servers.all[best]
}

// among is one step of the sequence among some eligible servers, in their order.
func (p *weighted) among(servers []*Server) *Server {
	var best *Server
	total := int64(0)
	for _, s := range servers {
		p.current[s.index] += s.share
		total += s.share
		if best == nil || p.current[s.index] > p.current[best.index] {
			best = s
		}
	}
	p.current[best.index] -= total
	return best
}

// Explain implements Explainer. A pick has lowered the picked one's current weight
// by the sum.
func (p *weighted) Explain(picked *Server, _ *sim.Request) string {
	var names []string
	total := int64(0)
	for _, share := range p.share {
		total += share
	}
	for i, share := range p.share {
		if share == 0 {
			continue
		}
		current := p.current[i]
		if i == picked.index {
			current += total
		}
		names = append(names, p.servers.all[i].Name+" "+weight(current))
	}
	return "the greatest current weight: " + listed(names)
}
