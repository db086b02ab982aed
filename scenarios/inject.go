// Inject: HTTP faults, from the driver's event to the node that answers wrongly.
package scenarios

import (
	"slices"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/inject"
)

// Inject implements fault.World: the scenario has a rule more from now on, and
// so has a node that restarts. What a node had counted is then lost.
func (f *faults) Inject(r inject.Rule, says string) {
	f.d.change(func(s *Scenario) { s.Injected = append(s.Injected, r) })
	f.d.note(sim.Event{At: f.engine().Now(), Node: r.Node, Kind: sim.EventInjected, Detail: says})
}

// Heal implements fault.World.
func (f *faults) Heal(r inject.Rule, says string) {
	f.d.change(func(s *Scenario) {
		s.Injected = slices.DeleteFunc(s.Injected, func(q inject.Rule) bool { return q.Event == r.Event })
	})
	f.d.note(sim.Event{At: f.engine().Now(), Node: r.Node, Kind: sim.EventCleared, Detail: says})
}

// injecting puts the rules in force around a node that some HTTP fault of the
// scenario is about; any other node stays as it is.
func (t *Topology) injecting(name string, plan sim.Blueprint) sim.Blueprint {
	if !t.faulty(name) {
		return plan
	}
	hop, rules := hopOf(t.Node(name).Kind), t.rules(name)
	return sim.Blueprint{
		Build: func(site sim.Site) sim.Handler { return inject.New(site.Env, hop, plan.Build(site), rules) },
		Change: func(site sim.Site, node sim.Handler) {
			h := node.(*inject.Handler) // as Build of an earlier plan made it: the events are the same
			h.Set(rules)
			if plan.Change != nil {
				plan.Change(site, h.Inner())
			}
		},
	}
}

// faulty reports whether an HTTP fault is, or will be, about a node.
func (t *Topology) faulty(name string) bool {
	return len(t.rules(name)) > 0 || slices.ContainsFunc(t.Scenario.Events, func(e fault.Config) bool {
		return fault.AtHTTP(e) && t.meant(e).Node == name
	})
}

// rules are those in force at a node.
func (t *Topology) rules(name string) (own []inject.Rule) {
	for _, r := range t.Scenario.Injected {
		if r.Node == name {
			own = append(own, r)
		}
	}
	return own
}

// hopOf is the mark that a kind of node leaves last.
func hopOf(kind string) sim.Hop {
	switch kind {
	case report.KindPoP, report.KindShield:
		return sim.HopCache
	case report.KindFront:
		return sim.HopBalancer
	case report.KindBalancer:
		return sim.HopProxy
	case report.KindDatabase:
		return sim.HopDatabase
	case report.KindStore:
		return sim.HopStore
	default:
		return sim.HopApp
	}
}
