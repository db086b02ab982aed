// Arrivals: a CSV that says how many requests came in each interval, not which.
package replay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Arrivals are counts of requests, one for each interval without a gap.
type Arrivals struct {
	Start  float64       // of the first interval, seconds, from wherever the trace counts
	Every  time.Duration // how long an interval is
	Counts []float64     // of 0 where the trace has no line
}

// Limits of a trace of counts, which is kept whole: 80 MB.
const (
	maxIntervals = 10_000_000
	maxCount     = 1e12
)

// countNames are what the column of the counts is called; beside it stands one of
// intervalNames.
var (
	countNames    = []string{"requests", "count", "arrivals", "invocations", "hits"}
	intervalNames = append([]string{"utc_minute", "utc_second", "utc_hour", "utc", "minute", "second", "hour"}, names.time...)
)

// arrivalColumns returns the columns of a header of counts; false when it is of
// something else, as it is when it says which object was asked for.
func arrivalColumns(header string) (at, count int, ok bool) {
	head := strings.Split(header, ",")
	if _, err := ParseColumns(head); err == nil {
		return 0, 0, false
	}
	find := func(known []string) int {
		return slices.IndexFunc(head, func(s string) bool { return slices.Contains(known, strings.ToLower(strings.TrimSpace(s))) })
	}
	at, count = find(intervalNames), find(countNames)
	return at, count, at >= 0 && count >= 0
}

// ReadArrivals reads counts, gzip and zstd taken off. The first line names the
// columns: a time (seconds, or a moment such as 1998-07-07 21:41:00 in UTC) and a
// count; ok is false, and nothing is wrong, when it names others. The least time
// between two lines is the interval; the others are multiples of it.
//
// All is strict: an error names its line.
func ReadArrivals(from io.Reader) (a *Arrivals, ok bool, err error) {
	plain, err := unpack(from)
	if err != nil {
		return nil, false, err
	}
	l := newLines(bufio.NewReaderSize(plain, 1<<16))
	if !l.scan.Scan() {
		return nil, false, nil // whoever reads requests says so
	}
	at, count, ok := arrivalColumns(l.scan.Text())
	if !ok {
		return nil, false, nil
	}
	var times, counts []float64
	for l.scan.Scan() {
		line := len(times) + 2
		if len(times) == maxIntervals {
			return nil, true, fmt.Errorf("line %d: there are more than %d lines of counts", line, maxIntervals)
		}
		t, n, err := arrivalLine(l.scan.Text(), at, count)
		if err != nil {
			return nil, true, fmt.Errorf("line %d: %w", line, err)
		}
		times, counts = append(times, t), append(counts, n)
	}
	if err := l.scan.Err(); err != nil {
		return nil, true, fmt.Errorf("line %d: %w", len(times)+2, err)
	}
	a, err = spread(times, counts)
	return a, true, err
}

func arrivalLine(line string, at, count int) (t, n float64, err error) {
	fields := strings.Split(line, ",")
	if need := max(at, count); need >= len(fields) {
		return 0, 0, fmt.Errorf("has %d columns, not %d", len(fields), need+1)
	}
	if t, err = moment(strings.TrimSpace(fields[at])); err != nil {
		return 0, 0, err
	}
	text := strings.TrimSpace(fields[count])
	n, err = strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= maxCount) {
		return 0, 0, fmt.Errorf("%q is no count of requests", text)
	}
	return t, n, nil
}

// moment reads a time in seconds, or a moment in UTC as seconds since 1970.
func moment(text string) (float64, error) {
	if s, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(s) < 1e12 {
		return s, nil
	}
	if t, ok := ParseMoment(text); ok {
		return float64(t.UnixNano()) / 1e9, nil
	}
	return 0, fmt.Errorf("%q is no time: seconds, or a moment such as 1998-07-07 21:41:00", text)
}

// ParseMoment reads a moment as traces and people write it, in UTC where it does
// not say: 1998-07-07T21:41:00Z, 1998-07-07 21:41:00, 1998-07-07 21:41.
func ParseMoment(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1900 && t.Year() < 2200 { // what nanoseconds of 64 bits hold
			return t, true
		}
	}
	return time.Time{}, false
}

// spread makes intervals without a gap of lines.
func spread(times, counts []float64) (*Arrivals, error) {
	if len(times) < 2 {
		return nil, errors.New("has fewer than two lines of counts: how long is an interval?")
	}
	least := math.Inf(1)
	for i := 1; i < len(times); i++ {
		if !(times[i] > times[i-1]) {
			return nil, fmt.Errorf("line %d: is not later than the line before", i+2)
		}
		least = min(least, times[i]-times[i-1])
	}
	every := time.Duration(math.Round(least * 1e9))
	if every < time.Millisecond {
		return nil, fmt.Errorf("its intervals take %v, less than a millisecond", every)
	}
	a := &Arrivals{Start: times[0], Every: every}
	if n := (times[len(times)-1] - times[0]) / least; n >= maxIntervals {
		return nil, fmt.Errorf("it has %.0f intervals of %v from its first to its last line; the limit is %d", n, every, maxIntervals)
	}
	for i, t := range times {
		n := (t - times[0]) / every.Seconds()
		at := int(math.Round(n))
		if math.Abs(n-float64(at)) > 0.01 {
			return nil, fmt.Errorf("line %d: is no whole number of intervals of %v after the first", i+2, every)
		}
		for len(a.Counts) < at {
			a.Counts = append(a.Counts, 0)
		}
		a.Counts = append(a.Counts, counts[i])
	}
	return a, nil
}
