// rendezvous: the same URI always to the same server, the highest of the servers' hashes.
package balance

import (
	"math"

	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("rendezvous", "by the URI, to the server that scores highest for it; when a server goes only its share moves (highest random weight; Traefik's hrw, Caddy's hashes)", newRendezvous)
}

// rendezvous is highest random weight hashing (Thaler and Ravishankar 1998): each server
// has a score for a request, drawn from the hash of both, and the highest is picked. A
// server that goes gives each of its requests to whoever was second for that one. By
// weight the score is -w/ln(u), with u the hash in (0, 1) (Schindelhauer and Schomaker
// 2005).
//
// There is no table, and each pick looks at every server.
type rendezvous struct {
	servers *Servers
	key     func(*sim.Request) uint64
	hashes  []uint64 // of the names
}

var (
	_ Policy  = (*rendezvous)(nil)
	_ Watcher = (*rendezvous)(nil)
)

func newRendezvous(cfg Config, t Tools) Policy {
	return &rendezvous{servers: t.Servers, key: t.keyBy(cfg.HashBy)}
}

// Changed implements Watcher.
func (p *rendezvous) Changed(s *Server) {
	for len(p.hashes) <= s.index {
		p.hashes = append(p.hashes, xxhash.Sum64String(p.servers.all[len(p.hashes)].Name))
	}
}

// Pick implements Policy in O(n).
func (p *rendezvous) Pick(_ sim.Time, req *sim.Request) *Server {
	var best *Server
	key, highest := p.key(req), 0.0
	for s := p.servers.first(); s != nil; s = p.servers.after(s) {
		if score := p.score(key, s); best == nil || score > highest {
			best, highest = s, score
		}
	}
	return best
}

// score is a server's for a key. Both hashes are good, so to mix them is enough.
func (p *rendezvous) score(key uint64, s *Server) float64 {
	h := (key ^ p.hashes[s.index]) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h ^= h >> 32
	u := (float64(h>>11) + 0.5) / (1 << 53)
	return -float64(s.share) / math.Log(u)
}

// Explain implements Explainer.
func (p *rendezvous) Explain(*Server, *sim.Request) string {
	return "its score for the URI is the highest of those that may be picked"
}
