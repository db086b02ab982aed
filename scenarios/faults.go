// Faults: from the scenario's names to what a world can do.
package scenarios

import (
	"fmt"
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// faults is the fault.World of a variant: it knows which ends a name means.
type faults struct {
	world
	d *driver
}

var _ fault.World = (*faults)(nil)

// Link changes every path between two ends, whoever dials: a name is a node, a
// group of clients, a PoP with its servers, or a place with all that is there.
func (f *faults) Link(a, b string, c fault.Change) {
	f.tell(a, b, c)
	t := f.d.t
	set := func(from, to *Node) {
		if from.at(a) && to.at(b) {
			f.SetLink(from.Name, to.Name, c)
		} else if from.at(b) && to.at(a) {
			f.SetLink(from.Name, to.Name, c.Turned())
		}
	}
	for i := range t.Nodes {
		for _, p := range t.Nodes[i].Peers {
			set(&t.Nodes[i], t.Node(p.Name))
		}
	}
	for _, crowd := range f.d.crowds {
		for _, p := range crowd.peers {
			set(&Node{Name: crowd.g.ID, Place: crowd.g.Place}, t.Node(p.Name))
		}
	}
	if f.d.network != nil {
		for _, name := range t.Entries { // the network's own look at them
			set(&Node{Name: nameNetwork, Place: t.Node(name).Place}, t.Node(name))
		}
	}
	for _, p := range t.caches() {
		if f.d.controls[p.Name] != nil { // the way of purges
			set(t.Node(t.Entry), p)
		}
	}
}

// at reports whether an end of a path is at a node: it is the node, its PoP or its
// place.
func (n *Node) at(end string) bool { return n.isOf(end) || n.Place == end }

func (f *faults) tell(a, b string, c fault.Change) {
	e := sim.Event{At: f.engine().Now(), Node: a, Kind: sim.EventLinkGood, Subject: b}
	if c != (fault.Change{}) {
		e.Kind, e.Detail = sim.EventLinkBad, strings.Join(wrong(c), ", ")
	}
	f.d.note(e)
}

// wrong says what is wrong with a link.
func wrong(c fault.Change) []string {
	var all []string
	say := func(is bool, format string, args ...any) {
		if is {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	say(c.CutOut && c.CutBack, "cut")
	say(c.CutOut && !c.CutBack, "cut towards it")
	say(c.CutBack && !c.CutOut, "cut from it")
	say(c.Blackhole, "a black hole for new connections")
	say(c.Reset, "connections are reset")
	say(c.Loss > 0, "%g %% lost", 100*c.Loss)
	say(c.Delay > 0, "%v added", c.Delay)
	say(c.Rate > 0, "throttled to %v", c.Rate)
	say(c.SlowClose > 0, "closes %v late", c.SlowClose)
	return all
}
