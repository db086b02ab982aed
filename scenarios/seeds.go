// Seeds: how sure an expectation is whose numbers differ from seed to seed.
package scenarios

import (
	"math"
	"slices"

	"cdnlab/report"
)

// seeds are the values of a metric by seed.
type seeds map[uint64]float64

// sorted are the seeds that have a value.
func (s seeds) sorted() []uint64 {
	var all []uint64
	for seed := range s { // in any order: sorted below
		all = append(all, seed)
	}
	slices.Sort(all)
	return all
}

// half is half of the 95 % interval of the mean; nil with fewer than two seeds.
func (s seeds) half() *float64 {
	var values []float64
	for _, seed := range s.sorted() {
		values = append(values, s[seed])
	}
	i := report.MeanInterval(values)
	if !(i.Half >= 0) {
		return nil
	}
	return &i.Half
}

// close reports whether the bound lies within the 95 % interval of what was
// measured, so that other seeds might judge otherwise. Against another variant
// it is judged by pairs of one seed.
func (b bound) close(measured, other seeds) bool {
	var over []float64 // by how much it lies over the bound
	limit := 0.0
	for _, seed := range measured.sorted() {
		v := b.number
		if b.variant != "" {
			v = b.factor * other[seed]
		}
		over = append(over, measured[seed]-v)
		limit += v / float64(len(measured))
	}
	i := report.MeanInterval(over)
	switch {
	case !(i.Half > 0):
		return false
	case b.op == "~": // either edge will do
		edge := b.tolerance * math.Abs(limit)
		return math.Abs(math.Abs(i.Mean)-edge) <= i.Half
	case b.op == "==" || b.op == "!=":
		return false
	}
	return math.Abs(i.Mean) <= i.Half
}
