// Popularity that passes: objects that nobody asks for twice, and ranks that others
// take over.
package load

import (
	"math"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// The words of the key.
const (
	popularityZipf    = "zipf"
	popularityUniform = "uniform"
	popularityOnce    = "once"
)

// maxNumber is the highest number of an object.
const maxNumber = math.MaxInt32

// Of popularity once each request draws one of all numbers, so that hardly one comes
// again: of 10,000 requests with a probability of 2 %, of 100,000 about two numbers.

// numbers returns how many of an entry's numbers users can ask for in a run, however
// long: of objects whose popularity passes those that take over have numbers of their own.
func (e Entry) numbers() int {
	switch {
	case e.Popularity == popularityOnce:
		return maxNumber
	case e.PopularFor > 0:
		return maxNumber / e.Objects * e.Objects
	}
	return e.Objects
}

// Listed returns how many objects an entry has at a time, as far as anybody can know
// before they are asked for.
func (e Entry) Listed() int { return e.withDefaults().Objects }

// Popular returns the object that has the rank of o, one that was picked, at a time after
// the load's begin.
//
// Each rank is taken over by another object once in each span of popular-for, at a moment
// by chance, and that object is a new one: of n objects rank r has the numbers r, r+n,
// r+2n and so on. So at any time requests follow the law of the entry, n objects are asked
// for, and each is popular once, for popular-for in the mean: the shot-noise model with
// rectangular shots (Traverso, Ahmed, Garetto, Giaccone, Leonardi and Niccolini, Temporal
// Locality in Today's Content Caching, CCR 43(5), 2013), but that a rank is never empty.
func (c *Catalog) Popular(o Object, since time.Duration, seed uint64) Object {
	f := &c.families[o.Entry]
	if f.popular.kind == never || o.Number == 0 || since < 0 {
		return o
	}
	n := int64(f.rank.n)
	life := int64(f.popular.passed(seed, o.Number, sim.Time(since))) % (maxNumber / n)
	o.Number += int32(life * n)
	return o
}

// Passes reports whether the popularity of any object passes.
func (c *Catalog) Passes() bool {
	for i := range c.families {
		if c.families[i].popular.kind != never {
			return true
		}
	}
	return false
}

// newPopular returns when ranks of an entry are taken over.
func newPopular(e Entry) law {
	if e.PopularFor == 0 {
		return law{}
	}
	return law{random, e.PopularFor, sim.NewLuck("popularity of " + e.Path)}
}

func (e Entry) checkPopularity(l *check.List) {
	l.OneOf("popularity", e.Popularity, popularityZipf, popularityUniform, popularityOnce)
	once := e.Popularity == popularityOnce
	if e.Alpha != nil {
		l.Number("alpha", *e.Alpha, 0, maxAlpha)
		if e.Popularity != "" && e.Popularity != popularityZipf {
			l.Add("alpha", "means nothing to popularity %s", e.Popularity)
		}
	}
	switch {
	case once && !newPattern(e.Path).numbered:
		l.Add("path", "needs a place for the number of each object: {n}")
	case once && e.Objects != 0:
		l.Add("objects", "mean nothing to popularity once: nobody asks for one twice")
	}
	switch {
	case e.PopularFor == 0:
	case once:
		l.Add("popular-for", "means nothing to popularity once: nobody asks for an object twice")
	case e.Appears > 0:
		l.Add("popular-for", "means nothing where everybody asks for the newest")
	case e.Objects <= 1:
		l.Add("popular-for", "needs objects that can take over from each other")
	default:
		l.Duration("popular-for", e.PopularFor, 10*time.Millisecond, maxChange)
	}
}
