// Numbers as people read them.
package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Unit is what a metric's number counts.
type Unit string

// The units. Times are nanoseconds in every number that is not a printed one.
const (
	UnitCount    Unit = "count"
	UnitRate     Unit = "1/s"
	UnitRatio    Unit = "ratio"
	UnitTime     Unit = "ns"
	UnitBytes    Unit = "B"
	UnitByteRate Unit = "B/s"
	UnitNone     Unit = ""
)

// FormatValue prints a number of that unit: "12.3 ms", "98.2 %", "10,000".
func FormatValue(v float64, unit Unit) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	switch unit {
	case UnitTime:
		return formatTime(v)
	case UnitRatio:
		return formatRatio(v)
	case UnitRate:
		return formatNumber(v) + "/s"
	case UnitBytes:
		return formatBytes(v)
	case UnitByteRate:
		return formatBytes(v) + "/s"
	}
	return formatNumber(v)
}

// scale returns the factor and the suffix that suit a number of that unit, so
// that a mean and its interval are printed on one scale.
func scale(v float64, unit Unit) (float64, string) {
	v = math.Abs(v)
	switch unit {
	case UnitTime:
		switch {
		case v >= 10*float64(time.Second):
			return 1e9, " s"
		case v < 1e4 && v > 0:
			return 1e3, " µs"
		}
		return 1e6, " ms"
	case UnitRatio:
		return 0.01, " %"
	case UnitRate:
		return 1, "/s"
	case UnitBytes, UnitByteRate:
		per := strings.TrimPrefix(string(unit), "B")
		for i, name := range []string{" TB", " GB", " MB", " KB"} {
			if f := math.Pow10(12 - 3*i); v >= f {
				return f, name + per
			}
		}
		return 1, " B" + per
	}
	return 1, ""
}

func formatTime(ns float64) string {
	if ns == 0 {
		return "0 ms"
	}
	f, suffix := scale(ns, UnitTime)
	return digits(ns/f) + suffix
}

func formatBytes(b float64) string {
	f, suffix := scale(b, UnitBytes)
	return digits(b/f) + suffix
}

// formatRatio prints a ratio in per cent. What is not quite 0 or 100 % never
// looks as if it were: that is where the questions begin.
func formatRatio(r float64) string {
	p := r * 100
	switch a := math.Abs(p); {
	case p == math.Trunc(p):
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	case a < 0.1:
		return trimZeros(strconv.FormatFloat(p, 'g', 2, 64)) + " %"
	case a < 9.995:
		return strconv.FormatFloat(p, 'f', 2, 64) + " %"
	case p > 99.9 && p < 100:
		return strconv.FormatFloat(math.Floor(p*1000)/1000, 'f', 3, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// formatInterval prints mean ± half on one scale, with the decimals that the
// half has two significant digits in: more would only look precise.
func formatInterval(i Interval, unit Unit) string {
	f, suffix := scale(i.Mean, unit)
	mean, half := i.Mean/f, i.Half/f
	if half == 0 {
		return FormatValue(i.Mean, unit)
	}
	decimals := min(max(1-int(math.Floor(math.Log10(half))), 0), 3)
	return thousands(strconv.FormatFloat(mean, 'f', decimals, 64)) + " ± " +
		thousands(strconv.FormatFloat(half, 'f', decimals, 64)) + suffix
}

// formatNumber prints a count or a rate with separators: "10,000", "3.25".
func formatNumber(v float64) string {
	if v == math.Trunc(v) || math.Abs(v) >= 100 {
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return digits(v)
}

// digits prints three significant digits and never drops one before the point.
func digits(v float64) string {
	decimals := 2
	switch a := math.Abs(v); {
	case a >= 99.95:
		decimals = 0
	case a >= 9.995:
		decimals = 1
	case a < 0.01 && a > 0:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
	return thousands(strconv.FormatFloat(v, 'f', decimals, 64))
}

func trimZeros(s string) string {
	if strings.Contains(s, ".") && !strings.Contains(s, "e") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// thousands puts a comma between every three digits before the point.
func thousands(s string) string {
	whole, rest := s, ""
	if i := strings.IndexByte(s, '.'); i >= 0 {
		whole, rest = s[:i], s[i:]
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}
