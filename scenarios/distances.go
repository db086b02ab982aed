// Distances: the round-trip time between any two ends of a scenario.
package scenarios

import (
	"fmt"
	"time"

	"cdnlab/geo"
)

// way is a round-trip time and how it is known: in a word, and more exactly.
type way struct {
	rtt        time.Duration
	known, how string
}

// ownLink and sameRoom are what the scenario and the machine room say; the rest
// is the atlas's.
const (
	ownLink  = "own link"
	sameRoom = "same room"
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
	pops  map[string]bool
}

func newDistances(s *Scenario) (*distances, error) {
	d := &distances{links: s.Links, known: map[string]geo.Place{}, pops: map[string]bool{}}
	for _, p := range s.Places {
		d.known[p.Name] = geo.Place{Name: p.Name, Code: p.Name, Lat: p.Lat, Lon: p.Lon}
	}
	names := []string{s.Origin.Place}
	for _, c := range s.Clients {
		names = append(names, c.Place)
	}
	for _, p := range s.PoPs {
		names = append(names, p.Place)
		d.pops[p.Name] = true
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

// nodes returns the way from a node to another. Nodes of the origin in one
// place share a machine room: 0, or in the live world what loopback takes
// (about 0.1 ms). Everyone else in one place is a metro's way apart.
func (d *distances) nodes(from, place string, to *Node) way {
	if rtt, ok := d.own(from, place, to.Name, to.Place); ok {
		return way{rtt: rtt, known: ownLink}
	}
	if place == to.Place && !d.pops[from] && !d.pops[to.Name] {
		return way{known: sameRoom}
	}
	return d.between(place, to.Place)
}

// clients returns the way from a group of clients to a node.
func (d *distances) clients(c *Clients, to *Node) way {
	if rtt, ok := d.own(c.ID, c.Place, to.Name, to.Place); ok {
		return way{rtt: rtt, known: ownLink}
	}
	return d.between(c.Place, to.Place)
}

// own looks for a [[link]] between two ends, each known by its name or its
// place; a name is nearer the matter than a place.
func (d *distances) own(a, placeA, b, placeB string) (time.Duration, bool) {
	for _, try := range [][2]string{{a, b}, {a, placeB}, {placeA, b}, {placeA, placeB}} {
		for _, l := range d.links {
			if l.From == try[0] && l.To == try[1] || l.From == try[1] && l.To == try[0] {
				return l.RTT, true
			}
		}
	}
	return 0, false
}

// between returns the way from place to place.
func (d *distances) between(a, b string) way {
	for _, l := range d.links {
		if l.From == a && l.To == b || l.From == b && l.To == a {
			return way{rtt: l.RTT, known: ownLink}
		}
	}
	pa, okA := d.known[a]
	pb, okB := d.known[b]
	if !okA || !okB {
		panic(fmt.Sprintf("scenarios: no place %q or %q", a, b))
	}
	rtt, source := geo.RTT(pa, pb)
	w := sources[source]
	w.rtt = rtt
	return w
}
