// Expectations: "metric of variant is < 10 ms", read and judged.
package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
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
