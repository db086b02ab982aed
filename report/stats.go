// Statistics over seeds: intervals of means, and differences pair by pair.
package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// significant is the chance that is taken of calling luck a difference.
const significant = 0.05

// Interval is a mean with its 95 % confidence interval, Mean ± Half.
type Interval struct {
	N    int
	Mean float64
	Half float64 // NaN with fewer than two values: one run says nothing of the spread
}

// Known reports whether there is an interval at all.
func (i Interval) Known() bool { return !math.IsNaN(i.Half) }

// MeanInterval returns the mean and its 95 % interval by Student's t. Each value
// comes from one seed, and seeds are independent: so the interval holds for the
// mean over seeds of any metric, a quantile too, whatever depends on what within
// a run.
func MeanInterval(values []float64) Interval {
	if len(values) == 0 {
		return Interval{Mean: math.NaN(), Half: math.NaN()}
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	return interval(len(values), mean, deviation)
}

func interval(n int, mean, deviation float64) Interval {
	if n == 1 {
		return Interval{N: 1, Mean: mean, Half: math.NaN()}
	}
	return Interval{N: n, Mean: mean, Half: student(n).Quantile(1-significant/2) * deviation / math.Sqrt(float64(n))}
}

// student is Student's t of a mean of n values.
func student(n int) distuv.StudentsT {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}
}

// Difference is how far one variant lies from another, by pairs of equal seed.
// The same seed gives both the same users and the same luck, so what is common
// to them cancels: pairs show what two intervals side by side would hide.
type Difference struct {
	Interval         // of other - base; N is the number of pairs
	P        float64 // of the paired t-test, two-sided; NaN with fewer than two pairs
}

// Noise reports whether nothing is known of the difference: fewer than two
// pairs, or one that luck gives once in twenty times.
func (d Difference) Noise() bool { return !(d.P < significant) }

// Same reports whether every pair was equal: no number of seeds will tell the
// two apart.
func (d Difference) Same() bool { return d.N > 1 && d.Mean == 0 && d.Half == 0 }

// compare returns other - base over the seeds that both have. step is that of
// numbers that come in steps: counts by ones, quantiles by the cells of their
// histogram; 0 for others. Two of them that differ by one step in each
// of three pairs are not known to the last digit, only to within the step: so
// the spread is never taken to be less than that of the rounding, which has
// step/√12 in each of the two numbers (Sheppard).
func compare(base, other map[uint64]float64, step float64) Difference {
	var seeds []uint64
	for seed := range base { // in any order: sorted below
		if _, both := other[seed]; both {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	differences := make([]float64, len(seeds))
	for i, seed := range seeds {
		differences[i] = other[seed] - base[seed]
	}
	if len(seeds) < 2 {
		return Difference{MeanInterval(differences), math.NaN()}
	}
	mean, deviation := stat.MeanStdDev(differences, nil)
	if mean == 0 && deviation == 0 {
		return Difference{Interval{N: len(seeds)}, 1}
	}
	deviation = max(deviation, step/math.Sqrt(6))
	return Difference{interval(len(seeds), mean, deviation), pairedT(len(seeds), mean, deviation)}
}

// pairedT is the two-sided p-value of n differences of that mean and standard
// deviation.
func pairedT(n int, mean, deviation float64) float64 {
	if deviation == 0 {
		return 0
	}
	t := math.Abs(mean) / deviation * math.Sqrt(float64(n))
	return 2 * student(n).Survival(t)
}
