// Bisect: at which value an answer flips; a decider that is asked what to try
// next and told what came of it.
package scenarios

import (
	"math"
	"slices"
)

// Goal is which value is looked for.
type Goal string

// The goals: the largest value for which an expectation holds, or the smallest.
const (
	Largest  Goal = "max"
	Smallest Goal = "min"
)

// Outcome is what a search came to.
type Outcome string

// The outcomes.
const (
	Flips      Outcome = "flips"      // from a value that holds to one, further on, that fails
	Everywhere Outcome = "everywhere" // it holds as far as was looked
	Nowhere    Outcome = "nowhere"    // it fails as far as was looked
	Turned     Outcome = "turned"     // it flips the other way round: the other goal has an answer
	Unfinished Outcome = "unfinished"
)

// maxDoublings bounds how far from the start a search without bounds goes to
// either side: a factor of a million.
const maxDoublings = 20

// farther is the factor at which a search that found no flip looks once more,
// on the other side of its start: whether the goal is the wrong one.
const farther = 8

// bisect looks along one axis. Outward is where the goal is: up for the
// largest value, down for the smallest. It assumes that what holds at a value
// holds at all further inward, looks at a few values more than that needs, and
// says when they belie it.
type bisect struct {
	axis      axis
	goal      Goal
	precision float64 // as a share of the value
	start     float64
	inner     float64 // the bounds; no value beyond is tried
	outer     float64
	ranged    bool // the bounds are to be tried first: somebody chose them

	told    map[float64]bool // what was tried, and whether it held
	checked bool             // the few values more were asked for
	found   *bracket         // the narrow one
}

// bracket is where it flips.
type bracket struct{ holds, fails float64 }

func newBisect(a axis, goal Goal, start, low, high, precision float64, ranged bool) *bisect {
	b := &bisect{axis: a, goal: goal, precision: precision, start: start, inner: low, outer: high, ranged: ranged, told: map[float64]bool{}}
	if goal == Smallest {
		b.inner, b.outer = high, low
	}
	return b
}

// further reports whether a value lies further outward than another.
func (b *bisect) further(v, than float64) bool {
	if b.goal == Smallest {
		return v < than
	}
	return v > than
}

// tell says what came of a value.
func (b *bisect) tell(v float64, holds bool) { b.told[v] = holds }

// limit ends the axis at a value.
func (b *bisect) limit(v float64) {
	if b.further(v, b.start) {
		b.outer = v
	} else {
		b.inner = v
	}
}

// next returns the values to try; none when the search is over.
func (b *bisect) next() []float64 {
	switch {
	case len(b.told) == 0 && b.ranged:
		return []float64{b.inner, b.outer}
	case len(b.told) == 0:
		return []float64{b.start}
	case b.found != nil:
		return nil
	}
	now, any := b.bracket()
	switch {
	case any:
		if mid, between := b.between(now); between {
			return []float64{mid}
		}
		values := slices.DeleteFunc(b.check(now), func(v float64) bool {
			return b.further(v, now.holds) && b.further(now.fails, v)
		})
		b.found = &now
		return values
	case b.outcome() == Turned:
		return nil
	case b.outcome() == Nowhere:
		if most := b.extreme(false); most != b.inner {
			return []float64{b.inward(most)}
		}
		return b.lookAround(true)
	}
	if most := b.extreme(true); most != b.outer {
		return []float64{b.outward(most)}
	}
	return b.lookAround(false)
}

// bracket is the outermost value that holds with the next one that fails.
func (b *bisect) bracket() (bracket, bool) {
	if b.found != nil {
		return *b.found, true
	}
	var now bracket
	holds, fails := false, false
	for v, held := range b.told { // in any order: extremes
		if held && (!holds || b.further(v, now.holds)) {
			now.holds, holds = v, true
		}
	}
	for v, held := range b.told { // in any order: extremes
		if !held && b.further(v, now.holds) && (!fails || b.further(now.fails, v)) {
			now.fails, fails = v, true
		}
	}
	return now, holds && fails
}

// outcome is what is known so far.
func (b *bisect) outcome() Outcome {
	if _, any := b.bracket(); any {
		return Flips
	}
	holds, fails := 0, 0
	for _, held := range b.told { // in any order: counts
		if held {
			holds++
		} else {
			fails++
		}
	}
	switch {
	case holds > 0 && fails > 0:
		return Turned // or there would be a bracket
	case holds > 0:
		return Everywhere
	}
	return Nowhere
}

// extreme is the outermost value that was tried, or the innermost.
func (b *bisect) extreme(outermost bool) float64 {
	first, most := true, 0.0
	for v := range b.told { // in any order: an extreme
		if first || b.further(v, most) == outermost {
			first, most = false, v
		}
	}
	return most
}

// outward and inward go to twice or half the value, at the most to the bounds.
func (b *bisect) outward(v float64) float64 {
	if b.goal == Smallest {
		return max(b.axis.round(v/2), b.outer)
	}
	return min(b.axis.round(2*v), b.outer)
}

func (b *bisect) inward(v float64) float64 {
	if b.goal == Smallest {
		return min(b.axis.round(2*v), b.inner)
	}
	return max(b.axis.round(v/2), b.inner)
}

// between returns a value within the bracket; none when it is narrow enough, or
// when there is none.
func (b *bisect) between(now bracket) (float64, bool) {
	low, high := min(now.holds, now.fails), max(now.holds, now.fails)
	width := high - low
	narrow := b.precision * max(math.Abs(low), math.Abs(high))
	if low <= 0 && high >= 0 { // there a share of the value is next to nothing
		narrow = 1e-6 * math.Abs(b.outer-b.inner)
	}
	if width <= narrow {
		return 0, false
	}
	mid := low + width/2
	if low > 0 && high > 4*low { // of sizes far apart the middle is the geometric one
		mid = math.Sqrt(low) * math.Sqrt(high)
	}
	for _, v := range []float64{b.axis.round(mid), b.axis.whole(mid)} {
		if v > low && v < high {
			return v, true
		}
	}
	return 0, false
}

// check returns a few values that nobody needs if the answer flips but once:
// quarters of the bounds that somebody chose, else one to either side.
func (b *bisect) check(now bracket) []float64 {
	if b.checked {
		return nil
	}
	if b.ranged {
		return b.quarters()
	}
	b.checked = true
	var values []float64
	if v := b.inward(now.holds); b.extreme(false) == now.holds && v != now.holds {
		values = append(values, v)
	}
	if v := b.outward(now.fails); b.extreme(true) == now.fails && v != now.fails {
		values = append(values, v)
	}
	return values
}

// lookAround is check for a search that found no flip: once far outward, or far
// inward, of where it began.
func (b *bisect) lookAround(outward bool) []float64 {
	if b.checked {
		return nil
	}
	if b.ranged {
		return b.quarters()
	}
	b.checked = true
	far := b.start * farther
	if outward == (b.goal == Smallest) {
		far = b.start / farther
	}
	far = min(max(b.axis.round(far), min(b.inner, b.outer)), max(b.inner, b.outer))
	if _, known := b.told[far]; known {
		return nil
	}
	return []float64{far}
}

func (b *bisect) quarters() []float64 {
	b.checked = true
	low, high := min(b.inner, b.outer), max(b.inner, b.outer)
	var values []float64
	for _, share := range []float64{0.25, 0.5, 0.75} {
		v := low + share*(high-low)
		if low > 0 && high > 4*low {
			v = low * math.Pow(high/low, share)
		}
		v = min(max(b.axis.round(v), low), high)
		if _, known := b.told[v]; !known && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// belied returns the values that do not fit an answer that flips but once.
func (b *bisect) belied() []float64 {
	now, any := b.bracket()
	var values []float64
	for v, held := range b.told { // in any order: sorted below
		within, beyond := !b.further(v, now.holds), !b.further(now.fails, v)
		if any && (held && beyond || !held && within) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return values
}
