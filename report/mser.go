// MSER: how much of the start of a series to leave out.
package report

// MSER returns how many values at the start to leave out so that the mean of the
// rest is known best: the marginal standard error rule of K. P. White, An
// Effective Truncation Heuristic for Bias Reduction in Simulation Output (1997).
// It takes the d with the least
//
//	MSER(d) = sum over i > d of (y_i - mean of the rest)² / (n-d)²
//
// A start that differs makes the sum large, a short rest the divisor small. A d
// in the second half would leave out more than it keeps and is not considered.
// It gives some d for every series, noise too: whether the start differs by
// enough to matter is for others to judge.
func MSER(values []float64) int {
	n := len(values)
	best, least := 0, 0.0
	sum, squares := 0.0, 0.0
	var centre float64 // numbers near 0 keep the squares from losing their digits
	if n > 0 {
		centre = values[n-1]
	}
	for d := n - 1; d >= 0; d-- {
		v := values[d] - centre
		sum += v
		squares += v * v
		rest := float64(n - d)
		score := max(0, squares-sum*sum/rest) / (rest * rest)
		if d <= n/2 && (d == n/2 || score <= least) {
			best, least = d, score
		}
	}
	return best
}
