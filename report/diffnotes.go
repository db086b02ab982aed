// Notes below a diff: what its numbers are, and what is not among them.
package report

import (
	"fmt"
	"slices"
	"strings"
)

// notes say what the numbers are, and what is not among them.
func (d *Diff) notes() []string {
	var lines []string
	for _, line := range d.settingsLines() {
		lines = append(lines, "the scenario changed: "+line)
	}
	lines = append(lines, d.sameNotes()...)
	lines = append(lines, d.pairNotes()...)
	lines = append(lines, d.testNotes()...)
	for _, row := range d.Rows {
		for _, g := range []*group{row.old, row.new} {
			line := "? " + row.name(d) + ": its times are withheld: " + g.untrusted()
			if g.untrusted() != "" && !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	for _, side := range []struct {
		names []string
		file  string
	}{{d.OnlyOld, d.o.OldName}, {d.OnlyNew, d.o.NewName}} {
		if len(side.names) > 0 {
			lines = append(lines, "only in "+side.file+": "+strings.Join(side.names, "; "))
		}
	}
	for _, why := range d.LeftOut {
		lines = append(lines, "left out: "+why)
	}
	return lines
}

// sameNotes name the metrics that have no row, as nothing changed in them.
func (d *Diff) sameNotes() []string {
	var texts []string
	of := map[string][]string{} // text -> the variants that it is about
	add := func(row *DiffRow, text string) {
		if of[text] == nil {
			texts = append(texts, text)
		}
		of[text] = append(of[text], row.name(d))
	}
	for i := range d.Rows {
		row := &d.Rows[i]
		if row.same() || d.o.Metrics != nil {
			continue
		}
		var names []string
		for j := range row.Deltas {
			if d.unchanged(&row.Deltas[j]) {
				names = append(names, row.Deltas[j].Metric)
			}
		}
		if len(names) > 0 {
			add(row, "no change in "+strings.Join(names, ", "))
		}
		if row.ttfb {
			add(row, fmt.Sprintf("the time to first byte is the latency within %.0f %%", 100*sameShare))
		}
	}
	for i, text := range texts {
		texts[i] = strings.Join(of[text], "; ") + ": " + text
	}
	return texts
}

// pairNotes say how many runs of the same seed came to the same.
func (d *Diff) pairNotes() []string {
	if !d.paired() {
		return nil
	}
	pairs, same, alone := 0, 0, 0
	for _, row := range d.Rows {
		pairs, same = pairs+len(row.Seeds), same+row.Identical
		if row.Seeds != nil {
			alone += len(row.old.runs) + len(row.new.runs) - 2*len(row.Seeds)
		}
	}
	lines := []string{fmt.Sprintf("virtual time, %s: %d of %d runs are the same to the last digit", d.seeds(), same, pairs)}
	if alone > 0 {
		lines = append(lines, fmt.Sprintf("%d runs are left out: the other result has no run of their seed", alone))
	}
	if same < pairs {
		lines = append(lines, "the same seed gives other numbers: that is a change, not noise (old and new are means over the same seeds)")
	}
	return lines
}

// seeds are those of all pairs.
func (d *Diff) seeds() string {
	var all []uint64
	for _, row := range d.Rows {
		all = append(all, row.Seeds...)
	}
	slices.Sort(all)
	if first, last := all[0], all[len(all)-1]; first != last {
		return fmt.Sprintf("seeds %d to %d", first, last)
	}
	return fmt.Sprintf("seed %d", all[0])
}

// testNotes explain p and its "~", and what many tests at once do.
func (d *Diff) testNotes() []string {
	tests, short, alone := 0, false, false
	for i := range d.Rows {
		for j := range d.Rows[i].Deltas {
			delta := &d.Rows[i].Deltas[j]
			odds := d.odds(delta)
			if odds == "" {
				continue
			}
			alone = alone || !delta.Paired
			if enough(len(delta.Old), len(delta.New), d.o.Alpha) {
				tests++
			} else {
				short = true
			}
		}
	}
	var lines []string
	if alone {
		lines = append(lines, fmt.Sprintf("medians of runs that are no pairs; ± 95 %% interval; ~ is a difference that luck may have made (Mann-Whitney U, alpha %g)", d.o.Alpha))
	} else if tests > 0 {
		lines = append(lines, fmt.Sprintf("p: whether other seeds would show it too (Mann-Whitney U, alpha %g); ~ they may not", d.o.Alpha))
	}
	if short {
		what := "between runs that are no pairs"
		if !alone {
			what = "for other seeds"
		}
		lines = append(lines, fmt.Sprintf("~ so few runs show nothing %s: it takes %s a side at alpha %g (--runs %s)", what, needed(d.o.Alpha), d.o.Alpha, needed(d.o.Alpha)))
	}
	if lucky := float64(tests) * d.o.Alpha; lucky >= 1 {
		lines = append(lines, fmt.Sprintf("of %d tests at alpha %g about %.0f would show a difference where there is none", tests, d.o.Alpha, lucky))
	}
	return lines
}
