// Balancers: several of them before the same servers, and the network before them.
package scenarios

import (
	"fmt"
	"slices"

	"cdnlab/origin/balance"
	"cdnlab/origin/pair"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/network"
)

// nameNetwork is who notes and counts what the network before several balancers does
// with clients' connections.
const nameNetwork = "network"

// balancerNames are the names of the balancers, whether they are used or not.
func (s *Scenario) balancerNames() []string { return s.Balancer.Config.Names() }

// meant is an event about the node that it means: "the" balancer is, of several, the
// one that has the address when all are well. A scenario may then have one
// in one variant and several in another.
func (t *Topology) meant(e fault.Config) fault.Config {
	if e.Node == nameBalancer && t.several() {
		e.Node = t.Entries[t.Scenario.Balancer.First()]
	}
	return e
}

// addBalancers lays out the balancers. Where an address moves between several, each
// tells all others of itself.
func (t *Topology) addBalancers(plan *addressPlan) {
	s := t.Scenario
	t.Entries = s.balancerNames()
	t.Entry = t.Entries[0]
	for _, name := range t.Entries {
		n := Node{Name: name, Kind: report.KindBalancer, Place: s.Origin.Place, Cores: s.Balancer.Cores, Relays: s.Balancer.l4()}
		for _, server := range s.Servers {
			p := t.peer(n, server.Name, s.Balancer.Conns)
			p.Reveals = s.Balancer.reveals()
			n.Peers = append(n.Peers, p)
		}
		t.add(plan, n)
	}
	t.behind()
	if !s.Balancer.Moves() {
		return
	}
	for _, name := range t.Entries {
		n := t.Node(name)
		for _, other := range t.Entries {
			if other != name {
				n.Peers = append(n.Peers, t.peer(*n, other, network.Config{}))
			}
		}
	}
}

// isBalancer reports whether the name is one of a balancer, here or in the scenario as
// written.
func (c *checker) isBalancer(name string) bool {
	return name == nameBalancer || slices.Contains(c.s.balancerNames(), name) ||
		c.r.base != nil && slices.Contains(c.r.base.balancerNames(), name)
}

// several reports whether requests reach the origin over one of several balancers.
func (t *Topology) several() bool { return len(t.Entries) > 1 }

// entries are the nodes that a name of a parent stands for: the origin's first node
// stands for all balancers.
func (t *Topology) entries(parent string) []string {
	if parent == t.Entry {
		return t.Entries
	}
	return []string{parent}
}

// entryWords says where the origin is reached.
func (t *Topology) entryWords() string {
	if t.several() {
		return fmt.Sprintf("one of %d balancers", len(t.Entries))
	}
	return t.Entry
}

// parentsOf are the parents of a cache, without the further balancers of the origin.
func (t *Topology) parentsOf(node *Node) (names []string) {
	for _, p := range node.Peers {
		if !slices.Contains(t.Entries[1:], p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// around is what stands around the pool of the balancer of a name.
func (t *Topology) around(name string) balance.Around {
	a := balance.Around{RTT: t.RTT}
	if t.several() {
		a.Peer = balance.Peer{Index: slices.Index(t.Entries, name), Count: len(t.Entries)}
	}
	a.Zone = t.Node(name).Zone
	switch {
	case a.Zone == "":
	case t.Scenario.Balancer.Moves():
		a.Zones = []string{a.Zone} // one has all requests
	default:
		a.Zones = t.Scenario.Balancer.Zones
	}
	return a
}

// balancerNode builds a balancer: of several one that knows the others.
func (t *Topology) balancerNode(site sim.Site, name string) sim.Handler {
	b := t.balancer(site, name)
	if !t.several() {
		return b
	}
	c := t.Scenario.Balancer.Config
	number := slices.Index(t.Entries, name)
	peers := make([]sim.Handler, len(t.Entries))
	for i, other := range t.Entries {
		if i != number && c.Moves() {
			peers[i] = site.Dial(other)
		}
	}
	first := t.Scenario.Holder == "" && number == c.First() // who comes back stands by at first
	return pair.NewNode(site.Env, c, number, first, b, peers)
}

// holder is the number of the balancer that the network knows to have the address.
func (t *Topology) holder() int {
	if i := slices.Index(t.Entries, t.Scenario.Holder); i >= 0 {
		return i
	}
	return t.Scenario.Balancer.First()
}

// approach is the network before several balancers, as a node or the driver has it.
func (t *Topology) approach(env *sim.Env, dial func(name string) sim.Handler) *pair.Approach {
	var watch []sim.Handler
	if !t.Scenario.Balancer.Moves() {
		for _, name := range t.Entries {
			watch = append(watch, dial(name))
		}
	}
	return pair.New(env, t.Scenario.Balancer.Config, t.holder(), watch)
}

// parent is a cache's way to a parent, over the approach where that is several
// balancers.
func (c *cached) parent(t *Topology, site sim.Site, name string) sim.Handler {
	if !t.several() || name != t.Entry {
		return site.Dial(name)
	}
	c.approach = t.approach(site.Env, site.Dial).Alone()
	var links []sim.Handler
	for _, name := range t.Entries {
		links = append(links, site.Dial(name))
	}
	return c.approach.Ways(links)
}

// networkBefore is the network before the balancers that clients reach without a CDN.
type networkBefore struct {
	env      *sim.Env
	approach *pair.Approach
}

// before makes the network that clients have before several balancers.
func (d *driver) before() {
	if !d.t.reached() {
		return
	}
	env := sim.NewEnv(d.e, nameNetwork, d.written.Seed, d.note)
	at := d.t.Node(d.t.Entry)
	d.network = &networkBefore{env, d.t.approach(env, func(name string) sim.Handler {
		p := d.t.peer(Node{Name: nameNetwork, Place: at.Place}, name, network.Config{})
		return d.w.dial(nameNetwork, name, p, at.Addr)
	})}
}

// reached reports whether clients themselves reach several balancers.
func (t *Topology) reached() bool { return t.several() && !t.Scenario.edgeOn() }

// ways are the links of a group's address, where the target is several balancers.
func (d *driver) ways(c *crowd, dial func(Peer) sim.Handler) sim.Handler {
	if len(c.peers) == 1 {
		return dial(c.peers[0])
	}
	var links []sim.Handler
	for _, p := range c.peers {
		links = append(links, dial(p))
	}
	return d.network.approach.Ways(links)
}

// count tells the network's counters.
func (n *networkBefore) count(f func(node, counter string, total int64)) {
	if n == nil {
		return
	}
	for _, c := range n.env.Counters() {
		f(nameNetwork, c.Name, c.N)
	}
}

// hold has everybody know who has the address.
func (d *driver) hold(balancer string) {
	if !d.finished && d.t.Scenario.Holder != balancer {
		d.change(func(s *Scenario) { s.Holder = balancer })
	}
}

// balancersWords says how several balancers stand to each other, for a drawing.
func (t *Topology) balancersWords() []string {
	if !t.several() {
		return nil
	}
	c := t.Scenario.Balancer.Config
	switch {
	case c.Moves():
		v := c.VRRP
		return []string{fmt.Sprintf("%s, one address (VRRP): adverts every %v, taken over after three and a skew", many(c.Count, "balancer"), brief(v.Interval))}
	case c.Spread == pair.SpreadDNS:
		next := "a client that is refused waits for its resolver"
		if *c.DNS.TryNext {
			next = "a client that is refused tries the next"
		}
		return []string{fmt.Sprintf("%s by DNS: an address is held for %v; not told after %d failed checks, every %v; %s",
			many(c.Count, "balancer"), brief(c.DNS.TTL), c.DNS.Fall, brief(c.DNS.Interval), next)}
	}
	how := "modulo"
	if c.ECMP.Resilient {
		how = "resilient"
	}
	return []string{fmt.Sprintf("%s by ECMP (%s): a route goes after %d missed hellos, every %v",
		many(c.Count, "balancer"), how, c.ECMP.Multiplier, brief(c.ECMP.Interval))}
}
