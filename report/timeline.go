// The timeline: before, during and after each event.
package report

import (
	"fmt"
	"io"
)

var timelineColumns = []string{
	"requests", "rate", "errors", "error-ratio", "hit-ratio", "shield-hit-ratio", "origin-requests",
	"outdated-ratio", "staleness.mean", "staleness.max", "wrong-user-ratio",
	"latency.p50", "latency.p99", "sent-latency.p99", "retries", "rejected", "down-after", "up-after", "purge-time", "purges-missed", "origin-peak",
	"page-load.p50", "page-load.p99", "mixed-pages", "not-found", "users-with-errors", "sessions-lost",
}

// Timeline prints a row per event, variant and phase; nothing when nothing
// happened in any run.
func Timeline(w io.Writer, result *Result, o Options) error {
	groups, err := gather(result.Runs)
	if err != nil {
		return err
	}
	var rows []row
	var windows []Window
	all := faults(groups)
	for _, fault := range all {
		for _, g := range groups {
			for i := range g.runs[0].Windows {
				win := g.runs[0].Windows[i].Window
				if win.Fault != fault || win.Phase == "" || win.To <= win.From { // it ended before that phase
					continue
				}
				label := g.label + ", " + win.Phase
				if len(all) > 1 {
					label = g.label + ", " + win.Name
				}
				rows = append(rows, row{g, win.Name, label})
				windows = append(windows, win)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	columns, err := measure(rows, o.Columns, usualOf(groups, timelineColumns, "servers.mean"))
	if err != nil {
		return err
	}
	if o.Columns == nil {
		columns, _ = narrow(groups, columns)
	}
	if err := timeline(rows, windows, columns).print(w, o); err != nil || o.Format == CSV {
		return err
	}
	return say(w, warnings(rows, columns), o)
}

// timeline names each event and variant once.
func timeline(rows []row, windows []Window, columns []column) *grid {
	table := &grid{head: []string{"event", "variant", "phase", "from", "to"}, left: 3}
	for _, c := range columns {
		table.head = append(table.head, c.heading)
	}
	for i, win := range windows {
		fault, variant := win.Fault, rows[i].group.label
		if i > 0 && windows[i-1].Fault == fault {
			if rows[i-1].group == rows[i].group {
				variant = ""
			}
			fault = ""
		}
		cells := []string{fault, variant, win.Phase, seconds(win.From.Seconds()), seconds(win.To.Seconds())}
		for _, c := range columns {
			cells = append(cells, c.samples[i].text())
		}
		table.rows = append(table.rows, cells)
	}
	return table
}

// faults returns the faults of all runs in the order of their first phase.
func faults(groups []*group) []string {
	var names []string
	seen := map[string]bool{}
	for _, g := range groups {
		for i := range g.runs[0].Windows {
			if w := g.runs[0].Windows[i]; w.Phase != "" && !seen[w.Fault] {
				seen[w.Fault] = true
				names = append(names, w.Fault)
			}
		}
	}
	return names
}

func seconds(s float64) string { return fmt.Sprintf("%.1f s", s) }
