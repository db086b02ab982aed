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

// bound is what an expectation's `is` says:
//
//	< 10ms              a number with its unit
//	= 3333 ± 2%         about so much, give or take
//	> 10 x CDN warm     a multiple of another variant's value
//	< CDN cold          another variant's value
type bound struct {
	op        string // as report.Expectation has it
	number    float64
	factor    float64
	variant   string  // "": number is the bound
	tolerance float64 // share, of "="
}

// wordsError is a mistake in one key of an expectation.
type wordsError struct {
	key string
	err error
}

func (e *wordsError) Error() string { return e.err.Error() }

var (
	isForm   = regexp.MustCompile(`^(<=|>=|<|>|=|!=)?\s*(.+?)(?:\s*(?:±|\+-)\s*([0-9.]+)\s*%)?$`)
	timesRef = regexp.MustCompile(`^([0-9.]+)\s*[x×*]\s*(.+)$`)
)

func parseExpect(e Expect, variants []string) (bound, error) {
	metric, _, err := report.Find(e.Metric)
	if err != nil {
		return bound{}, &wordsError{"metric", err}
	}
	m := isForm.FindStringSubmatch(strings.TrimSpace(e.Is))
	if m == nil {
		return bound{}, fmt.Errorf("cannot be read; write \"< 10ms\", \"= 3333 ± 2%%\" or \"> 10 x other variant\"")
	}
	b := bound{op: m[1], factor: 1}
	if b.op == "" || b.op == "=" {
		b.op = "=="
	}
	if m[3] != "" {
		percent, err := strconv.ParseFloat(m[3], 64)
		if err != nil || b.op != "==" {
			return bound{}, fmt.Errorf("± goes with = and a percentage")
		}
		b.op, b.tolerance = "~", percent/100
	}
	return b, b.read(m[2], metric.Unit, variants)
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
	switch b.op {
	case "<":
		return measured < limit
	case "<=":
		return measured <= limit
	case ">":
		return measured > limit
	case ">=":
		return measured >= limit
	case "!=":
		return measured != limit
	case "~":
		return math.Abs(measured-limit) <= b.tolerance*math.Abs(limit)
	}
	return measured == limit
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
