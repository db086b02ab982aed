// Tests of steering.
package steer

import (
	"testing"
	"time"
)

func TestPick(t *testing.T) {
	ms := map[[2]string]int{{"tokyo", "osaka"}: 8, {"tokyo", "seoul"}: 30, {"tokyo", "tokyo"}: 2,
		{"oslo", "osaka"}: 200, {"oslo", "seoul"}: 200, {"oslo", "tokyo"}: 250}
	asked := 0
	s := New([]string{"seoul", "osaka", "tokyo"}, func(a, b string) time.Duration {
		asked++
		return time.Duration(ms[[2]string{a, b}]) * time.Millisecond
	})
	s.Prepare("tokyo", "oslo")
	for _, step := range []struct {
		say   string
		do    func()
		place string
		want  int
	}{
		{"the nearest", func() {}, "tokyo", 2},
		{"of two equally near the first", func() {}, "oslo", 0},
		{"the next when it is down", func() { s.SetUp(2, false) }, "tokyo", 1},
		{"and the next", func() { s.SetUp(1, false) }, "tokyo", 0},
		{"none", func() { s.SetUp(0, false) }, "tokyo", None},
		{"back again", func() { s.SetUp(2, true) }, "oslo", 2},
	} {
		step.do()
		if got := s.Pick(step.place); got != step.want {
			t.Errorf("%s: got %d, want %d", step.say, got, step.want)
		}
	}
	if asked != 6 {
		t.Errorf("asked %d times for an RTT, want 6: once for each pair", asked)
	}
}
