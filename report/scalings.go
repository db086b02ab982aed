// The autoscaler's decisions: when it moved the fleet, and why.
package report

import (
	"fmt"
	"io"
	"strings"

	"cdnlab/sim"
)

// maxScalings bounds the decisions of one run that are told: who wants to see a fleet swing
// has seen it by then.
const maxScalings = 12

// Scalings prints a row for each time that an autoscaler added or removed servers, of
// the first seed of each variant; nothing when none ever did.
func Scalings(w io.Writer, result *Result, o Options) error {
	groups, err := gather(result.Runs)
	if err != nil {
		return err
	}
	table := &grid{head: []string{"variant", "at", "what", "why"}, left: 1, tail: 2}
	var notes []string
	for _, g := range groups {
		label, told, all := g.label, 0, 0
		for _, e := range g.runs[0].Events {
			if e.Kind != sim.EventScaledOut && e.Kind != sim.EventScaledIn {
				continue
			}
			if all++; told == maxScalings {
				continue
			}
			what, why, _ := strings.Cut(e.Detail, ": ")
			table.add(label, seconds(e.At.Sub(0).Seconds()), what, why)
			label, told = "", told+1
		}
		if all > told {
			notes = append(notes, fmt.Sprintf("%s: %d more", g.label, all-told))
		}
	}
	if len(table.rows) == 0 {
		return nil
	}
	if err := table.print(w, o); err != nil || o.Format == CSV {
		return err
	}
	if seeds(groups) > 1 {
		notes = append(notes, fmt.Sprintf("of seed %d", groups[0].runs[0].Seed))
	}
	return say(w, notes, o)
}
