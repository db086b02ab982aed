// The comparison: a row per variant.
package report

import (
	"io"
	"strconv"
)

// usual are the columns of a comparison, in order. Those in which nothing
// happened in any variant are left out, but for requests and errors, and those
// that say nothing beside the others: it should fit on a line.
var usual = []string{
	"requests", "rate", "errors", "error-ratio", "hit-ratio", "joined-ratio", "origin-requests", "offload",
	"latency.p50", "latency.p99", "sent-latency.p50", "sent-latency.p99",
	"ttfb.p50", "ttfb.p99", "first-ttfb", "retries", "rejected", "down-after", "up-after", "purge-time",
}

// Comparison prints one row per variant (and world), with notes below. More
// seeds per variant make every cell "mean ± half of the 95 % interval", with "~"
// where the difference to the first row, pair by pair, is noise.
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
	rows := make([]row, len(groups))
	for i, g := range groups {
		rows[i] = row{g, o.Window, g.label}
	}
	columns, err := measure(rows, o.Columns, usual)
	if err != nil {
		return err
	}
	var gone dropped
	if o.Columns == nil {
		columns, gone = narrow(groups, columns)
	}
	if o.Format == CSV {
		return raw(groups, columns).print(w, o)
	}
	if err := humane(groups, columns).print(w, o); err != nil {
		return err
	}
	return say(w, notes(groups, rows, columns, gone), o)
}

func humane(groups []*group, columns []column) *grid {
	g := &grid{head: []string{"variant"}, left: 1}
	many := seeds(groups) > 1
	if many {
		g.head = append(g.head, "n")
	}
	for _, c := range columns {
		g.head = append(g.head, c.heading)
	}
	for i, of := range groups {
		cells := []string{of.label}
		if many {
			cells = append(cells, strconv.Itoa(len(of.runs)))
		}
		for _, c := range columns {
			var base *sample
			if i > 0 {
				base = &c.samples[0]
			}
			cells = append(cells, c.samples[i].text(base))
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// raw is the comparison for programs: plain numbers in the metrics' own units.
func raw(groups []*group, columns []column) *grid {
	g := &grid{head: []string{"variant", "world", "n"}}
	for _, c := range columns {
		name := c.metric
		if unit := c.samples[0].unit; unit != "" {
			name += " [" + string(unit) + "]"
		}
		g.head = append(g.head, name, c.metric+" ± 95 %")
	}
	for i, of := range groups {
		cells := []string{of.runs[0].Variant, of.world, strconv.Itoa(len(of.runs))}
		for _, c := range columns {
			value, half := "", ""
			if s := c.samples[i]; !s.missing {
				value = strconv.FormatFloat(s.interval.Mean, 'g', -1, 64)
				if s.interval.Known() {
					half = strconv.FormatFloat(s.interval.Half, 'g', -1, 64)
				}
			}
			cells = append(cells, value, half)
		}
		g.rows = append(g.rows, cells)
	}
	return g
}

// seeds returns the largest number of seeds in a row.
func seeds(groups []*group) int {
	most := 0
	for _, g := range groups {
		most = max(most, len(g.runs))
	}
	return most
}
