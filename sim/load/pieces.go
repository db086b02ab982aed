// Shapes made of straight lines.
package load

import (
	"math"
	"sort"
	"time"

	"cdnlab/sim"
)

const second = float64(time.Second) // in nanoseconds

// pieces is a rate that consists of straight lines, and so a Total of parabolas.
// Time is counted from each piece's start, so no rounding adds up along a run.
type pieces []piece

// piece reaches up to the start of the next; the last one has no end.
type piece struct {
	from  sim.Time
	rate  float64 // at its start, per second
	slope float64 // of the rate, per second and second
	total float64 // expected before its start
}

var _ Shape = (pieces)(nil)

// line is a stretch of time in which the rate goes from one value to another.
type line struct {
	takes    time.Duration
	from, to float64
}

// join puts lines one after the other; those that take no time are left out.
// After the last the rate stays at last.
func join(last float64, lines ...line) pieces {
	var p pieces
	var from sim.Time
	var total float64
	for _, l := range lines {
		if l.takes <= 0 {
			continue
		}
		length := l.takes.Seconds()
		p = append(p, piece{from, l.from, (l.to - l.from) / length, total})
		from = from.Add(l.takes)
		total += (l.from + l.to) / 2 * length
	}
	return append(p, piece{from, last, 0, total})
}

// Rate implements Shape.
func (p pieces) Rate(t sim.Time) float64 {
	x := p.at(t)
	return x.rate + x.slope*t.Sub(x.from).Seconds()
}

// Total implements Shape.
func (p pieces) Total(t sim.Time) float64 {
	x := p.at(t)
	s := t.Sub(x.from).Seconds()
	return x.total + s*(x.rate+x.slope*s/2)
}

func (p pieces) at(t sim.Time) piece {
	i := sort.Search(len(p), func(i int) bool { return p[i].from > t })
	return p[max(i-1, 0)]
}

// When implements Shape.
func (p pieces) When(total float64) sim.Time {
	if total <= 0 {
		return 0
	}
	i := sort.Search(len(p), func(i int) bool { return p[i].total >= total })
	x := p[i-1] // exists: the first piece's total is 0
	t := x.when(total - x.total)
	if i < len(p) {
		t = min(t, p[i].from)
	}
	return t
}

// when solves rate*s + slope*s*s/2 = n for s, in the form that neither divides
// by a small slope nor subtracts nearly equal numbers.
func (x piece) when(n float64) sim.Time {
	end := x.rate
	if x.slope != 0 {
		end = math.Sqrt(max(x.rate*x.rate+2*x.slope*n, 0))
	}
	// n*2e9 is exact up to 2^53/5^9 = 4.6e9 arrivals, and the quotient is
	// rounded once: an even arrival at a whole nanosecond is hit exactly.
	ns := math.Round(n * 2 * second / (x.rate + end))
	if !(ns < float64(sim.Never-x.from)) {
		return sim.Never
	}
	return x.from + sim.Time(ns)
}
