// Holm's correction: many comparisons, one chance of error.
package report

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns p-values adjusted for being several, in their order: S. Holm, A
// Simple Sequentially Rejective Multiple Test Procedure (1979). Those below
// 0.05 are then significant together: the chance that any of them is luck is
// below 0.05. It asks nothing of how the comparisons depend on each other. A NaN
// is a comparison that was not made; it counts for nothing.
//
// The smallest of m is multiplied by m, the next by m-1 … and none is less than
// the one before it:
//
//	p     0.005  0.01  0.03  0.04
//	      ×4     ×3    ×2    ×1
//	Holm  0.02   0.03  0.06  0.06
func Holm(p []float64) []float64 {
	var order []int
	for i := range p {
		if !math.IsNaN(p[i]) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := slices.Clone(p)
	last := 0.0
	for rank, i := range order {
		last = max(last, min(1, float64(len(order)-rank)*p[i]))
		adjusted[i] = last
	}
	return adjusted
}
