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
	hashes  []uint64  // of the names
	shares  []float64 // 0 when not eligible
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
		p.shares = append(p.shares, 0)
	}
	p.shares[s.index] = 0
	if s.eligible {
		p.shares[s.index] = float64(s.share)
	}
}

// Pick implements Policy in O(n): about two nanoseconds for each server.
//
// As -ln(u) is at least 1-u, a score is at the most w/(1-u): for most servers that is
// less than the highest so far, and tells without a logarithm that they are out.
func (p *rendezvous) Pick(_ sim.Time, req *sim.Request) *Server {
	best, key, highest := -1, p.key(req), 0.0
	shares := p.shares[:len(p.hashes)]
	for i, hash := range p.hashes {
		u, share := drawnFrom(key, hash), shares[i]
		if share*mostRounding < highest*(1-u) {
			continue // one that may not be picked, too, once there is another
		}
		if score := -share / math.Log(u); share > 0 && (best < 0 || score > highest) {
			best, highest = i, score
		}
	}
	if best < 0 {
		return nil
	}
	return p.servers.all[best]
}

// mostRounding is more than all rounding of a score and of its bound can be.
const mostRounding = 1 + 1e-9

// drawnFrom is u for a key and a server's name. Both hashes are good, so to mix them is
// enough.
func drawnFrom(key, name uint64) float64 {
	h := (key ^ name) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h ^= h >> 32
	return (float64(h>>11) + 0.5) / (1 << 53)
}

// Explain implements Explainer.
func (p *rendezvous) Explain(*Server, *sim.Request) string {
	return "its score for the URI is the highest of those that may be picked"
}
