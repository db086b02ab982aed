// Zipf's law without a table, for any exponent.
package load

import (
	"math"

	"cdnlab/sim"
)

// zipf draws n in 1..N with probability in proportion to 1/n^alpha, by
// rejection-inversion (Hörmann and Derflinger, ACM TOMACS 6(3), 1996): invert
// the integral of the hat x^-alpha and round; a rounding that the law would not
// have made is rejected, which is rare, and seen in most cases without a power.
//
//	1 |█                  the hat x^-alpha over [n-1/2, n+1/2] is at least the
//	  |█▆                 bar 1/n^alpha, as it is convex
//	  |███▅▄▃▂▂▁▁
//	  +1--2--3---- x
//
// No table: the hat costs nothing to set up for ten million objects.
type zipf struct {
	alpha, c  float64 // c = 1-alpha
	n         int
	low, high float64 // the integral at the ends
	sure      float64 // rounding down by at most that is never rejected
	guide     []uint16
}

// nearOne is how near to 1 an alpha is taken for 1. Nearer, the integral would
// lose too many digits; the law of ten million objects changes by 0.02 %.
const nearOne = 1e-5

func newZipf(n int, alpha float64) zipf {
	if math.Abs(1-alpha) < nearOne {
		alpha = 1
	}
	z := zipf{alpha: alpha, c: 1 - alpha, n: n}
	z.low = z.integral(1.5) - 1 // the bar of 1 is taken whole
	z.high = z.integral(float64(n) + 0.5)
	z.sure = 2 - z.inverse(z.integral(2.5)-z.hat(2))
	return z
}

// pick returns a number in 1..n.
func (z *zipf) pick(roll *sim.Roll) int {
	if z.n == 1 {
		return 1
	}
	if z.alpha == 0 {
		return 1 + roll.IntN(z.n)
	}
	f := roll.Float64()
	if z.guide != nil {
		if k := z.guide[int(f*guideCells)]; k != 0 {
			return int(k)
		}
	}
	for ; ; f = roll.Float64() {
		u := z.high + f*(z.low-z.high)
		x := z.inverse(u)
		k := min(max(math.Round(x), 1), float64(z.n)) // rounding errors may lead outside
		if k-x <= z.sure || u >= z.integral(k+0.5)-z.hat(k) {
			return int(k)
		}
	}
}

// guideCells is how many equal parts of [0, 1) a guide has. One takes 8 KB and
// 0.4 ms to make; of a thousand objects it leaves a sixth of the draws to be
// computed.
const guideCells = 1 << 12

// guided gives the law a guide: for each part of [0, 1) the number that every
// draw in it comes to, or 0 where it has to be computed. What is drawn is the
// same to the last bit, as a part counts only when its ends, moved apart by far
// more than a computation is off, agree.
func (z *zipf) guided() {
	if z.n == 1 || z.alpha == 0 {
		return
	}
	z.guide = make([]uint16, guideCells)
	for i := range z.guide {
		z.guide[i] = z.common(float64(i)/guideCells, float64(i+1)/guideCells)
	}
}

// common returns the number that all draws from..to come to; 0: not all to one,
// or to none by the first try.
func (z *zipf) common(from, to float64) uint16 {
	const off = 1e-9
	high, low := z.high+from*(z.low-z.high), z.high+to*(z.low-z.high)
	high, low = high+off*math.Abs(high), low-off*math.Abs(low)
	x, most := z.inverse(low)*(1-off), z.inverse(high)*(1+off)
	k := min(max(math.Round(x), 1), float64(z.n))
	switch {
	case !(x > 0), k != min(max(math.Round(most), 1), float64(z.n)), k > math.MaxUint16:
		return 0
	case k-x <= z.sure-off || low >= z.integral(k+0.5)-z.hat(k)+off:
		return uint16(k)
	}
	return 0
}

func (z *zipf) hat(x float64) float64 { return math.Exp(-z.alpha * math.Log(x)) }

// integral is one of the hat: x^(1-alpha) / (1-alpha), or log x when alpha is 1.
func (z *zipf) integral(x float64) float64 {
	if z.c == 0 {
		return math.Log(x)
	}
	return math.Exp(z.c*math.Log(x)) / z.c
}

// inverse is the inverse of integral.
func (z *zipf) inverse(y float64) float64 {
	if z.c == 0 {
		return math.Exp(y)
	}
	return math.Exp(math.Log(z.c*y) / z.c)
}
