// The knee of a curve: where going on stops paying, or begins to hurt.
package report

import "slices"

// Sensitivity is Kneedle's S: how flat, in steps between points, a curve must
// become behind a knee before it is called one. 1 is what the paper proposes.
const Sensitivity = 1.0

// Knee is where a curve bends most, and how: a rising convex one (latency over
// load) takes off there, a rising concave one (hit ratio over cache size) has
// little more to give.
type Knee struct {
	Index          int // of the point
	Rising, Convex bool
}

// Kneedle finds the convex or the concave knee of a curve whose x ascend:
// V. Satopaa, J. Albrecht, D. Irwin, B. Raghavan, Finding a "Kneedle" in a
// Haystack: Detecting Knee Points in System Behavior (2011). It is false when
// there is none: a line has none, nor has a curve that bends less than its points
// are apart.
//
// Points and values are put into the unit square, and the square is turned until
// the curve rises and is concave. Its distance to the diagonal then has local
// maxima; one is a knee when the distance falls by more than the sensitivity
// times the mean step before the next. Of several the furthest from the diagonal
// is returned. The paper's smoothing spline is left out: points are few, and
// means of their runs.
//
//	1 |     ,-●--    distance  |   ●
//	  |   ●´   ´               | ●´ `.
//	  | ●´ ´                   |´     `●.
//	  |´´                      |         `●
//	  +----------- 1           +-----------
func Kneedle(x, y []float64, convex bool, sensitivity float64) (Knee, bool) {
	n := len(x)
	if n < 4 {
		return Knee{}, false
	}
	u, v := unit(x), unit(y)
	if u == nil || v == nil {
		return Knee{}, false
	}
	k := Knee{Rising: rises(u, v), Convex: convex}
	if !k.Rising {
		turn(v) // upside down: what was convex is concave
	}
	turned := k.Convex == k.Rising
	if turned { // by half: a rising curve still rises
		turn(u)
		turn(v)
		slices.Reverse(u)
		slices.Reverse(v)
	}
	at := furthestKnee(u, v, sensitivity/float64(n-1)) // the mean step in the unit square
	if at < 0 {
		return Knee{}, false
	}
	k.Index = at
	if turned {
		k.Index = n - 1 - at
	}
	return k, true
}

// furthestKnee returns the knee furthest above the diagonal of a rising concave
// curve, -1 without any.
func furthestKnee(u, v []float64, fall float64) int {
	above := func(i int) float64 { return v[i] - u[i] }
	best := -1
	for i := 1; i < len(u)-1; i++ {
		if above(i) < above(i-1) || above(i) < above(i+1) || best >= 0 && above(i) <= above(best) {
			continue
		}
		for j := i + 1; j < len(u) && above(j) <= above(i); j++ {
			if above(j) < above(i)-fall {
				best = i
				break
			}
			if j+1 < len(u) && above(j+1) > above(j) {
				break // a minimum: the next maximum will be asked
			}
		}
	}
	return best
}

// unit returns the values moved and scaled to 0 … 1, nil when all are equal.
func unit(values []float64) []float64 {
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if !(high > low) {
		return nil
	}
	scaled := make([]float64, len(values))
	for i, v := range values {
		scaled[i] = (v - low) / (high - low)
	}
	return scaled
}

// rises reports whether v mostly grows with u.
func rises(u, v []float64) bool {
	sum, centre := 0.0, mean(u)
	for i := range u {
		sum += (u[i] - centre) * v[i]
	}
	return sum >= 0
}

func turn(values []float64) {
	for i := range values {
		values[i] = 1 - values[i]
	}
}
