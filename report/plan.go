// What a recorder is told before the run: how long it is and which windows matter.
package report

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// All is the name of window 0, the whole run.
const All = "all"

// The phases of an event, for the timeline.
const (
	Before = "before"
	During = "during"
	After  = "after"
)

// MaxWindows bounds the windows of a run: each costs memory for histograms.
const MaxWindows = 128

// Window is a span of the run that is measured apart: From included, To not.
// A request belongs to every window that contains its intended time.
type Window struct {
	Name string `json:"name"`
	// Fault, the event, and Phase place the window on the timeline; both are empty for the
	// window of an expectation.
	Fault string   `json:"fault,omitempty"`
	Phase string   `json:"phase,omitempty"`
	From  sim.Time `json:"from_ns"`
	To    sim.Time `json:"to_ns"`
}

// Phases returns the windows before, during and after an event that lasts from
// from to to (to the end of the run when to is Never). Phases without any time
// in them are left out.
func Phases(fault string, from, to sim.Time, duration time.Duration) []Window {
	end := sim.Time(duration)
	from, to = min(from, end), min(to, end)
	var phases []Window
	for _, w := range []Window{
		{Phase: Before, From: 0, To: from},
		{Phase: During, From: from, To: to},
		{Phase: After, From: to, To: end},
	} {
		if w.To > w.From {
			w.Name, w.Fault = w.Phase+" "+fault, fault
			phases = append(phases, w)
		}
	}
	return phases
}

// Identity says which run this is. Runs that differ only in Shards are parts of
// one and add up; seeds stay apart, for intervals.
type Identity struct {
	Hash    string `json:"hash"` // of the scenario as this variant resolves it
	Variant string `json:"variant"`
	Seed    uint64 `json:"seed"`
	Shards  []int  `json:"shards"`
	World   string `json:"world"` // Virtual or Live
}

// The worlds.
const (
	Virtual = "virtual"
	Live    = "live"
)

// The kinds of nodes whose counters metrics add up.
const (
	KindApp      = "app"
	KindPoP      = "pop"          // of one with several servers each of these
	KindFront    = "pop-balancer" // before them
	KindShield   = "shield"
	KindBalancer = "balancer"
	KindProxy    = "proxy"
	KindDatabase = "database"
	KindNetwork  = "network" // between clients and several balancers: it counts, and is no process
	KindStore    = "session-store"
)

// Plan is all a recorder knows beforehand.
type Plan struct {
	Identity
	Duration time.Duration
	// Windows beside the whole run, which is always window 0.
	Windows []Window
	// Warmup is played and not measured: what is intended or counted before it
	// enters no number, only events are kept.
	Warmup time.Duration
	// Steady is what theory needs to know of a run that should settle; nil when
	// its load changes or something goes wrong in it.
	Steady *Steady
	// Nodes gives each node's kind, one of the Kind constants.
	Nodes map[string]string
	// Shields gives the shield of each PoP that fetches through one.
	Shields map[string]string
	// Clusters gives the PoP of each cache server that is one of several.
	Clusters map[string]string
	// ClosedLoop says that users wait for answers before they ask again: then
	// latency hides the requests that were never sent, and the tables say so.
	ClosedLoop bool
}

// check returns the first thing wrong with the plan. Scenarios are judged
// before a plan is made of them, so a wrong plan is a broken invariant.
func (p *Plan) check() error {
	if p.Duration <= 0 {
		return fmt.Errorf("duration %v is not positive", p.Duration)
	}
	if p.Warmup < 0 || p.Warmup >= p.Duration {
		return fmt.Errorf("warm-up %v of a run of %v", p.Warmup, p.Duration)
	}
	if len(p.Windows) >= MaxWindows {
		return fmt.Errorf("%d windows; at most %d", len(p.Windows), MaxWindows-1)
	}
	seen := map[string]bool{All: true}
	for _, w := range p.Windows {
		if w.Name == "" || seen[w.Name] {
			return fmt.Errorf("window %q: each needs a name of its own", w.Name)
		}
		if w.From < 0 || w.To < w.From {
			return fmt.Errorf("window %q ends before it begins or begins before the run", w.Name)
		}
		seen[w.Name] = true
	}
	return nil
}
