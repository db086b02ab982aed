// Tests: the costs as numbers.
package cpu

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		perMB time.Duration
		n     int64
		want  time.Duration
	}{
		{300 * us, 1_000_000, 300 * us},
		{300 * us, 1000, 300 * time.Nanosecond},
		{300 * us, 0, 0},
		{300 * us, -1, 0}, // unknown
		{0, 1 << 40, 0},
		{300 * us, 1 << 40, time.Duration(math.Round(300e3 * float64(1<<40) / 1e6))},
	} {
		if got := Of(c.perMB, c.n); (got - c.want).Abs() > 1 {
			t.Errorf("%d bytes at %v a MB: %v, not %v", c.n, c.perMB, got, c.want)
		}
	}
}

func TestScaleAndOr(t *testing.T) {
	a := Costs{Serve: 20 * us, ForwardMB: 300 * us}
	if got := a.Scale(0.5); got != (Costs{Serve: 10 * us, ForwardMB: 150 * us}) || a.Serve != 20*us {
		t.Errorf("half is %+v, of %+v", got, a)
	}
	d := Costs{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	if got := a.Or(d); got != (Costs{20 * us, 2, 3, 300 * us, 5, 6, 7, 8, 9, 10, 11, 12}) {
		t.Errorf("with the rest of others: %+v", got)
	}
	var kinds []string
	for kind, cost := range d.Kinds() {
		kinds = append(kinds, kind)
		*cost *= 10
	}
	if want := []string{"serve", "serve-mb", "forward", "forward-mb", "accept", "relay", "relay-connection", "relay-mb", "tls13", "tls12", "tls-resumed", "tls-mb"}; !slices.Equal(kinds, want) || d.Accept != 50 {
		t.Errorf("the kinds are %v, and changed %+v", kinds, d)
	}
}

func TestDefaults(t *testing.T) {
	measured := Costs{Serve: 20 * us, ServeMB: 2 * us, Forward: 3 * us, ForwardMB: 4 * us, Accept: 5 * us}
	for _, c := range []struct{ given, want Config }{
		{Config{}, Config{8, Calibrated, measured}},
		{Config{Cores: 1, From: Free}, Config{1, Free, Costs{}}},
		{Config{From: Free, Costs: Costs{Serve: 7}}, Config{8, Free, Costs{Serve: 7}}},
		{Config{Costs: Costs{Accept: 7}}, Config{8, Calibrated, Costs{Serve: 20 * us, ServeMB: 2 * us, Forward: 3 * us, ForwardMB: 4 * us, Accept: 7}}},
	} {
		if got := c.given.WithDefaults(measured); got != c.want {
			t.Errorf("%+v becomes %+v, not %+v", c.given, got, c.want)
		}
	}
}
