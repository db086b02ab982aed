// Tiers: servers that stand by for others.
package balance

import (
	"cmp"
	"fmt"
	"slices"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// tier are the servers of one priority, or where zones count those of them in one zone,
// and the policy that picks among them.
type tier struct {
	priority int
	zone     string // "" where zones do not count
	servers  *Servers
	policy   Policy
}

// tier returns the tier of a server, a new one if there is none.
func (p *Pool) tier(s Spec) *tier {
	zone := p.zone(s)
	at, ok := slices.BinarySearchFunc(p.tiers, s.Priority, func(t *tier, priority int) int {
		return cmp.Or(t.priority-priority, cmp.Compare(t.zone, zone))
	})
	if !ok {
		p.tiers = slices.Insert(p.tiers, at, &tier{priority: s.Priority, zone: zone, servers: &Servers{}})
		p.tiers[at].servers.SetReported(p.cfg.LoadReports.Interval > 0, p.cfg.LoadReports.CountOwn)
		p.tier0 = p.tiers[0]
	}
	return p.tiers[at]
}

// pick picks a server: of the first tier that has any (active and passive), or with
// spill-over of the one that the dice say.
func (p *Pool) pick(now sim.Time, req *sim.Request) *Server {
	if len(p.tiers) == 1 {
		return p.tier0.policy.Pick(now, req)
	}
	if p.byLevel != nil {
		return p.pickZoned(now, req)
	}
	from := p.spilled()
	for i := range p.tiers {
		if s := p.tiers[(from+i)%len(p.tiers)].policy.Pick(now, req); s != nil {
			return s
		}
	}
	return nil
}

// spilled draws the tier that is asked first.
func (p *Pool) spilled() int {
	if p.cfg.SpillOver == 0 {
		return 0
	}
	x := p.tierDice.IntN(100)
	for i, load := range p.loads {
		if x -= load; x < 0 {
			return i
		}
	}
	return 0
}

// weigh finds anew how much of the load each tier gets, and notes when another leads.
func (p *Pool) weigh() {
	if len(p.tiers) < 2 {
		return
	}
	levels := p.levels()
	well := make([]float64, len(levels))
	var leads *tier
	for i := range levels {
		l, up, all := &levels[i], 0, 0
		for _, t := range l.tiers {
			u, a := t.servers.inRotation()
			up, all = up+u, all+a
		}
		if up > 0 && leads == nil {
			leads = l.tiers[0]
		}
		well[i] = float64(up) / float64(max(all, 1))
	}
	p.byLevel = nil
	if p.zoned() {
		for i := range levels {
			p.plan(&levels[i])
		}
		p.byLevel = levels
	}
	if p.cfg.SpillOver > 0 {
		p.loads = health.PriorityLoads(well, p.cfg.SpillOver)
	}
	before := p.leads
	if leads == nil || before != nil && leads.priority == before.priority {
		return
	}
	p.leads = leads
	if before == nil {
		return // the first of all is no news
	}
	kind := sim.EventFailover
	if leads.priority < before.priority {
		kind = sim.EventFailback
	}
	p.env.Note(kind, fmt.Sprintf("priority %d", leads.priority), fmt.Sprintf("from priority %d", before.priority))
}

// inRotation returns how many servers take requests, full or not, of those that are not
// drained.
func (s *Servers) inRotation() (up, all int) {
	for _, server := range s.all {
		if server.draining || server.share == 0 {
			continue
		}
		if all++; server.Up() {
			up++
		}
	}
	return up, all
}
