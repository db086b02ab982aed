// Doubts about the runs behind a comparison: too short, or never settled.
package report

import (
	"fmt"
	"strings"
)

// doubts returns a line for each kind of doubt, with the rows that it befalls.
func doubts(rows []row, columns []column) []string {
	var starts, drifts, short []string
	for i, r := range rows {
		if u, unsteady := r.group.unsteady(); unsteady && r.window == All {
			says := r.label + " (" + r.group.says(u) + ")"
			if u.Kind == Starting {
				starts = append(starts, says)
			} else {
				drifts = append(drifts, says)
			}
		}
		if of, measured, needed, load, tooShort := r.tooShort(columns, i); tooShort {
			short = append(short, fmt.Sprintf("%s (%s at %.0f %% load: %s requests measured, about %s needed)",
				r.label, of, 100*load, formatNumber(measured), formatNumber(about(needed))))
		}
	}
	return append(append(named("not steady at the start: ", starts), named("not steady: ", drifts)...),
		named(fmt.Sprintf("too short for ±%.0f %%: ", 100*precision), short)...)
}

// named is a line that names rows, not too many of them.
func named(what string, rows []string) []string {
	if len(rows) == 0 {
		return nil
	}
	more := ""
	if n := len(rows) - maxNamed; n > 0 {
		rows, more = rows[:maxNamed], fmt.Sprintf(" and %d more", n)
	}
	return []string{what + strings.Join(rows, "; ") + more}
}

// says says what was seen and what may be behind it.
func (g *group) says(u Unsteady) string {
	before, after := FormatValue(float64(u.Before), UnitTime), FormatValue(float64(u.After), UnitTime)
	switch u.Kind {
	case Starting:
		return fmt.Sprintf("mean %s before %v, %s after; --set warmup=%v leaves that out", before, u.Cut, after, u.Cut)
	case Wandering:
		return fmt.Sprintf("mean %s in the first half, %s in the second; only a longer run can tell a start from chance", before, after)
	}
	quarters := fmt.Sprintf("mean %s in the first quarter, %s in the last and still ", before, after)
	run := g.runs[0]
	node, busy := View{run, &run.Windows[0]}.busiest()
	switch {
	case u.After < u.Before:
		return quarters + "falling; a longer run would show where to"
	case busy > mostLoad:
		return quarters + "growing; " + node + " is overloaded, so no warm-up helps"
	}
	return quarters + "growing; more comes than is carried, or a longer run would show where to"
}
