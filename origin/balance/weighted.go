// weighted-round-robin: in turn by weight, nginx's smooth sequence.
package balance

import (
	"slices"

	"cdnlab/sim"
)

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
// nginx looks at every server. Here those of one weight stay in the order of their current
// weights as these grow, so of each only the first need be looked at.
type weighted struct {
	servers *Servers
	turns   int64 // picks so far: at the greatest share there is room for 10^11
	total   int64 // of the shares of the eligible
	courses []course
	groups  []weightGroup
}

// course is one server's current weight, which is from + share*turns.
type course struct {
	from  int64
	share int64 // 0 when not eligible: then it stays
	group int   // of that share
}

// weightGroup is the eligible servers of one share.
type weightGroup struct {
	share int64
	n     int
	most  tournament // the greatest from, of equal ones the first in order
}

var (
	_ Policy   = (*weighted)(nil)
	_ Watcher  = (*weighted)(nil)
	_ Weighted = (*weighted)(nil)
)

func newWeighted(_ Config, t Tools) Policy { return &weighted{servers: t.Servers} }

// Weighted implements Weighted.
func (p *weighted) Weighted() {}

// Changed implements Watcher.
func (p *weighted) Changed(s *Server) {
	for len(p.courses) <= s.index {
		p.courses = append(p.courses, course{})
	}
	c, share := &p.courses[s.index], int64(0)
	if s.eligible {
		share = s.share
	}
	if share == c.share {
		return
	}
	if c.share > 0 {
		g := &p.groups[c.group]
		g.n--
		g.most.remove(s.index)
	}
	c.from += (c.share - share) * p.turns
	p.total += share - c.share
	if c.share = share; share > 0 {
		c.group = p.groupOf(share)
		p.groups[c.group].n++
		p.settle(s.index)
	}
}

// groupOf returns the group of a share: its own, or one that is free.
func (p *weighted) groupOf(share int64) int {
	is := func(g weightGroup) bool { return g.n > 0 && g.share == share }
	at := slices.IndexFunc(p.groups, is)
	if at < 0 {
		at = slices.IndexFunc(p.groups, func(g weightGroup) bool { return g.n == 0 })
	}
	if at < 0 {
		at = len(p.groups)
		p.groups = append(p.groups, weightGroup{})
	}
	p.groups[at].share = share
	return at
}

func (p *weighted) settle(i int) {
	c := &p.courses[i]
	const top = 1 << 63 // without it the order of whole numbers is that of their bits
	p.groups[c.group].most.set(i, ^(uint64(c.from) ^ top), uint64(i))
}

// Pick implements Policy in O(w + log n), of w different weights.
func (p *weighted) Pick(sim.Time, *sim.Request) *Server {
	p.turns++
	best, most := -1, int64(0)
	for i := range p.groups {
		g := &p.groups[i]
		if g.n == 0 {
			continue
		}
		first := g.most.first()
		if current := p.current(first); best < 0 || current > most || current == most && first < best {
			best, most = first, current
		}
	}
	if best < 0 {
		return nil
	}
	p.courses[best].from -= p.total
	p.settle(best)
	return p.servers.all[best]
}

func (p *weighted) current(i int) int64 { return p.courses[i].from + p.courses[i].share*p.turns }

// Explain implements Explainer. A pick has lowered the picked one's current weight
// by the sum.
func (p *weighted) Explain(picked *Server, _ *sim.Request) string {
	var names []string
	for i, c := range p.courses {
		if c.share == 0 {
			continue
		}
		current := p.current(i)
		if i == picked.index {
			current += p.total
		}
		names = append(names, p.servers.all[i].Name+" "+weight(current))
	}
	return "the greatest current weight: " + listed(names)
}
