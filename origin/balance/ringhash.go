// ring-hash: the same URI always to the same server, by consistent hashing.
package balance

import (
	"fmt"

	"cdnlab/sim"
)

func init() {
	Policies.Add("ring-hash", "by the URI, consistently: when a server goes only its share moves, when it is back that comes back (Envoy; nginx hash … consistent)", newRingHash)
}

// ringHash gives a request to the server whose point comes first, and while that
// one is out to the next on the ring: its requests then spread over all others, and
// nobody else's move. Retries go on along the ring.
//
// What is hot (see hotKeys) takes turns over the first HotCopies servers from its
// point on.
type ringHash struct {
	servers *Servers
	ring    ring
	key     func(*sim.Request) uint64
	hot     *hotKeys // nil: nothing is
	turn    int
	last    struct { // pick, for Explain
		owner *Server
		hot   bool
	}
}

var (
	_ Policy   = (*ringHash)(nil)
	_ Observer = (*ringHash)(nil)
)

func newRingHash(cfg Config, t Tools) Policy { return makeRingHash(cfg, t) }

func makeRingHash(cfg Config, t Tools) *ringHash {
	p := &ringHash{servers: t.Servers, key: t.keyBy(cfg.HashBy)}
	if cfg.HotShare > 0 {
		p.hot = newHotKeys(cfg.Hashing)
	}
	return p
}

// Pick implements Policy in O(1), and some steps for each server that is out.
func (p *ringHash) Pick(now sim.Time, req *sim.Request) *Server {
	return p.pick(now, req, nil)
}

// pick returns the first server on the ring that may be picked and that fits; with fits nil
// all do.
func (p *ringHash) pick(now sim.Time, req *sim.Request, fits func(*Server) bool) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	if p.ring.known != p.servers.Len() {
		p.ring.build(p.servers)
	}
	hash := p.key(req)
	at := p.ring.at(hash)
	p.last.owner, p.last.hot = p.servers.all[p.ring.points[at].server], p.hot != nil && p.hot.is(now, hash)
	if p.last.hot {
		at = p.copyOf(at)
	}
	var any *Server
	for range p.ring.points {
		if s := p.servers.all[p.ring.points[at].server]; s.eligible {
			if fits == nil || fits(s) {
				return s
			}
			any = s
		}
		at = p.ring.next(at)
	}
	return any
}

// copyOf returns the point of the server whose turn it is of those that have a copy:
// the first so many from a point on that may be picked.
func (p *ringHash) copyOf(at int) int {
	var points [MaxHotCopies]int
	n, most := 0, min(p.hot.copies, p.servers.eligible)
	seen := func(server int32) bool {
		for _, other := range points[:n] {
			if p.ring.points[other].server == server {
				return true
			}
		}
		return false
	}
	for range p.ring.points {
		if server := p.ring.points[at].server; p.servers.all[server].eligible && !seen(server) {
			if points[n] = at; n+1 == most {
				n++
				break
			}
			n++
		}
		at = p.ring.next(at)
	}
	p.turn++
	return points[p.turn%max(n, 1)]
}

// Began implements Observer: a request counts once, however often it is tried.
func (p *ringHash) Began(now sim.Time, _ *Server, req *sim.Request) {
	if p.hot != nil && req.Attempt == 0 {
		p.hot.count(now, p.key(req))
	}
}

// Ended implements Observer.
func (p *ringHash) Ended(sim.Time, *Server, Outcome) {}

// Explain implements Explainer.
func (p *ringHash) Explain(picked *Server, req *sim.Request) string {
	says := "the URI's place on the ring is " + p.last.owner.Name + "'s"
	switch {
	case p.last.hot:
		says += fmt.Sprintf(", and so much is asked for it that %d share it in turn", p.hot.copies)
	case picked != p.last.owner && !p.last.owner.eligible:
		says += ", which may not be picked; this is the next on it"
	}
	return says
}
