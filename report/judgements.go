// The tables of judgement: expectations and the fidelity receipt.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
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

// Expectations prints what the scenario claims and what was measured.
func Expectations(w io.Writer, result *Result, o Options) error {
	if len(result.Expectations) == 0 {
		return nil
	}
	table := &grid{head: []string{"", "expectation", "measured", "bound", ""}, left: 2, tail: 1}
	failed := 0
	for _, e := range result.Expectations {
		verdict := "pass"
		if !e.Pass {
			verdict = "FAIL"
			failed++
		}
		why := e.Why
		if len(e.Warnings) > 0 {
			why = strings.TrimPrefix(why+"; doubtful: "+strings.Join(e.Warnings, "; "), "; ")
		}
		bound := e.Op + " " + number(e.Bound, e.Unit)
		if e.Against != "" {
			bound += " (" + e.Against + ")"
		}
		table.add(colored(o, e.Pass, verdict), e.Says, number(e.Measured, e.Unit), bound, why)
	}
	if err := table.print(w, Options{Format: o.Format}); err != nil || o.Format == CSV {
		return err
	}
	line := fmt.Sprintf("%d of %d expectations hold", len(result.Expectations)-failed, len(result.Expectations))
	_, err := fmt.Fprintln(w, "\n"+colored(o, failed == 0, line))
	return err
}

func number(v *float64, unit Unit) string {
	if v == nil {
		return "-"
	}
	return FormatValue(*v, unit)
}

// Receipts prints how far each live run can be trusted; nothing for virtual ones.
func Receipts(w io.Writer, result *Result, o Options) error {
	table := &grid{head: []string{"variant", "seed", "on time", "sent late p50", "p99", "max",
		"links late p50", "p99", "max", "CPU pressure", "verdict"}, left: 1, tail: 1}
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
		cells := append([]string{run.Label(), fmt.Sprint(run.Seed), onTime(r.Generator)}, lateness(r.Generator)...)
		cells = append(append(cells, lateness(r.Links)...), pressure, colored(o, trust == Trusted, string(trust)))
		table.add(cells...)
		for _, reason := range why {
			add(run.Label() + ": " + reason)
		}
		if r.Addresses != "" {
			add("addresses: " + r.Addresses)
		}
		for _, note := range r.Notes {
			add(note)
		}
	}
	if len(table.rows) == 0 {
		return nil
	}
	if err := table.print(w, o); err != nil || o.Format == CSV {
		return err
	}
	return say(w, lines, o)
}

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
