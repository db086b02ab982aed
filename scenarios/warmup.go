// The warm-up: every object asked for at every PoP before the load begins, or
// when somebody says so. What a PoP asks its shield for warms that too.
package scenarios

import (
	"fmt"

	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/load"
)

const (
	// warmAtOnce is how many requests a warm-up has under way at a PoP.
	warmAtOnce = 16
	// maxWarm bounds the objects asked for: the hottest of each catalog entry, the first
	// ones of a trace.
	maxWarm = 100_000
	// warmID keeps the warm-up's requests apart from the users', and who makes them
	// from every user.
	warmID = 1 << 63
)

// warmup asks by real requests, so that both worlds store what they would store
// of a user's.
type warmup struct {
	d      *driver
	number uint64 // of the run's warm-ups, from 0
	paths  []load.Object
	left   int // PoPs not yet warm
	then   func()
}

// newWarmup returns a warm-up with the paths that an event's paths cover.
func newWarmup(d *driver, paths string, then func()) *warmup {
	w := &warmup{d: d, number: d.warmups, then: then}
	d.warmups++
	if d.content.Recorded() {
		for n := 1; n <= min(d.content.Len(), maxWarm); n++ {
			if o := d.content.Numbered(int32(n)); fault.Covers(paths, d.content.Path(o)) {
				w.paths = append(w.paths, o)
			}
		}
		return w
	}
	entries := d.t.Scenario.Catalog
	each := max(1, maxWarm/len(entries))
	for i, e := range entries {
		for n := 1; n <= min(e.Listed(), each); n++ {
			if o := d.popular(load.Object{Entry: int32(i), Number: int32(n)}); fault.Covers(paths, d.content.Path(o)) {
				w.paths = append(w.paths, o)
			}
		}
	}
	return w
}

// Warm implements fault.Actor.
func (f *faults) Warm(pop, paths string) { newWarmup(f.d, paths, func() {}).run(pop) }

// run asks at a PoP; "" is all of them.
func (w *warmup) run(pop string) {
	var pops []*warmPoP
	nodes := w.d.targets
	if pop != "" {
		nodes = []string{pop}
	}
	if w.d.t.Scenario.edgeOn() {
		nodes = w.d.t.warmed(nodes...)
	}
	for i, name := range nodes {
		p := &warmPoP{w: w, node: w.d.t.Node(name), number: uint64(i)}
		p.link = w.d.w.dial(fmt.Sprintf("warm-up of %s", name), name, Peer{Name: name}, p.node.Addr)
		pops = append(pops, p)
	}
	w.left = len(pops)
	for _, p := range pops {
		p.step()
	}
}

// warmPoP is one PoP's warm-up.
type warmPoP struct {
	w          *warmup
	node       *Node
	number     uint64
	link       sim.Handler
	next, open int
	over       bool
}

func (p *warmPoP) step() {
	for p.open < warmAtOnce && p.next < len(p.w.paths) {
		o := p.w.paths[p.next]
		p.next++
		p.open++
		content := p.w.d.content
		req := &sim.Request{
			ID: warmID | p.w.number<<50 | p.number<<40 | uint64(p.next), Client: warmID,
			Method: content.Method(o), Scheme: p.w.d.scheme, Host: siteHost, Path: p.w.d.path(o),
			Header: userHeader, Place: p.node.Place, Addr: p.node.Addr,
		}
		p.link.Serve(req, func(resp *sim.Response) {
			resp.OnEnd(func(sim.Cause, int64) { p.ended() })
		})
	}
	if p.open == 0 {
		p.warm()
	}
}

func (p *warmPoP) ended() {
	p.open--
	if !p.w.d.finished {
		p.step()
	}
}

// warm is told that nothing is left to ask for.
func (p *warmPoP) warm() {
	if p.over {
		return
	}
	p.over = true
	p.w.d.tell(p.node.Name, sim.EventWarmed, "", fmt.Sprintf("%d objects", len(p.w.paths)))
	p.w.left--
	if p.w.left == 0 {
		p.w.then()
	}
}
