// Benchmarks: the engine under a steady number of pending events, and a draw.
package sim

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkEngine plays events that each schedule another: the hold model, as
// in most studies of event lists.
func BenchmarkEngine(b *testing.B) {
	for _, pending := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			e := NewEngine()
			dice := Draw(1, luckA, 1, 0)
			var again func()
			again = func() { e.After(time.Duration(dice.IntN(2_000_000)), again) }
			for range pending {
				again()
			}
			b.ReportAllocs()
			start := e.Fired()
			for b.Loop() {
				next, _ := e.Next()
				e.Advance(next)
			}
			b.ReportMetric(float64(e.Fired()-start)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkTimeout schedules and stops, as every time limit that is kept does.
func BenchmarkTimeout(b *testing.B) {
	for _, pending := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			e := NewEngine()
			f := func() {}
			timers := make([]Timer, pending)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				timers[i%pending].Stop()
				timers[i%pending] = e.After(time.Duration(i)%1000*time.Millisecond, f)
				i++
			}
		})
	}
}

func BenchmarkDraw(b *testing.B) {
	b.ReportAllocs()
	var id uint64
	for b.Loop() {
		id++
		r := Draw(1, luckA, id, 0)
		r.Float64()
	}
}
