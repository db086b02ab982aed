// Change: the scenario as it is from a moment of the run on. Whatever alters a
// node (a deploy, a weight, any key) alters the scenario first, and every node
// is then told the whole of it, as one that restarts would be.
package scenarios

import (
	"encoding/json"

	"cdnlab/origin"
	"cdnlab/report"
	"cdnlab/sim"
)

// clone returns a deep copy of a resolved scenario: what a node's process would
// read.
func (s *Scenario) clone() *Scenario {
	text, err := json.Marshal(s)
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	c := new(Scenario)
	if err := json.Unmarshal(text, c); err != nil {
		panic("scenarios: " + err.Error())
	}
	return c
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
}

// deploy puts a new version of the site on every server, now.
func (d *driver) deploy() {
	d.change(func(s *Scenario) { s.Deploys = append(s.Deploys, d.e.Now()) })
}

// changer returns how a node that runs becomes what this topology says.
func (t *Topology) changer(name string) func(sim.Site, sim.Handler) {
	switch t.Node(name).Kind {
	case report.KindApp:
		return func(site sim.Site, node sim.Handler) { t.deployTo(site, node.(*origin.App)) }
	default:
		return nil
	}
}
