// Change: the scenario as it is from a moment of the run on. Whatever alters a
// node (a deploy, a weight, any key) alters the scenario first, and every node
// is then told the whole of it, as one that restarts would be.
package scenarios

import (
	"encoding/json"

	"cdnlab/origin"
	"cdnlab/origin/pair"
	"cdnlab/report"
	"cdnlab/sim"
)

// clone returns a deep copy of a resolved scenario: what a node's process would
// read. The events, which may be many, and the trace are shared: nothing
// changes them.
func (s *Scenario) clone() *Scenario {
	c := new(Scenario)
	if err := json.Unmarshal(s.withoutEvents(), c); err != nil {
		panic("scenarios: " + err.Error())
	}
	c.share(s)
	return c
}

// share takes over what no JSON carries: what nothing changes while a run lasts.
func (s *Scenario) share(of *Scenario) {
	s.Events, s.trace, s.Load.Curve = of.Events, of.trace, of.Load.Curve
}

// withoutEvents is the scenario as JSON, but for its events.
func (s *Scenario) withoutEvents() []byte {
	shallow := *s
	shallow.Events = nil
	text, err := json.Marshal(&shallow)
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	return text
}

// change alters the scenario that the run plays from now on. edit gets a copy of
// it, resolved as it is.
func (d *driver) change(edit func(*Scenario)) {
	s := d.t.Scenario.clone()
	s.Begun = d.begun
	edit(s)
	old := d.t
	d.t = must(NewTopology(s))
	d.renew(old)
	for _, n := range d.t.Nodes {
		d.w.Change(n.Name, d.t)
	}
	d.follow(old)
}

// deploy puts a new version of the site on every server, now.
func (d *driver) deploy() {
	d.change(func(s *Scenario) {
		s.Deploys = append(s.Deploys, d.e.Now())
		for i := range s.Servers {
			s.Servers[i].Behind = 0
		}
	})
}

// changer returns how a node that runs becomes what this topology says.
func (t *Topology) changer(name string) func(sim.Site, sim.Handler) {
	return func(site sim.Site, node sim.Handler) {
		switch n := t.Node(name); n.Kind {
		case report.KindApp:
			app := node.(*origin.App)
			t.reuse(app.Content())
			must(app, app.Change(t.appConfig(name), t.contentFor(site.Env)))
		case report.KindDatabase:
			database := node.(*origin.Database)
			must(database, database.Change(*t.Scenario.Database))
		case report.KindStore:
			store := node.(*origin.SessionStore)
			must(store, store.Change(*t.Scenario.SessionStore))
		case report.KindBalancer:
			if n.Relays {
				t.changeRelay(site, node.(*relay), name)
				return
			}
			if n, one := node.(*pair.Node); one {
				n.Change(t.Scenario.Balancer.Config)
				node = n.Inner()
			}
			t.changeBalancer(site, name, node.(*balancer))
		case report.KindFront:
			t.changeFront(site, n, node.(*front))
		case report.KindPoP, report.KindShield:
			t.changeCache(n, node.(*cached))
		}
	}
}
