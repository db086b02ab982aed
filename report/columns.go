// Columns of a table: metrics over rows, those without anything to see left out.
package report

import "strings"

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
// in which nothing happened are not, but for requests and errors.
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
		empty := true
		for _, r := range rows {
			s, err := r.group.measure(r.window, name)
			if err != nil {
				return nil, err
			}
			c.samples = append(c.samples, s)
			empty = empty && s.zero()
		}
		if chosen != nil || !empty || name == "requests" || name == "errors" {
			columns = append(columns, c)
		}
	}
	if chosen != nil {
		return columns, nil
	}
	return dropSame(columns), nil
}

// dropSame leaves out the latencies from the actual send when every request of
// every run was sent on time: they are then those from the intended one, and a
// note says so.
func dropSame(columns []column) []column {
	byName := map[string]column{}
	for _, c := range columns {
		byName[c.metric] = c
	}
	var kept []column
	for _, c := range columns {
		intended, found := byName[strings.TrimPrefix(c.metric, sent)]
		if strings.HasPrefix(c.metric, sent) && found && same(c, intended) {
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// sent begins the names of metrics that count from the actual send.
const sent = "sent-"

func same(a, b column) bool {
	for i := range a.samples {
		if a.samples[i].missing != b.samples[i].missing {
			return false
		}
		for seed, v := range a.samples[i].bySeed { // in any order: all must agree
			if b.samples[i].bySeed[seed] != v {
				return false
			}
		}
	}
	return true
}
