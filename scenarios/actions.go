// Actions: what somebody does during a run, from the scenario's names to what a
// world can do.
package scenarios

import (
	"fmt"

	"cdnlab/sim"
	"cdnlab/sim/check"
	"cdnlab/sim/fault"
)

// The names under which events of no node of their own are noted.
const (
	nameOrigin   = "origin"
	nameScenario = "scenario"
)

// events are the scenario's events, without those for whom this variant leaves
// out what they are about.
func (d *driver) events() []fault.Config {
	var there []fault.Config
	for _, e := range d.t.Scenario.Events {
		if e = d.t.meant(e); d.t.concerns(e) {
			there = append(there, e)
		}
	}
	return there
}

// concerns reports whether there is what an event is about.
func (t *Topology) concerns(e fault.Config) bool {
	switch e.Do {
	case "purge", "warm":
		return t.Scenario.edgeOn() && (e.Node == "" || t.Has(e.Node))
	case "drain", "weight", "add-server", "remove-server":
		return *t.Scenario.Balancer.On && t.Has(e.Node)
	}
	return e.Node == "" || t.Has(e.Node)
}

// tell notes what somebody did.
func (d *driver) tell(node string, kind sim.EventKind, subject, detail string) {
	d.note(sim.Event{At: d.e.Now(), Node: node, Kind: kind, Subject: subject, Detail: detail})
}

// Deploy implements fault.Actor.
func (f *faults) Deploy() {
	f.d.deploy()
	f.d.tell(nameOrigin, sim.EventDeployed, "", fmt.Sprintf("version %d", 1+len(f.d.t.Scenario.Deploys)))
}

// Drain implements fault.Actor.
func (f *faults) Drain(server string, on bool) {
	kind := sim.EventUndrained
	if on {
		kind = sim.EventDraining
	}
	f.d.tell(server, kind, "", "")
	f.d.change(func(s *Scenario) { s.server(server).Drained = on })
}

// Weight implements fault.Actor.
func (f *faults) Weight(server string, weight int) {
	f.d.settle()
	f.d.tell(server, sim.EventWeighted, "", fmt.Sprint(f.d.t.Scenario.server(server).Weight))
}

// Set implements fault.Actor.
func (f *faults) Set(keys []check.Setting, on bool) {
	f.d.settle()
	for _, k := range keys {
		detail := fmt.Sprint(k.Value)
		if !on {
			detail = "as before"
		}
		f.d.tell(nameScenario, sim.EventChanged, k.Key, detail)
	}
}
