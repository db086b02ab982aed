// The tables of judgement: expectations and the fidelity receipt.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	green = "\x1b[32m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
)

func colored(o Options, good bool, text string) string {
	switch {
	case !o.Color:
		return text
	case good:
		return green + text + reset
	}
	return red + text + reset
}

// The verdicts on an expectation.
const (
	verdictPass      = "pass"
	verdictFail      = "FAIL"
	verdictNotJudged = "not judged"
)

// verdict returns the expectation's verdict, in its colour: what is not judged
// is neither good nor bad and has none.
func (e *Expectation) verdict(o Options) string {
	switch {
	case e.NotJudged:
		return verdictNotJudged
	case e.Pass:
		return colored(o, true, verdictPass)
	}
	return colored(o, false, verdictFail)
}

// measured prints what was measured, with its interval when there are more seeds.
func (e *Expectation) measured() string {
	if e.Measured == nil || e.Half == nil {
		return number(e.Measured, e.Unit)
	}
	return formatInterval(Interval{Mean: *e.Measured, Half: *e.Half}, e.Unit)
}

// bound prints what the measured number is held against: "= 151 ms ± 2 %".
func (e *Expectation) bound() string {
	op, tolerance := e.Op, ""
	switch op {
	case "==":
		op = "="
	case "~":
		op, tolerance = "=", " ± "+formatRatio(e.Tolerance)
	}
	text := op + " " + number(e.Bound, e.Unit) + tolerance
	if e.Against != "" {
		text += " (" + e.Against + ")"
	}
	return text
}

// remarks says why an expectation was not met or not judged, and what is
// doubtful about one that was.
func (e *Expectation) remarks() string {
	why := e.Why
	if len(e.Warnings) > 0 && !e.NotJudged {
		why = strings.TrimPrefix(why+"; doubtful: "+strings.Join(e.Warnings, "; "), "; ")
	}
	return why
}

// Expectations prints what the scenario claims and what was measured. The
// variant and the world stand there when a line would otherwise be there twice.
func Expectations(w io.Writer, result *Result, o Options) error {
	all := result.Expectations
	if len(all) == 0 {
		return nil
	}
	table := &grid{head: []string{"", "expectation"}, tail: 1}
	worlds, variants := ambiguous(all)
	if variants {
		table.head = append(table.head, "variant")
	}
	if worlds {
		table.head = append(table.head, "world")
	}
	table.left = len(table.head)
	table.head = append(table.head, "measured", "bound", "")
	hold, open := 0, 0
	for i := range all {
		if e := &all[i]; e.NotJudged {
			open++
		} else if e.Pass {
			hold++
		}
	}
	for rest := all; len(rest) > 0; {
		n := 1
		if k := linesAlike(rest, o); variants && o.Format != CSV && k > fewAlike {
			n = k
		}
		e := &rest[0]
		cells := []string{e.verdict(o), e.Says}
		if variants {
			cells = append(cells, andMore(e.Variant, n-1))
		}
		if worlds {
			cells = append(cells, e.World)
		}
		table.add(append(cells, e.measured(), e.bound(), e.remarks())...)
		rest = rest[n:]
	}
	if err := table.print(w, Options{Format: o.Format}); err != nil || o.Format == CSV {
		return err
	}
	line := fmt.Sprintf("%d of %d expectations hold", hold, len(all))
	if open > 0 {
		line += fmt.Sprintf(", %d not judged", open)
	}
	if open == 0 || hold+open < len(all) {
		line = colored(o, hold == len(all), line)
	}
	_, err := fmt.Fprintln(w, "\n"+line)
	return err
}

// fewAlike is how many lines that differ in their variant only are still read easily.
const fewAlike = 2

// linesAlike returns how many expectations from the first read the same but for the variant:
// one line can say them all.
func linesAlike(all []Expectation, o Options) int {
	line := func(e *Expectation) string {
		return strings.Join([]string{e.verdict(o), e.Says, e.World, e.measured(), e.bound(), e.remarks()}, "\n")
	}
	n := 1
	for n < len(all) && line(&all[n]) == line(&all[0]) {
		n++
	}
	return n
}

func andMore(name string, more int) string {
	if more == 0 {
		return name
	}
	return fmt.Sprintf("%s and %d more", name, more)
}

// ambiguous reports whether it takes the world, or the variant, to tell the
// expectations apart.
func ambiguous(all []Expectation) (worlds, variants bool) {
	for i, e := range all {
		for _, f := range all[:i] {
			if e.Says == f.Says && e.Metric == f.Metric && e.Window == f.Window {
				worlds = worlds || e.World != f.World
				variants = variants || e.World == f.World && e.Variant != f.Variant
			}
		}
	}
	return worlds, variants
}

func number(v *float64, unit Unit) string {
	if v == nil {
		return "-"
	}
	return FormatValue(*v, unit)
}

// Receipts prints how far each live run can be trusted, and how exact its links
// were; nothing for virtual runs.
func Receipts(w io.Writer, result *Result, o Options) error {
	table := &grid{head: []string{"variant", "verdict", "seed", "on time", "sent late p50", "p99", "max",
		"links late p50", "p99", "max", "CPU pressure"}, left: 2}
	var lines []string
	add := func(line string) {
		if line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, run := range result.Runs {
		r := run.Receipt
		if r == nil {
			continue
		}
		trust, why := Fidelity(run)
		pressure := "unknown"
		if r.CPUPressure != nil {
			pressure = formatRatio(*r.CPUPressure)
		}
		cells := append([]string{run.Label(), colored(o, trust == Trusted, string(trust)), fmt.Sprint(run.Seed),
			onTime(r.Generator)}, lateness(r.Generator)...)
		table.add(append(append(cells, lateness(r.Links)...), pressure)...)
		if says := pace(r); says != "" {
			add(run.Label() + ": " + says)
		}
		for _, reason := range why {
			add(run.Label() + ": " + reason)
		}
		if r.Addresses != "" {
			add("addresses: " + r.Addresses)
		}
		for _, note := range r.Notes {
			add(run.Label() + ": " + note)
		}
	}
	if len(table.rows) == 0 {
		return nil
	}
	if err := table.print(w, o); err != nil || o.Format == CSV {
		return err
	}
	if err := say(w, lines, o); err != nil {
		return err
	}
	if err := roundTrips(w, result, o); err != nil {
		return err
	}
	return work(w, result, o)
}

// pace says what a speed other than 1 makes of the machine's time.
func pace(r *Receipt) string {
	if r.Speed == 0 || r.Speed == 1 {
		return ""
	}
	return fmt.Sprintf("played at speed %v: a millisecond of this machine is %v ms here, as in all of the run's times", r.Speed, r.Speed)
}

// roundTrips prints the links' round-trip times, configured and measured.
func roundTrips(w io.Writer, result *Result, o Options) error {
	table := &grid{head: []string{"variant", "seed", "link", "configured", "measured", "off by"}, left: 3}
	for _, run := range result.Runs {
		if run.Receipt == nil {
			continue
		}
		for i, rtt := range run.Receipt.RTTs {
			variant, seed := run.Label(), fmt.Sprint(run.Seed)
			if i > 0 {
				variant, seed = "", ""
			}
			off := float64(rtt.Measured - rtt.Configured)
			table.add(variant, seed, rtt.From+" -> "+rtt.To, milliseconds(rtt.Configured), milliseconds(rtt.Measured),
				fmt.Sprintf("%+.2f ms", off/1e6))
		}
	}
	return beneath(w, table, "round-trip times: the median from the actual send over an open connection to the first byte, less what the node took", o)
}

// work prints how long workers worked, configured and measured.
func work(w io.Writer, result *Result, o Options) error {
	table := &grid{head: []string{"variant", "seed", "server", "work", "requests", "configured", "measured", "longer by p50", "p99"}, left: 4}
	for _, run := range result.Runs {
		if run.Receipt == nil {
			continue
		}
		for i, one := range run.Receipt.Work {
			variant, seed, kind := run.Label(), fmt.Sprint(run.Seed), "wait"
			if i > 0 {
				variant, seed = "", ""
			}
			if one.CPU {
				kind = "cpu"
			}
			table.add(variant, seed, one.Node, kind, formatNumber(float64(one.N)), milliseconds(one.Configured), milliseconds(one.Measured),
				milliseconds(one.Median), milliseconds(one.P99))
		}
	}
	return beneath(w, table, "work: the means of what the dice wanted and of what it took, without the wait for a worker", o)
}

// beneath prints a table under another, and what it holds; nothing if it is empty.
func beneath(w io.Writer, table *grid, holds string, o Options) error {
	if len(table.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := table.print(w, o); err != nil {
		return err
	}
	return say(w, []string{holds}, o)
}

// milliseconds prints a time to the 10 µs that links are judged by.
func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

func onTime(l Lateness) string {
	if l.Missing {
		return "-"
	}
	return formatRatio(l.OnTime())
}

func lateness(l Lateness) []string {
	if l.Missing {
		return []string{"-", "-", "-"}
	}
	return []string{formatTime(float64(l.Median)), formatTime(float64(l.P99)), formatTime(float64(l.Max))}
}
