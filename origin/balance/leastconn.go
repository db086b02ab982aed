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
	case TiesRandom:
		return &leastCrowd{servers: t.Servers, dice: t.Dice}
	}
	return &leastCrowd{servers: t.Servers}
}

// leastCrowd knows all servers with the least active/weight, of which one is picked by
// smooth round robin among them as in nginx's least_conn (ngx_http_upstream_least_conn_module.c), or
// by chance as in Caddy's. Ratios are compared exactly: see perShare.
type leastCrowd struct {
	servers *Servers
	smooth  smooth
	dice    *rand.Rand // nil: ties by smooth round robin
	leasts  crowd
}

var (
	_ Policy   = (*leastCrowd)(nil)
	_ Watcher  = (*leastCrowd)(nil)
	_ Observer = (*leastCrowd)(nil)
	_ Reported = (*leastCrowd)(nil)
	_ Weighted = (*leastCrowd)(nil)
)

// Weighted implements Weighted.
func (p *leastCrowd) Weighted() {}

// Changed implements Watcher.
func (p *leastCrowd) Changed(s *Server) {
	p.smooth.Changed(s)
	p.settle(s)
}

// Began implements Observer.
func (p *leastCrowd) Began(_ sim.Time, s *Server, _ *sim.Request) { p.settle(s) }

// Ended implements Observer.
func (p *leastCrowd) Ended(_ sim.Time, s *Server, _ Outcome) { p.settle(s) }

// Reported implements Reported.
func (p *leastCrowd) Reported(s *Server) { p.settle(s) }

func (p *leastCrowd) settle(s *Server) {
	if !s.eligible {
		p.leasts.set(s.index, nobody)
		return
	}
	p.leasts.set(s.index, perShare(s.load, s.share))
}

// Pick implements Policy. It looks at 64 servers at a time, and by smooth round robin at each of the
// least, as their turns are counted in all of them.
func (p *leastCrowd) Pick(sim.Time, *sim.Request) *Server {
	key, ties := p.leasts.least()
	switch {
	case ties == 0:
		return nil
	case ties == 1:
		return p.servers.all[p.leasts.nth(key, 0)]
	case p.dice != nil:
		return p.servers.all[p.leasts.nth(key, p.dice.IntN(ties))]
	}
	return p.servers.all[p.smooth.among(&p.leasts, key)]
}

// Explain implements Explainer.
func (p *leastCrowd) Explain(*Server, *sim.Request) string {
	switch _, ties := p.leasts.least(); {
	case ties == 1:
		return p.servers.loads() + " in flight"
	case p.dice != nil:
		return fmt.Sprintf("%s in flight; by chance among the %d least", p.servers.loads(), ties)
	default:
		return fmt.Sprintf("%s in flight; in turn among the %d least", p.servers.loads(), ties)
	}
}
