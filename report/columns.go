// Columns of a table: metrics over rows, those without anything to see left out.
package report

import (
	"math"
	"slices"
	"strings"
)

// row is one line of a table: a group in a window.
type row struct {
	group  *group
	window string
	label  string // in notes
}

// column is one metric over all rows.
type column struct {
	metric, heading string
	samples         []sample
}

// measure fills the columns. Chosen ones are all kept; of the usual ones those
// in which nothing happened are not, but for those whose zero is an answer.
func measure(rows []row, chosen, usual []string) ([]column, error) {
	names := chosen
	if chosen == nil {
		names = usual
	}
	var columns []column
	for _, name := range names {
		m, arg, err := Find(name)
		if err != nil {
			return nil, err
		}
		c := column{metric: name, heading: m.heading(arg)}
		empty, unknown := true, []error(nil)
		for _, r := range rows {
			s, err := r.group.measure(r.window, name)
			if err != nil { // a node that this variant does not have: nothing to measure there
				unknown, s = append(unknown, err), sample{unit: m.Unit, missing: true}
			}
			c.samples = append(c.samples, s)
			empty = empty && s.zero()
		}
		if len(unknown) == len(rows) {
			return nil, unknown[0]
		}
		if chosen != nil || !empty || c.tells() {
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// tells reports whether a column is worth its room even if it is all zero: what
// was asked and went wrong, and, where there is content that can be outdated or
// another's, that it never was.
func (c column) tells() bool {
	switch c.metric {
	case "requests", "errors":
		return true
	case "outdated-ratio", "wrong-user-ratio":
		return slices.ContainsFunc(c.samples, func(s sample) bool { return !s.missing })
	}
	return false
}

// dropped says which columns were left out because a note can say the same.
type dropped struct {
	rate string // of every row
	ttfb bool
}

// narrow leaves out the usual columns that tell nothing beside the others:
//   - latencies from the actual send when every request of every run was sent
//     on time: they are then those from the intended one, and a note says so;
//   - times to first byte that are the latency: answers were small, a note says it;
//   - a rate that is the same in every row, and refusals that are the errors;
//   - what the CDN spared the origin and what its first user paid, without a CDN,
//     nor what reached the origin then where that is all that was asked;
//   - the origin's busiest second, where nobody purges.
func narrow(groups []*group, columns []column) ([]column, dropped) {
	var d dropped
	byName := map[string]column{}
	for _, c := range columns {
		byName[c.metric] = c
	}
	cdn := slices.ContainsFunc(groups, func(g *group) bool { return g.has(KindPoP) })
	d.ttfb = same(byName["ttfb.p50"], byName["latency.p50"], sameShare) && same(byName["ttfb.p99"], byName["latency.p99"], sameShare) &&
		len(byName["ttfb.p50"].samples) > 0
	var kept []column
	for _, c := range columns {
		drop := false
		switch c.metric {
		case "offload", "first-ttfb":
			drop = !cdn
		case "origin-peak":
			drop = len(byName["purge-time"].samples) == 0
		case "origin-requests":
			drop = !cdn && same(c, byName["requests"], 0)
		case "rejected":
			drop = same(c, byName["errors"], 0)
		case "rate":
			if drop = len(groups) > 1 && c.constant(); drop {
				d.rate = c.samples[0].text()
			}
		case "ttfb.p50", "ttfb.p99":
			drop = d.ttfb
		default:
			if name, found := strings.CutPrefix(c.metric, sent); found {
				drop = same(c, byName[name], 0)
			}
		}
		if !drop {
			kept = append(kept, c)
		}
	}
	return kept, d
}

// sent begins the names of metrics that count from the actual send.
const sent = "sent-"

// sameShare is how far two times may differ and still be one in a comparison.
const sameShare = 0.02

// same reports whether two columns say the same in every row and seed, but for
// a share.
func same(a, b column, share float64) bool {
	if len(a.samples) != len(b.samples) {
		return false
	}
	for i := range a.samples {
		if a.samples[i].missing != b.samples[i].missing {
			return false
		}
		for seed, v := range a.samples[i].bySeed { // in any order: all must agree
			if other, both := b.samples[i].bySeed[seed]; !both || math.Abs(v-other) > share*math.Abs(other) {
				return false
			}
		}
	}
	return true
}

// constant reports whether the column reads the same in every row.
func (c column) constant() bool {
	for _, s := range c.samples {
		if s.text() != c.samples[0].text() {
			return false
		}
	}
	return true
}

// has reports whether the group's runs have a node of that kind.
func (g *group) has(kind string) bool {
	for _, run := range g.runs {
		for _, k := range run.Nodes { // in any order: one is enough
			if k == kind {
				return true
			}
		}
	}
	return false
}
