// The comparison for programs: plain numbers in the metrics' own units.
package report

import (
	"math"
	"strconv"
)

// raw returns a row per variant, and for each metric its value and half of its
// interval over the seeds. With several seeds there follow the p-value of the
// difference to the first row of the world, after Holm, and whether the row is
// the winner (1 or 0; nothing where a metric has no better); with one seed, the
// bounds of a quantile's interval within that run, an open one left out.
func raw(groups []*group, rows []row, columns []column, all [][]contest) *grid {
	g := &grid{head: []string{"variant", "world", "n"}}
	many := seeds(groups) > 1
	for i, c := range columns {
		name := c.metric
		if unit := c.samples[0].unit; unit != "" {
			name += " [" + string(unit) + "]"
		}
		g.head = append(g.head, name, c.metric+" ± 95 %")
		if many {
			g.head = append(g.head, c.metric+" p")
			if hasWinner(all[i]) {
				g.head = append(g.head, c.metric+" winner")
			}
		} else if _, _, quantile := quantileOf(c.metric); quantile {
			g.head = append(g.head, c.metric+" within run from", c.metric+" within run to")
		}
	}
	for i, of := range groups {
		cells := []string{of.runs[0].Variant, of.world, strconv.Itoa(len(of.runs))}
		for k, c := range columns {
			cells = append(cells, c.samples[i].numbers()...)
			if many {
				cells = append(cells, outcome(all[k], i)...)
			} else if _, _, quantile := quantileOf(c.metric); quantile {
				cells = append(cells, rows[i].bounds(c, i)...)
			}
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// numbers are a sample's mean and half of its interval.
func (s sample) numbers() []string {
	if s.missing {
		return []string{"", ""}
	}
	return []string{plainNumber(s.interval.Mean), plainNumber(s.interval.Half)}
}

// plainNumber writes a number for programs; NaN is nothing.
func plainNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func hasWinner(all []contest) bool { return len(all) > 0 && all[0].metric.Better != Neither }

// outcome is a row's p-value against the first, and whether it is the winner.
func outcome(all []contest, row int) []string {
	p, won := "", "0"
	for i := range all {
		if v := all[i].against[row]; !math.IsNaN(v) {
			p = plainNumber(v)
		}
		if all[i].winner == row {
			won = "1"
		}
	}
	if !hasWinner(all) {
		return []string{p}
	}
	return []string{p, won}
}

// within returns the interval of a quantile within a row's only run, false when
// the column is no quantile, or there are more runs, or too few values.
func (r row) within(c column, i int) (Within, bool) {
	histogram, q, ok := quantileOf(c.metric)
	if !ok || len(r.group.runs) != 1 || c.samples[i].missing {
		return Within{}, false
	}
	window, err := r.group.runs[0].Window(r.window)
	if err != nil {
		return Within{}, false
	}
	return window.Histograms[histogram].Within(q)
}

// bounds are those of within.
func (r row) bounds(c column, i int) []string {
	w, ok := r.within(c, i)
	switch {
	case !ok:
		return []string{"", ""}
	case w.Open:
		return []string{plainNumber(w.Low), ""}
	}
	return []string{plainNumber(w.Low), plainNumber(w.High)}
}
