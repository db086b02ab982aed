// Tests of Kneedle: the paper's curves, curves whose knee is known, and none.
package report

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// curve samples f at n even points from low to high.
func sampled(n int, low, high float64, f func(x float64) float64) (x, y []float64) {
	for i := range n {
		v := low + (high-low)*float64(i)/float64(n-1)
		x, y = append(x, v), append(y, f(v))
	}
	return x, y
}

func TestKneedle(t *testing.T) {
	normal := distuv.Normal{Mu: 50, Sigma: 10}
	for _, c := range []struct {
		name      string
		n         int
		low, high float64
		f         func(x float64) float64
		convex    bool
		rising    bool
		want      float64
		within    float64
	}{
		// Figure 2 of the paper: ten points of -1/x + 5; it finds 0.22.
		{"figure 2", 10, 0, 1, func(x float64) float64 { return -1/(x+0.1) + 5 }, false, true, 0.22, 0.005},
		// Its curve of a normal distribution (50, 10): where the density is that of an
		// even spread from 20 to 80, 1.32 deviations beyond the mean.
		{"a cumulated normal", 61, 20, 80, normal.CDF, false, true, 63.2, 0.5},
		{"the same, where it takes off", 61, 20, 80, normal.CDF, true, true, 36.8, 0.5},
		// Latency over load: 1/(1-x)² is the mean slope 20 at 1 - 1/√20 = 0.776.
		{"M/M/1", 96, 0, 0.95, func(x float64) float64 { return 1 / (1 - x) }, true, true, 0.776, 0.01},
		{"M/M/1 in 8 points", 8, 0.25, 0.95, func(x float64) float64 { return 1 / (1 - x) }, true, true, 0.75, 0.1},
		// Latency over workers: 1/x from 1 to 16 has the mean slope -1/16 at 4.
		{"1/x", 16, 1, 16, func(x float64) float64 { return 1 / x }, true, false, 4, 0.01},
		// 1 - x² falls with the mean slope at 1/2.
		{"it holds, then falls", 21, 0, 1, func(x float64) float64 { return 1 - x*x }, false, false, 0.5, 0.01},
		{"a corner", 11, 0, 10, func(x float64) float64 { return math.Min(x, 3) }, false, true, 3, 0.01},
		{"a corner, later", 11, 0, 10, func(x float64) float64 { return math.Max(0, x-7) }, true, true, 7, 0.01},
	} {
		x, y := sampled(c.n, c.low, c.high, c.f)
		k, found := Kneedle(x, y, c.convex, Sensitivity)
		if !found || k.Rising != c.rising || k.Convex != c.convex || math.Abs(x[k.Index]-c.want) > c.within {
			t.Errorf("%s: %v at %v (%+v), want %v", c.name, found, x[k.Index], k, c.want)
		}
	}
}

func TestNoKnee(t *testing.T) {
	dice := rand.New(rand.NewPCG(61, 62))
	for _, c := range []struct {
		name string
		n    int
		f    func(x float64) float64
	}{
		{"a line", 20, func(x float64) float64 { return 3*x + 1 }},
		{"a falling line", 20, func(x float64) float64 { return 1 - x }},
		{"a line with a little noise", 20, func(x float64) float64 { return x + 0.005*dice.NormFloat64() }},
		{"nothing changes", 20, func(float64) float64 { return 7 }},
		{"three points", 3, func(x float64) float64 { return x * x }},
		{"a bend smaller than the steps", 5, func(x float64) float64 { return math.Pow(x, 1.2) }},
	} {
		x, y := sampled(c.n, 0, 1, c.f)
		for _, convex := range []bool{true, false} {
			if k, found := Kneedle(x, y, convex, Sensitivity); found {
				t.Errorf("%s, convex %v: a knee at %v", c.name, convex, x[k.Index])
			}
		}
	}
	x, y := sampled(10, 0, 1, func(x float64) float64 { return x * x })
	if _, found := Kneedle(x, y, false, Sensitivity); found {
		t.Error("a convex curve has a concave knee")
	}
	if _, found := Kneedle(x, y, true, 5); found {
		t.Error("a sensitivity of 5 asks for a sharper knee")
	}
}
