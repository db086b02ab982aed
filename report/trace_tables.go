// The tables of traces: where the time went, and the two worlds beside each other.
package report

import (
	"fmt"
	"slices"
	"time"

	"cdnlab/sim"
)

// partOrder is the order of the columns: that of a request's way.
var partOrder = []sim.Part{sim.PartWait, sim.PartConnect, sim.PartTLS, sim.PartAccess, sim.PartTravel, sim.PartHandover, sim.PartJoined,
	sim.PartQueue, sim.PartService, sim.PartFault, sim.PartWork, sim.PartTransfer}

// times prints where the time went: a row for each hop and node, a column for
// each part.
func (p *tracePrinter) times(t *Trace) error {
	if len(t.Parts) == 0 {
		return nil
	}
	var parts []sim.Part
	var places []string
	for _, part := range partOrder {
		if slices.ContainsFunc(t.Parts, func(s Spent) bool { return s.Part == part }) {
			parts = append(parts, part)
		}
	}
	for _, s := range t.Parts {
		if !slices.Contains(places, s.Where) {
			places = append(places, s.Where)
		}
	}
	table := &grid{head: []string{"time, ms"}, left: 1}
	for _, part := range parts {
		table.head = append(table.head, string(part))
	}
	table.head = append(table.head, "sum", "share")
	row := func(name string, in func(Spent) bool) {
		cells, sum := []string{name}, time.Duration(0)
		for _, part := range parts {
			d := t.spent(func(s Spent) bool { return s.Part == part && in(s) })
			cells, sum = append(cells, cell(d)), sum+d
		}
		table.add(append(cells, cell(sum), share(sum, t.Took))...)
	}
	for _, place := range places {
		row(place, func(s Spent) bool { return s.Where == place })
	}
	if len(places) > 1 {
		row("total", func(Spent) bool { return true })
	}
	p.say("\n")
	return table.print(p.out, Options{Width: p.o.Width})
}

// spent sums up some parts.
func (t *Trace) spent(in func(Spent) bool) (sum time.Duration) {
	for _, s := range t.Parts {
		if in(s) {
			sum += s.Took
		}
	}
	return sum
}

func share(d, of time.Duration) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(d)/float64(of))
}

// both prints one request that was played in both worlds.
func (p *tracePrinter) both(virtual, live *Trace) error {
	late := live.Took - virtual.Took
	p.title(virtual, fmt.Sprintf("; live: %s, %+.2f ms", live.outcome(p.o), millis(late)))
	same := p.timeline(virtual, live)
	p.headers(virtual)
	table := &grid{head: []string{"time, ms", "part", "virtual", "live", "difference"}, left: 2}
	for _, s := range bothParts(virtual, live) {
		table.add(s.Where, string(s.Part), number2(s.virtual), number2(s.live), fmt.Sprintf("%+.2f", millis(s.live-s.virtual)))
	}
	table.add("total", "", number2(virtual.Took), number2(live.Took), fmt.Sprintf("%+.2f", millis(late)))
	p.say("\n")
	if err := table.print(p.out, Options{Width: p.o.Width}); err != nil {
		return err
	}
	if same {
		p.say("  both worlds took the same steps in the same order\n")
	} else {
		p.say("  the worlds differ in the steps that say so\n")
	}
	p.say("  handover is what sockets and processes take beside the modelled way; in virtual time, what [cpu] says\n")
	return nil
}

func number2(d time.Duration) string { return fmt.Sprintf("%.2f", millis(d)) }
