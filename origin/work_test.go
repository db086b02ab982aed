// What an app's workers do, as the world is told of it.
package origin

import (
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// gang is a world's way to work that takes twice as long as it should.
type gang struct {
	clock  sim.Clock
	burned []bool
}

func (g *gang) Work(d time.Duration, burns bool, done func()) {
	g.burned = append(g.burned, burns)
	g.clock.After(2*d, done)
}

func TestAppWorksAsTheWorldLetsIt(t *testing.T) {
	w := newWorld(t)
	g := &gang{clock: w.engine}
	env := w.env("app")
	env.Workers = g
	a := must[*App](t)(NewApp(env, steady(AppConfig{}), nil, nil, nil))
	first := w.ask(a, &sim.Request{Path: "/"})
	if err := a.Change(steady(AppConfig{Work: WorkCPU}), nil); err != nil {
		t.Fatal(err)
	}
	second := w.ask(a, &sim.Request{Path: "/"})
	w.quiet()
	w.expect(first, 200, sim.OK, 200*ms)
	w.expect(second, 200, sim.OK, 400*ms)
	if !slices.Equal(g.burned, []bool{false, true}) {
		t.Errorf("burned: %v, want the second, which began after the change", g.burned)
	}
	if n := a.desk.busyNS.N; n != int64(400*ms) {
		t.Errorf("busy for %v, want as long as it took", time.Duration(n))
	}
	if _, err := NewApp(w.env("app"), steady(AppConfig{Work: "play"}), nil, nil, nil); err == nil {
		t.Error(`work = "play" is allowed`)
	}
}
