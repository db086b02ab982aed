// Thresholds: how far a metric may move between two results before it is a regression.
package report

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// Threshold is a change of a metric that must not happen: latency.p99 > +5%.
type Threshold struct {
	Metric  string `json:"metric"`
	Variant string `json:"variant,omitempty"` // "" is every one
	Op      string `json:"op"`                // ">", ">=", "<" or "<=": a change beyond is a regression
	// Change is new - old: as a share of the old value, or in the metric's unit.
	Change float64 `json:"change"`
	Share  bool    `json:"share,omitempty"`
	Says   string  `json:"says,omitempty"` // what it means in plain words
}

var thresholdForm = regexp.MustCompile(`^\s*([^\s<>=!]+)\s*(<=|>=|<|>)\s*(\S.*?)\s*$`)

// ParseThreshold reads "latency.p99 > +5%", "hit-ratio < -0.02" or "errors > 10".
func ParseThreshold(text string) (Threshold, error) {
	m := thresholdForm.FindStringSubmatch(text)
	if m == nil {
		return Threshold{}, fmt.Errorf("%q cannot be read; write METRIC > CHANGE, for example 'latency.p99 > +5%%' or 'hit-ratio < -2%%'", text)
	}
	metric, _, err := Find(m[1])
	if err != nil {
		return Threshold{}, err
	}
	t := Threshold{Metric: m[1], Op: m[2]}
	if t.Change, t.Share, err = parseChange(m[3], metric.Unit); err != nil {
		return Threshold{}, err
	}
	return t, nil
}

// WorseBy makes the threshold of a metric that may get worse by at most so
// much. Which way is worse is the metric's own; one without a way is refused.
func WorseBy(metric, by string) (Threshold, error) {
	m, _, err := Find(metric)
	if err != nil {
		return Threshold{}, err
	}
	change, share, err := parseChange(by, m.Unit)
	switch {
	case err != nil:
		return Threshold{}, err
	case change < 0:
		return Threshold{}, fmt.Errorf("%q is negative; worse is said already", by)
	case m.Better == Neither:
		return Threshold{}, fmt.Errorf("neither more nor less of %s is worse", metric)
	case m.Better == Higher:
		return Threshold{Metric: metric, Op: "<", Change: 0 - change, Share: share}, nil
	}
	return Threshold{Metric: metric, Op: ">", Change: change, Share: share}, nil
}

// parseChange reads "+5%", a share of the old value, or a number in the unit.
func parseChange(text string, unit Unit) (change float64, share bool, err error) {
	if percent, found := strings.CutSuffix(text, "%"); found {
		v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		if err != nil || bad(&v) {
			return 0, false, fmt.Errorf("%q is no percentage", text)
		}
		return v / 100, true, nil
	}
	v, ok := parseAmount(text, unit)
	if !ok {
		return 0, false, fmt.Errorf("%q is no change; write a percentage (5%%) or %s", text, amountOf(unit))
	}
	return v, false, nil
}

func parseAmount(text string, unit Unit) (float64, bool) {
	switch unit {
	case UnitTime:
		d, err := time.ParseDuration(text)
		return float64(d), err == nil
	case UnitBytes, UnitByteRate:
		sign, size := 1.0, sim.Bytes(0)
		if rest, found := strings.CutPrefix(text, "-"); found {
			sign, text = -1, rest
		}
		err := size.UnmarshalText([]byte(strings.TrimPrefix(text, "+")))
		return sign * float64(size), err == nil
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && !bad(&v)
}

// amountOf says how an amount of that unit is written.
func amountOf(unit Unit) string {
	switch unit {
	case UnitTime:
		return "a time (2ms)"
	case UnitRatio:
		return "a difference of shares (0.02 is two points)"
	case UnitBytes, UnitByteRate:
		return "a size (10KB)"
	}
	return "a number"
}

// String writes the threshold as ParseThreshold reads it.
func (t Threshold) String() string { return t.Metric + " " + t.Op + " " + t.amount() }

func (t Threshold) amount() string {
	if t.Share {
		return fmt.Sprintf("%+g%%", rounded(100*t.Change))
	}
	switch m, _, _ := Find(t.Metric); m.Unit {
	case UnitTime:
		text := time.Duration(t.Change).String()
		if t.Change >= 0 {
			text = "+" + text
		}
		return text
	case UnitBytes, UnitByteRate:
		sign := "+"
		if t.Change < 0 {
			sign = "-"
		}
		return sign + sim.Bytes(math.Abs(t.Change)).String()
	}
	return fmt.Sprintf("%+g", rounded(t.Change))
}

// rounded takes away what only a float's last bit says.
func rounded(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// exceeded reports whether a change from old to new is the one that must not
// happen. What was 0 and is no more has changed by more than any share.
func (t Threshold) exceeded(before, after float64) bool {
	change := after - before
	if t.Share {
		change = relative(before, after)
	}
	// A bound met to a float's last digit is met: 105 is not more than 5 % above 100.
	if math.Abs(change-t.Change) <= 1e-9*math.Max(1, math.Abs(t.Change)) {
		return t.Op == ">=" || t.Op == "<="
	}
	if t.Op == ">" || t.Op == ">=" {
		return change > t.Change
	}
	return change < t.Change
}

// relative is a change as a share of the old value.
func relative(before, after float64) float64 {
	switch {
	case before == after:
		return 0
	case before == 0:
		return math.Inf(int(math.Copysign(1, after)))
	}
	return (after - before) / math.Abs(before)
}

func (t Threshold) validate() error {
	if bad(&t.Change) {
		return errors.New("its change is not a number")
	}
	switch t.Op {
	case ">", ">=", "<", "<=":
		return nil
	}
	return fmt.Errorf("unknown operator %q; known: > >= < <=", t.Op)
}
