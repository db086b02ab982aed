// The interval of a quantile within one run, from the order of its values alone.
package report

import (
	"sort"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"
)

// Within is a 95 % interval of a quantile from one run. It holds whatever the
// distribution is, but takes the requests for independent of each other. They
// are not (who queues, queues behind the same others), so the truth is less
// sure; and of another seed it says nothing.
type Within struct {
	Low, High float64
	Open      bool // upwards: too few values lie beyond the quantile to say how far it may be
}

// Within returns the interval of the quantile q, false with too few values to
// say anything.
//
// The number of n values below the true quantile is binomial (n, q). So the
// value of rank r lies above it with the probability that fewer than r are
// below: the interval runs from the last rank at which that is at most 2.5 % to
// the first at which it is at least 97.5 % (H. A. David, Order Statistics, 7.1).
func (h *Histogram) Within(q float64) (Within, bool) {
	if h == nil || h.N < 2 || q <= 0 || q >= 1 {
		return Within{}, false
	}
	below := distuv.Binomial{N: float64(h.N), P: q}
	above := func(rank int) float64 { return below.CDF(float64(rank - 1)) } // than the quantile
	n := int(h.N)
	low := sort.Search(n, func(i int) bool { return above(i+1) > significant/2 }) // the ranks before it will do
	high := 1 + sort.Search(n, func(i int) bool { return above(i+1) >= 1-significant/2 })
	if low < 1 {
		return Within{}, false
	}
	w := Within{Low: float64(h.atRank(int64(low), cellStart)), Open: high > n}
	w.High = float64(h.atRank(int64(min(high, n)), cellEnd))
	return w, true
}

// quantileOf returns the histogram and the quantile that a metric is of, false
// when it is none.
func quantileOf(metric string) (histogram string, q float64, ok bool) {
	histogram, name, _ := strings.Cut(metric, ".")
	for _, known := range quantiles {
		if known.name == name {
			return histogram, known.q, true
		}
	}
	return "", 0, false
}
