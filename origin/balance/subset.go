// subset: the power of two choices among a part of the servers, another part for each balancer.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("subset", "as p2c, but among some of the servers only: each of several balancers has its own (Finagle's deterministic aperture)", newSubset)
}

// subset keeps the connections of many balancers to many servers few. Which servers are
// a balancer's follows from its number alone (see Subsetting), so nobody has to agree on
// anything. Of those it draws as many as Choices by the parts of them that it has, never one
// twice, and picks the one with the fewest requests in flight for that part: a server of which
// a balancer has a third gets a third of its requests, as its neighbour sends the rest.
//
// A balancer that is alone has all servers. One whose servers are all out draws among
// the others, each by its weight.
type subset struct {
	cfg     Subsetting
	peer    Peer
	servers *Servers
	dice    *rand.Rand
	choices int

	parts  []int64
	shares shareTree // of those that may be picked: their parts by their effective weights
	fit    int       // how many those are

	last [maxChoices]*Server // of the last pick, for who asks why
	n    int                 // 0: one of the others
}

var (
	_ Policy   = (*subset)(nil)
	_ Watcher  = (*subset)(nil)
	_ Weighted = (*subset)(nil)
)

func newSubset(cfg Config, t Tools) Policy {
	return &subset{cfg: cfg.Subsetting, peer: t.Peer, servers: t.Servers, dice: t.Dice, choices: cfg.Choices}
}

// Weighted implements Weighted.
func (p *subset) Weighted() {}

// Changed implements Watcher. A server more or less moves everybody's parts.
func (p *subset) Changed(s *Server) {
	if len(p.parts) == p.servers.Len() {
		p.settle(s)
		return
	}
	p.parts, p.shares, p.fit = p.cfg.parts(p.peer, p.servers.all), shareTree{}, 0
	for _, s := range p.servers.all {
		p.shares.grow()
		p.settle(s)
	}
}

// settle brings the tree in line with a server. A slow start lowers its part, too.
func (p *subset) settle(s *Server) {
	share := int64(0)
	if s.eligible {
		share = p.parts[s.index] * s.share / int64(s.Weight)
	}
	before := p.shares.at(s.index)
	switch {
	case before == 0 && share > 0:
		p.fit++
	case before > 0 && share == 0:
		p.fit--
	}
	p.shares.add(s.index, share-before)
}

// Pick implements Policy in O(d log n).
func (p *subset) Pick(sim.Time, *sim.Request) *Server {
	p.n = 0
	if p.servers.eligible == 0 {
		return nil
	}
	if p.shares.total == 0 {
		return p.servers.AtShare(p.dice.Int64N(p.servers.Shares()))
	}
	p.draw()
	best := p.last[0]
	for _, s := range p.last[1:p.n] {
		if int64(s.load)*p.shares.at(best.index) < int64(best.load)*p.shares.at(s.index) {
			best = s
		}
	}
	return best
}

// draw draws choices servers, each another one, or all there are. Where that does not come about
// soon the others have next to no part.
func (p *subset) draw() {
	for redraws := 0; p.n < min(p.choices, p.fit) && redraws < maxRedraws; {
		s := p.servers.all[p.shares.find(p.dice.Int64N(p.shares.total))]
		if p.has(s) {
			redraws++
			continue
		}
		p.last[p.n] = s
		p.n++
	}
}

func (p *subset) has(s *Server) bool {
	for _, other := range p.last[:p.n] {
		if other == s {
			return true
		}
	}
	return false
}

// Explain implements Explainer.
func (p *subset) Explain(*Server, *sim.Request) string {
	if p.n == 0 {
		return "none of this balancer's servers may be picked; drawn among the others"
	}
	names := make([]string, p.n)
	for i, s := range p.last[:p.n] {
		names[i] = fmt.Sprintf("%s (%d in flight)", s.Name, s.load)
	}
	mine := 0
	for _, part := range p.parts {
		if part > 0 {
			mine++
		}
	}
	return fmt.Sprintf("the fewest in flight for its part of %d drawn: %s; %d of %d servers are of balancer %d of %d",
		p.n, listed(names), mine, len(p.parts), p.peer.Index+1, max(p.peer.Count, 1))
}
