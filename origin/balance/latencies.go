// The percentile of what answers have taken lately.
package balance

import (
	"math/bits"
	"time"

	"cdnlab/sim"
)

// Each doubling of a latency is so many cells: one is 1.6 % wide at the most.
const (
	cellBits = 6
	cellUnit = 10 // the first ones are 2^10 ns wide
	cells    = 28 << cellBits
)

// latenciesHalf is half of what a latencies looks back, latenciesAgain after how many
// answers the percentile is found anew.
const (
	latenciesHalf  = 5 * time.Second
	latenciesAgain = 32
)

// latencies finds a percentile of the latencies of the last five to ten seconds. Of those
// that were cut off it is only known that they would have been longer: taken for whole
// they would draw the percentile down, and it them, so it is that of E. L. Kaplan, P.
// Meier, Nonparametric Estimation from Incomplete Observations (JASA 1958). The zero
// value with a quantile is ready.
type latencies struct {
	quantile float64
	counts   [2][cells]uint32 // of this half and of the one before
	cut      [2][cells]uint32 // likewise, those that were cut off
	n        [2]int
	this     int
	turns    sim.Time
	news     int // since the percentile was found
	found    time.Duration
}

// add takes one; whole: it was not cut off.
func (l *latencies) add(now sim.Time, d time.Duration, whole bool) {
	l.turn(now)
	counts := &l.counts
	if !whole {
		counts = &l.cut
	}
	counts[l.this][cellOf(d)]++
	l.n[l.this]++
	l.news++
}

// at returns the percentile, 0 while there are too few latencies to know it: ten
// beyond it.
func (l *latencies) at(now sim.Time) time.Duration {
	l.turn(now)
	if l.news >= latenciesAgain || l.found == 0 {
		l.news = 0
		l.found = l.find()
	}
	return l.found
}

// turn forgets the older half when this one is full.
func (l *latencies) turn(now sim.Time) {
	if now < l.turns {
		return
	}
	for range 2 {
		l.this = 1 - l.this
		l.counts[l.this], l.cut[l.this], l.n[l.this] = [cells]uint32{}, [cells]uint32{}, 0
		if now < l.turns.Add(latenciesHalf) {
			break
		}
	}
	l.turns = now.Add(latenciesHalf)
	l.news = latenciesAgain
}

func (l *latencies) find() time.Duration {
	n := float64(l.n[0] + l.n[1])
	if n*(1-l.quantile) < 10 {
		return 0
	}
	// Of all, the share that takes longer than the cells so far; and how many of those
	// that were seen did.
	longer, seen, longest := 1.0, n, time.Duration(0)
	for i := range cells {
		whole, cut := float64(l.counts[0][i]+l.counts[1][i]), float64(l.cut[0][i]+l.cut[1][i])
		if whole > 0 {
			ends := longer * whole / seen
			if over := longer - (1 - l.quantile); ends >= over {
				from, to := cellFrom(i), cellFrom(i+1)
				return from + time.Duration(float64(to-from)*over/ends)
			}
			longer -= ends
			longest = cellFrom(i + 1)
		}
		seen -= whole + cut
	}
	return longest // who would say more was cut off: some server hangs
}

// cellOf returns the cell of a latency: the first are one unit wide, then each
// doubling is cut into as many.
func cellOf(d time.Duration) int {
	v := uint64(max(d, 0)) >> cellUnit
	double := max(0, bits.Len64(v)-cellBits-1)
	return min(double<<cellBits+int(v>>double), cells-1)
}

// cellFrom returns the least latency of a cell.
func cellFrom(i int) time.Duration {
	double := max(0, i>>cellBits-1)
	return time.Duration(i-double<<cellBits) << (double + cellUnit)
}
