// Follow: what the driver itself does when the scenario has changed.
package scenarios

import (
	"maps"
	"reflect"
	"slices"
	"sort"

	"cdnlab/origin/pair"
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// follow makes users and load what the topology says now. Where users go
// stays: nobody's resolver asks again because a path has become slower.
func (d *driver) follow(before *Topology) {
	sum := 0.0
	for i, c := range d.crowds {
		sum += d.t.Groups[i].Share
		d.shares[i] = sum
		c.follow(&d.t.Groups[i])
	}
	if d.network != nil {
		d.network.approach.Change(d.t.Scenario.Balancer.Config, d.t.holder())
	}
	for _, p := range d.t.caches() {
		if link := d.controls[p.Name]; link != nil {
			to := d.controlPeer(p.Name)
			link.(rewirable).Change(to.Path, to.Conns)
		}
	}
	s := d.t.Scenario
	if reflect.DeepEqual(s.Load, before.Scenario.Load) {
		return
	}
	if d.users != nil {
		d.users.Change(s.Load)
		return
	}
	if d.recording != nil {
		return // it comes when it came
	}
	d.arrivals.Change(s.Load, s.Duration, s.Seed, d.e.Now()-d.start)
	d.coming.Stop()
	d.schedule()
}

// rewirable is a link of either world.
type rewirable interface {
	Change(path network.Spec, c network.Config)
}

// follow makes the group's users and connections what g says.
func (c *crowd) follow(g *Group) {
	before := c.peers
	c.g = g
	c.browse()
	c.toward(g)
	if slices.Equal(c.peers, before) {
		return
	}
	for _, l := range c.links {
		c.rewire(l)
	}
	for _, user := range slices.Sorted(maps.Keys(c.own)) {
		c.rewire(c.own[user])
	}
}

// rewire gives a link of the group, or each of those to several balancers, its path as it is
// now.
func (c *crowd) rewire(l sim.Handler) {
	links := []sim.Handler{l}
	if w, several := l.(*pair.Ways); several {
		links = w.Links
	}
	for i, l := range links {
		l.(rewirable).Change(c.peers[i].Path, c.peers[i].Conns)
	}
}

// settle makes the scenario's keys what its settings say of now. Only what they
// change is changed: what other events have done stays.
func (d *driver) settle() {
	moments := d.written.moments
	now := sort.Search(len(moments), func(i int) bool { return sim.Time(moments[i].at) > d.e.Now()-d.start }) - 1
	if now == d.settled {
		return
	}
	from, to := d.written, moments[now].s
	if d.settled >= 0 {
		from = moments[d.settled].s
	}
	d.settled = now
	d.change(func(s *Scenario) { merge(s, from, to) })
}
