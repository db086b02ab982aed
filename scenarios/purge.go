// Purging from outside: a request to each PoP, from where the site is.
package scenarios

import (
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/fault"
)

const (
	// controlID keeps the numbers of these requests apart from the users'.
	controlID = 1<<63 | 1<<62
	// purgeAgain is how long after a purge that failed the next is sent: a PoP that
	// did not hear of it would answer with what nobody should see any more.
	purgeAgain = time.Second
)

// controlHeader is that of requests by whoever runs the site.
var controlHeader = map[string][]string{"User-Agent": {"cdnlab-control"}}

// Purge implements fault.Actor.
func (f *faults) Purge(pop, paths string) {
	for _, p := range f.d.t.pops() {
		if pop == "" || pop == p.Name {
			f.d.tell(p.Name, sim.EventPurging, paths, "")
			f.d.purge(p.Name, paths)
		}
	}
}

// purge tells a PoP to forget, until it has heard.
func (d *driver) purge(pop, paths string) {
	d.purges++
	req := &sim.Request{ID: controlID | d.purges, Control: true, Method: "PURGE", Scheme: d.scheme, Host: siteHost,
		Path: paths, Header: controlHeader, Place: d.t.Node(d.t.Entry).Place, Addr: d.t.Node(d.t.Entry).Addr}
	d.control(pop).Serve(req, func(resp *sim.Response) {
		resp.OnEnd(func(c sim.Cause, _ int64) {
			if c != sim.OK && !d.finished {
				d.e.After(purgeAgain, func() { d.purge(pop, paths) })
			}
		})
	})
}

// controlled makes the links that purges need, so that a fault can befall them
// before they are used.
func (d *driver) controlled(events []fault.Config) {
	if slices.ContainsFunc(events, func(e fault.Config) bool { return e.Do == "purge" }) {
		for _, p := range d.t.pops() {
			d.control(p.Name)
		}
	}
}

// control returns the link from the site to a PoP.
func (d *driver) control(pop string) sim.Handler {
	if d.controls[pop] == nil {
		p := d.controlPeer(pop)
		d.controls[pop] = d.w.dial(d.t.Entry, pop, p, d.t.Node(d.t.Entry).Addr)
	}
	return d.controls[pop]
}

// controlPeer is a PoP as seen from the site: as far as the site from there.
func (d *driver) controlPeer(pop string) Peer {
	p := d.t.Node(pop).Peers[0]
	p.Name = pop
	return p
}

// pops returns the nodes that are PoPs, in the order of the scenario.
func (t *Topology) pops() []*Node {
	var all []*Node
	if t.Scenario.edgeOn() {
		for _, p := range t.Scenario.PoPs {
			all = append(all, t.Node(p.Name))
		}
	}
	return all
}
