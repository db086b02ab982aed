// least-connections: the server with the fewest requests in flight for its weight.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("least-connections", "the fewest requests in flight for its weight", newLeastConnections)
}

func newLeastConnections(cfg Config, t Tools) Policy {
	switch cfg.Ties {
	case TiesOldest, TiesFirst:
		return newLeastTree(t.Servers, cfg.Ties == TiesOldest)
	}
	p := &leastScan{servers: t.Servers, smooth: newSmooth(t.Servers)}
	if cfg.Ties == TiesRandom {
		p.dice = t.Dice
	}
	return p
}

// leastScan looks at every server, as nginx's least_conn does
// (ngx_http_upstream_least_conn_module.c): the least active/weight, ties by
// smooth round robin among the tied, or by chance as Caddy does. Ratios are
// compared by multiplication, so they are exact.
type leastScan struct {
	servers *Servers
	smooth  *weighted // its share and current are kept here too
	active  []int64
	dice    *rand.Rand // nil: ties by smooth round robin
}

var (
	_ Policy   = (*leastScan)(nil)
	_ Watcher  = (*leastScan)(nil)
	_ Observer = (*leastScan)(nil)
	_ Reported = (*leastScan)(nil)
	_ Weighted = (*leastScan)(nil)
)

// Weighted implements Weighted.
func (p *leastScan) Weighted() {}

// Changed implements Watcher.
func (p *leastScan) Changed(s *Server) {
	p.smooth.Changed(s)
	for len(p.active) <= s.index {
		p.active = append(p.active, 0)
	}
	p.active[s.index] = int64(s.load)
}

// Began implements Observer.
func (p *leastScan) Began(_ sim.Time, s *Server, _ *sim.Request) {
	p.active[s.index] = int64(s.load)
}

// Ended implements Observer.
func (p *leastScan) Ended(_ sim.Time, s *Server, _ Outcome) { p.active[s.index] = int64(s.load) }

// Reported implements Reported.
func (p *leastScan) Reported(s *Server) { p.active[s.index] = int64(s.load) }

// Pick implements Policy in O(n).
func (p *leastScan) Pick(sim.Time, *sim.Request) *Server {
	best, ties := -1, 0
	share, active := p.smooth.share, p.active[:len(p.smooth.share)]
	for i, w := range share {
		if w == 0 {
			continue
		}
		if best >= 0 {
			mine, least := active[i]*share[best], active[best]*w
			if mine > least {
				continue
			}
			if mine == least {
				ties++
				continue
			}
		}
		best, ties = i, 1
	}
	switch {
	case best < 0:
		return nil
	case ties == 1:
		return p.servers.all[best]
	case p.dice != nil:
		return p.servers.all[p.tied(best, p.dice.IntN(ties))]
	}
	return p.servers.all[p.turn(best)]
}

// tied returns the k-th server as loaded as first, which is the first of them.
func (p *leastScan) tied(first, k int) int {
	for i := first; ; i++ {
		if p.equal(i, first) {
			if k == 0 {
				return i
			}
			k--
		}
	}
}

// turn is one step of smooth round robin among the servers as loaded as first.
func (p *leastScan) turn(first int) int {
	best, total := first, int64(0)
	current := p.smooth.current
	for i := first; i < len(p.active); i++ {
		if !p.equal(i, first) {
			continue
		}
		current[i] += p.smooth.share[i]
		total += p.smooth.share[i]
		if current[i] > current[best] {
			best = i
		}
	}
	current[best] -= total
	return best
}

func (p *leastScan) equal(i, first int) bool {
	share := p.smooth.share
	return share[i] > 0 && p.active[i]*share[first] == p.active[first]*share[i]
}

// Explain implements Explainer.
func (p *leastScan) Explain(picked *Server, _ *sim.Request) string {
	ties := 0
	for i := range p.active {
		if p.equal(i, picked.index) {
			ties++
		}
	}
	switch {
	case ties == 1:
		return p.servers.loads() + " in flight"
	case p.dice != nil:
		return fmt.Sprintf("%s in flight; by chance among the %d least", p.servers.loads(), ties)
	}
	return fmt.Sprintf("%s in flight; in turn among the %d least", p.servers.loads(), ties)
}
