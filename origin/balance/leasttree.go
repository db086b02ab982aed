// least-connections with ties by age or order: a tournament instead of a scan.
package balance

import "cdnlab/sim"

// leastTree keeps the servers in a tournament by active/weight, ties to the one
// not picked for the longest time (as HAProxy's leastconn, whose tree keeps
// equals first in, first out) or to the first in order. A pick reads the
// winner; a change replays one path of O(log n) matches.
type leastTree struct {
	servers *Servers
	oldest  bool
	seq     uint64
	ties    []uint64 // sequence of the last pick, or the place in the order
	leasts  tournament
}

// firstSeq is beyond all places in the order: those never picked come before the others.
const firstSeq = 1 << 32

var (
	_ Policy   = (*leastTree)(nil)
	_ Watcher  = (*leastTree)(nil)
	_ Observer = (*leastTree)(nil)
	_ Reported = (*leastTree)(nil)
	_ Weighted = (*leastTree)(nil)
)

func newLeastTree(servers *Servers, oldest bool) *leastTree {
	return &leastTree{servers: servers, oldest: oldest, seq: firstSeq}
}

// Weighted implements Weighted.
func (p *leastTree) Weighted() {}

// Pick implements Policy in O(1); Began and Ended take O(log n).
func (p *leastTree) Pick(sim.Time, *sim.Request) *Server {
	least := p.leasts.first()
	if least < 0 {
		return nil
	}
	return p.servers.all[least]
}

// Began implements Observer.
func (p *leastTree) Began(_ sim.Time, s *Server, _ *sim.Request) {
	if p.oldest {
		p.seq++
		p.ties[s.index] = p.seq
	}
	p.settle(s)
}

// Ended implements Observer.
func (p *leastTree) Ended(_ sim.Time, s *Server, _ Outcome) { p.settle(s) }

// Reported implements Reported.
func (p *leastTree) Reported(s *Server) { p.settle(s) }

// Changed implements Watcher.
func (p *leastTree) Changed(s *Server) {
	for len(p.ties) <= s.index {
		p.ties = append(p.ties, uint64(len(p.ties)))
	}
	p.settle(s)
}

// settle plays a server's matches again when something has changed.
func (p *leastTree) settle(s *Server) {
	if !s.eligible {
		p.leasts.remove(s.index)
		return
	}
	p.leasts.set(s.index, perShare(s.load, s.share), p.ties[s.index])
}

// Explain implements Explainer.
func (p *leastTree) Explain(*Server, *sim.Request) string {
	tie := "the first in order"
	if p.oldest {
		tie = "the one not picked for the longest time"
	}
	return p.servers.loads() + " in flight; of equals " + tie
}
