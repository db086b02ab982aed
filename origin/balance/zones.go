// Zones: a balancer that prefers the servers next to it, as far as that is fair.
package balance

import (
	"math/rand/v2"
	"slices"

	"cdnlab/sim"
)

// ZoneConfig says whether zones count when a server is picked.
type ZoneConfig struct {
	On         bool `toml:"on" json:"on,omitempty" jsonschema:"default=false,description=whether a balancer prefers the servers of its own zone (Envoy's zone aware routing)\\, under any algorithm: as many requests stay as that zone's servers can take without more than their part\\, the rest goes to the zones that have servers to spare"`
	MinServers int  `toml:"min-servers" json:"min-servers,omitempty" jsonschema:"default=6,minimum=1,maximum=1000,description=with fewer servers in rotation each zone gets requests in proportion to its servers"`
}

// WithDefaults fills in what was not given. On false: most balancers know no zones.
// MinServers 6: Envoy's min_cluster_size.
func (c ZoneConfig) WithDefaults() ZoneConfig {
	if c.MinServers == 0 {
		c.MinServers = 6
	}
	return c
}

// zone returns the name under which a server's zone is kept apart: one for all
// unless zones count.
func (p *Pool) zone(s Spec) string {
	if p.cfg.Zones.On && p.around.Zone != "" {
		return s.Zone
	}
	return ""
}

// level are the tiers of one priority, one for each zone, and the part of the requests that each
// is to get.
type level struct {
	tiers []*tier
	parts []float64
}

// levels are the tiers by priority.
func (p *Pool) levels() (all []level) {
	for i, t := range p.tiers {
		if i == 0 || t.priority != p.tiers[i-1].priority {
			all = append(all, level{})
		}
		l := &all[len(all)-1]
		l.tiers = append(l.tiers, t)
	}
	return all
}

// zoned reports whether tiers are of zones.
func (p *Pool) zoned() bool { return p.tiers[len(p.tiers)-1].zone != "" || p.tiers[0].zone != "" }

// plan finds anew which part of the requests each zone of a level gets.
func (p *Pool) plan(l *level) {
	own := slices.IndexFunc(l.tiers, func(t *tier) bool { return t.zone == p.around.Zone })
	up, local := make([]int, len(l.tiers)), make([]float64, len(l.tiers))
	for i, t := range l.tiers {
		up[i], _ = t.servers.inRotation()
		for _, zone := range p.around.Zones {
			if zone == t.zone {
				local[i] += 1 / float64(len(p.around.Zones))
			}
		}
	}
	l.parts = ZoneParts(own, local, up, p.cfg.Zones.MinServers)
}

// ZoneParts says which part of a balancer's requests each zone gets, by Envoy's rule (zone aware routing;
// upstream/load_balancer_impl.cc): own is the balancer's zone, -1 when no server is in
// it, local the share of the balancers in each zone, up its servers in rotation. A zone
// whose share of the servers is at least that of the balancers takes all of its own. Else it takes as much as
// it can, and the rest goes to those that have more servers than balancers, by how
// many more. With fewer than least servers zones do not count. nil: nobody is up.
func ZoneParts(own int, local []float64, up []int, least int) []float64 {
	total := 0
	for _, n := range up {
		total += n
	}
	if total == 0 {
		return nil
	}
	share := make([]float64, len(up))
	for i, n := range up {
		share[i] = float64(n) / float64(total)
	}
	if own < 0 || total < least || local[own] == 0 {
		return share
	}
	parts := make([]float64, len(up))
	parts[own] = min(1, share[own]/local[own])
	spare := 0.0
	for i := range up {
		if i != own {
			spare += max(0, share[i]-local[i])
		}
	}
	if spare == 0 { // rounding, or all its own
		parts[own] = 1
		return parts
	}
	for i := range up {
		if i != own {
			parts[i] = (1 - parts[own]) * max(0, share[i]-local[i]) / spare
		}
	}
	return parts
}

// pick picks a server of the zone that the dice say, and of the others in their order when that has
// none to give.
func (l *level) pick(now sim.Time, req *sim.Request, dice *rand.Rand) *Server {
	from := l.draw(dice)
	for i := range l.tiers {
		if s := l.tiers[(from+i)%len(l.tiers)].policy.Pick(now, req); s != nil {
			return s
		}
	}
	return nil
}

func (l *level) draw(dice *rand.Rand) int {
	if l.parts == nil {
		return 0
	}
	last, x := 0, dice.Float64()
	for i, part := range l.parts {
		if part == 0 {
			continue
		}
		if x -= part; x < 0 {
			return i
		}
		last = i
	}
	return last
}

// pickZoned is pick where tiers are of zones.
func (p *Pool) pickZoned(now sim.Time, req *sim.Request) *Server {
	from := p.spilled()
	for i := range p.byLevel {
		if s := p.byLevel[(from+i)%len(p.byLevel)].pick(now, req, p.zoneDice); s != nil {
			return s
		}
	}
	return nil
}

// crosses counts a request that leaves the balancer's zone.
func (p *Pool) crosses(s *Server) {
	if p.around.Zone != "" && s.Zone != "" && s.Zone != p.around.Zone {
		p.count.crossZone.Add(1)
	}
}
