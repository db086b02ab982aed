// Tests: how busy the cores were.
package report

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// A core at half strength, then two, then none, and one when the load is over.
func TestCPU(t *testing.T) {
	second := sim.Time(time.Second)
	run := &Run{Nodes: map[string]string{"a": KindPoP, "b": KindApp}, Step: time.Second,
		Series: map[string][]int64{"a.cpu-busy-ns": {5e8, 2e9, 0, 1e9}},
		Windows: []Measured{
			{Window: Window{Name: All, To: 3 * second}, Counters: map[string]int64{"a.cpu-busy-ns": 35e8, "a.requests": 1000}},
			{Window: Window{Name: "middle", From: second / 2, To: 2 * second}},
			{Window: Window{Name: "end", From: 2 * second, To: 3 * second}},
		}}
	for _, c := range []struct {
		window, metric string
		want           float64
	}{
		{All, "cpu.a", 2.5 / 3},
		{"middle", "cpu.a", (0.25 + 2) / 1.5},
		{"end", "cpu.a", 0},
		{All, "cpu-per-request.a", 3.5e6},
	} {
		if got, _, err := Value(run, c.window, c.metric); err != nil || got != c.want {
			t.Errorf("%s of %s: %v, want %v (%v)", c.metric, c.window, got, c.want, err)
		}
	}
	for _, metric := range []string{"cpu.b", "cpu-per-request.b", "cpu.c"} {
		if _, _, err := Value(run, All, metric); err == nil {
			t.Errorf("%s is known", metric)
		}
	}
}
