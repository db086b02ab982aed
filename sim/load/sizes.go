// How large each object is.
package load

import (
	"math"

	"cdnlab/sim"
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
}

func newSizes(e Entry) sizes {
	s := sizes{e.SizeLaw, float64(*e.Size), *e.Spread, 1, sim.NewLuck("size of " + e.Path)}
	if e.stamped() {
		s.least = float64(sim.StampBytes)
	}
	if s.spread == 0 || s.mean == 0 {
		s.law = "constant"
	}
	return s
}

// of returns the size in bytes of the object with that number.
func (s *sizes) of(number int32) int64 {
	if s.law == "constant" {
		return int64(s.mean)
	}
	roll := sim.Draw(0, s.luck, uint64(number), 0)
	var size float64
	if s.law == "lognormal" {
		size = s.mean * math.Exp(s.spread*(roll.Norm()-s.spread/2))
	} else {
		size = s.mean * (1 - s.spread) * math.Exp(s.spread*roll.Exp())
	}
	return int64(min(max(math.Round(size), s.least), maxSize))
}
