// least-request: Envoy's, by few choices or by weights that the load divides.
package balance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"cdnlab/sim"
)

func init() {
	Policies.Add("least-request", "equal weights: the fewest requests in flight of two draws; unequal: in turn by weight, divided by the load (Envoy)", newLeastRequest)
}

// leastRequest is Envoy's least_request (source/extensions/load_balancing_policies/
// least_request). With equal weights it is the fewest requests in flight of choices
// uniform draws with replacement, of equals the one drawn first. With unequal ones it
// is a schedule of earliest deadlines first: each pick takes the server whose deadline
// is next and sets that 1/w later, with w = weight/(requests in flight + 1)^bias as
// it is then. The load counts only when a server's turn comes, so a server that has
// become slow still gets its next one.
type leastRequest struct {
	servers *Servers
	dice    *rand.Rand
	choices int
	bias    float64

	shares map[int64]int // how many of the eligible have each; one key: all are equal
	counts []int64       // by server, its share as counted there; 0: not eligible
	turns  tournament    // the next deadline, of equal ones who was there first
	now    float64       // the deadline that was met last
	seq    uint64
	drew   [2]*Server // of the last pick: the best, and the draw before it; nil by deadline
}

var (
	_ Policy  = (*leastRequest)(nil)
	_ Watcher = (*leastRequest)(nil)
)

func newLeastRequest(cfg Config, t Tools) Policy {
	return &leastRequest{servers: t.Servers, dice: t.Dice, choices: cfg.Choices, bias: *cfg.Bias, shares: map[int64]int{}}
}

// Changed implements Watcher.
func (p *leastRequest) Changed(s *Server) {
	for len(p.counts) <= s.index {
		p.counts = append(p.counts, 0)
	}
	if before := p.counts[s.index]; before > 0 {
		if p.shares[before]--; p.shares[before] == 0 {
			delete(p.shares, before)
		}
	}
	if !s.eligible {
		p.counts[s.index] = 0
		p.turns.remove(s.index)
		return
	}
	p.counts[s.index] = s.share
	p.shares[s.share]++
	p.due(s)
}

// due sets a server's next deadline. As none is negative, their bits are in their order.
func (p *leastRequest) due(s *Server) {
	p.seq++
	deadline := p.now + math.Pow(float64(s.load+1), p.bias)/float64(s.share)
	p.turns.set(s.index, math.Float64bits(deadline), p.seq)
}

// Pick implements Policy: in O(d) draws with equal weights, else in O(log n).
func (p *leastRequest) Pick(sim.Time, *sim.Request) *Server {
	switch len(p.shares) {
	case 0:
		return nil
	case 1:
		return p.draw()
	}
	next := p.turns.first()
	p.now, p.drew = math.Float64frombits(p.turns.players[next].key), [2]*Server{}
	s := p.servers.all[next]
	p.due(s)
	return s
}

func (p *leastRequest) draw() *Server {
	best := p.one()
	p.drew = [2]*Server{best, best}
	for range p.choices - 1 {
		if s := p.one(); s.load < best.load {
			best, p.drew = s, [2]*Server{s, best}
		} else {
			p.drew[1] = s
		}
	}
	return best
}

func (p *leastRequest) one() *Server { return p.servers.Nth(p.dice.IntN(p.servers.eligible)) }

// Explain implements Explainer.
func (p *leastRequest) Explain(picked *Server, _ *sim.Request) string {
	if p.drew[0] != nil {
		return fmt.Sprintf("%d in flight, the fewest of %d drawn, one of them %s with %d", picked.load, p.choices, p.drew[1].Name, p.drew[1].load)
	}
	return fmt.Sprintf("its deadline was the next; with weight %s and %d in flight it gets %s of the turns of weight 1",
		weight(picked.share), picked.load, strconv.FormatFloat(float64(picked.share)/Unit/math.Pow(float64(picked.load+1), p.bias), 'g', 3, 64))
}
