// Arrivals: when each request of an open load comes.
package load

import (
	"math"
	"math/rand/v2"
	"time"

	"cdnlab/sim"
)

// Arrivals is the sequence of arrival times of a Shape.
//
//	Total |            ·─╴    The n-th even arrival is when Total reaches n-½. So
//	   1½ |- - - -·╱   |      arrivals are dense where Total is steep, and a run
//	    ½ |- -·╱   |   |      gets as many as its Total, to the nearest. Poisson
//	      +---|----|---|-- t  arrivals take random heights, a unit-rate Poisson
//	          1    2   3      process, in place of ½, 1½, 2½ (time change: Çinlar
//	                          1975, chapter 4).
//
// Both keep only the height: nothing adds up along the run but whole numbers.
type Arrivals struct {
	shape  Shape
	end    sim.Time
	count  int64
	height float64
	last   sim.Time
	dice   *rand.Rand // nil: even
}

// NewArrivals returns the arrivals of a shape until end, that moment included:
// Poisson arrivals with dice, even ones without.
func NewArrivals(s Shape, end sim.Time, dice *rand.Rand) *Arrivals {
	return &Arrivals{shape: s, end: end, dice: dice}
}

// Next returns the time of the next arrival, never before the one before it;
// sim.Never when no more come.
func (a *Arrivals) Next() sim.Time {
	if a.dice == nil {
		a.count++ // exact up to 2^52
		a.height = float64(a.count) - 0.5
	} else {
		a.height += a.dice.ExpFloat64()
	}
	t := a.shape.When(a.height)
	if t > a.end {
		a.last = sim.Never
		return sim.Never
	}
	a.last = max(a.last, t)
	return a.last
}

// Change makes the arrivals from now on those of another load of the same run:
// they come when that would have had them come from the start, so the shape stays
// a function of the run's time.
func (a *Arrivals) Change(c Config, run time.Duration, seed uint64, now sim.Time) {
	a.shape, a.last = New(c, run), now
	total := a.shape.Total(now)
	if c.poisson() {
		if a.dice == nil {
			a.dice = arrivalDice(seed)
		}
		a.height = total // what comes does not depend on what came
		return
	}
	a.dice = nil
	a.count = max(0, int64(math.Ceil(total+0.5))-1)
}

// Total returns how many arrivals are expected in all.
func (a *Arrivals) Total() float64 { return a.shape.Total(a.end) }
