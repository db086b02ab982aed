// The comparison: a row per variant.
package report

import (
	"io"
	"slices"
	"strconv"
)

// usual are the columns of a comparison, in order. Those in which nothing
// happened in any variant are left out, but for requests and errors, and those
// that say nothing beside the others: it should fit on a line.
var usual = []string{
	"requests", "rate", "errors", "error-ratio", "browser.hit-ratio", "hit-ratio", "joined-ratio", "shield-requests", "shield-hit-ratio", "origin-requests", "offload",
	"outdated-ratio", "staleness.mean", "staleness.max", "wrong-user-ratio",
	"latency.p50", "latency.p99", "sent-latency.p50", "sent-latency.p99",
	"ttfb.p50", "ttfb.p99", "first-ttfb", "retries", "rejected", "down-after", "up-after", "purge-time", "purges-missed", "origin-peak",
	"users", "page-load.p50", "page-load.p99", "mixed-pages", "not-found", "users-with-errors", "sessions-lost",
}

// Comparison prints one row per variant (and world), with notes below. More
// seeds per variant make every cell "mean ± half of the 95 % interval", with "~"
// where the difference to the first row, pair by pair, is noise, and "*" on the
// winner of a column, where there is one.
func Comparison(w io.Writer, result *Result, o Options) error {
	groups, err := gather(result.Runs)
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		return nil
	}
	if o.Window == "" {
		o.Window = All
	}
	if _, err := groups[0].runs[0].Window(o.Window); err != nil {
		return err
	}
	if err := order(groups, o); err != nil {
		return err
	}
	rows := make([]row, len(groups))
	for i, g := range groups {
		rows[i] = row{g, o.Window, g.label}
	}
	if o.Columns == nil {
		o.Columns = result.Columns
	}
	columns, err := measure(rows, o.Columns, usualOf(groups, usual, fleetColumns...))
	if err != nil {
		return err
	}
	var gone dropped
	if o.Columns == nil {
		columns, gone = narrow(groups, columns)
	}
	all := contests(groups, columns)
	if o.Format == CSV {
		return raw(groups, rows, columns, all).print(w, o)
	}
	if err := humane(groups, columns, all).print(w, o); err != nil {
		return err
	}
	return say(w, notes(groups, rows, columns, all, gone), o)
}

// usualOf adds to the usual columns those of a fleet, where one moves.
func usualOf(groups []*group, usual []string, fleet ...string) []string {
	for _, g := range groups {
		if g.runs[0].fleetMoves() {
			return slices.Concat(usual, fleet)
		}
	}
	return usual
}

func humane(groups []*group, columns []column, all [][]contest) *grid {
	g := &grid{head: []string{"variant"}, left: 1}
	many := seeds(groups) > 1
	if many {
		g.head = append(g.head, "n")
	}
	for _, c := range columns {
		g.head = append(g.head, c.heading)
	}
	marks := make([][]string, len(columns))
	for i, c := range columns {
		marks[i] = marksOf(c, all[i])
	}
	for i, of := range groups {
		cells := []string{of.label}
		if many {
			cells = append(cells, strconv.Itoa(len(of.runs)))
		}
		for k, c := range columns {
			cells = append(cells, c.samples[i].text()+marks[k][i])
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// marksOf returns what stands behind the cells of a column.
func marksOf(c column, all []contest) []string {
	marks, any := make([]string, len(c.samples)), false
	for row := range marks {
		for i := range all {
			if mark := all[i].mark(c.samples, row); mark != "" {
				marks[row], any = mark, true
			}
		}
	}
	for row, mark := range marks {
		if any && mark == "" {
			marks[row] = markNone
		}
	}
	return marks
}

// seeds returns the largest number of seeds in a row.
func seeds(groups []*group) int {
	most := 0
	for _, g := range groups {
		most = max(most, len(g.runs))
	}
	return most
}
