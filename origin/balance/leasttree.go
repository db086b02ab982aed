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
	players []player
	leaves  int     // a power of two, at least the number of servers
	winner  []int32 // winner[1] has won; leaf of server i is leaves+i; -1: nobody eligible
}

// player is what a match looks at, of all servers in one row of memory.
type player struct {
	active, share int64
	picked        uint64 // sequence of the last pick
}

var (
	_ Policy   = (*leastTree)(nil)
	_ Watcher  = (*leastTree)(nil)
	_ Observer = (*leastTree)(nil)
	_ Reported = (*leastTree)(nil)
	_ Weighted = (*leastTree)(nil)
)

func newLeastTree(servers *Servers, oldest bool) *leastTree {
	p := &leastTree{servers: servers, oldest: oldest}
	p.resize(1)
	return p
}

// Weighted implements Weighted.
func (p *leastTree) Weighted() {}

// Pick implements Policy in O(1); Began and Ended take O(log n).
func (p *leastTree) Pick(sim.Time, *sim.Request) *Server {
	if p.winner[1] < 0 {
		return nil
	}
	return p.servers.all[p.winner[1]]
}

// Began implements Observer.
func (p *leastTree) Began(_ sim.Time, s *Server, _ *sim.Request) {
	p.seq++
	p.players[s.index].picked = p.seq
	p.settle(s)
}

// Ended implements Observer.
func (p *leastTree) Ended(_ sim.Time, s *Server, _ Outcome) { p.settle(s) }

// settle plays a server's matches again when its load has changed.
func (p *leastTree) settle(s *Server) {
	p.players[s.index].active = int64(s.load)
	p.replay(s.index)
}

// Reported implements Reported.
func (p *leastTree) Reported(s *Server) { p.settle(s) }

// Changed implements Watcher.
func (p *leastTree) Changed(s *Server) {
	for len(p.players) <= s.index {
		p.players = append(p.players, player{})
	}
	p.players[s.index].active, p.players[s.index].share = int64(s.load), s.share
	if s.index >= p.leaves {
		p.resize(2 * s.index)
	}
	p.winner[p.leaves+s.index] = -1
	if s.eligible {
		p.winner[p.leaves+s.index] = int32(s.index)
	}
	p.replay(s.index)
}

// resize makes room for at least n servers and plays everything anew.
func (p *leastTree) resize(n int) {
	old := p.winner
	before := p.leaves
	p.leaves = 1
	for p.leaves < n {
		p.leaves *= 2
	}
	p.winner = make([]int32, 2*p.leaves)
	for i := range p.winner {
		p.winner[i] = -1
	}
	copy(p.winner[p.leaves:], old[before:])
	for node := p.leaves - 1; node > 0; node-- {
		p.winner[node] = p.match(p.winner[2*node], p.winner[2*node+1])
	}
}

// replay plays the matches of a server up to the last, or to one that it loses now as
// it did before: beyond that nothing has changed.
func (p *leastTree) replay(i int) {
	for node := (p.leaves + i) / 2; node > 0; node /= 2 {
		won := p.match(p.winner[2*node], p.winner[2*node+1])
		if won == p.winner[node] && won != int32(i) {
			return
		}
		p.winner[node] = won
	}
}

func (p *leastTree) match(a, b int32) int32 {
	if a < 0 {
		return b
	}
	if b < 0 {
		return a
	}
	x, y := &p.players[a], &p.players[b]
	by := x.active*y.share - y.active*x.share
	if by > 0 || by == 0 && p.oldest && y.picked < x.picked {
		return b
	}
	return a
}

// Explain implements Explainer.
func (p *leastTree) Explain(*Server, *sim.Request) string {
	tie := "the first in order"
	if p.oldest {
		tie = "the one not picked for the longest time"
	}
	return p.servers.loads() + " in flight; of equals " + tie
}
