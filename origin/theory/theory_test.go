// The table: what formulas say, what fleets do.
package theory

import (
	"math"
	"strconv"
	"testing"

	"cdnlab/origin"
	"cdnlab/origin/balance"
)

// One server, and several behind one line.
func TestQueues(t *testing.T) {
	for _, c := range []struct {
		name         string
		workers      int
		rho          float64
		distribution string
		theory       float64
	}{
		{"M/M/1", 1, 0.5, origin.Exponential, mm1(0.5)},
		{"M/M/1", 1, 0.8, origin.Exponential, mm1(0.8)},
		{"M/M/4", 4, 0.8, origin.Exponential, mmc(4, 0.8)},
		{"M/M/10", 10, 0.9, origin.Exponential, mmc(10, 0.9)},
		{"M/D/1", 1, 0.8, origin.Constant, mg1(0.8, 0)},
		{"M/G/1, lognormal", 1, 0.6, origin.Lognormal, mg1(0.6, 1)},
	} {
		f := fleet{servers: 1, workers: c.workers, rho: c.rho, distribution: c.distribution, seed: 1}
		mean, stderr := f.play(t, 60_000*scale())
		row{words(c.name, "at", c.rho), c.theory, mean, stderr}.check(t, 0.05)
	}
}

// Fleets that do not look at loads.
func TestBlind(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		n         int
		rho       float64
		theory    float64
	}{
		{"random", 10, 0.7, mm1(0.7)},
		{"weighted-random", 10, 0.7, mm1(0.7)},
		{"round-robin", 2, 0.7, roundRobin(2, 0.7)},
		{"round-robin", 10, 0.7, roundRobin(10, 0.7)},
		{"weighted-round-robin", 10, 0.9, roundRobin(10, 0.9)},
	} {
		f := fleet{servers: c.n, rho: c.rho, balance: balance.Config{Algorithm: c.algorithm}, seed: 2}
		mean, stderr := f.play(t, 60_000*scale())
		row{words(c.algorithm, "over", c.n, "at", c.rho), c.theory, mean, stderr}.check(t, 0.1)
	}
}

// The least of d lines. The formula is for infinitely many servers; what so few are off
// is about c/n, so twice the mean of 2n less that of n is off by far less.
func TestSupermarket(t *testing.T) {
	loads := []float64{0.5, 0.7, 0.9}
	if scale() > 1 {
		loads = append(loads, 0.95, 0.99)
	}
	for _, d := range []int{1, 2, 3} {
		for _, rho := range loads {
			if d == 1 && 1/math.Pow(1-math.Sqrt(rho), 2) > float64(40*scale()) {
				continue // so many service times a line takes to settle (Morse 1955): more than go by before it counts
			}
			f := fleet{servers: 50, rho: rho, balance: balance.Config{Algorithm: "p2c", Choices: d, Sampling: balance.SamplingReplacement}, seed: 3}
			few, fewErr := f.play(t, 60_000*scale())
			f.servers *= 2
			many, manyErr := f.play(t, 60_000*scale())
			row{words("the least of", d, "at", rho), supermarket(d, rho), 2*many - few, math.Hypot(2*manyErr, fewErr)}.check(t, 0.3)
		}
	}
}

// Two servers and three, where every rule can be solved: as many distinct draws as
// there are servers are all, so the shortest line.
func TestFew(t *testing.T) {
	for _, c := range []struct {
		name    string
		balance balance.Config
		n, d    int
		twice   bool
		loads   []float64
	}{
		{"least-connections", balance.Config{Algorithm: "least-connections", Ties: balance.TiesRandom}, 2, 2, false, []float64{0.5, 0.8}},
		{"p2c, distinct", balance.Config{Algorithm: "p2c"}, 2, 2, false, []float64{0.5, 0.8}},
		{"p2c, with replacement", balance.Config{Algorithm: "p2c", Sampling: balance.SamplingReplacement}, 2, 2, true, []float64{0.5, 0.8}},
		{"least-request", balance.Config{Algorithm: "least-request"}, 2, 2, true, []float64{0.8}},
		{"random", balance.Config{Algorithm: "random"}, 2, 1, false, []float64{0.5}},
		{"least-connections", balance.Config{Algorithm: "least-connections", Ties: balance.TiesRandom}, 3, 3, false, []float64{0.8}},
		{"p2c, distinct", balance.Config{Algorithm: "p2c"}, 3, 2, false, []float64{0.8}},
		{"p2c, with replacement", balance.Config{Algorithm: "p2c", Sampling: balance.SamplingReplacement}, 3, 2, true, []float64{0.5}},
	} {
		most := map[int]int{2: 60, 3: 28}[c.n]
		for _, rho := range c.loads {
			f := fleet{servers: c.n, rho: rho, balance: c.balance, seed: 4}
			mean, stderr := f.play(t, 60_000*scale())
			row{words(c.name, "over", c.n, "at", rho), lines(c.n, c.d, c.twice, rho, most), mean, stderr}.check(t, 0.05)
		}
	}
}

// The shortest of all lines among very many servers: there is always an idle one, so nobody
// waits at all (Eschenfeldt and Gamarnik 2018), where the shorter of two still waits as above.
func TestShortestOfMany(t *testing.T) {
	for _, rho := range []float64{0.5, 0.7} {
		f := fleet{servers: 100, rho: rho, balance: balance.Config{Algorithm: "least-connections", Ties: balance.TiesOldest}, seed: 6}
		mean, stderr := f.play(t, 60_000*scale())
		row{words("the least of all, over 100 at", rho), 1, mean, stderr}.check(t, 0.05)
	}
}

// Round robin with constant times is one line for all: whoever came first is done first.
func TestTurnsWithConstantTimes(t *testing.T) {
	for _, c := range []struct {
		n   int
		rho float64
	}{{2, 0.8}, {4, 0.8}, {10, 0.9}} {
		theory := mdc(c.n, c.rho)
		turns := fleet{servers: c.n, rho: c.rho, distribution: origin.Constant, balance: balance.Config{Algorithm: "round-robin"}, seed: 7}
		mean, stderr := turns.play(t, 60_000*scale())
		row{words("round-robin, constant, over", c.n, "at", c.rho), theory, mean, stderr}.check(t, 0.05)
		together := fleet{servers: 1, workers: c.n, rho: c.rho, distribution: origin.Constant, seed: 7}
		same, stderr := together.play(t, 60_000*scale())
		row{words("M/D/"+strconv.Itoa(c.n), "at", c.rho), theory, same, stderr}.check(t, 0.05)
		if math.Abs(same-mean) > 1e-4 { // gaps are drawn in whole ns
			t.Errorf("%d servers in turn: %.6f, behind one line: %.6f", c.n, mean, same)
		}
	}
}

// No rule beats one line for all, and the more a rule looks at, the better it is.
func TestOrder(t *testing.T) {
	last, rho := 0.0, 0.9
	for i, c := range []struct {
		name    string
		balance balance.Config
	}{
		{"least-connections", balance.Config{Algorithm: "least-connections"}},
		{"the least of 3", balance.Config{Algorithm: "p2c", Choices: 3}},
		{"the least of 2", balance.Config{Algorithm: "p2c"}},
		{"round-robin", balance.Config{Algorithm: "round-robin"}},
		{"random", balance.Config{Algorithm: "random"}},
	} {
		mean, stderr := fleet{servers: 10, rho: rho, balance: c.balance, seed: 5}.play(t, 120_000*scale())
		t.Logf("%-44s simulation %9.4f ± %.4f", words(c.name, "over 10 at", rho), mean, stderr)
		if i == 0 {
			last = mmc(10, rho)
		}
		if mean-4*stderr < last {
			t.Errorf("%s: %.3f ± %.3f, and the one before has %.3f", c.name, mean, stderr, last)
		}
		last = mean
	}
}
