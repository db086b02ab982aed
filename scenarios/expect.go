// Expectations: "metric of variant is < 10 ms", read and judged.
package scenarios

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/check"
)

// bound is what an expectation's `is` says; Grammar says how.
type bound struct {
	op        string // as report.Expectation has it
	number    float64
	factor    float64
	variant   string  // "": number is the bound
	tolerance float64 // share, of "="
}

// operator is how a measured value is compared with a bound.
type operator struct {
	sign  string // in `is`
	op    string // as report.Expectation has it
	says  string
	holds func(measured, limit, tolerance float64) bool
}

// operators are all there are. Only = takes a tolerance: then it is ±.
var operators = []operator{
	{"<=", "<=", "at most", func(m, l, _ float64) bool { return m <= l }},
	{">=", ">=", "at least", func(m, l, _ float64) bool { return m >= l }},
	{"!=", "!=", "anything but", func(m, l, _ float64) bool { return m != l }},
	{"<", "<", "below", func(m, l, _ float64) bool { return m < l }},
	{">", ">", "above", func(m, l, _ float64) bool { return m > l }},
	{"=", "==", "exactly; no operator at all means = too", func(m, l, _ float64) bool { return m == l }},
	{"±", "~", "with = and a percentage of the bound: so far off at the most; also written +-", func(m, l, t float64) bool { return math.Abs(m-l) <= t*math.Abs(l) }},
}

// Rule is one part of what an expectation may say.
type Rule struct{ Name, Example, Says string }

// Grammar is all that an [[expect]] may say. It is told here and nowhere else.
func Grammar() []Rule {
	var rules []Rule
	for _, o := range operators {
		example := "is = \"" + o.sign + " 10ms\""
		if o.op == "~" {
			example = "is = \"= 3333 ± 2%\""
		}
		rules = append(rules, Rule{o.sign, example, o.says})
	}
	return append(rules, rest...)
}

var rest = []Rule{
	{"metric", "metric = \"ttfb.p50\"", "what is measured: any name of 'cdnlab list metrics', with a node's or cause's name where that has <…>: share.app-1, failed-by.reset"},
	{"time", "is = \"< 1.5s\"", "the bound of a metric of unit time: a duration with its unit (ns, us, ms, s, m, h)"},
	{"share", "is = \"> 95%\"", "the bound of a metric of unit share: a percentage, or 0.95; the ± of = 33.3% ± 2% is 2 % of 33.3 %, not two points"},
	{"number", "is = \"< 1,000\"", "the bound of any other metric: a number in the metric's own unit; commas are ignored"},
	{"variant", "variant = \"CDN\"", "the variant that is judged; without it each variant is, with a line of its own"},
	{"against", "is = \"< no CDN\"", "the bound is what another variant measured: its name, quotes around it if it looks like a number; same metric, time and world"},
	{"times", "is = \"> 10 x CDN warm\"", "a multiple of what another variant measured: a factor, x (or × or *), its name"},
	{"from", "from = \"3s\"", "start of the time looked at; requests count by the time at which they were to be sent, whenever their answer came"},
	{"to", "to = \"13s\"", "end of the time looked at, itself not in it; without from and to the whole run"},
	{"world", "world = \"virtual\"", "judge it in this world only (virtual or live); without it in each that is played"},
	{"says", "says = \"it is fast\"", "what the line means, for tables; without it the metric and the bound"},
	{"seeds", "--runs 10", "with several seeds the mean over them is judged, and so is the other variant's"},
	{"fails", "", "an expectation fails when its bound is not met, or when there was nothing to measure"},
	{"not judged", "", "neither held nor failed, and the exit status is 1: the run was interrupted, a live machine was too slow to trust times, or the other variant was not played"},
}

// wordsError is a mistake in one key of an expectation.
type wordsError struct {
	key string
	err error
}

func (e *wordsError) Error() string { return e.err.Error() }

var (
	isForm   = regexp.MustCompile(`^(` + signs() + `)?\s*(.+?)(?:\s*(?:±|\+-)\s*([0-9.]+)\s*%)?$`)
	timesRef = regexp.MustCompile(`^([0-9.]+)\s*[x×*]\s*(.+)$`)
)

// signs are the operators as a pattern, the longer ones first.
func signs() string {
	var all []string
	for _, o := range operators {
		all = append(all, regexp.QuoteMeta(o.sign))
	}
	return strings.Join(all, "|")
}

func parseExpect(e Expect, variants []string) (bound, error) {
	metric, _, err := report.Find(e.Metric)
	if err != nil {
		return bound{}, &wordsError{"metric", err}
	}
	m := isForm.FindStringSubmatch(strings.TrimSpace(e.Is))
	if m == nil {
		return bound{}, fmt.Errorf("cannot be read; write \"< 10ms\", \"= 3333 ± 2%%\" or \"> 10 x other variant\"; 'cdnlab list expectations' has all forms")
	}
	if m[1] == "±" {
		return bound{}, fmt.Errorf("± goes with = and a percentage")
	}
	b := bound{op: opOf(m[1]), factor: 1}
	if m[3] != "" {
		percent, err := strconv.ParseFloat(m[3], 64)
		if err != nil || b.op != "==" {
			return bound{}, fmt.Errorf("± goes with = and a percentage")
		}
		b.op, b.tolerance = "~", percent/100
	}
	return b, b.read(m[2], metric.Unit, variants)
}

// opOf returns the operator of a sign; "=" needs none.
func opOf(sign string) string {
	for _, o := range operators {
		if o.sign == sign {
			return o.op
		}
	}
	return "=="
}

// read reads what stands behind the operator.
func (b *bound) read(text string, unit report.Unit, variants []string) error {
	text = strings.Trim(text, `'"`)
	if v, ok := parseNumber(text, unit); ok {
		b.number = v
		return nil
	}
	if m := timesRef.FindStringSubmatch(text); m != nil {
		f, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return fmt.Errorf("%q is no number", m[1])
		}
		b.factor, text = f, strings.Trim(m[2], `'"`)
	}
	for _, v := range variants {
		if v == text {
			b.variant = v
			return nil
		}
	}
	near := ""
	if n := sim.Nearest(text, variants); n != "" {
		near = fmt.Sprintf("; did you mean the variant %q?", n)
	}
	return fmt.Errorf("%q is neither a number%s nor a variant%s", text, unitHint(unit), near)
}

func unitHint(u report.Unit) string {
	switch u {
	case report.UnitTime:
		return " with a unit (10ms, 1.5s)"
	case report.UnitRatio:
		return " (0.95 or 95%)"
	}
	return ""
}

// parseNumber reads a number in a metric's unit: times in ns, shares as 0 to 1.
func parseNumber(text string, unit report.Unit) (float64, bool) {
	if unit == report.UnitTime {
		d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		return float64(d), err == nil
	}
	percent := strings.HasSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(text, "%"), ",", ""), 64)
	if err != nil || math.IsNaN(v) {
		return 0, false
	}
	if percent {
		v /= 100
	}
	return v, true
}

// holds judges a measured value.
func (b bound) holds(measured, limit float64) bool {
	for _, o := range operators {
		if o.op == b.op {
			return o.holds(measured, limit, b.tolerance)
		}
	}
	return false
}

// expectations checks the expectations' own words.
func (c *checker) expectations() {
	variants := []string{}
	for _, v := range c.s.Variants {
		variants = append(variants, v.Name)
	}
	unsure := c.lost("variant")
	hint, written := c.shortened()
	for i, e := range c.s.Expect {
		if _, err := parseExpect(e, variants); err != nil {
			w := &wordsError{key: "is"}
			errors.As(err, &w)
			if !unsure || w.key != "is" {
				says, hint, _ := strings.Cut(err.Error(), "; ")
				c.add(says, hint, "expect", i, w.key)
			}
		}
		if e.Variant != "" && !slices.Contains(variants, e.Variant) && !unsure {
			says, hint, _ := strings.Cut(unknown("variant", e.Variant, variants).Error(), "; ")
			c.add(says, hint, "expect", i, "variant")
		}
		if key := e.outside(c.s.Duration); key != "" {
			why := ""
			if e.outside(written) == "" {
				why = hint
			}
			c.add(fmt.Sprintf("%v to %v is no time within the run (0s to %v)", e.From, e.to(c.s.Duration), c.s.Duration), why, "expect", i, key)
		} else if w := c.s.Warmup; w < c.s.Duration && e.to(c.s.Duration) <= w {
			c.add(fmt.Sprintf("%v to %v lies within the warm-up (%v), where nothing is measured", e.From, e.to(c.s.Duration), w), "", "expect", i, "to")
		}
	}
}

// columns checks the metrics that tables are to show.
func (c *checker) columns() {
	for i, name := range c.s.Columns {
		if _, _, err := report.Find(name); err != nil {
			says, hint, _ := strings.Cut(err.Error(), "; ")
			c.add(says, hint, "columns", i)
		}
	}
}

// outside returns the key that puts the expectation's time out of the run, ""
// when it lies within.
func (e Expect) outside(run time.Duration) string {
	switch {
	case e.to(run) > run:
		return "to"
	case e.From >= e.to(run):
		return "from"
	}
	return ""
}

// timed is a problem, with the hint that it is one of a run cut short.
type timed struct {
	check.Problem
	hint string
}

// inTime returns the problems of a run of the scenario's duration. Those that a
// run as long as the file says would not have are the command line's doing.
func (c *checker) inTime(find func(run time.Duration) []check.Problem) []timed {
	var all []timed
	hint, written := c.shortened()
	for _, p := range find(c.s.Duration) {
		one := timed{Problem: p}
		if hint != "" && !slices.ContainsFunc(find(written), func(q check.Problem) bool { return q.Item == p.Item && q.Key == p.Key }) {
			one.hint = hint
		}
		all = append(all, one)
	}
	return all
}

// shortened returns the file's own duration, with a hint when the command line
// has made it shorter.
func (c *checker) shortened() (hint string, written time.Duration) {
	written = standardDuration
	if text, ok := c.r.written["duration"].(string); ok {
		written, _ = time.ParseDuration(text) // the schema says when it is none
	}
	if c.s.Duration < written && covered(c.r.settings, []any{"duration"}) {
		hint = fmt.Sprintf("the command line sets the duration to %v, the file has %v", c.s.Duration, written)
	}
	return hint, written
}
