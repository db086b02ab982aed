// geo: the nearest server, the next one when it is full.
package balance

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cdnlab/sim"
)

func init() {
	Policies.Add("geo", "the nearest server by round-trip time; the next nearest when it is out or full", newGeo)
}

// geoPlaces bounds the places whose order of servers is kept. There are fewer
// cities than that in the atlas.
const geoPlaces = 4096

// geo picks the eligible server with the least RTT from the request's place.
// Servers equally far take turns. Weights are ignored: distance decides.
type geo struct {
	servers *Servers
	rtt     func(a, b string) time.Duration
	orders  map[string]*geoOrder
}

// geoOrder is the servers in the order of their distance from one place.
type geoOrder struct {
	groups []geoGroup
	known  int // how many servers there were
}

// geoGroup are the servers at one distance.
type geoGroup struct {
	rtt     time.Duration
	members []*Server
	turn    int
}

var _ Policy = (*geo)(nil)

func newGeo(_ Config, t Tools) Policy {
	p := &geo{servers: t.Servers, rtt: t.RTT, orders: map[string]*geoOrder{}}
	if p.rtt == nil {
		p.rtt = func(a, b string) time.Duration { return 0 }
	}
	return p
}

// Pick implements Policy in O(1), and one step for each nearer server that is
// out. Only a place's first request sorts.
func (p *geo) Pick(_ sim.Time, req *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	order := p.orders[req.Place]
	if order == nil || order.known != p.servers.Len() {
		order = p.rank(req.Place)
	}
	for i := range order.groups {
		if s := order.groups[i].next(); s != nil {
			return s
		}
	}
	return nil
}

func (g *geoGroup) next() *Server {
	for range g.members {
		if g.turn >= len(g.members) {
			g.turn = 0
		}
		s := g.members[g.turn]
		g.turn++
		if s.eligible {
			return s
		}
	}
	return nil
}

func (p *geo) rank(place string) *geoOrder {
	type far struct {
		*Server
		rtt time.Duration
	}
	fars := make([]far, p.servers.Len())
	for i, s := range p.servers.all {
		fars[i] = far{s, p.rtt(place, s.Place)}
	}
	slices.SortStableFunc(fars, func(a, b far) int { return cmp.Compare(a.rtt, b.rtt) })
	order := &geoOrder{known: len(fars)}
	for _, f := range fars {
		last := len(order.groups) - 1
		if last < 0 || order.groups[last].rtt != f.rtt {
			order.groups = append(order.groups, geoGroup{rtt: f.rtt})
			last++
		}
		order.groups[last].members = append(order.groups[last].members, f.Server)
	}
	if len(p.orders) >= geoPlaces {
		clear(p.orders)
	}
	p.orders[place] = order
	return order
}

// Explain implements Explainer.
func (p *geo) Explain(picked *Server, req *sim.Request) string {
	var others []string
	for _, g := range p.orders[req.Place].groups {
		for _, s := range g.members {
			if s != picked {
				others = append(others, s.Name+" "+sim.Briefly(g.rtt))
			}
		}
	}
	return fmt.Sprintf("the nearest to %s that may be picked, %s; of equals in turn (the others: %s)",
		req.Place, sim.Briefly(p.rtt(req.Place, picked.Place)), listed(others))
}
