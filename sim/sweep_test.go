// Tests of stopped events that are taken out.
package sim

import (
	"testing"
	"time"
)

// TestSweepAll: when all that stands in the heap was stopped, the engine goes on.
func TestSweepAll(t *testing.T) {
	for _, n := range []int{fewDead, 2 * fewDead, 10 * fewDead} {
		e, played := NewEngine(), 0
		e.At(Time(time.Second), func() { played++ })
		var stopped []Timer
		for i := range n {
			stopped = append(stopped, e.At(Time(time.Hour)+Time(i), func() { t.Error("a stopped event is played") }))
		}
		for _, s := range stopped {
			s.Stop()
		}
		e.At(Time(2*time.Hour), func() { played++ })
		e.Run(Time(3 * time.Hour))
		if played != 2 {
			t.Errorf("%d stopped: %d of 2 are played", n, played)
		}
	}
}
