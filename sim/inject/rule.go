// Package inject makes a node answer wrongly on purpose: HTTP faults as rules,
// and the Handler around a node that follows those in force. What a rule does to
// a request depends on the request, the rule and how many came before: the same
// in both worlds.
package inject

import (
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// The kinds of rules.
const (
	Status     = "status"      // answers with a status, and does not ask the node
	FailFirst  = "fail-first"  // likewise, but the first Count requests alone
	SlowHeader = "slow-header" // the header comes Delay later
	SlowBody   = "slow-body"   // the content comes at Rate
	Truncate   = "truncate"    // the content ends after Bytes, and the connection breaks
)

// Rule is one HTTP fault at one node.
type Rule struct {
	Event int    `json:"event"` // the number of the fault in its run: who the rule is, across changes
	Node  string `json:"node"`
	Kind  string `json:"kind"`

	Path   string  `json:"path,omitempty"`   // exact, or with a trailing *; "": every path but health checks
	Method string  `json:"method,omitempty"` // "": any
	Share  float64 `json:"share,omitempty"`  // of those requests; 0: all

	Status int           `json:"status,omitempty"`
	Count  int           `json:"count,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"`
	Rate   sim.Bytes     `json:"rate,omitempty"` // per second
	Bytes  sim.Bytes     `json:"bytes,omitempty"`
}

// healthPath is where servers say how they are (origin.HealthPath). A rule hits
// the checks only when its path names them: a fault that users see and checks do
// not is the one worth showing.
const healthPath = "/health"

// meant reports whether a rule is about a request.
func (r *Rule) meant(req *sim.Request) bool {
	if r.Method != "" && r.Method != req.Method {
		return false
	}
	if isHealth(req.Path) && !strings.HasPrefix(r.Path, healthPath) {
		return false
	}
	if r.Path == "" {
		return true
	}
	if prefix, open := strings.CutSuffix(r.Path, "*"); open {
		return strings.HasPrefix(req.Path, prefix)
	}
	path, _, _ := strings.Cut(req.Path, "?")
	return path == r.Path
}

// isHealth reports whether a path is that of a health check.
func isHealth(path string) bool {
	rest, ok := strings.CutPrefix(path, healthPath)
	return ok && (rest == "" || rest[0] == '?' || rest[0] == '/')
}

// active is a rule in force.
type active struct {
	Rule
	luck sim.Luck
	seen int // of FailFirst: requests that it was about
}

// newActive gives a rule its luck. It is that of the kind, the requests and the
// kind of node: a request has the same at every server of a tier, so that
// variants can be compared; rules that differ hit each their own; and of a
// larger share the smaller is a part.
func newActive(r Rule, hop sim.Hop) *active {
	name := strings.Join([]string{"inject", r.Kind, strconv.Itoa(int(hop)), strconv.Itoa(r.Status), r.Method, r.Path}, " ")
	return &active{Rule: r, luck: sim.NewLuck(name)}
}

// hits decides whether the rule strikes a request, and counts.
func (a *active) hits(seed uint64, req *sim.Request) bool {
	if !a.meant(req) {
		return false
	}
	if a.Kind == FailFirst {
		a.seen++
		return a.seen <= a.Count
	}
	if a.Share == 0 || a.Share >= 1 {
		return true
	}
	roll := sim.Draw(seed, a.luck, req.ID, req.Attempt)
	return roll.Float64() < a.Share
}
