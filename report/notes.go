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
func notes(groups []*group, rows []row, columns []column, all [][]contest, dropped dropped) []string {
	lines := append(outcomes(groups, columns, all), spread(groups, rows, columns)...)
	lines = append(lines, warmups(groups)...)
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
	return append(append(lines, doubts(rows, columns)...), warnings(rows, columns)...)
}

// spread says what is known of how much the numbers would differ another time.
func spread(groups []*group, rows []row, columns []column) []string {
	first := groups[0].runs
	if seeds(groups) == 1 {
		one := fmt.Sprintf("seed %d, n = 1: one run each, so nothing is known of the spread", first[0].Seed)
		if len(groups) > 1 {
			one += " and no winner is named"
		}
		return append([]string{one}, withinRun(rows, columns)...)
	}
	line := fmt.Sprintf("seeds %d to %d; mean ± 95 %% confidence interval over the seeds", first[0].Seed, first[len(first)-1].Seed)
	if worlds := byWorld(groups); len(groups) > len(worlds) {
		base := groups[0].label
		if len(worlds) > 1 {
			base = "the first row of its world"
		}
		line += fmt.Sprintf("; by pairs of equal seed, with Holm's correction in each column: ~ the difference to %s is noise, * better than every other", base)
	}
	return []string{line}
}

// warmups says what was left out of the measured time.
func warmups(groups []*group) []string {
	first, same := groups[0].runs[0].Warmup, true
	var each []string
	for _, g := range groups {
		warmup := g.runs[0].Warmup
		same = same && warmup == first
		if warmup > 0 {
			each = append(each, fmt.Sprintf("%s %v", g.label, warmup))
		}
	}
	if same && first > 0 {
		return []string{fmt.Sprintf("warm-up: the first %v were played and not measured", first)}
	}
	return named("warm-up, played and not measured: ", each)
}

// withinRun says how well single runs know the quantiles furthest out, which
// depend on the fewest requests.
func withinRun(rows []row, columns []column) []string {
	for _, c := range slices.Backward(columns) {
		if histogram, _, ok := quantileOf(c.metric); !ok || histogram != histNames[histLatency] {
			continue
		}
		var known []string
		for i, r := range rows {
			if w, ok := r.within(c, i); ok && (w.Open || w.High-w.Low >= 0.01*w.High) { // else the table has all its digits
				known = append(known, r.label+" "+w.String())
			}
		}
		if len(known) > 0 {
			return named(fmt.Sprintf("%s within this run (95 %%, as if its requests were independent, which they are not): ", c.heading), known)
		}
	}
	return nil
}

// String is the interval as people read it.
func (w Within) String() string {
	low, high := FormatValue(w.Low, UnitTime), FormatValue(w.High, UnitTime)
	switch {
	case w.Open:
		return "at least " + low
	case low == high:
		return low
	}
	if number, unit, _ := strings.Cut(low, " "); strings.HasSuffix(high, " "+unit) {
		low = number
	}
	return low + " to " + high
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
