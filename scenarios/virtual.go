// Playing a variant in the virtual world.
package scenarios

import (
	"context"
	"net/netip"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/virtual"
)

// virtualWorld is the virtual world as the driver sees it.
type virtualWorld struct {
	*virtual.World
}

func (v virtualWorld) engine() *sim.Engine   { return v.Engine }
func (v virtualWorld) settle() time.Duration { return settle }

func (v virtualWorld) dial(from, to string, p Peer, addr netip.Addr) sim.Handler {
	return v.Dial(from, to, virtual.Peer{Path: p.Path, Conns: p.Conns, Local: addr})
}

// Change implements world.
func (v virtualWorld) Change(node string, t *Topology) {
	n := t.Node(node)
	v.Rewire(node, n.virtualPeer, n.Restart)
	v.World.Change(node, t.Blueprint(node))
}

// virtualPeer is how the node reaches another in the virtual world.
func (n *Node) virtualPeer(to string) virtual.Peer {
	for _, p := range n.Peers {
		if p.Name == to {
			return virtual.Peer{Path: p.Path, Conns: p.Conns, Local: n.Addr, Reveals: p.Reveals}
		}
	}
	panic("scenarios: " + n.Name + " does not know " + to)
}

func (v virtualWorld) sample(count func(node, counter string, total int64)) {
	for _, h := range v.Hosts() {
		h.Count(func(name string, n int64) { count(h.Name, name, n) })
	}
}

// progressStep is how much virtual time passes between two looks at the
// progress and at whether to stop.
const progressStep = 100 * time.Millisecond

// playVirtual plays a variant in virtual time, in this goroutine.
func playVirtual(ctx context.Context, t *Topology, plan report.Plan, watch func(*driver)) (*report.Run, error) {
	var d *driver
	w := virtual.New(plan.Seed, func(e sim.Event) {
		if d != nil {
			d.note(e)
		}
	})
	addNodes(w, t)
	w.Start()
	rec := report.NewRecorder(plan)
	d = newDriver(t, virtualWorld{w}, rec, plan.Seed)
	d.run()
	for !d.finished {
		if ctx.Err() != nil {
			end := d.now()
			d.finish()
			return rec.Finish(end, false), nil
		}
		w.Engine.Run(w.Engine.Now().Add(progressStep))
		watch(d)
	}
	if d.err != nil {
		return nil, d.err
	}
	d.sample()
	return rec.Finish(sim.Time(t.Scenario.Duration), true), nil
}

// addNodes makes a host for every node. At a speed of 0.1 real nodes have ten
// times as long for their work, and so have these.
func addNodes(w *virtual.World, t *Topology) {
	w.Costs = t.Scenario.CPU.Costs.Scale(t.Scenario.Speed)
	for i := range t.Nodes {
		n := &t.Nodes[i]
		h := w.Add(n.Name, t.Blueprint(n.Name), n.virtualPeer, n.Restart)
		h.Late, h.Cores = n.Late, n.Cores
	}
}
