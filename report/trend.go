// The trend test: does a series go one way?
package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// MannKendall returns which way a series goes (1 up, -1 down, 0 neither) and how
// likely so clear a way is without any trend, two-sided: H. B. Mann,
// Nonparametric Tests Against Trend (1945), with Kendall's correction for ties.
// It asks only whether later values are mostly larger, and nothing of how they
// are distributed.
func MannKendall(values []float64) (trend int, p float64) {
	score := 0
	for i, a := range values {
		for _, b := range values[i+1:] {
			switch {
			case b > a:
				score++
			case b < a:
				score--
			}
		}
	}
	spread := math.Sqrt(kendallVariance(values))
	switch {
	case score == 0 || spread == 0:
		return 0, 1
	case score > 0:
		return 1, 2 * distuv.UnitNormal.Survival(float64(score-1)/spread)
	}
	return -1, 2 * distuv.UnitNormal.Survival(float64(-score-1)/spread)
}

// kendallVariance is the variance of the score without any trend.
func kendallVariance(values []float64) float64 {
	term := func(n float64) float64 { return n * (n - 1) * (2*n + 5) }
	sorted := slices.Sorted(slices.Values(values))
	sum := term(float64(len(sorted)))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		sum -= term(float64(j - i))
		i = j
	}
	return sum / 18
}
