// Tests of outlier detection and slow start: who is out, for how long, and who cannot be.
package health

import (
	"fmt"
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

func judgeOf(n int, cfg OutlierConfig) *Outliers {
	o := NewOutliers(cfg.WithDefaults())
	o.Grow(n)
	return o
}

func at(s int) sim.Time { return sim.Time(time.Duration(s) * time.Second) }

// Five in a row, 30 s, then 60 s; a good interval makes the next one shorter again.
func TestConsecutive(t *testing.T) {
	o := judgeOf(3, OutlierConfig{Detect: []string{DetectConsecutive}})
	fail := func(now, i, n int) (why string) {
		for range n {
			why = o.Observe(at(now), i, false)
		}
		return why
	}
	if why := fail(1, 0, 4); why != "" || o.Out(0) {
		t.Error("out after four:", why)
	}
	o.Observe(at(1), 0, true)
	if why := fail(1, 0, 4); why != "" {
		t.Error("the good one in between did not count")
	}
	if why := fail(1, 0, 1); why != "ejected: 5 failures in a row" || !o.Out(0) {
		t.Errorf("five: %q", why)
	}
	if why := fail(2, 1, 5); why != "" || o.Out(1) {
		t.Error("two of three are out")
	}
	for s := 10; s <= 30; s += 10 {
		if swept := o.Sweep(at(s)); len(swept) != 0 {
			t.Errorf("at %d s: %v", s, swept)
		}
	}
	if swept := o.Sweep(at(40)); fmt.Sprint(swept) != "[{0 false its ejection is over}]" || o.Out(0) {
		t.Errorf("at 40 s: %v", swept)
	}
	fail(41, 0, 5) // the second time: 60 s
	if o.Sweep(at(100)); !o.Out(0) {
		t.Error("back before 101 s")
	}
	if o.Sweep(at(110)); o.Out(0) {
		t.Error("still out at 110 s")
	}
	o.Sweep(at(120)) // well
	o.Sweep(at(130)) // and again
	fail(131, 0, 5)
	if o.Sweep(at(161)); o.Out(0) {
		t.Error("after two good intervals an ejection lasts 30 s again")
	}
}

// mean - 1.9 deviations sees equally bad servers only while they are fewer than
// 1/(1 + 1.9^2) = 21.7 % of all: one of five, not two of nine.
func TestSuccessRate(t *testing.T) {
	for _, c := range []struct {
		n, bad  int
		goodOf  int // of 200 at a bad one
		ejected int
	}{
		{5, 1, 0, 1}, {5, 1, 190, 1}, {9, 2, 0, 0}, {10, 2, 0, 1}, // 10 %: one of ten
		{20, 4, 0, 2}, {20, 5, 0, 0}, {4, 1, 0, 0}, // too few to judge
	} {
		o := judgeOf(c.n, OutlierConfig{Detect: []string{DetectSuccessRate}})
		for i := range c.n {
			for k := range 200 {
				o.Observe(0, i, i >= c.bad || k < c.goodOf)
			}
		}
		if swept := o.Sweep(at(10)); len(swept) != c.ejected {
			t.Errorf("%d of %d bad: %v, want %d ejected", c.bad, c.n, swept, c.ejected)
		}
	}
}

// What is equally bad is no outlier, but by its percentage; and few requests say nothing.
func TestFailurePercentage(t *testing.T) {
	for _, c := range []struct {
		failed, of, ejected int
	}{{84, 100, 0}, {85, 100, 1}, {99, 99, 0}} {
		o := judgeOf(10, OutlierConfig{Detect: []string{DetectFailurePercentage, DetectSuccessRate}})
		for i := range 10 {
			for k := range c.of {
				o.Observe(0, i, k >= c.failed)
			}
		}
		if swept := o.Sweep(at(10)); len(swept) != c.ejected { // all of them are, but a tenth may be
			t.Errorf("%d of %d failed: %v", c.failed, c.of, swept)
		}
	}
}

// Envoy's formula: weight * max(minimum, (t/window)^(1/aggression)).
func TestSlowStart(t *testing.T) {
	s := SlowStart{Window: 10 * time.Second}.WithDefaults()
	fast := SlowStart{Window: 10 * time.Second, Aggression: 2, Minimum: 0.2}
	for _, c := range []struct {
		s     SlowStart
		since time.Duration
		want  float64
	}{
		{s, 0, 0.1}, {s, 500 * time.Millisecond, 0.1}, {s, 5 * time.Second, 0.5}, {s, 10 * time.Second, 1}, {s, time.Hour, 1},
		{fast, 0, 0.2}, {fast, 2500 * time.Millisecond, 0.5}, {SlowStart{}, 0, 1},
	} {
		got, again := c.s.Share(c.since)
		if math.Abs(got-c.want) > 1e-9 || (again == 0) != (got == 1) {
			t.Errorf("%+v after %v: %v, again after %v; want %v", c.s, c.since, got, again, c.want)
		}
	}
}
