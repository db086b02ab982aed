// Traces as text: the timeline of each request.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"cdnlab/sim"
)

// traceWidth is how wide traces are where no terminal says it, and at the most:
// longer lines are hard to read.
const traceWidth = 100

// PrintTraces prints requests hop by hop: for each the timeline, the headers and
// where the time went. One that was played in both worlds is printed once, with a
// column for each.
func PrintTraces(w io.Writer, t *Traces, o Options) error {
	var out bytes.Buffer
	if o.Width == 0 || o.Width > traceWidth {
		o.Width = traceWidth
	}
	p := tracePrinter{out: &out, o: o}
	p.head(t)
	for i := 0; i < len(t.Requests); i++ {
		first := t.Requests[i]
		if i+1 < len(t.Requests) && t.Requests[i+1].Number == first.Number {
			i++
			if err := p.both(first, t.Requests[i]); err != nil {
				return err
			}
			continue
		}
		p.title(first, "")
		p.timeline(first, nil)
		p.headers(first)
		if err := p.times(first); err != nil {
			return err
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

type tracePrinter struct {
	out  *bytes.Buffer
	o    Options
	seen *TraceAsk // the user's own, which has been printed
}

func (p *tracePrinter) say(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }

func (p *tracePrinter) head(t *Traces) {
	what := "as written"
	if t.Variant != "" {
		what = "the variant " + t.Variant
	}
	p.say("%s, %s, seed %d\n", t.Scenario, what, t.Seed)
	for _, note := range t.Notes {
		p.wrap("  ", "  ", note)
	}
}

// title says what was asked and what came of it.
func (p *tracePrinter) title(t *Trace, beside string) {
	again := ""
	if t.Number > 1 {
		again = ", the same again"
		if t.Number > 2 {
			again = fmt.Sprintf(", the same once more (%d)", t.Number)
		}
	}
	when := "alone in a fresh world"
	switch {
	case t.Loaded:
		when = fmt.Sprintf("at %s of the load", ofTheLoad(t.At))
	case t.Number > 1:
		when = sim.Briefly(t.At) + " after the first was sent"
	}
	p.say("\n%s %s from %s%s, %s (%s)\n", t.Method, t.Path, t.Place, again, when, t.World)
	p.say("%s%s\n\n", t.outcome(p.o), beside)
}

// outcome is the answer in a line.
func (t *Trace) outcome(o Options) string {
	text := "no answer: " + t.Cause
	if t.Status != 0 {
		text = fmt.Sprintf("%d, %s", t.Status, content(t.Bytes))
		if t.Cause != "" {
			text += ", cut short: " + t.Cause
		}
	}
	return colored(o, t.Status > 0 && t.Status < 500 && t.Cause == "", text) + " after " + milliseconds(t.Took)
}

// ofTheLoad prints a time of the load: "6.1 s".
func ofTheLoad(d time.Duration) string {
	return trimZeros(strconv.FormatFloat(d.Seconds(), 'f', 3, 64)) + " s"
}

// traceRow is a line of the timeline.
type traceRow struct {
	at          time.Duration
	took, other time.Duration // other: in the other world
	heading     bool
	depth       int
	label, says string
	bad         bool
}

// timeline prints the steps. other is the same request in the live world, or nil;
// it reports whether that took the same steps.
func (p *tracePrinter) timeline(t, other *Trace) (same bool) {
	p.say("%10s%10s", "at, ms", "takes")
	if other != nil {
		p.say("%10s", "live")
	}
	p.say("\n")
	p.row(traceRow{heading: true, label: "user in " + t.Place}, other != nil)
	steps, late := awaited(t.Steps)
	if other == nil {
		p.steps(steps, false)
	} else {
		live, _ := awaited(other.Steps)
		same = p.stepsOfBoth(steps, live)
	}
	for _, rest := range []struct {
		caption string
		steps   []TraceStep
	}{{"behind the answer", t.Behind}, {"when nobody waited for it any more", late}} {
		inner := tracePrinter{out: new(bytes.Buffer), o: p.o}
		if inner.steps(rest.steps, other != nil); inner.out.Len() > 0 {
			p.say("\n%s:\n%s", rest.caption, inner.out)
		}
	}
	return same
}

// awaited parts the steps that the request waited for from those that came when
// what they are about had been given up.
func awaited(all []TraceStep) (steps, late []TraceStep) {
	for _, s := range all {
		if s.Late {
			late = append(late, s)
		} else {
			steps = append(steps, s)
		}
	}
	return steps, late
}

func (p *tracePrinter) steps(steps []TraceStep, both bool) {
	for i := range steps {
		if r, shown := rowOf(steps, i, 0); shown {
			p.row(r, both)
		}
	}
}

// stepsOfBoth prints the steps of both worlds, each once where they share it.
func (p *tracePrinter) stepsOfBoth(virtual, live []TraceStep) (same bool) {
	pairs, same := align(virtual, live)
	for _, at := range pairs {
		var r traceRow
		shown := false
		switch {
		case at.two < 0:
			if r, shown = rowOf(virtual, at.one, 0); shown {
				r.says = "virtual only: " + r.says
			}
		case at.one < 0:
			if r, shown = rowOf(live, at.two, 0); shown {
				r.took, r.other, r.says = 0, r.took, "live only: "+r.says
			}
		default:
			r, shown = rowOf(virtual, at.one, live[at.two].Took)
		}
		if shown {
			p.row(r, true)
		}
	}
	return same
}

func (p *tracePrinter) row(r traceRow, both bool) {
	start := fmt.Sprintf("%10.2f%10s", millis(r.at), cell(r.took))
	if both {
		start += fmt.Sprintf("%10s", cell(r.other))
	}
	start += "  " + strings.Repeat("  ", r.depth)
	if r.heading {
		p.wrap(start+padTo(r.label, labelWidth+2)+" ", strings.Repeat(" ", len(start)+labelWidth+3), r.says)
		return
	}
	label := padTo(r.label, labelWidth)
	if r.bad {
		label = colored(p.o, false, r.label) + strings.Repeat(" ", max(0, labelWidth-twwidth.Width(r.label)))
	}
	p.wrap(start+"  "+label+" ", strings.Repeat(" ", len(start)+labelWidth+3), r.says)
}

// labelWidth is that of the longest label, "which server".
const labelWidth = 12

func padTo(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-twwidth.Width(s)))
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }

func cell(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", millis(d))
}

// wrap prints a text behind first, and what is too long for the width in further
// lines behind next.
func (p *tracePrinter) wrap(first, next, text string) {
	line, room := first, max(20, p.o.Width-len(next))
	used := 0
	for word := range strings.FieldsSeq(text) {
		width := twwidth.Width(word)
		if used > 0 && used+1+width > room {
			p.say("%s\n", line)
			line, used = next, 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += width
	}
	p.say("%s\n", strings.TrimRight(line, " "))
}
