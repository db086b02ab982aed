// What the HTTP faults have in common.
package fault

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/check"
	"cdnlab/sim/inject"
)

// wrong is a fault that makes a node answer by a rule.
type wrong struct {
	rule inject.Rule
	says string
}

func (f wrong) Begin(w World) { w.Inject(f.rule, f.says) }
func (f wrong) End(w World)   { w.Heal(f.rule, f.says) }

// addHTTP registers an HTTP fault. tell says what it does to whom ("answers 503
// to 30 % of GET /api/*"), without the node.
func addHTTP(kind, says string, needs, may []string, tell func(c Config) string) {
	Faults.Add(kind, says, Kind{
		Needs: append([]string{"node"}, needs...),
		May:   append(may, "path", "method"),
		Make:  func(c Config) Fault { return wrong{rule(c), tell(c)} },
		Tell:  func(c Config) string { return c.Node + " " + tell(c) },
		Until: lasts,
	})
}

// AtHTTP reports whether a fault is about a node's HTTP answers.
func AtHTTP(c Config) bool {
	kind, err := Faults.Get(c.Fault)
	return err == nil && slices.Contains(kind.May, "method")
}

// rule is what a node is told.
func rule(c Config) inject.Rule {
	return inject.Rule{Node: c.Node, Kind: c.Fault, Path: c.Path, Method: c.Method, Share: c.Share,
		Status: c.status(), Count: c.Count, Delay: c.Delay, Rate: c.bytesPerSecond(), Bytes: c.Bytes}
}

// bytesPerSecond is the rate as who drips counts it.
func (c Config) bytesPerSecond() sim.Bytes { return sim.Bytes(c.Rate / 8) }

// status is what the node answers: 503, as a server that is not ready does.
func (c Config) status() int {
	if c.Fault == inject.FailFirst && c.Status == 0 {
		return http.StatusServiceUnavailable
	}
	return c.Status
}

// whom says which requests are hit: "30 % of GET /api/*", "all requests".
func whom(c Config) string {
	if c.Share > 0 && c.Share < 1 {
		return number(math.Round(c.Share*1e8)/1e6) + " % of " + requests(c)
	}
	if c.Path == "" {
		return "all " + requests(c)
	}
	return requests(c)
}

// requests names the requests that the filters let through.
func requests(c Config) string {
	if c.Path == "" {
		return strings.TrimSpace(c.Method + " requests")
	}
	return strings.TrimSpace(c.Method + " " + c.Path)
}

// Limits of the HTTP faults. A number of requests beyond a million is none to
// count to; at a gigabyte per second nothing is slow.
const (
	maxCount = 1_000_000
	maxRate  = 8_000_000_000 // bit/s
)

// methods are those that a filter may name.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions}

func (c Config) checkHTTP(l *check.List) {
	if c.Status != 0 && (c.Status < 200 || c.Status > 599) {
		l.Add("status", "must be a final status, 200 to 599, not %d", c.Status)
	}
	if !(c.Share >= 0 && c.Share <= 1) {
		l.Add("share", "must be above 0 and at most 1 (0.3 is three in ten), not %s", strconv.FormatFloat(c.Share, 'g', -1, 64))
	}
	if c.Count < 0 || c.Count > maxCount {
		l.Add("count", "must be between 1 and %d, not %d", maxCount, c.Count)
	}
	if AtHTTP(c) && c.Rate != 0 && (c.Rate < 8 || c.Rate > maxRate) {
		l.Add("rate", "must be between 1B and 1GB in a second, not %v/s", c.bytesPerSecond())
	}
	if c.Bytes < 0 {
		l.Add("bytes", "must not be negative, but is %d", int64(c.Bytes))
	}
	l.OneOf("method", c.Method, methods...)
}
