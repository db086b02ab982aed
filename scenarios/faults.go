// Faults: from the scenario's names to what a world can do.
package scenarios

import (
	"fmt"

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
// group of clients, or a place with all that is there.
func (f *faults) Link(a, b string, c fault.Change) {
	f.tell(a, b, c)
	t := f.d.t
	for _, n := range t.Nodes {
		for _, p := range n.Peers {
			to := t.Node(p.Name)
			if ends(a, b, n.Name, n.Place, to) {
				f.SetLink(n.Name, p.Name, c.Cut, c.Loss, c.Delay)
			}
		}
	}
	for _, crowd := range f.d.crowds {
		if ends(a, b, crowd.g.ID, crowd.g.Place, t.Node(crowd.peer.Name)) {
			f.SetLink(crowd.g.ID, crowd.peer.Name, c.Cut, c.Loss, c.Delay)
		}
	}
	for _, p := range t.pops() {
		if f.d.controls[p.Name] != nil && ends(a, b, t.Entry, t.Node(t.Entry).Place, p) {
			f.SetLink(t.Entry, p.Name, c.Cut, c.Loss, c.Delay) // the way of purges
		}
	}
}

func ends(a, b, from, place string, to *Node) bool {
	is := func(name, node, place string) bool { return name == node || name == place }
	return is(a, from, place) && is(b, to.Name, to.Place) || is(b, from, place) && is(a, to.Name, to.Place)
}

func (f *faults) tell(a, b string, c fault.Change) {
	e := sim.Event{At: f.engine().Now(), Node: a, Kind: sim.EventLinkGood, Subject: b}
	if c != (fault.Change{}) {
		e.Kind = sim.EventLinkBad
		switch {
		case c.Cut:
			e.Detail = "cut"
		case c.Loss > 0 && c.Delay > 0:
			e.Detail = fmt.Sprintf("%g %% lost, %v added", 100*c.Loss, c.Delay)
		case c.Loss > 0:
			e.Detail = fmt.Sprintf("%g %% lost", 100*c.Loss)
		default:
			e.Detail = fmt.Sprintf("%v added", c.Delay)
		}
	}
	f.d.note(e)
}
