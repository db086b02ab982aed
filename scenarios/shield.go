// Shields: the second tier of the CDN, between the PoPs and the origin.
package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/origin/pair"
	"cdnlab/report"
	"cdnlab/sim"
)

// NoShield stands where a PoP fetches from the origin itself.
const NoShield = "none"

// shieldDefaults names the shields and gives every PoP its own, the nearest by
// round-trip time, as clients reach the nearest PoP; of two as near it is the first.
// A PoP keeps it for the run: a path that becomes slower moves nobody. A place
// that nobody knows is reported later.
func (s *Scenario) shieldDefaults() {
	for i := range s.Shields {
		v := &s.Shields[i]
		v.Name = cmp.Or(v.Name, nameAt(v.Place, "shield"))
	}
	if len(s.Shields) == 0 {
		return
	}
	s.Edge.Shields = orElse(s.Edge.Shields, true)
	d, err := newDistances(s)
	if err != nil {
		return
	}
	for i := range s.PoPs {
		if p := &s.PoPs[i]; p.Shield == "" {
			p.Shield = slices.MinFunc(s.Shields, func(a, b Shield) int { return cmp.Compare(d.toShield(p, &a), d.toShield(p, &b)) }).Name
		}
	}
}

// toShield is how far a shield is from a PoP.
func (d *distances) toShield(p *PoP, v *Shield) time.Duration {
	return d.nodes(p.Name, p.Place, &Node{Name: v.Name, Place: v.Place}).RTT
}

// shielded reports whether PoPs fetch through shields.
func (s *Scenario) shielded() bool { return s.edgeOn() && len(s.Shields) > 0 && *s.Edge.Shields }

// parents are what a PoP fetches from: its shield, or the origin's first node; and
// behind a shield those that it turns to when that is down.
func (t *Topology) parents(p *PoP) []string {
	s := t.Scenario
	switch {
	case !s.shielded() || p.Shield == NoShield:
		return []string{t.Entry}
	case !*s.Edge.Failover.On:
		return []string{p.Shield}
	case p.Backup != "":
		return []string{p.Shield, p.Backup, t.Entry}
	}
	return []string{p.Shield, t.Entry}
}

func (t *Topology) addShields(plan *addressPlan) {
	s := t.Scenario
	for _, v := range s.Shields {
		n := Node{Name: v.Name, Kind: report.KindShield, Place: v.Place, Cores: v.Cores}
		for _, entry := range t.Entries {
			n.Peers = append(n.Peers, t.peer(n, entry, s.Edge.Conns))
		}
		t.add(plan, n)
	}
}

// cached is a PoP or shield.
type cached struct {
	*edge.PoP
	parents  *edge.Parents  // nil: it has but one
	approach *pair.Approach // nil: there is no more than one balancer to reach
}

// cache builds the PoP or shield of a name.
func (t *Topology) cache(site sim.Site, node *Node) sim.Handler {
	build := edge.New
	if node.Kind == report.KindShield {
		build = edge.NewShield
	}
	c := &cached{}
	names := t.parentsOf(node)
	if len(names) == 1 {
		c.PoP = build(site.Env, t.cacheConfig(node), c.parent(t, site, names[0]))
		return node.checked(c)
	}
	var parents []edge.Parent
	for _, name := range names {
		parents = append(parents, edge.Parent{Name: name, Handler: c.parent(t, site, name)})
	}
	c.parents = must(edge.NewParents(site.Env, t.Scenario.Edge.Failover, parents...))
	c.PoP = build(site.Env, t.cacheConfig(node), c.parents)
	return node.checked(c)
}

// checked has one of several servers answer their balancer's checks.
func (n *Node) checked(c *cached) *cached {
	c.Checked = n.PoP != ""
	return c
}

// changeCache makes a PoP or shield what the topology says.
func (t *Topology) changeCache(node *Node, c *cached) {
	c.Change(t.cacheConfig(node))
	if c.parents != nil {
		must(c, c.parents.Change(t.Scenario.Edge.Failover))
	}
	if c.approach != nil {
		c.approach.Change(t.Scenario.Balancer.Config, t.holder())
	}
}

// cacheConfig is what [edge] says of a PoP or shield, and [[shield]] of this one. The
// tags of answers go on to PoPs, which are to find by them too what to purge.
func (t *Topology) cacheConfig(node *Node) edge.Config {
	c := t.Scenario.Edge.Config
	c.KeepTags = c.KeepTags || node.Kind == report.KindShield
	for _, v := range t.Scenario.Shields {
		if v.Name == node.Name && v.CacheSize > 0 {
			c.CacheSize = v.CacheSize
		}
	}
	return c
}

// ShieldOf returns the shield of each PoP that fetches through one; nil without
// any.
func (t *Topology) ShieldOf() map[string]string {
	var of map[string]string
	for _, p := range t.pops() {
		if parent := t.Node(p.Peers[0].Name); parent.Kind == report.KindShield {
			if of == nil {
				of = map[string]string{}
			}
			of[p.Name] = parent.Name
		}
	}
	return of
}

// shieldsOf returns the shields that a PoP may fetch through.
func (t *Topology) shieldsOf(pop string) (names []string) {
	for _, p := range t.Node(pop).Peers {
		if t.Node(p.Name).Kind == report.KindShield {
			names = append(names, p.Name)
		}
	}
	return names
}

// caches returns the nodes that store answers, those nearest the origin first.
func (t *Topology) caches() []*Node {
	var all []*Node
	if t.Scenario.shielded() {
		for _, v := range t.Scenario.Shields {
			all = append(all, t.Node(v.Name))
		}
	}
	return append(all, t.pops()...)
}

// shields looks at the shields and at who is to fetch through them. unique wants
// a name that no other node has.
func (c *checker) shields(unique func(name string, path ...any)) {
	known := []string{NoShield}
	for i, v := range c.s.Shields {
		c.place(v.Place, "shield", i, "place")
		unique(v.Name, "shield", i, "name")
		if v.Name == NoShield {
			c.add("is what a [[pop]] says that wants no shield", "give it another name", "shield", i, "name")
		}
		if v.CacheSize < 0 {
			c.add("must not be negative", "", "shield", i, "cache-size")
		}
		known = append(known, v.Name)
	}
	for i, p := range c.s.PoPs {
		c.shieldOf(p.Shield, known, "pop", i, "shield")
		c.shieldOf(p.Backup, known[1:], "pop", i, "backup-shield")
		if p.Backup != "" && (p.Backup == p.Shield || p.Shield == NoShield) {
			c.add("means something only beside another shield", "", "pop", i, "backup-shield")
		}
	}
	if on := c.s.Edge.Shields; on != nil && *on && len(c.s.Shields) == 0 {
		c.add("is on, but there is no shield", "add a [[shield]] with a place", "edge", "shields")
	}
}

// shieldOf wants what a PoP says of its shield to be the name of one.
func (c *checker) shieldOf(name string, known []string, path ...any) {
	if name == "" || slices.Contains(known, name) || c.lost("shield") {
		return
	}
	if len(c.s.Shields) == 0 {
		c.add(fmt.Sprintf("there is no shield %q, nor any other", name), "add a [[shield]] with a place", path...)
		return
	}
	says, hint, _ := strings.Cut(unknown("shield", name, known).Error(), "; ")
	c.add(says, hint, path...)
}

// isShield reports whether a node of the scenario is a shield.
func (c *checker) isShield(node string) bool {
	return slices.ContainsFunc(c.s.Shields, func(v Shield) bool { return v.Name == node })
}
