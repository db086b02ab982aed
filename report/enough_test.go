// Tests of run lengths: the formula against M/M/1 queues that are played.
package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// mm1 is an M/M/1 queue at that load, service times of 1 ms.
func mm1(load float64) Queue {
	return Queue{Load: load, Workers: 1, Service: 1e6, Wait: load / (1 - load) * 1e6, ArrivalSCV: 1, ServiceSCV: 1}
}

// TestRequestsKnown holds the formula to published run lengths: ±1 % of the mean
// at a load of 0.9 takes 1.46e7 requests (Whitt 1989), a queue of ten servers
// about half of that.
func TestRequestsKnown(t *testing.T) {
	fine := math.Pow(0.05/0.01, 2)
	if n := mm1(0.9).Requests(10e6, 0) * fine; n < 1.44e7 || n > 1.5e7 {
		t.Errorf("M/M/1 at 0.9, ±1 %%: %.3g requests, want 1.46e7", n)
	}
	ten := Queue{Load: 0.9, Workers: 10, Service: 1e6, Wait: 0.669e6, ArrivalSCV: 1, ServiceSCV: 1}
	if n := ten.Requests(1.669e6, 0) * fine; n < 3.5e6 || n > 1.4e7 {
		t.Errorf("M/M/10 at 0.9, ±1 %%: %.3g requests, want 7e6", n)
	}
	if n := (Queue{Load: 0.8, Workers: 1, Service: 1e6}).Requests(1e6, 0.99); n != 0 {
		t.Errorf("nothing varies, and still %v requests", n)
	}
	far := mm1(0.8).Requests(205e6, 0.5)
	if near := mm1(0.8).Requests(5e6, 0.5); far > near/1000 {
		t.Errorf("a long way over the network needs fewer: %v, %v", far, near)
	}
}

// TestRequestsPlayed plays M/M/1 many times over, sees how much the mean and the
// p99 of a run scatter, and holds the number of requests that follows for ±5 %
// to the formula: of the right size, and rather too many.
func TestRequestsPlayed(t *testing.T) {
	dice := rand.New(rand.NewPCG(31, 32))
	for _, c := range []struct {
		load          float64
		length, plays int
	}{{0.3, 5000, 200}, {0.6, 10_000, 200}, {0.8, 30_000, 150}, {0.9, 80_000, 80}} {
		var means, tails []float64
		for range c.plays {
			values := responses(dice, c.load, c.length)
			means = append(means, mean(values))
			slices.Sort(values)
			tails = append(tails, values[c.length*99/100])
		}
		for of, seen := range map[float64][]float64{0: means, 0.99: tails} { // in any order: each alone
			m := mean(seen)
			relative := math.Sqrt(variance(seen, m)) / m
			played := float64(c.length) * math.Pow(twoSided95*relative/precision, 2)
			ratio := mm1(c.load).Requests(m*1e6, of) / played
			if ratio < 0.8 || ratio > 2.5 {
				t.Errorf("load %.1f, quantile %v: the formula asks for %.2f times the %.0f requests that it takes", c.load, of, ratio, played)
			}
		}
	}
}
