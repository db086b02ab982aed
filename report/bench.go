// The Go benchmark format, which benchstat and its kin read.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Bench writes a line for each run: BenchmarkScenario/variant=CDN/world=virtual.
// The seeds of a variant are lines of one name, and so samples of one benchmark.
// Its ns/op is the mean latency of a request. Only the scenario's name stands
// above: benchstat would put what differs there into tables of their own.
//
// The format is proposal 14313 (golang.org/design/14313-benchmark-format).
// Partial runs are left out, and times that mean nothing.
func Bench(w io.Writer, result *Result) error {
	groups, err := gather(result.Runs)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	var used []string
	for _, g := range groups {
		for _, run := range g.runs {
			if !run.Complete {
				fmt.Fprintf(&lines, "# left out, as it was interrupted: %s, seed %d\n", wordOf(g.label), run.Seed)
				continue
			}
			fmt.Fprintf(&lines, "BenchmarkScenario/variant=%s/world=%s 1", benchName(run.Variant), run.World)
			for _, m := range benchMetrics() {
				r, err := Measure(run, All, m)
				if err != nil {
					return err
				}
				if r.Missing || Withheld(run, r.Unit) != "" {
					continue
				}
				value, unit := benchValue(m, r)
				fmt.Fprintf(&lines, " %s %s", strconv.FormatFloat(value, 'f', -1, 64), unit)
				if !slices.Contains(used, m) {
					used = append(used, m)
				}
			}
			lines.WriteByte('\n')
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "scenario: %s\n", wordOf(result.Scenario))
	for _, m := range used {
		if line := benchUnit(m); line != "" {
			fmt.Fprintln(&out, line)
		}
	}
	out.Write(lines.Bytes())
	_, err = w.Write(out.Bytes())
	return err
}

// perRequest is the metric that is the ns/op.
const perRequest = "latency.mean"

// benchMetrics are those of a comparison, the mean first.
func benchMetrics() []string { return append([]string{perRequest}, usual...) }

// benchValue is a reading in the unit that it has there. Integers, shares in
// per cent and nanoseconds are exact.
func benchValue(metric string, r Reading) (float64, string) {
	name := strings.ReplaceAll(metric, ".", "-")
	switch {
	case metric == perRequest:
		return r.Value, "ns/op"
	case metric == "rate":
		return r.Value, "req/s"
	case r.Unit == UnitTime:
		return r.Value, strings.TrimPrefix(name, "latency-") + "-ns"
	case r.Unit == UnitRatio:
		return rounded(100 * r.Value), strings.TrimSuffix(name, "-ratio") + "-%"
	}
	return r.Value, name
}

// benchUnit says which way is better, for who colours or sorts by that.
func benchUnit(metric string) string {
	m, _, err := Find(metric)
	if err != nil || m.Better == Neither {
		return ""
	}
	_, unit := benchValue(metric, Reading{Unit: m.Unit})
	better := "lower"
	if m.Better == Higher {
		better = "higher"
	}
	return "Unit " + unit + " better=" + better
}

// benchName is a variant as a part of a benchmark's name: blanks would end it, a
// slash begin the next part.
func benchName(variant string) string {
	if variant == "" {
		return "as-written"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '/' {
			return '_'
		}
		return r
	}, variant)
}

// wordOf keeps a text on one line.
func wordOf(text string) string { return strings.Join(strings.Fields(text), " ") }
