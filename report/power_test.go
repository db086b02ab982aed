// Tests of power: published sample sizes.
package report

import "testing"

// What G*Power gives for a two-sided paired t-test at 0.05 and a power of 0.8:
// 199 pairs for an effect of 0.2 standard deviations, 34 for 0.5, 15 for 0.8
// (the usual small, medium and large effect). We leave out the noncentral t and
// may be off by one.
func TestSeedsNeeded(t *testing.T) {
	for effect, want := range map[float64]int{0.2: 199, 0.5: 34, 0.8: 15, 1: 10} {
		if got, within := SeedsNeeded(effect, 1, 0.05); !within || got < want-1 || got > want+1 {
			t.Errorf("an effect of %.1f: %d pairs, want %d", effect, got, want)
		}
	}
	if a, _ := SeedsNeeded(-3, 1, 0.05); a < 2 || a > 5 {
		t.Errorf("a difference of three deviations: %d pairs", a)
	}
	stricter, _ := SeedsNeeded(0.5, 1, 0.01)
	if stricter <= 34 {
		t.Errorf("a stricter level needs more: %d", stricter)
	}
	if n, within := SeedsNeeded(0.001, 1, 0.05); within || n != maxNeeded {
		t.Errorf("next to nothing: %d, %v", n, within)
	}
}

func TestAbout(t *testing.T) {
	for v, want := range map[float64]float64{7: 7, 13.2: 14, 99: 99, 101: 110, 123: 130, 130: 130, 1_234_567: 1_300_000} {
		if got := about(v); got != want {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
}
