// A server that has just been started.
package origin

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// Work that begins at the start takes four times as long, half-way through the warm-up
// two and a half times, and as long as ever after it; a server that was always there
// never does.
func TestWarmUp(t *testing.T) {
	cfg := steady(AppConfig{Workers: 4, WarmUp: WarmUp{Time: 10 * time.Second, Factor: 4}})
	for _, c := range []struct {
		cold bool
		want [3]time.Duration
	}{
		{true, [3]time.Duration{400 * ms, 250 * ms, 100 * ms}},
		{false, [3]time.Duration{100 * ms, 100 * ms, 100 * ms}},
	} {
		w := newWorld(t)
		a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
		w.at(3 * time.Second)
		if c.cold {
			a.Cold()
		}
		for i, want := range c.want {
			at := 3*time.Second + time.Duration(i)*5*time.Second
			w.at(at)
			g := w.ask(a, &sim.Request{})
			w.at(at + time.Second)
			w.expect(g, 200, sim.OK, at+want)
		}
		w.quiet()
	}
}

// A brown-out of a cold server is slower still, and the time of the warm-up may change
// meanwhile.
func TestWarmUpAndBrownOut(t *testing.T) {
	w := newWorld(t)
	cfg := steady(AppConfig{Workers: 4, WarmUp: WarmUp{Time: 10 * time.Second, Factor: 3}})
	a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
	a.Cold()
	a.Slow(2)
	w.at(5 * time.Second)
	slow := w.ask(a, &sim.Request{})
	cfg.WarmUp.Time = 4 * time.Second
	if err := a.Change(cfg, nil); err != nil {
		t.Fatal(err)
	}
	warm := w.ask(a, &sim.Request{})
	w.quiet()
	w.expect(slow, 200, sim.OK, 5*time.Second+400*ms)
	w.expect(warm, 200, sim.OK, 5*time.Second+200*ms)
	if cfg.WarmUp.Factor = 0.5; a.Change(cfg, nil) == nil {
		t.Error("a cold server may be faster than a warm one")
	}
}
