// Overlap: faults that act on the same thing at the same time.
package fault

import (
	"cdnlab/sim/check"
	"cdnlab/sim/inject"
)

// Overlap stands between faults and a World and adds up what several do to one
// node or link, so that the end of one does not heal what another broke. Each
// fault gets a World of its own from For.
type Overlap struct {
	world World
	nodes []*nodeState
	links []*linkState
}

// NewOverlap returns an Overlap before a World that nothing is wrong with.
func NewOverlap(w World) *Overlap { return &Overlap{world: w} }

// For returns the World of one fault; owner is a number of its own.
func (o *Overlap) For(owner int) World { return share{o, owner} }

// nodeState is what faults did to a node. The lists are short, as few faults
// overlap, and kept in order of beginning so that sums come out the same.
type nodeState struct {
	name          string
	crashed, hung int // by how many faults
	drained       int // by how many actions
	slow          []slowed
}

type slowed struct {
	owner  int
	factor float64
}

type linkState struct {
	from, to string // as in the first fault that named them
	changes  []changed
}

type changed struct {
	owner int
	c     Change
}

func (o *Overlap) node(name string) *nodeState {
	for _, n := range o.nodes {
		if n.name == name {
			return n
		}
	}
	n := &nodeState{name: name}
	o.nodes = append(o.nodes, n)
	return n
}

// link finds a link by its ends, in either order; turned says that it is the other.
func (o *Overlap) link(from, to string) (l *linkState, turned bool) {
	for _, l := range o.links {
		if l.from == from && l.to == to {
			return l, false
		}
		if l.from == to && l.to == from {
			return l, true
		}
	}
	l = &linkState{from: from, to: to}
	o.links = append(o.links, l)
	return l, false
}

// share is one fault's view.
type share struct {
	o     *Overlap
	owner int
}

var _ World = share{}

func (s share) Zone(zone string) []string { return s.o.world.Zone(zone) }

func (s share) Crash(node string) {
	n := s.o.node(node)
	n.crashed++
	if n.crashed == 1 {
		s.o.world.Crash(node)
	}
}

// Restart also takes up a hang that is not over: the new process is stopped as
// the one before it was.
func (s share) Restart(node string) {
	n := s.o.node(node)
	n.crashed--
	if n.crashed > 0 {
		return
	}
	s.o.world.Restart(node)
	if n.hung > 0 {
		s.o.world.Hang(node)
	}
}

func (s share) Hang(node string) {
	n := s.o.node(node)
	n.hung++
	if n.hung == 1 && n.crashed == 0 {
		s.o.world.Hang(node)
	}
}

func (s share) Resume(node string) {
	n := s.o.node(node)
	n.hung--
	if n.hung == 0 && n.crashed == 0 {
		s.o.world.Resume(node)
	}
}

func (s share) Slow(node string, factor float64) {
	n := s.o.node(node)
	kept := n.slow[:0]
	for _, x := range n.slow {
		if x.owner != s.owner {
			kept = append(kept, x)
		}
	}
	if factor != 1 {
		kept = append(kept, slowed{s.owner, factor})
	}
	n.slow = kept
	product := 1.0
	for _, x := range kept {
		product *= x.factor
	}
	s.o.world.Slow(node, product)
}

func (s share) Link(from, to string, c Change) {
	l, turned := s.o.link(from, to)
	if turned {
		c = c.Turned()
	}
	kept := l.changes[:0]
	for _, x := range l.changes {
		if x.owner != s.owner {
			kept = append(kept, x)
		}
	}
	if c != (Change{}) {
		kept = append(kept, changed{s.owner, c})
	}
	l.changes = kept
	var all Change
	for _, x := range kept {
		all = all.And(x.c)
	}
	s.o.world.Link(l.from, l.to, all)
}

// Inject and Heal add nothing up: a node follows every rule on its own. The
// owner is who the rule is.
func (s share) Inject(r inject.Rule, says string) {
	r.Event = s.owner
	s.o.world.Inject(r, says)
}

func (s share) Heal(r inject.Rule, says string) {
	r.Event = s.owner
	s.o.world.Heal(r, says)
}

// Drain adds up: a server is drained as long as anyone wants it to be.
func (s share) Drain(server string, on bool) {
	n := s.o.node(server)
	before := n.drained > 0
	if on {
		n.drained++
	} else {
		n.drained--
	}
	if after := n.drained > 0; after != before {
		s.o.world.Drain(server, after)
	}
}

// The other actions do not add up: the scenario says what they come to together.

func (s share) Deploy()                           { s.o.world.Deploy() }
func (s share) Release()                          { s.o.world.Release() }
func (s share) Roll(r Rollout)                    { s.o.world.Roll(r) }
func (s share) Purge(pop string, p Purge)         { s.o.world.Purge(pop, p) }
func (s share) Warm(pop, paths string)            { s.o.world.Warm(pop, paths) }
func (s share) AddServer(server string)           { s.o.world.AddServer(server) }
func (s share) RemoveServer(server string)        { s.o.world.RemoveServer(server) }
func (s share) Weight(server string, weight int)  { s.o.world.Weight(server, weight) }
func (s share) Set(keys []check.Setting, on bool) { s.o.world.Set(keys, on) }
