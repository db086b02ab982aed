// Playing a request under the glass in either world.
package scenarios

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/virtual"
)

// errStopped says that a request was not played to its end.
var errStopped = errors.New("scenarios: interrupted before the request was answered")

// Play plays the request in the worlds of the options.
func (l *Look) Play(ctx context.Context, o Options) (*report.Traces, error) {
	if slices.Contains(o.Worlds, report.Live) {
		if err := l.t.Scenario.livable(); err != nil {
			return nil, err
		}
	}
	all := l.traces
	for _, world := range o.Worlds {
		plan := l.plan
		plan.World = world
		watch, end := l.watch(world, o)
		var p *seen
		var err error
		if world == report.Live {
			p, err = l.live(ctx, plan, o, watch)
		} else {
			p, err = l.virtual(ctx, plan, watch)
		}
		if end(err == nil); err != nil {
			return nil, err
		}
		all.Requests = append(all.Requests, p.traces...)
		all.Notes = append(all.Notes, p.doubts...)
	}
	slices.SortStableFunc(all.Requests, func(a, b *report.Trace) int { return a.Number - b.Number })
	return &all, nil
}

// watch shows how far a load has come; without one there is nothing to show. end
// must be called.
func (l *Look) watch(world string, o Options) (watch func(*driver), end func(done bool)) {
	if !l.one.Loaded {
		return func(*driver) {}, func(bool) {}
	}
	bar := o.Progress.Start(l.traces.Scenario+" ("+world+")", l.one.At)
	return newWatch(l.t.Scenario, bar).look, func(done bool) {
		if done {
			bar.Done()
		}
		bar.Abort()
	}
}

// seen is what was seen of a request in one world.
type seen struct {
	traces []*report.Trace
	doubts []string // why its times are not to be trusted
}

func (l *Look) virtual(ctx context.Context, plan report.Plan, watch func(*driver)) (*seen, error) {
	var p *probe
	w := virtual.New(plan.Seed, func(e sim.Event) {
		if p != nil {
			p.d.note(e)
		}
	})
	w.Steps = func(s sim.Step) { p.step(s) }
	addNodes(w, l.t)
	w.Start()
	p = newProbe(l, newDriver(l.t, virtualWorld{w}, report.NewRecorder(plan), plan.Seed))
	p.run()
	for !p.over {
		if ctx.Err() != nil {
			return nil, errStopped
		}
		if p.d.err != nil {
			return nil, p.d.err
		}
		w.Engine.Run(w.Engine.Now().Add(progressStep))
		watch(p.d)
	}
	return &seen{traces: p.finish(report.Virtual)}, nil
}

func (l *Look) live(ctx context.Context, plan report.Plan, o Options, watch func(*driver)) (*seen, error) {
	play := newLivePlay(l.t, plan, o.Speed)
	var p *probe
	w, err := play.open(o.Command, func(s sim.Step) { p.step(s) })
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Start(ctx, play.specs()); err != nil {
		return nil, err
	}
	pressure := startPressure()
	w.Node.Do(func() {
		play.d = newDriver(l.t, liveWorld{w}, play.rec, plan.Seed)
		play.d.done = func() { play.fail(play.d.err) } // nobody else ends it before the probe has
		p = newProbe(l, play.d)
		p.done = func() { close(play.ended) }
		p.run()
	})
	complete, err := play.wait(ctx, watch)
	switch {
	case err != nil:
		return nil, err
	case !complete:
		return nil, errStopped
	}
	share := pressure.share()
	w.Quit() // the nodes tell the last steps
	all := &seen{}
	w.Node.Do(func() {
		all.traces = p.finish(report.Live)
		if l.one.Loaded {
			all.doubts = play.doubts(share)
		}
	})
	return all, nil
}

// doubts says why the times of a live run under load are not to be trusted, if so.
func (p *livePlay) doubts(pressure *float64) []string {
	run := p.rec.Finish(p.d.now(), false)
	run.Receipt = p.receipt(pressure)
	trust, why := report.Fidelity(run)
	if trust == report.Trusted {
		return nil
	}
	return []string{"the live times are " + string(trust) + ": " + strings.Join(why, "; ")}
}
