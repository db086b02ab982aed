// Distances: the round-trip time between any two ends of a scenario.
package scenarios

import (
	"fmt"
	"time"

	"cdnlab/geo"
	"cdnlab/sim/network"
)

// way is a path as who dials sees it, and how its round-trip time is known: in a
// word, and more exactly.
type way struct {
	network.Leg
	known, how string
}

// ownLink and sameRoom are what the scenario and the machine room say; the rest
// is the atlas's.
const (
	ownLink   = "own link"
	sameRoom  = "same room"
	otherZone = "other zone"
)

// sources are the atlas's ways of knowing, for people.
var sources = [...]way{
	geo.SameMetro:       {known: "assumed", how: "same metro"},
	geo.Measured:        {known: "measured"},
	geo.ThirdRegion:     {known: "modelled", how: "over a third region"},
	geo.Anchors:         {known: "modelled", how: "from regions nearby"},
	geo.ContinentFactor: {known: "modelled", how: "from distance"},
}

// distances answers from the scenario's own links first, then from the atlas.
type distances struct {
	links []LinkSpec
	known map[string]geo.Place
	pops  map[string]string // the PoP of each PoP's servers, and shields
	zones map[string]string // of each node that has one

	zoneRTT time.Duration
}

func newDistances(s *Scenario) (*distances, error) {
	d := &distances{links: s.Links, known: map[string]geo.Place{}, pops: map[string]string{}, zones: s.zoneOf()}
	if s.Origin.ZoneRTT != nil {
		d.zoneRTT = *s.Origin.ZoneRTT
	}
	for _, p := range s.Places {
		d.known[p.Name] = geo.Place{Name: p.Name, Code: p.Name, Lat: p.Lat, Lon: p.Lon}
	}
	names := []string{s.Origin.Place}
	for _, c := range s.Clients {
		names = append(names, c.Place)
	}
	for i := range s.PoPs {
		p := &s.PoPs[i]
		names = append(names, p.Place)
		d.pops[p.Name] = p.Name
		for _, server := range s.cacheServers(p) {
			d.pops[server] = p.Name
		}
	}
	for _, v := range s.Shields {
		names = append(names, v.Place)
		d.pops[v.Name] = v.Name
	}
	for _, v := range s.Servers {
		names = append(names, v.Place)
	}
	for _, name := range names {
		if _, own := d.known[name]; own {
			continue
		}
		p, err := geo.Find(name)
		if err != nil {
			return nil, err
		}
		d.known[name] = p
	}
	return d, nil
}

// end is one end of a path: a node or a group of clients, and where it is.
type end struct{ name, place string }

// names are what a [[link]] may call it, the most exact first: a cache server goes
// by its PoP's name too, a server by its zone's.
func (d *distances) names(e end) []string {
	if zone := d.zones[e.name]; zone != "" {
		return []string{e.name, zone, e.place}
	}
	if pop := d.pops[e.name]; pop != "" && pop != e.name {
		return []string{e.name, pop, e.place}
	}
	return []string{e.name, e.place}
}

// nodes returns the way from a node to another. Nodes of the origin in one
// place share a machine room: 0, or in the live world what loopback takes
// (about 0.1 ms); in two zones of it they are origin.zone-rtt apart. So do a PoP's servers, behind its balancer. Everyone else in one
// place is a metro's way apart.
func (d *distances) nodes(from, place string, to *Node) way {
	w := way{known: sameRoom}
	switch {
	case d.pops[from] != "" && d.pops[from] == d.pops[to.Name]:
		w.RTT = roomRTT
	case place != to.Place || d.pops[from] != "" || d.pops[to.Name] != "":
		w = d.atlas(place, to.Place)
	case d.zones[from] != d.zones[to.Name] && d.zones[from] != "" && d.zones[to.Name] != "":
		w = way{known: otherZone}
		w.RTT = d.zoneRTT
	}
	return d.own(w, end{from, place}, end{to.Name, to.Place})
}

// clients returns the way from a group of clients to a node.
func (d *distances) clients(c *Clients, to *Node) way {
	return d.own(d.atlas(c.Place, to.Place), end{c.ID, c.Place}, end{to.Name, to.Place})
}

// between returns the way from place to place.
func (d *distances) between(a, b string) way {
	return d.own(d.atlas(a, b), end{place: a}, end{place: b})
}

// own puts what a [[link]] says of a way in the place of what else is known of it.
// Each end goes by its name or its place; a name is nearer the matter than a place.
// A round-trip time that the nearest link leaves out, another may say.
func (d *distances) own(w way, a, b end) way {
	found := false
	for _, try := range d.tries(a, b) {
		leg, ok := d.link(try[0], try[1])
		switch {
		case !ok:
			continue
		case !found && leg.RTT == 0:
			leg.RTT = w.RTT
			w.Leg, found = leg, true
			continue
		case !found:
			w.Leg = leg
		case leg.RTT > 0:
			w.RTT = leg.RTT
		default:
			continue
		}
		w.known, w.how = ownLink, ""
		return w
	}
	return w
}

// tries are the pairs of names under which a way may have a [[link]].
func (d *distances) tries(a, b end) (all [][2]string) {
	for _, from := range d.names(a) {
		for _, to := range d.names(b) {
			all = append(all, [2]string{from, to})
		}
	}
	return all
}

// link looks for a [[link]] between two ends, and turns it when who dials is its
// far end.
func (d *distances) link(a, b string) (network.Leg, bool) {
	if a == "" || b == "" {
		return network.Leg{}, false
	}
	for _, l := range d.links {
		switch {
		case l.From == a && l.To == b:
			return l.Leg, true
		case l.From == b && l.To == a:
			return l.Turned(), true
		}
	}
	return network.Leg{}, false
}

// atlas returns the way from place to place as the atlas has it.
func (d *distances) atlas(a, b string) way {
	pa, okA := d.known[a]
	pb, okB := d.known[b]
	if !okA || !okB {
		panic(fmt.Sprintf("scenarios: no place %q or %q", a, b))
	}
	rtt, source := geo.RTT(pa, pb)
	w := sources[source]
	w.RTT = rtt
	return w
}
