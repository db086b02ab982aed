// Faults in plain words.
package fault

import (
	"strconv"
	"time"
)

// Describe says what happens: "app-2 crashes, restarts after 3 s". A scenario's
// own words come first.
func Describe(c Config) string {
	if c.Says != "" {
		return c.Says
	}
	kind := kindOf(c)
	if c.For == 0 {
		return kind.Tell(c)
	}
	return kind.Tell(c) + kind.Until(c)
}

// lasts is how most faults end.
func lasts(c Config) string { return " for " + span(c.For) }

// span writes a duration with a space before the unit, as text does: 1.5 s.
func span(d time.Duration) string {
	for _, u := range []struct {
		name string
		is   time.Duration
	}{{"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		whole := u.is >= time.Minute // 90 s and not 1.5 min
		if d >= u.is && (!whole || d%u.is == 0) {
			return strconv.FormatFloat(float64(d)/float64(u.is), 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + " ns"
}

// number writes a number without an exponent.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
