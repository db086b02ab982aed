// Standing: whether a server's process is to run, when faults and the fleet both
// have a say, and how it joins and leaves.
package scenarios

import (
	"slices"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// standing is how a node stands beside what its scenario says.
type standing struct {
	crashed bool // by a fault that is not over
	away    bool // not added yet, or removed and ended
	joining bool // it is being started, and joins the pool then
	leaving bool // it has left the pool, and finishes what it has
	rolling bool // it is being restarted
	limit   sim.Timer
	idle    map[string]bool // the balancers that have nothing under way there, since it was last drained
	out     map[string]bool // those that have it out of rotation
}

func (d *driver) standing(node string) *standing {
	s := d.standings[node]
	if s == nil {
		s = &standing{away: d.t.Node(node).Late}
		d.standings[node] = s
	}
	return s
}

// Crash implements fault.World.
func (f *faults) Crash(node string) {
	s := f.d.standing(node)
	s.crashed = true
	for _, other := range f.d.standings { // each forgets the same: any order will do
		delete(other.out, node) // a balancer that starts anew takes everyone to be well
	}
	if !s.away {
		f.world.Crash(node)
	}
}

// Restart implements fault.World.
func (f *faults) Restart(node string) {
	s := f.d.standing(node)
	s.crashed = false
	if !s.away {
		f.world.Restart(node)
	}
}

// Hang implements fault.World.
func (f *faults) Hang(node string) {
	if !f.d.standing(node).away {
		f.world.Hang(node)
	}
}

// AddServer implements fault.Actor: the process first, then the pool.
func (f *faults) AddServer(node string) {
	s := f.d.standing(node)
	if s.leaving { // its process has not ended yet
		s.leaving = false
		s.limit.Stop()
		f.d.join(node)
		return
	}
	s.away, s.joining = false, true
	f.d.census.pay(node)
	f.d.renewed(node)
	if !s.crashed { // else it starts when the fault is over
		f.world.Restart(node)
	}
}

// RemoveServer implements fault.Actor.
func (f *faults) RemoveServer(node string) {
	d, s := f.d, f.d.standing(node)
	if s.joining {
		s.joining = false
		d.dismiss(node)
		return
	}
	s.leaving, s.idle = true, nil
	d.census.left()
	s.limit = d.e.After(max(fault.Grace, d.t.Scenario.Balancer.DrainTimeout), func() { d.dismiss(node) })
	d.tell(node, sim.EventRemoved, "", "")
	d.change(func(s *Scenario) { s.server(node).Absent = true })
}

// heed takes from what nodes note what somebody waits for. What follows comes
// after what is going on.
func (d *driver) heed(e sim.Event) {
	if v := d.supervisors[e.Node]; v != nil {
		v.heed(e.Kind)
	}
	switch {
	case e.Kind == sim.EventTookOver || e.Kind == sim.EventAnnounced:
		d.e.After(0, func() { d.hold(e.Node) })
	case e.Kind == sim.EventStarted && d.standings[e.Node] != nil && d.standings[e.Node].joining:
		d.e.After(0, func() {
			switch s := d.standing(e.Node); {
			case !s.joining:
			case d.scaler.unwanted(e.Node):
				s.joining = false
				d.dismiss(e.Node)
			default:
				s.joining = false
				d.join(e.Node)
			}
		})
	case e.Kind == sim.EventDrained && d.standings[e.Subject] != nil:
		put(&d.standing(e.Subject).idle, e.Node)
		d.e.After(0, func() {
			if d.standing(e.Subject).leaving && d.idle(e.Subject) {
				d.dismiss(e.Subject)
			}
		})
	case e.Kind == sim.EventDown && d.t.Has(e.Subject):
		put(&d.standing(e.Subject).out, e.Node)
	case e.Kind == sim.EventUp && d.t.Has(e.Subject):
		delete(d.standing(e.Subject).out, e.Node)
	}
	if len(d.rollouts) > 0 {
		d.e.After(0, func() {
			for _, r := range slices.Clone(d.rollouts) {
				r.heed(e)
			}
		})
	}
}

func put(set *map[string]bool, node string) {
	if *set == nil {
		*set = map[string]bool{}
	}
	(*set)[node] = true
}

// idle reports whether no balancer that runs has anything under way at a server that
// gets nothing new.
func (d *driver) idle(server string) bool {
	for _, n := range d.t.Nodes {
		if n.Kind == report.KindBalancer && !d.standing(n.Name).crashed && !d.standing(server).idle[n.Name] {
			return false
		}
	}
	return true
}

// out reports whether a balancer that runs has a server out of rotation.
func (d *driver) out(server string) bool {
	for _, n := range d.t.Nodes {
		if n.Kind == report.KindBalancer && !d.standing(n.Name).crashed && d.standing(server).out[n.Name] {
			return true
		}
	}
	return false
}

// join takes a server that runs into the pool.
func (d *driver) join(node string) {
	if d.finished {
		return
	}
	d.tell(node, sim.EventAdded, "", "")
	d.change(func(s *Scenario) { s.server(node).Absent = false })
	d.census.joined()
	d.scaler.joined(node)
}

// dismiss ends the process of a server that is in no pool.
func (d *driver) dismiss(node string) {
	s := d.standing(node)
	s.leaving, s.away = false, true
	s.limit.Stop()
	d.census.spare(node)
	if !s.crashed && !d.finished {
		d.w.Stop(node)
	}
}
