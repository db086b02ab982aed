// Tests of early refreshes.
package cache

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

// TestEarly: the chance is what the paper says, at every distance from the end.
func TestEarly(t *testing.T) {
	const rolls = 100_000
	e := &Entry{took: 200 * time.Millisecond}
	for _, test := range []struct {
		ttl  time.Duration
		beta float64
	}{{0, 1}, {100 * time.Millisecond, 1}, {200 * time.Millisecond, 1}, {time.Second, 1}, {time.Second, 5}, {time.Second, 0.1}, {10 * time.Second, 1}} {
		early := 0
		for id := range uint64(rolls) {
			roll := sim.Draw(1, sim.NewLuck("early"), id, 0)
			if Early(e, test.ttl, test.beta, roll.Float64()) {
				early++
			}
		}
		want := math.Exp(-float64(test.ttl) / (test.beta * float64(e.took)))
		if got := float64(early) / rolls; math.Abs(got-want) > 0.005 {
			t.Errorf("%v left, beta %v: %.4f of the requests, want %.4f", test.ttl, test.beta, got, want)
		}
	}
}
