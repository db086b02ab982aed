// How measured times are held to the table.
package golden

import (
	"slices"
	"time"
)

// How a row is measured: what counts are medians of exchanges, and as other programs'
// bursts on a shared machine last for seconds, a row that misses is measured again, for
// longer each time.
const (
	exchanges = 5 // of the first round; the second has twice as many
	rounds    = 5
)

// Hold measures the times of a row until each is within 1 ms or 1 % of what the
// formulas say, and returns the medians of the last round, and how many there were.
func Hold(want []time.Duration, measure func() []time.Duration) (got []time.Duration, tried int, held bool) {
	for tried < rounds && !held {
		tried++
		all := make([][]time.Duration, len(want))
		for range tried * exchanges {
			for i, d := range measure() {
				all[i] = append(all[i], d)
			}
		}
		got, held = nil, true
		for i, d := range all {
			slices.Sort(d)
			got = append(got, d[len(d)/2])
			held = held && near(got[i], want[i])
		}
	}
	return got, tried, held
}

func near(got, want time.Duration) bool { return (got - want).Abs() <= max(ms, want/100) }
