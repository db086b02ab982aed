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

func TestExplain(t *testing.T) {
	places := []string{"a", "b", "c", "d", "e", "f"}
	far := map[string]int{"a": 30, "b": 2, "c": 200, "d": 8, "e": 90, "f": 91}
	names := []string{"a-pop", "b-pop", "c-pop", "d-pop", "e-pop", "f-pop"}
	s := New(places, func(_, pop string) time.Duration { return time.Duration(far[pop]) * time.Millisecond })
	for _, step := range []struct {
		down []int
		want string
	}{
		{nil, "b-pop: nearest by RTT, 2 ms (then d-pop 8 ms, a-pop 30 ms, e-pop 90 ms)"},
		{[]int{1, 0}, "d-pop: nearest by RTT, 8 ms (nearer, but down: b-pop 2 ms) (then e-pop 90 ms, f-pop 91 ms, c-pop 200 ms)"},
		{[]int{2, 3, 4}, "f-pop: nearest by RTT, 91 ms (nearer, but down: b-pop 2 ms, d-pop 8 ms, a-pop 30 ms, e-pop 90 ms)"},
		{[]int{5}, "none: every PoP is down"},
	} {
		for _, i := range step.down {
			s.SetUp(i, false)
		}
		if got := s.Explain("x", names); got != step.want {
			t.Errorf("down %v: %q, want %q", step.down, got, step.want)
		}
	}
	if got, want := New(places[:1], s.rtt).Explain("x", names), "a-pop: nearest by RTT, 30 ms (there is no other)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
