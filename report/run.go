// A run: what one world measured of one variant with one seed.
package report

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// Run holds integers only; ratios and quantiles are derived when they are read,
// so that shards add up exactly.
type Run struct {
	Identity
	Complete bool `json:"complete"` // false: interrupted, what was measured is kept
	// Duration is how long the load lasted: the planned time, or less when the
	// run was interrupted.
	Duration   time.Duration     `json:"duration_ns"`
	Warmup     time.Duration     `json:"warmup_ns,omitempty"` // of it; not measured
	Steady     *Steady           `json:"steady,omitempty"`    // nil: no steady state is to be expected
	ClosedLoop bool              `json:"closed_loop,omitempty"`
	Nodes      map[string]string `json:"nodes,omitempty"`    // node -> kind
	Shields    map[string]string `json:"shields,omitempty"`  // PoP -> the shield that it fetches through
	Clusters   map[string]string `json:"clusters,omitempty"` // cache server -> the PoP that it is one of several of

	Windows []Measured `json:"windows"` // the first is the whole run

	// Step is the time between two points of a series: a second, more in a run
	// of many hours.
	Step time.Duration `json:"step_ns"`
	// Series are counts per step: those of users by plain names, those of nodes
	// as "node.counter". What lies behind the end of one is 0.
	Series map[string][]int64 `json:"series"`

	Events        []sim.Event `json:"events"`
	EventsDropped int64       `json:"events_dropped,omitempty"`
	CountsDropped int64       `json:"counts_dropped,omitempty"`

	Receipt *Receipt `json:"receipt,omitempty"` // live runs only
}

// Measured is a window with what happened in it.
type Measured struct {
	Window
	Counts      map[string]int64      `json:"counts"`
	Histograms  map[string]*Histogram `json:"histograms"`
	Counters    map[string]int64      `json:"counters,omitempty"` // of nodes, "node.counter"
	Servers     map[string]int64      `json:"servers,omitempty"`  // answers that users got from each
	PoPs        map[string]int64      `json:"pops,omitempty"`
	Groups      map[string]int64      `json:"groups,omitempty"`
	GroupErrors map[string]int64      `json:"group_errors,omitempty"`
	Places      map[string]PlaceCount `json:"places,omitempty"`
}

// PlaceCount is what the clients of one place saw.
type PlaceCount struct {
	Requests int64  `json:"requests"`
	Errors   int64  `json:"errors"`
	First    *First `json:"first,omitempty"` // nil when none was answered
}

// Window returns the window of that name, or an error that names the nearest.
func (r *Run) Window(name string) (*Measured, error) {
	known := make([]string, len(r.Windows))
	for i := range r.Windows {
		if r.Windows[i].Name == name {
			return &r.Windows[i], nil
		}
		known[i] = r.Windows[i].Name
	}
	if near := sim.Nearest(name, known); near != "" {
		return nil, fmt.Errorf("unknown window %q; did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("unknown window %q; known: %q", name, known)
}

// Label names the run in a table: its variant, and what is special about it.
func (r *Run) Label() string {
	if r.Variant == "" {
		return "(as written)"
	}
	return r.Variant
}
