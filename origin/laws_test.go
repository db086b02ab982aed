// Service times against their laws, and what follows of them. Whole queues are in
// origin/theory.
package origin

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

// The means of service times and, for the lognormal, the deviation.
func TestLaws(t *testing.T) {
	for _, c := range []struct {
		distribution string
		spread       *float64
		deviation    float64 // over the mean
	}{
		{Constant, nil, 0},
		{Exponential, nil, 1},
		{Lognormal, nil, 1},
		{Lognormal, new(0.5), 0.5},
		{Uniform, nil, 0.5 / math.Sqrt(3)},
		{Uniform, new(1.0), 1 / math.Sqrt(3)},
	} {
		cfg := ServiceConfig{Distribution: c.distribution, Spread: c.spread}.withDefaults(20*ms, Exponential)
		l := newLaw(cfg)
		const n = 200_000
		var sum, squares float64
		for i := range uint64(n) {
			x := float64(l.draw(sim.Draw(1, appLuck, i, 0), 1)) / float64(20*ms)
			sum += x
			squares += x * x
		}
		mean := sum / n
		deviation := math.Sqrt(max(0, squares/n-mean*mean))
		if math.Abs(mean-1) > 4*c.deviation/math.Sqrt(n)+1e-6 || math.Abs(deviation-c.deviation) > 0.03 {
			t.Errorf("%s %v: mean %.4f, deviation %.4f, want 1 and %.4f", c.distribution, *cfg.Spread, mean, deviation, c.deviation)
		}
	}
}

// Under more than it can carry the workers never pause: capacity is exact.
func TestCapacityIsExact(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), AppConfig{Workers: 3, ServiceConfig: ServiceConfig{ServiceTime: 30 * ms, Distribution: Constant}}, nil, nil, nil))
	served := 0
	for i := range 20_000 {
		w.engine.Advance(sim.Time(i) * sim.Time(ms) / 2)
		a.Serve(&sim.Request{ID: uint64(i)}, func(resp *sim.Response) {
			if resp.Status == 200 && w.engine.Now() <= sim.Time(10*time.Second) {
				served++
			}
		})
	}
	w.quiet()
	if served != 999 { // 333 rounds of 3 in 10 s
		t.Errorf("served %d in 10 s, want 3 per 30 ms", served)
	}
}

// A request has the same luck at every server, another luck at another try.
func TestCommonRandomNumbers(t *testing.T) {
	took := func(node string, attempt int) time.Duration {
		w := newWorld(t)
		a := must[*App](t)(NewApp(w.env(node), AppConfig{}, nil, nil, nil))
		g := w.ask(a, &sim.Request{ID: 7, Attempt: attempt})
		w.quiet()
		return time.Duration(g.at)
	}
	if took("a", 0) != took("b", 0) || took("a", 0) == took("a", 1) {
		t.Errorf("%v %v %v", took("a", 0), took("b", 0), took("a", 1))
	}
}

func BenchmarkApp(b *testing.B) {
	w := newWorld(b)
	a := must[*App](b)(NewApp(w.env("app"), AppConfig{}, nil, nil, nil))
	b.ReportAllocs()
	req := &sim.Request{Method: "GET", Path: "/"}
	for b.Loop() {
		req.ID++
		a.Serve(req, func(*sim.Response) {})
		w.engine.Advance(w.engine.Now().Add(10 * ms))
	}
}
