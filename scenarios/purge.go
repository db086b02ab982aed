// Purging from outside: a request to each PoP, from where the site is.
package scenarios

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cdnlab/edge"
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
func (f *faults) Purge(pop string, p fault.Purge) {
	asks := f.d.purgeRequest(p)
	says := edge.ReadPurge(&asks).Says
	for _, n := range f.d.t.caches() {
		if pop == "" || pop == n.Name {
			f.d.tell(n.Name, sim.EventPurging, says, "")
		}
	}
	f.d.t.outwards(pop, func(name string, then func()) { f.d.purge(name, asks, then) })
}

// purgeRequest is what PoPs are asked: as anybody who may would ask one.
func (d *driver) purgeRequest(p fault.Purge) sim.Request {
	req := sim.Request{Control: true, Method: edge.MethodPurge, Scheme: d.scheme, Host: siteHost, Path: p.Paths,
		Header: maps.Clone(controlHeader), Place: d.t.Node(d.t.Entry).Place, Addr: d.t.Node(d.t.Entry).Addr}
	switch {
	case p.All:
		req.Path = "*"
	case len(p.Tags) > 0:
		req.Path, req.Header["Surrogate-Key"] = "/", []string{strings.Join(p.Tags, " ")}
	case p.Host != "":
		req.Host = p.Host
	}
	if p.Soft {
		req.Header[edge.SoftPurge] = []string{"1"}
	}
	return req
}

// purge tells a PoP to forget, until it has heard, and then does what comes then.
func (d *driver) purge(pop string, asks sim.Request, then func()) {
	d.purges++
	asks.ID = controlID | d.purges
	d.control(pop).Serve(&asks, func(resp *sim.Response) {
		resp.OnEnd(func(c sim.Cause, _ int64) {
			switch {
			case d.finished:
			case c != sim.OK:
				d.e.After(purgeAgain, func() { d.purge(pop, asks, then) })
			default:
				then()
			}
		})
	})
}

// controlled makes the links that purges need, so that a fault can befall them
// before they are used.
func (d *driver) controlled(events []fault.Config) {
	if slices.ContainsFunc(events, func(e fault.Config) bool { return e.Do == "purge" }) {
		for _, p := range d.t.caches() {
			d.control(p.Name)
		}
	}
}

// control returns the link from the site to a PoP or shield.
func (d *driver) control(pop string) sim.Handler {
	if d.controls[pop] == nil {
		p := d.controlPeer(pop)
		d.controls[pop] = d.w.dial(d.t.Entry, pop, p, d.t.Node(d.t.Entry).Addr)
	}
	return d.controls[pop]
}

// controlPeer is a PoP as seen from the site: as far as the site from there, be
// there a shield between them or not.
func (d *driver) controlPeer(pop string) Peer {
	p := d.t.peer(*d.t.Node(pop), d.t.Entry, d.t.Scenario.Edge.Conns)
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
