// maglev: the same URI always to the same server, by the Maglev paper's table.
package balance

import (
	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("maglev", "by the URI, by a table in which all servers have equally many places; when a server goes few others' move (Maglev; Envoy)", newMaglev)
}

// maglevSize is the number of places of the table, a prime: the smaller of the paper's
// two, and Envoy's and Katran's.
const maglevSize = 65537

// maglev is Maglev hashing (Eisenbud et al., NSDI 2016, 3.4): each server goes through
// the places of a table in an order of its own, and in turn each takes the next that is
// free. So all have as many, to one place, where a ring's shares differ; for that
// somewhat more than the dead one's places move when a server goes. Weights are Envoy's:
// in each round a server takes a place when its weight has added up to one turn of the
// heaviest.
//
// The table is of the servers that are up and not drained. One that is full, or was
// tried before, keeps its places, and the next place's server takes the request.
type maglev struct {
	servers *Servers
	key     func(*sim.Request) uint64
	table   []int32 // of places; the index of a server
	in      []bool  // whether a server is in the table
	stale   bool    // others ought to be
	owner   *Server // of the last pick's place
}

var (
	_ Policy  = (*maglev)(nil)
	_ Watcher = (*maglev)(nil)
)

func newMaglev(cfg Config, t Tools) Policy {
	return &maglev{servers: t.Servers, key: t.keyBy(cfg.HashBy), stale: true}
}

// Changed implements Watcher. A table is made anew when the next request comes.
func (p *maglev) Changed(s *Server) {
	for len(p.in) <= s.index {
		p.in = append(p.in, false)
		p.stale = true
	}
	p.stale = p.stale || p.in[s.index] != p.belongs(s)
}

// belongs reports whether a server is to have places: it is in rotation, and may be picked
// but for its limit or the request under way.
func (p *maglev) belongs(s *Server) bool {
	return (!s.down || p.servers.panic) && !s.draining && s.share > 0
}

// Pick implements Policy in O(1), and one step for each place of those that may not be
// picked. After a change of the servers it makes the table: a millisecond.
func (p *maglev) Pick(_ sim.Time, req *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	if p.stale {
		p.fill()
	}
	at := p.key(req) % maglevSize
	p.owner = p.servers.all[p.table[at]]
	for s := p.owner; ; s = p.servers.all[p.table[at]] {
		if s.eligible {
			return s
		}
		if at++; at == maglevSize {
			at = 0
		}
	}
}

// fill makes the table (the paper's pseudocode 1, with Envoy's weights).
func (p *maglev) fill() {
	type order struct {
		server     int32
		at, skip   uint64
		weight     int64
		due, taken int64
	}
	var orders []order
	heaviest := int64(1)
	for _, s := range p.servers.all {
		if p.in[s.index] = p.belongs(s); p.in[s.index] {
			orders = append(orders, order{server: int32(s.index), weight: int64(s.Weight),
				at:   xxhash.Sum64String(s.Name) % maglevSize,
				skip: xxhash.Sum64String("1"+s.Name)%(maglevSize-1) + 1})
			heaviest = max(heaviest, int64(s.Weight))
		}
	}
	p.stale = false
	if p.table == nil {
		p.table = make([]int32, maglevSize)
	}
	for i := range p.table {
		p.table[i] = -1
	}
	for round, filled := int64(1), 0; filled < maglevSize; round++ {
		for i := range orders {
			o := &orders[i]
			if round*o.weight < o.due {
				continue // its turn is not yet
			}
			o.due += heaviest
			for p.table[o.at] >= 0 {
				o.at = (o.at + o.skip) % maglevSize
			}
			p.table[o.at] = o.server
			if filled++; filled == maglevSize {
				return
			}
		}
	}
}

// Explain implements Explainer.
func (p *maglev) Explain(picked *Server, _ *sim.Request) string {
	if picked != p.owner {
		return "the hash's place in the table is " + p.owner.Name + "'s, which may not be picked; this has the next that may"
	}
	return "the hash's place in the table is its"
}
