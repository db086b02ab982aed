// Notes below a table: what must be said of the numbers in it.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxNamed bounds the rows that a warning names; more would not be read.
const maxNamed = 6

// notes returns what must be said of a comparison.
func notes(groups []*group, rows []row, columns []column, dropped dropped) []string {
	var lines []string
	first := groups[0].runs
	if n := seeds(groups); n == 1 {
		lines = append(lines, fmt.Sprintf("seed %d; one run each, so nothing is known of the spread", first[0].Seed))
	} else {
		lines = append(lines, fmt.Sprintf("seeds %d to %d; mean ± 95 %% confidence interval; ~ the difference to %s, seed by seed, is noise",
			first[0].Seed, first[len(first)-1].Seed, groups[0].label))
	}
	if dropped.rate != "" {
		lines = append(lines, "rate: "+dropped.rate+" in every row")
	}
	lines = append(lines, "failed requests are counted, not timed; times count from the intended send"+sentNote(columns))
	if dropped.ttfb {
		lines = append(lines, fmt.Sprintf("the time to first byte is the latency within %.0f %%", 100*sameShare))
	}
	if timesPages(columns) {
		lines = append(lines, pagesNote)
	}
	for _, g := range groups {
		if why := g.untrusted(); why != "" {
			lines = append(lines, "? "+g.label+": its times are withheld: "+why)
		}
		if g.runs[0].ClosedLoop {
			lines = append(lines, g.label+": users wait for their answers (closed loop): its latencies leave out the requests that were therefore never sent")
		}
	}
	return append(lines, warnings(rows, columns)...)
}

func sentNote(columns []column) string {
	timed := false
	for _, c := range columns {
		if strings.HasPrefix(c.metric, sent) {
			return ", those marked \"sent\" from the actual one"
		}
		timed = timed || strings.HasPrefix(c.metric, "latency.")
	}
	if timed {
		return ", which here is the actual one: all were sent on time"
	}
	return ""
}

// warnings returns what is doubtful about the samples: a line for each kind of
// warning, which names each row once, however many columns it befalls.
func warnings(rows []row, columns []column) []string {
	var kinds []string
	of := map[string][]string{}
	for i, r := range rows {
		for _, c := range columns {
			for _, w := range c.samples[i].warnings {
				if of[w.Kind] == nil {
					kinds = append(kinds, w.Kind)
				}
				if text := (Warning{r.label, w.Here}).String(); !slices.Contains(of[w.Kind], text) {
					of[w.Kind] = append(of[w.Kind], text)
				}
			}
		}
	}
	var lines []string
	for _, kind := range kinds {
		names, more := of[kind], ""
		if n := len(names) - maxNamed; n > 0 {
			names, more = names[:maxNamed], fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, fmt.Sprintf("doubtful: %s: %s%s", kind, strings.Join(names, "; "), more))
	}
	return lines
}

// say prints notes below a table, indented, and folded to the width.
func say(w io.Writer, lines []string, o Options) error {
	for _, line := range lines {
		if o.Format == Markdown {
			line = "\n> " + line
		} else {
			line = "  " + fold(line, o.Width)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// fold breaks a note between words so that it fits into the width beside its
// indent; 0 leaves it whole.
func fold(line string, width int) string {
	if width <= 0 {
		return line
	}
	var out strings.Builder
	used := 2
	for i, word := range strings.Fields(line) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+n > width:
			out.WriteString("\n    ")
			used = 4
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += n
	}
	return out.String()
}
