// How large each object is.
package load

import (
	"fmt"
	"math"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// The words of the key size-law.
const (
	sizesConstant  = "constant"
	sizesLognormal = "lognormal"
	sizesPareto    = "pareto"
)

// sizes draws an object's size by its name: the same in every run, variant and
// world, and for every seed, as content is not luck. Spread is the standard
// deviation of the logarithm of the size in both laws; the mean is kept:
//
//	lognormal   mean * e^(spread z - spread²/2)       z normal
//	pareto      mean * (1-spread) * e^(spread x)      x exponential with mean 1
//
// The second is the Pareto law with index 1/spread and least size
// mean (1-spread). Its mean is finite for a spread below 1 only. No size is
// below least: a byte, or what a content's stamp takes.
type sizes struct {
	law    string
	mean   float64
	spread float64
	least  float64
	luck   sim.Luck
	above  float64 // the share of the law's objects that are larger than any here
	score  float64 // how far an object's popularity says its size: -1 to 1
	ranks  int
}

func newSizes(e Entry) sizes {
	s := sizes{law: e.SizeLaw, mean: float64(*e.Size), spread: *e.Spread, least: 1, luck: sim.NewLuck("size of " + e.Path), ranks: e.Objects}
	if e.stamped() {
		s.least = float64(sim.StampBytes)
	}
	if s.spread == 0 || s.mean == 0 {
		s.law = sizesConstant
	}
	if e.Largest != nil {
		s.above = s.beyond(float64(*e.Largest) + 0.5)
	}
	s.score = 2 * math.Sin(math.Pi/6*e.SizeCorrelation)
	return s
}

// of returns the size in bytes of the object with that number.
func (s *sizes) of(number int32) int64 {
	if s.law == sizesConstant {
		return int64(s.mean)
	}
	roll := sim.Draw(0, s.luck, uint64(number), 0)
	var size float64
	switch {
	case s.score != 0 || s.above > 0:
		size = s.quantile(s.share(&roll, number))
	case s.law == sizesLognormal:
		size = s.mean * math.Exp(s.spread*(roll.Norm()-s.spread/2))
	default:
		size = s.mean * (1 - s.spread) * math.Exp(s.spread*roll.Exp())
	}
	return int64(min(max(math.Round(size), s.least), maxSize))
}

// share draws which share of the law's objects are larger than this one.
//
// Popularity enters by a Gaussian copula: the normal score of the object's rank and a
// normal number of its own are added so that both laws stay what they are. A rank
// correlation r (Spearman's) takes a correlation of 2 sin(pi r/6) of the scores (Pearson,
// On Further Methods of Determining Correlation, 1907).
func (s *sizes) share(roll *sim.Roll, number int32) float64 {
	z := roll.Norm()
	if s.score != 0 {
		rank := (int(number)-1)%s.ranks + 1
		popular := math.Sqrt2 * math.Erfcinv(2*(float64(rank)-0.5)/float64(s.ranks))
		z = s.score*popular + math.Sqrt(1-s.score*s.score)*z
	}
	larger := math.Erfc(z/math.Sqrt2) / 2
	return larger + (1-larger)*s.above
}

// quantile returns the size that a share of the law's objects exceeds.
func (s *sizes) quantile(larger float64) float64 {
	if s.law == sizesLognormal {
		return s.mean * math.Exp(s.spread*(math.Sqrt2*math.Erfcinv(2*larger)-s.spread/2))
	}
	return s.mean * (1 - s.spread) * math.Pow(larger, -s.spread)
}

// beyond returns the share of the law's objects that are larger than size.
func (s *sizes) beyond(size float64) float64 {
	if s.law == sizesConstant {
		return 0
	}
	if s.law == sizesLognormal {
		return math.Erfc((math.Log(size/s.mean)/s.spread+s.spread/2)/math.Sqrt2) / 2
	}
	return math.Pow(max(1, size/(s.mean*(1-s.spread))), -1/s.spread)
}

// cut is the rest of what sizes depend on, in words; "" where it is not given.
func (e Entry) cut() string {
	if e.Largest == nil && e.SizeCorrelation == 0 {
		return ""
	}
	largest := "any"
	if e.Largest != nil {
		largest = e.Largest.String()
	}
	return fmt.Sprint(" ", largest, e.SizeCorrelation, e.Objects)
}

func (e Entry) checkSize(l *check.List) {
	l.OneOf("size-law", e.SizeLaw, sizesConstant, sizesLognormal, sizesPareto)
	if e.Size != nil {
		l.Number("size", float64(*e.Size), 0, maxSize)
		if *e.Size > 0 && bodiless(e.Status) {
			l.Add("size", "must be 0B: an answer with status %d has no content", e.Status)
		}
	}
	same := e.SizeLaw == "" || e.SizeLaw == sizesConstant
	if e.Spread != nil {
		l.Number("spread", *e.Spread, 0, maxSpread)
		switch {
		case same:
			l.Add("spread", "means nothing to sizes that are all the same; give size-law")
		case e.SizeLaw == sizesPareto && *e.Spread >= 1:
			l.Add("spread", "must be below 1 with size-law pareto, or there is no mean size")
		}
	}
	e.checkLargest(l, same)
	l.Number("size-correlation", e.SizeCorrelation, -1, 1)
	switch {
	case e.SizeCorrelation == 0:
	case same:
		l.Add("size-correlation", "means nothing to sizes that are all the same; give size-law")
	case e.Objects <= 1 || e.Popularity != "" && e.Popularity != popularityZipf || e.Appears > 0:
		l.Add("size-correlation", "needs objects of which some are more popular than others: objects, and popularity zipf")
	}
}

// mostCut is the share of a law's objects that may be too large.
const mostCut = 0.9

// checkLargest wants a bound that leaves something of the law.
func (e Entry) checkLargest(l *check.List, same bool) {
	switch {
	case e.Largest == nil:
	case same:
		l.Add("largest", "means nothing to sizes that are all the same; give size-law")
	default:
		before := len(l.Problems)
		l.Number("largest", float64(*e.Largest), 1, maxSize)
		if e.stamped() {
			l.Number("largest", float64(*e.Largest), float64(sim.StampBytes), maxSize)
		}
		if len(l.Problems) > before || e.Spread != nil && !(*e.Spread >= 0 && *e.Spread <= maxSpread) {
			return
		}
		if s := newSizes(e.withDefaults()); s.above > mostCut {
			l.Add("largest", "leaves out %.3g %% of the sizes that the law has; the limit is %g %%", 100*s.above, 100*mostCut)
		}
	}
}
