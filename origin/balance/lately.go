// A quantile of the last few numbers.
package balance

import "slices"

const (
	seenLoads = 64   // numbers that a quantile is of
	ownCells  = 1023 // numbers from 0 on that are counted each for itself
)

// lately finds a quantile of the last seenLoads numbers, none of them negative. It counts
// how many there are of each and remembers where the quantile was: a number more moves that by
// a step or two.
type lately struct {
	n, next int // next is the place of the next in came
	came    [seenLoads]int
	counts  [ownCells + 1]uint8 // the last cell is of all beyond
	cell    int                 // where the quantile was
	below   int                 // numbers in the cells before that
}

// add takes a number, in the place of the oldest when there are as many as may be.
func (l *lately) add(v int) {
	if l.n == seenLoads {
		l.count(l.came[l.next], -1)
	} else {
		l.n++
	}
	l.came[l.next] = v
	l.next = (l.next + 1) % seenLoads
	l.count(v, 1)
}

func (l *lately) count(v, d int) {
	cell := min(v, ownCells)
	l.counts[cell] += uint8(d)
	l.below += d & ((cell - l.cell) >> 63) // if it is before
}

// quantile returns the number that a share q of them is below, or the greatest; 0 without any.
func (l *lately) quantile(q float64) int {
	if l.n == 0 {
		return 0
	}
	k := min(int(q*float64(l.n)), l.n-1)
	for l.below > k {
		l.cell--
		l.below -= int(l.counts[l.cell])
	}
	for l.below+int(l.counts[l.cell]) <= k {
		l.below += int(l.counts[l.cell])
		l.cell++
	}
	if l.cell < ownCells {
		return l.cell
	}
	var large [seenLoads]int
	all := slices.DeleteFunc(append(large[:0], l.came[:l.n]...), func(v int) bool { return v < ownCells })
	slices.Sort(all)
	return all[k-l.below]
}
