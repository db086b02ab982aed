// Zones: data centres of one place, near each other but with power and network of
// their own.
package scenarios

import (
	"fmt"
	"slices"
	"time"
)

// zoneRTT is between two zones of one place, there and back: clouds promise less than 2
// ms, and most pairs measure 0.5 to 1.5.
const zoneRTT = time.Millisecond

// zoneOf returns the zone of each node that has one.
func (s *Scenario) zoneOf() map[string]string {
	of := map[string]string{}
	for _, v := range s.Servers {
		if v.Zone != "" {
			of[v.Name] = v.Zone
		}
	}
	for i, name := range s.balancerNames() {
		if i < len(s.Balancer.Zones) && s.Balancer.Zones[i] != "" {
			of[name] = s.Balancer.Zones[i]
		}
	}
	return of
}

// zones are the names of the zones, sorted.
func (s *Scenario) zones() (names []string) {
	for _, zone := range s.zoneOf() { // sorted below
		names = append(names, zone)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Zone implements fault.World.
func (f *faults) Zone(zone string) (nodes []string) {
	for _, n := range f.d.t.Nodes {
		if n.Zone == zone && !n.Late {
			nodes = append(nodes, n.Name)
		}
	}
	return nodes
}

// zones looks at the zones: their names are ends of links, as those of nodes and
// places are.
func (c *checker) zones(seen func(name string) bool) {
	for _, v := range c.s.Servers {
		c.zone(v.Zone, seen, append(c.server(v.Name), "zone")...)
	}
	for i, zone := range c.s.Balancer.Zones {
		c.zone(zone, seen, "balancer", "zones", i)
	}
	if n, count := len(c.s.Balancer.Zones), len(c.s.balancerNames()); n > 0 && n != count {
		c.add(fmt.Sprintf("are %d, of %s", n, many(count, "balancer")), "", "balancer", "zones")
	}
	if c.s.Balancer.PoolConfig.Zones.On && len(c.s.Balancer.Zones) == 0 {
		c.add("is on, but the balancer is in no zone", `say where it is: balancer.zones = ["a"]`, "balancer", "zone-aware", "on")
	}
}

func (c *checker) zone(zone string, seen func(name string) bool, path ...any) {
	if zone == "" {
		return
	}
	c.name(zone, path...)
	if seen(zone) || slices.ContainsFunc(c.s.Clients, func(g Clients) bool { return g.ID == zone || g.Place == zone }) || c.s.Origin.Place == zone {
		c.add(fmt.Sprintf("%q is the name of something else, too", zone), "give the zone a name of its own", path...)
	}
}

// outage wants the zone of an event to be one, here or in the scenario as written.
func (c *checker) outage(zone string, i int) {
	known := c.s.zones()
	if base := c.r.base; base != nil {
		known = append(known, base.zones()...)
	}
	if zone == "" || slices.Contains(known, zone) || c.lost(named...) {
		return
	}
	c.add(fmt.Sprintf("no node is in a zone %q", zone), `give servers a zone: [[server]] zone = "a"`, "event", i, "zone")
}
