// Statistics over seeds: intervals of means, and differences pair by pair.
package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a mean with its 95 % confidence interval, Mean ± Half.
type Interval struct {
	N    int
	Mean float64
	Half float64 // NaN with fewer than two values: one run says nothing of the spread
}

// Known reports whether there is an interval at all.
func (i Interval) Known() bool { return !math.IsNaN(i.Half) }

// MeanInterval returns the mean and its 95 % interval by Student's t. Each value
// comes from one seed, and seeds are independent.
func MeanInterval(values []float64) Interval {
	n := len(values)
	if n == 0 {
		return Interval{Mean: math.NaN(), Half: math.NaN()}
	}
	if n == 1 {
		return Interval{N: 1, Mean: values[0], Half: math.NaN()}
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.975)
	return Interval{N: n, Mean: mean, Half: t * deviation / math.Sqrt(float64(n))}
}

// Difference is how far one variant lies from another, by pairs of equal seed.
// The same seed gives both the same users and the same luck, so what is common
// to them cancels: pairs show what two intervals side by side would hide.
type Difference struct {
	Interval // of other - base; N is the number of pairs
}

// Noise reports whether nothing is known of the difference: fewer than two
// pairs, or an interval that contains 0. It is printed as "~".
func (d Difference) Noise() bool { return !d.Known() || math.Abs(d.Mean) <= d.Half }

// Compare returns other - base over the seeds that both have.
func Compare(base, other map[uint64]float64) Difference {
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
	return Difference{MeanInterval(differences)}
}
