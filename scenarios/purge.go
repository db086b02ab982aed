// Purging from outside: a request to each PoP, from where the site is.
package scenarios

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
	"cdnlab/sim"
	"cdnlab/sim/fault"
)

const (
	// controlID keeps the numbers of these requests apart from the users'.
	controlID = 1<<63 | 1<<62
	// purgePatience is how long a cache has to say that it has heard: several times a
	// round trip around the earth with a new connection.
	purgePatience = 2 * time.Second
	// purgeAgain is how long after a purge that failed the next is sent: a PoP that
	// did not hear of it would answer with what nobody should see any more.
	purgeAgain = time.Second
	// purgeFor is how long it is tried. A cache that is cut off for longer has missed
	// the purge and answers with what is old until that expires; who was down comes
	// back without anything stored.
	purgeFor = 30 * time.Second
)

// controlHeader is that of requests by whoever runs the site.
var controlHeader = map[string][]string{"User-Agent": {"cdnlab-control"}}

// Purge implements fault.Actor.
func (f *faults) Purge(pop string, p fault.Purge) {
	for _, asks := range f.d.purgeRequests(p) {
		f.d.spread(pop, asks, "", func(told) {}, func() {})
	}
}

// spreading is a purge on its way to the caches.
type spreading struct {
	d     *driver
	asks  sim.Request
	says  string
	order *edge.Fanout
	until sim.Time // when nobody tries any more
	open  int      // tellings not over
	tell  func(told)
	done  func()
}

// told is what came of telling a cache.
type told struct {
	cache string
	heard bool // it has forgotten; else it has missed the purge
}

// fromOutside is the detail of the events of a purge that is none of the scenario's.
const fromOutside = "asked for from outside"

// spread sends a purge to one PoP or cache, or with "" to all of them, each when it is its
// turn. detail is that of its events, tell is called with what came of each telling, done when that was the last.
func (d *driver) spread(only string, asks sim.Request, detail string, tell func(told), done func()) {
	var names []string
	for _, n := range d.t.caches() {
		if only == "" || n.isOf(only) {
			names = append(names, n.Name)
		}
	}
	s := &spreading{d: d, asks: asks, says: edge.ReadPurge(&asks).Says, until: d.e.Now().Add(purgeFor), tell: tell, done: done}
	s.order = edge.NewFanout(names, func(name string) []string {
		if only != "" {
			return nil
		}
		return d.t.shieldsOf(name)
	})
	for _, name := range names {
		d.tell(name, sim.EventPurging, s.says, detail)
	}
	s.all(s.order.First())
	if s.open == 0 {
		done()
	}
}

func (s *spreading) all(names []string) {
	s.open += len(names)
	for _, name := range names {
		s.send(name)
	}
}

// send tells a cache to forget, until it has heard.
func (s *spreading) send(name string) {
	d := s.d
	d.purges++
	asks, scope := s.asks, &sim.Scope{}
	asks.ID, asks.Scope = controlID|d.purges, scope
	limit := d.e.After(purgePatience, func() { scope.Cancel(sim.TimedOut) })
	d.control(name).Serve(&asks, func(resp *sim.Response) {
		resp.OnEnd(func(c sim.Cause, _ int64) {
			limit.Stop()
			switch {
			case d.finished:
			case c == sim.OK && resp.Status == http.StatusOK:
				s.all(s.order.Heard(name))
				s.over(told{name, true})
			default:
				s.failed(name)
			}
		})
	})
}

// failed goes on without a cache that cannot be told now.
func (s *spreading) failed(name string) {
	d := s.d
	for _, behind := range s.order.Failed(name) {
		s.all([]string{behind})
	}
	if again := d.e.Now().Add(purgeAgain); again < s.until {
		d.e.At(again, func() {
			if !d.finished {
				s.send(name)
			}
		})
		return
	}
	d.tell(name, sim.EventUnpurged, s.says, fmt.Sprintf("tried for %v", purgeFor))
	s.over(told{name, false})
}

func (s *spreading) over(t told) {
	s.open--
	s.tell(t)
	if s.open == 0 {
		s.done()
	}
}

// purgeRequest is a request to a PoP as anybody who may would make it.
func (d *driver) purgeRequest() sim.Request {
	return sim.Request{Control: true, Method: edge.MethodPurge, Scheme: d.scheme, Host: siteHost, Path: "/",
		Header: maps.Clone(controlHeader), Place: d.t.Node(d.t.Entry).Place, Addr: d.t.Node(d.t.Entry).Addr}
}

// purgeRequests are what PoPs are asked for an event.
func (d *driver) purgeRequests(p fault.Purge) []sim.Request {
	if len(p.List) > 0 {
		var targets []cache.Target
		for _, path := range p.List {
			t := cache.Target{Key: cache.Key{Scheme: d.scheme, Host: siteHost, Path: path}}
			t.Path, t.Prefix = strings.CutSuffix(path, "*")
			targets = append(targets, t)
		}
		return d.splitPurge(edge.NewPurging(targets, p.Soft))
	}
	req := d.purgeRequest()
	req.Path = p.Paths
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
	return []sim.Request{req}
}

// splitPurge are as many requests as a purge of many targets takes.
func (d *driver) splitPurge(x edge.Purging) []sim.Request {
	var all []sim.Request
	for _, part := range x.Split() {
		req := d.purgeRequest()
		maps.Copy(req.Header, part.Fields())
		all = append(all, req)
	}
	return all
}

// controlled makes the links that purges need, so that a fault can befall them
// before they are used.
func (d *driver) controlled(events []fault.Config) {
	if slices.ContainsFunc(events, func(e fault.Config) bool { return e.Do == "purge" }) || d.purged {
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

// pops returns the nodes that are PoPs, of those with several servers each server,
// in the order of the scenario.
func (t *Topology) pops() []*Node {
	var all []*Node
	if t.Scenario.edgeOn() {
		for i := range t.Scenario.PoPs {
			for _, name := range t.Scenario.cacheServers(&t.Scenario.PoPs[i]) {
				all = append(all, t.Node(name))
			}
		}
	}
	return all
}
