// Diffs as tables.
package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Print prints what changed, what was not to get worse, and what must be said
// of the numbers.
func (d *Diff) Print(w io.Writer, o Options) error {
	if o.Format == CSV {
		return d.raw().print(w, o)
	}
	heading := "%s\n"
	if o.Format == Markdown {
		heading = "## %s\n"
	}
	if _, err := fmt.Fprintf(w, heading+"\n", d.Scenario+": "+d.o.OldName+" -> "+d.o.NewName); err != nil {
		return err
	}
	if err := d.table().print(w, o); err != nil {
		return err
	}
	if err := say(w, d.notes(), o); err != nil {
		return err
	}
	if err := d.printJudged(w, o); err != nil {
		return err
	}
	return d.printLost(w, o)
}

// table has a row for each metric that tells anything; variants whose runs are
// the same throughout have one row.
func (d *Diff) table() *grid {
	paired := d.paired()
	g := &grid{head: []string{"variant", "metric", "old", "new", "change"}, left: 2}
	if paired {
		g.head = append(g.head, "same seed")
	}
	g.head = append(g.head, "p")
	g.tail = len(g.head) - 5
	for i := range d.Rows {
		row := &d.Rows[i]
		label := row.name(d)
		if row.same() && d.o.Metrics == nil {
			g.add(pad([]string{label, "everything", "", "", "="}, len(g.head))...)
			continue
		}
		for j := range row.Deltas {
			delta := &row.Deltas[j]
			if d.o.Metrics == nil && (d.unchanged(delta) || delta.Withheld) { // a note names it
				continue
			}
			cells := append([]string{label, delta.heading}, d.cells(delta)...)
			if paired {
				cells = append(cells, delta.seedsCell())
			}
			g.add(append(cells, d.odds(delta))...)
			label = ""
		}
		if label != "" { // nothing to see: the notes say more
			sign := "="
			if slices.ContainsFunc(row.Deltas, func(e Delta) bool { return e.Withheld }) {
				sign = "?"
			}
			g.add(pad([]string{label, "the usual ones", "", "", sign}, len(g.head))...)
		}
	}
	return g
}

// same reports whether every run of a seed came to the same.
func (row *DiffRow) same() bool { return row.Seeds != nil && row.Identical == len(row.Seeds) }

func pad(cells []string, n int) []string {
	for len(cells) < n {
		cells = append(cells, "")
	}
	return cells
}

// name is the row's variant, with its world when there are several.
func (row *DiffRow) name(d *Diff) string {
	if slices.ContainsFunc(d.Rows, func(r DiffRow) bool { return r.World != row.World }) {
		return row.Label
	}
	return row.new.runs[0].Label()
}

func (d *Diff) paired() bool {
	return slices.ContainsFunc(d.Rows, func(r DiffRow) bool { return r.Seeds != nil })
}

// cells are the old value, the new one and the change between them.
func (d *Diff) cells(delta *Delta) []string {
	side := func(values []float64) string {
		if len(values) == 0 {
			return "-"
		}
		return FormatValue(delta.Center(values), delta.Unit) + delta.spread(values)
	}
	if delta.Withheld {
		return []string{"?", "?", "?"}
	}
	return []string{side(delta.Old), side(delta.New), d.change(delta)}
}

// change prints the change; without pairs, "~" is one that luck may have made.
func (d *Diff) change(delta *Delta) string {
	if delta.missing() {
		return "-"
	}
	switch {
	case d.unchanged(delta):
		return "="
	case !delta.Paired && !delta.Significant(d.o.Alpha):
		return "~"
	}
	return formatChange(delta.Change())
}

// unchanged reports whether there is no difference at all: pair by pair, or
// because all values are one.
func (d *Diff) unchanged(delta *Delta) bool {
	if delta.missing() {
		return false
	}
	if delta.Paired {
		return delta.Moves().Same == len(delta.Old)
	}
	return !slices.ContainsFunc(slices.Concat(delta.Old, delta.New), func(v float64) bool { return v != delta.Old[0] })
}

// formatChange prints a share with its sign: "+14.6 %".
func formatChange(share float64) string {
	switch {
	case math.IsInf(share, 0):
		return "from 0"
	case share > 0:
		return "+" + formatRatio(share)
	}
	return formatRatio(share)
}

func (d *Delta) seedsCell() string {
	if !d.Paired || d.missing() {
		return ""
	}
	return d.moved()
}

// odds say whether other seeds, or other runs, would show the change too.
func (d *Diff) odds(delta *Delta) string {
	n, m := len(delta.Old), len(delta.New)
	if delta.missing() || d.unchanged(delta) {
		return ""
	}
	runs := fmt.Sprintf("(n=%d+%d)", n, m)
	if n == m {
		runs = fmt.Sprintf("(n=%d)", n)
	}
	if !enough(n, m, d.o.Alpha) {
		return "~ " + runs
	}
	text := fmt.Sprintf("%.3f %s", delta.P(), runs)
	if !delta.Significant(d.o.Alpha) {
		text = "~ " + text
	}
	return text
}

// printJudged prints the thresholds.
func (d *Diff) printJudged(w io.Writer, o Options) error {
	if len(d.Judged) == 0 {
		return nil
	}
	g := &grid{head: []string{"", "a regression is", "variant", "old", "new", "change", ""}, left: 3, tail: 1}
	for i := range d.Judged {
		j := &d.Judged[i]
		cells := []string{"-", "-", "-"}
		if !j.Delta.missing() {
			side := func(v []float64) string { return FormatValue(j.Delta.Center(v), j.Delta.Unit) }
			cells = []string{side(j.Delta.Old), side(j.Delta.New), formatChange(j.Delta.Change())}
		}
		says, why := j.Threshold.String(), j.Why
		if j.Says != "" {
			why = strings.TrimPrefix(j.Why+"; "+j.Says, "; ")
		}
		g.add(append(append([]string{j.verdict(o), says, j.Label}, cells...), why)...)
	}
	if err := caption(w, o, "What must not happen"); err != nil {
		return err
	}
	return g.print(w, Options{Format: o.Format})
}

func (j *Judged) verdict(o Options) string {
	e := Expectation{Pass: j.Pass, NotJudged: j.NotJudged}
	return e.verdict(o)
}

// printLost prints the expectations that hold no longer, and the last line.
func (d *Diff) printLost(w io.Writer, o Options) error {
	if len(d.NoLonger) > 0 {
		if err := caption(w, o, "What no longer holds"); err != nil {
			return err
		}
		g := &grid{head: []string{"", "expectation", "variant", "measured", "bound"}, left: 3}
		for i := range d.NoLonger {
			e := &d.NoLonger[i]
			g.add(e.verdict(o), e.Says, e.Variant, number(e.Measured, e.Unit), e.bound())
		}
		if err := g.print(w, Options{Format: o.Format}); err != nil {
			return err
		}
	}
	worse, unknown := d.Regressions()
	if len(d.Judged)+len(d.NoLonger) == 0 {
		return nil
	}
	line := strconv.Itoa(worse) + " regressions"
	switch worse {
	case 0:
		line = "no regression"
	case 1:
		line = "1 regression"
	}
	if unknown > 0 {
		line += fmt.Sprintf(", %d not judged", unknown)
	}
	_, err := fmt.Fprintln(w, "\n"+colored(o, worse+unknown == 0, line))
	return err
}

func caption(w io.Writer, o Options, text string) error {
	form := "\n%s\n\n"
	if o.Format == Markdown {
		form = "\n### %s\n\n"
	}
	_, err := fmt.Fprintf(w, form, text)
	return err
}

// raw is the diff for programs: plain numbers in the metrics' own units.
func (d *Diff) raw() *grid {
	g := &grid{head: []string{"variant", "world", "metric", "unit", "old", "new", "change", "p", "n old", "n new", "paired", "up", "down", "same"}}
	plain := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for _, row := range d.Rows {
		for _, delta := range row.Deltas {
			cells := []string{row.Variant, row.World, delta.Metric, string(delta.Unit), "", "", "", "",
				strconv.Itoa(len(delta.Old)), strconv.Itoa(len(delta.New)), strconv.FormatBool(delta.Paired), "", "", ""}
			if !delta.missing() {
				cells[4], cells[5] = plain(delta.Center(delta.Old)), plain(delta.Center(delta.New))
				cells[6], cells[7] = plain(delta.Change()), plain(delta.P())
			}
			if delta.Paired {
				m := delta.Moves()
				cells[11], cells[12], cells[13] = strconv.Itoa(m.Up), strconv.Itoa(m.Down), strconv.Itoa(m.Same)
			}
			g.add(cells...)
		}
	}
	return g
}
