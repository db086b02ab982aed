// Who won on what, in plain words.
package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// outcomes says below a comparison who won on what, or that nobody did and how
// many seeds it would probably take.
func outcomes(groups []*group, columns []column, all [][]contest) []string {
	if seeds(groups) < 2 {
		return nil
	}
	judged := slices.ContainsFunc(all, func(of []contest) bool {
		return slices.ContainsFunc(of, func(c contest) bool { return c.leader >= 0 })
	})
	var lines, undecided []string
	for row, g := range groups {
		var on []string
		worst := 0.0
		for i := range columns {
			for _, c := range all[i] {
				if c.winner == row {
					on = append(on, columns[i].heading)
					worst = max(worst, c.p)
				}
			}
		}
		if len(on) > 0 {
			lines = append(lines, fmt.Sprintf("winner on %s: %s (%s)%s", enumerate(on), g.label, sayP(worst), g.butFailed(groups)))
		}
	}
	for i := range columns {
		for _, c := range all[i] {
			if c.leader >= 0 && c.winner < 0 && !c.gap.Same() {
				undecided = append(undecided, c.undecided(groups, columns[i]))
			}
		}
	}
	if len(undecided) > 0 {
		lines = append(lines, "no winner on "+strings.Join(undecided, "; on "))
	}
	switch {
	case len(lines) > 0:
		return lines
	case slices.ContainsFunc(byWorld(groups), func(rows []int) bool { return !sameLoad(groups, rows) && !groups[rows[0]].closed() }):
		return []string{"no winner is named: the rows have different loads"}
	case judged:
		return []string{"no winner: nothing in the table differs for better or worse"}
	case len(groups) > 1 && slices.ContainsFunc(groups, func(g *group) bool { return !g.complete() }):
		return []string{"no winner is named: not every run is complete"}
	}
	return nil
}

// undecided says who leads, and what it would take to know whether that is luck.
func (c *contest) undecided(groups []*group, of column) string {
	leader, rival := groups[c.leader].label, groups[c.rival].label
	by := FormatValue(math.Abs(c.gap.Mean), c.metric.Unit)
	if c.metric.Unit == UnitRatio {
		by = strings.TrimSuffix(by, "%") + "points"
	}
	text := fmt.Sprintf("%s: %s leads %s by %s", of.heading, leader, rival, by)
	if math.IsNaN(c.p) {
		return text + ", which one pair of runs cannot tell from luck"
	}
	if c.gap.Mean == 0 {
		return fmt.Sprintf("%s: %s and %s are equal in the mean", of.heading, leader, rival)
	}
	n, within := c.needed()
	if !within {
		return fmt.Sprintf("%s, noise (%s) that even %s runs would hardly tell from nothing", text, sayP(c.p), formatNumber(maxNeeded))
	}
	return fmt.Sprintf("%s, noise (%s); about %s runs would probably tell", text, sayP(c.p), formatNumber(about(float64(n))))
}

// butFailed warns of a winner that owes it to requests that failed: those have
// no times, and ask for nothing more.
func (g *group) butFailed(groups []*group) string {
	own, fewest := g.errorRatio(), math.Inf(1)
	for _, other := range groups {
		fewest = min(fewest, other.errorRatio())
	}
	if !(own > fewest+0.01) {
		return ""
	}
	return fmt.Sprintf(", but %s of its requests failed", formatRatio(own))
}

// errorRatio is the mean over the seeds, NaN when there is none.
func (g *group) errorRatio() float64 {
	s, err := g.measure(All, "error-ratio")
	if err != nil || s.missing {
		return math.NaN()
	}
	return s.interval.Mean
}

func sayP(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p unknown"
	case p < 0.001:
		return "p < 0.001"
	case p > 0.995:
		return "p = 1"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// enumerate joins words as a sentence does.
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
