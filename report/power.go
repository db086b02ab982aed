// Power: how many seeds a difference would need to show.
package report

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// power is the chance of finding a difference that there is: four times of
	// five, the convention since J. Cohen, Statistical Power Analysis (1988).
	power = 0.8
	// maxNeeded is the number of seeds beyond which nobody plays on.
	maxNeeded = 1000
)

// SeedsNeeded returns how many pairs a paired t-test needs to find, in four of
// five times, a difference of that mean and standard deviation from pair to
// pair, at the level alpha; false when that is more than maxNeeded. Both numbers
// are themselves measured with few seeds, so it is a guess of the right size.
func SeedsNeeded(mean, deviation, alpha float64) (int, bool) {
	ratio := deviation / math.Abs(mean)
	need := func(quantile func(p float64) float64) float64 {
		z := (quantile(1-alpha/2) + quantile(power)) * ratio
		return z * z
	}
	n := max(2, math.Ceil(need(distuv.UnitNormal.Quantile)))
	for n <= maxNeeded && need(student(int(n)).Quantile) > n {
		n++
	}
	return int(min(n, maxNeeded)), n <= maxNeeded
}

// about rounds a number of runs or requests up to two digits: more would only
// look precise.
func about(n float64) float64 {
	if n <= 99 {
		return math.Ceil(n)
	}
	unit := math.Pow(10, math.Floor(math.Log10(n))-1)
	return math.Ceil(n/unit-1e-9) * unit
}
