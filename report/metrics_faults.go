// Metrics of health checking: how long a dead server stayed in rotation.
package report

import (
	"cdnlab/sim"
)

func init() {
	register(Metric{Name: "down-after", Heading: "out after", Unit: UnitTime, Better: Lower,
		Definition: "time from a server's crash or hang to the moment a pool took it out of rotation; the longest of the window's faults and pools",
		Value: func(v View, _ string) (float64, bool) {
			return longest(v, isFault, sim.EventDown)
		},
		Warn: unnoticed})
	register(Metric{Name: "restarts", Unit: UnitCount, Better: Lower,
		Definition: "times that a server's process ended unasked, of its backlog (exited) or at the hands of its supervisor (restarted), in the window",
		Value: func(v View, _ string) (float64, bool) {
			n := 0
			for _, e := range v.Run.Events {
				if v.contains(e.At) && (e.Kind == sim.EventExited || e.Kind == sim.EventRestarted) {
					n++
				}
			}
			return float64(n), true
		}})
	register(Metric{Name: "up-after", Heading: "back after", Unit: UnitTime, Better: Lower,
		Definition: "time from a server's restart or resume to the moment a pool took it back into rotation; the longest of the window's restarts and pools",
		Value: func(v View, _ string) (float64, bool) {
			return longest(v, isReturn, sim.EventUp)
		}})
}

func isFault(e sim.Event) bool {
	return e.Kind == sim.EventCrashed || e.Kind == sim.EventHung || e.Kind == sim.EventExited
}

func isReturn(e sim.Event) bool { return e.Kind == sim.EventStarted || e.Kind == sim.EventResumed }

// reaction is one pool's answer to what happened to a server.
type reaction struct {
	server, pool string
	took         float64
}

// reactions pairs each event that starts in the window with what each pool made
// of it: its first wanted event about that server, until the server fails
// again. A server that is already down (killed, then seen to exit) does not
// fail anew, and its first start in a run is no return. alone counts the
// starting events that no pool answered.
func reactions(v View, starts func(sim.Event) bool, wanted sim.EventKind) (all []reaction, alone int) {
	down := map[string]bool{}
	for i, e := range v.Run.Events {
		was := down[e.Node]
		switch {
		case isFault(e):
			down[e.Node] = true
		case isReturn(e):
			down[e.Node] = false
		}
		if was == down[e.Node] || !starts(e) || !v.contains(e.At) {
			continue
		}
		answers := answersTo(e, v.Run.Events[i+1:], wanted)
		all = append(all, answers...)
		if len(answers) == 0 {
			alone++
		}
	}
	return all, alone
}

// answersTo returns each pool's first wanted event about e's server.
func answersTo(e sim.Event, later []sim.Event, wanted sim.EventKind) (all []reaction) {
	up := isReturn(e)
	seen := map[string]bool{}
	for _, l := range later {
		if l.Node == e.Node && isReturn(l) {
			up = true
		}
		if l.Node == e.Node && isFault(l) && up {
			break
		}
		if l.Kind == wanted && l.Subject == e.Node && !seen[l.Node] {
			seen[l.Node] = true
			all = append(all, reaction{e.Node, l.Node, float64(l.At.Sub(e.At))})
		}
	}
	return all
}

// contains reports whether a time lies in the window; the whole run has no end.
func (v View) contains(t sim.Time) bool {
	return t >= v.Window.From && (v.Window.Name == All || t < v.Window.To)
}

func longest(v View, starts func(sim.Event) bool, wanted sim.EventKind) (float64, bool) {
	all, _ := reactions(v, starts, wanted)
	took := -1.0
	for _, r := range all {
		took = max(took, r.took)
	}
	return took, len(all) > 0
}

// unnoticed warns of faults that no pool answered: the longest time of the
// others would hide them.
func unnoticed(v View) []Warning {
	_, alone := reactions(v, isFault, sim.EventDown)
	if alone == 0 {
		return nil
	}
	return []Warning{{Kind: "a crash or hang that no pool ever noticed", Here: formatNumber(float64(alone))}}
}
