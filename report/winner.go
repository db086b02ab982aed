// Winners: which variant is better than every other, if one is.
package report

import (
	"math"
	"slices"
)

// contest is one column's comparison of the variants of one world.
type contest struct {
	metric Metric
	rows   []int // those with a value, in the table's order
	// against has, by row, the p-value of the difference to the first row, after
	// Holm over all of them; NaN for those that cannot be compared.
	against []float64

	winner int // row; -1: there is none
	leader int // row with the best mean; -1 when the metric has no better
	rival  int // of all others the hardest to tell from the leader
	gap    Difference
	p      float64 // of the gap, after Holm over the leader's comparisons
	open   int     // how many of these are not significant
}

// contests compares the variants in every column, by column and world.
//
// Two families of comparisons are each corrected by Holm, column by column: all
// rows with the first, which makes the "~", and the row with the best mean with
// all others, which makes the winner. A winner must beat each of the others (an
// intersection-union test: R. L. Berger, Multiparameter Hypothesis Testing and
// Acceptance Sampling, 1982). That it is chosen by the numbers that it is judged
// on takes no more correction: the worst case are two equal ones, of which
// either may win by luck, together in 5 % of the tables.
func contests(groups []*group, columns []column) [][]contest {
	all := make([][]contest, len(columns))
	for i, c := range columns {
		metric, _, err := Find(c.metric)
		if err != nil {
			continue // measure has found it before
		}
		for _, rows := range byWorld(groups) {
			if !sameLoad(groups, rows) && (metric.Unit == UnitCount || !groups[rows[0]].closed()) {
				// Fewer errors of fewer requests are no merit, nor is a short queue
				// before which few stand; only who waits for answers asks less of a
				// slow server.
				metric.Better = Neither
			}
			all[i] = append(all[i], newContest(metric, groups, rows, c.samples))
		}
	}
	return all
}

// byWorld returns the rows of each world: what runs on the machine is not
// compared with what does not.
func byWorld(groups []*group) [][]int {
	var worlds []string
	var rows [][]int
	for i, g := range groups {
		at := slices.Index(worlds, g.world)
		if at < 0 {
			at, worlds, rows = len(worlds), append(worlds, g.world), append(rows, nil)
		}
		rows[at] = append(rows[at], i)
	}
	return rows
}

// closed reports whether users wait for answers before they ask again.
func (g *group) closed() bool { return g.runs[0].ClosedLoop }

// sameLoad reports whether the load is about the same in all of the rows: so many
// people, or so many requests where there are none.
func sameLoad(groups []*group, rows []int) bool {
	of := "requests"
	if s, err := groups[rows[0]].measure(All, "users"); err == nil && !s.missing {
		of = "users"
	}
	least, most := math.Inf(1), 0.0
	for _, i := range rows {
		s, err := groups[i].measure(All, of)
		if err != nil || s.missing {
			continue // nobody came, and it is no rival
		}
		least, most = min(least, s.interval.Mean), max(most, s.interval.Mean)
	}
	return most-least <= max(0.01*most, 5*math.Sqrt(most)) // arrivals at random scatter by their root
}

func newContest(metric Metric, groups []*group, rows []int, samples []sample) contest {
	c := contest{metric: metric, winner: -1, leader: -1, rival: -1, p: math.NaN(), against: make([]float64, len(groups))}
	for i := range c.against {
		c.against[i] = math.NaN()
	}
	withheld := false
	for _, i := range rows {
		withheld = withheld || samples[i].withheld
		if !samples[i].missing && groups[i].complete() {
			c.rows = append(c.rows, i)
		}
	}
	if len(c.rows) < 2 {
		return c
	}
	if base := c.rows[0]; base == rows[0] {
		_, p := c.compare(samples, base)
		for k, i := range c.rows {
			c.against[i] = p[k]
		}
	}
	if metric.Better != Neither && !withheld { // who was left out may be better
		c.judge(samples)
	}
	return c
}

// compare returns the differences of all rows to one, and their p-values after
// Holm; that of the row itself is NaN.
func (c *contest) compare(samples []sample, to int) ([]Difference, []float64) {
	differences, p := make([]Difference, len(c.rows)), make([]float64, len(c.rows))
	for k, i := range c.rows {
		p[k] = math.NaN()
		if i != to {
			differences[k] = samples[to].compare(samples[i])
			p[k] = differences[k].P
		}
	}
	return differences, Holm(p)
}

// judge finds the leader and whether it is the winner.
func (c *contest) judge(samples []sample) {
	better := func(i, j int) bool {
		return float64(c.metric.Better)*(samples[i].interval.Mean-samples[j].interval.Mean) > 0
	}
	c.leader = c.rows[0]
	for _, i := range c.rows[1:] {
		if better(i, c.leader) {
			c.leader = i
		}
	}
	differences, p := c.compare(samples, c.leader)
	for k, i := range c.rows {
		if i == c.leader {
			continue
		}
		if !(p[k] < significant) { // one pair says nothing: NaN
			c.open++
		}
		if c.rival < 0 || p[k] > c.p || math.IsNaN(p[k]) {
			c.rival, c.gap, c.p = i, differences[k], p[k]
		}
	}
	if c.open == 0 {
		c.winner = c.leader
	}
}

// needed returns how many seeds would probably settle the contest.
func (c *contest) needed() (int, bool) {
	n := math.Sqrt(float64(c.gap.N))
	deviation := c.gap.Half * n / student(c.gap.N).Quantile(1-significant/2)
	return SeedsNeeded(c.gap.Mean, deviation, significant/float64(max(1, c.open)))
}

// The marks behind a cell.
const (
	markNoise  = " ~"
	markWinner = " *"
	markNone   = "  " // keeps the numbers of a column in line where others have a mark
)

// mark returns what stands behind the cell of a row.
func (c *contest) mark(samples []sample, row int) string {
	switch {
	case c.winner == row && row >= 0:
		return markWinner
	case c.against[row] >= significant && !samples[row].compare(samples[c.rows[0]]).Same():
		return markNoise // no difference at all is not noise: both numbers stand there
	}
	return ""
}

// compare returns other - s, seed by seed.
func (s sample) compare(other sample) Difference {
	return compare(s.bySeed, other.bySeed, max(s.step, other.step))
}

// complete reports whether every run of the group reached its end: others had
// another load.
func (g *group) complete() bool {
	return !slices.ContainsFunc(g.runs, func(r *Run) bool { return !r.Complete })
}
