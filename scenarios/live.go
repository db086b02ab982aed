// Playing a variant in the live world.
package scenarios

import (
	"cmp"
	"context"
	"net/netip"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// liveWorld is the live world as the driver sees it.
type liveWorld struct {
	*live.World
}

func (l liveWorld) engine() *sim.Engine { return l.Node.Engine() }

// settle is as long in both worlds, so that content of the warm-up is as old, for
// as long as the nodes' counters come as often.
func (l liveWorld) settle() time.Duration { return max(settle, l.Node.Wall().SnapshotEvery()*5/2) }

func (l liveWorld) dial(from, to string, p Peer, addr netip.Addr) sim.Handler {
	return l.Dial(from, to, p.Path, p.Conns, addr)
}

// Change implements world.
func (l liveWorld) Change(node string, t *Topology) {
	l.World.Change(t.Node(node).live(t.Scenario))
}

// sample has nothing to do: nodes tell their counters themselves.
func (l liveWorld) sample(func(node, counter string, total int64)) {}

// watchEvery is how often the progress of a live run is looked at.
const watchEvery = 200 * time.Millisecond

// livePlay is one variant being played by real processes.
type livePlay struct {
	t      *Topology
	seed   uint64
	speed  float64
	kernel bool // the kernel's own TCP plays the paths
	w      *live.World
	d      *driver
	rec    *report.Recorder
	ended  chan struct{} // closed when the last request has ended
	failed chan error
}

// playLive plays a variant by real processes on loopback.
func playLive(ctx context.Context, t *Topology, plan report.Plan, o Options, watch func(*driver)) (*report.Run, error) {
	p := newLivePlay(t, plan, 0)
	p.kernel = o.Kernel
	w, err := p.open(o.Command, nil)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Start(ctx, p.specs()); err != nil {
		return nil, err
	}
	pressure := startPressure()
	w.Node.Do(func() {
		p.d = newDriver(t, liveWorld{w}, p.rec, plan.Seed)
		p.d.rtts = newRoundTrips()
		p.d.purged = o.Control != nil
		p.d.done = func() { close(p.ended) }
		p.d.run()
	})
	leave := o.Control.enter(p)
	complete, err := p.wait(ctx, watch)
	leave()
	if err = cmp.Or(err, p.d.err); err != nil {
		return nil, err
	}
	share := pressure.share()
	w.Quit() // the nodes tell their last numbers
	var run *report.Run
	w.Node.Do(func() {
		end := sim.Time(t.Scenario.Duration)
		if !complete {
			end = p.d.now()
		}
		p.d.sample()
		run = p.rec.Finish(end, complete)
	})
	run.Receipt = p.receipt(share)
	return run, nil
}

// newLivePlay prepares a play at a speed; 0 is the scenario's own.
func newLivePlay(t *Topology, plan report.Plan, speed float64) *livePlay {
	return &livePlay{t: t, seed: plan.Seed, speed: cmp.Or(speed, t.Scenario.Speed), rec: report.NewRecorder(plan),
		ended: make(chan struct{}), failed: make(chan error, 1)}
}

// open makes the world: its processes do not run yet. steps takes the steps of
// traced requests.
func (p *livePlay) open(command []string, steps func(sim.Step)) (w *live.World, err error) {
	p.w, err = live.NewWorld(live.Config{Command: command, Seed: p.seed, Speed: p.speed, Kernel: p.kernel, Secure: p.t.Scenario.secure(), Sink: p.note, Counts: p.counts,
		Failed: p.fail, Steps: steps})
	return p.w, err
}

func (p *livePlay) specs() []live.NodeSpec {
	var specs []live.NodeSpec
	for _, n := range p.t.Nodes {
		specs = append(specs, n.live(p.t.Scenario))
	}
	return specs
}

// live is the node as the live world wants to know it.
func (n *Node) live(s *Scenario) live.NodeSpec {
	told := NodeSpec{Name: n.Name, Scenario: s}
	if s.recorded() && n.Kind == report.KindApp {
		told.Trace = s.trace.at
	}
	spec := live.NodeSpec{Name: n.Name, Addr: n.Addr, Spec: told, Restart: n.Restart, Late: n.Late, Relays: n.Relays, Behind: n.Behind, Revealed: s.Balancer.reveals(), Datagrams: s.datagrams()}
	for _, peer := range n.Peers {
		spec.Peers = append(spec.Peers, live.NodePeer{Name: peer.Name, Path: peer.Path, Conns: peer.Conns, Relays: peer.Relays, Reveals: peer.Reveals})
	}
	return spec
}

func (p *livePlay) note(e sim.Event) {
	if p.d != nil {
		p.d.note(e)
	}
}

func (p *livePlay) counts(at sim.Time, node string, totals map[string]int64) {
	if p.d == nil {
		return
	}
	p.d.scaler.heard(node, at)
	for name, n := range totals { // each is recorded by its name: any order will do
		p.d.count(node, name, n)
	}
}

func (p *livePlay) fail(err error) {
	if err == nil {
		return
	}
	select {
	case p.failed <- err:
	default: // the first is the cause
	}
}

// wait waits for the end of the run, and shows how far it is. It reports
// whether the run was complete.
func (p *livePlay) wait(ctx context.Context, watch func(*driver)) (bool, error) {
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	for {
		select {
		case <-p.ended:
			return true, nil
		case err := <-p.failed:
			return false, err
		case <-look.C:
			p.w.Node.Do(func() { watch(p.d) })
		case <-ctx.Done():
			p.w.Node.Do(func() {
				p.d.finished = true
				p.d.recording.close()
			})
			return false, nil
		}
	}
}
