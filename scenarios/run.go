// Run: an experiment, every variant and seed in the worlds asked for, to a
// result with its expectations judged.
package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// Options say how an experiment is run.
type Options struct {
	Worlds   []string // report.Virtual, report.Live, in this order
	Seed     uint64   // of the first run; 0 is the scenario's own
	Runs     int      // seeds: run i uses Seed + i; 0 is 1
	Kernel   bool     // the live world runs in network namespaces, over the kernel's own TCP
	Speed    float64  // of the live world's clock; 0 is the scenario's own
	Command  []string // that starts a node's process, for the live world
	Control  *Control // takes purges from outside for the live worlds; nil: nobody does
	Progress *progress.Progress
	Parallel int // virtual runs at once; 0 is one a core
	// Took is told, after all runs, how long those of each variant took; nil is not.
	Took func(variant, world string, took time.Duration)
}

// Run plays an experiment. When ctx ends, it returns what was measured so far,
// marked incomplete, with a nil error; its error says why a run could not be
// done at all, and comes with what was measured before.
func Run(ctx context.Context, x *Experiment, o Options) (*report.Result, error) {
	defer rarerCollections()()
	jobs, err := plan(x, o)
	if err != nil {
		return nil, err
	}
	defer room(jobs, o)()
	var virtual, live []*job
	for _, j := range jobs {
		if j.world == report.Live {
			live = append(live, j)
		} else {
			virtual = append(virtual, j)
		}
	}
	together(ctx, virtual, o)
	for _, j := range seedBySeed(live) { // strictly one after the other: they share the machine
		if ctx.Err() != nil || !firstError(jobs) {
			break
		}
		j.play(ctx, o)
	}
	for _, j := range jobs {
		if o.Took != nil {
			o.Took(j.r.Variant, j.world, j.took)
		}
	}
	return result(x, jobs, o)
}

// seedBySeed orders runs so that the variants take turns: what else the machine
// does in those minutes then befalls all of them, and not the last one alone.
func seedBySeed(jobs []*job) []*job {
	turns := slices.Clone(jobs)
	slices.SortStableFunc(turns, func(a, b *job) int { return cmp.Compare(a.plan.Seed, b.plan.Seed) })
	return turns
}

// rarerCollections lets the garbage collector run less often while a run lasts:
// its live heap is small, and the cores are for the work. Whoever sets GOGC
// knows better. It returns how to undo it.
func rarerCollections() func() {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(before) }
}

func firstError(jobs []*job) (none bool) {
	for _, j := range jobs {
		if j.err != nil {
			return false
		}
	}
	return true
}

// job is one run to be played.
type job struct {
	r     *Resolved
	t     *Topology
	plan  report.Plan
	world string
	label string
	run   *report.Run
	took  time.Duration // of wall time
	err   error
}

func plan(x *Experiment, o Options) ([]*job, error) {
	var jobs []*job
	for _, r := range x.Variants {
		for i := range max(1, o.Runs) {
			s := *r.Scenario
			if o.Seed != 0 {
				s.Seed = o.Seed
			}
			s.Seed += uint64(i)
			s.Speed = cmp.Or(o.Speed, s.Speed)
			t, err := NewTopology(&s)
			if err != nil {
				return nil, err
			}
			for _, world := range o.Worlds {
				if world == report.Live {
					if err := s.livable(); err != nil {
						return nil, fmt.Errorf("%s: %w", cmp.Or(r.Variant, x.Name), err)
					}
				}
				j := &job{r: r, t: t, world: world, label: r.Variant}
				j.plan = j.newPlan(x)
				if j.label == "" {
					j.label = x.Name
				}
				if len(o.Worlds) > 1 {
					j.label += " (" + world + ")"
				}
				if o.Runs > 1 {
					j.label += fmt.Sprintf(" seed %d", s.Seed)
				}
				jobs = append(jobs, j)
			}
		}
	}
	return jobs, nil
}

func (j *job) newPlan(x *Experiment) report.Plan {
	s := j.t.Scenario
	return report.Plan{
		Identity: report.Identity{Hash: j.r.Hash, Variant: j.r.Variant, Seed: s.Seed, World: j.world},
		Duration: s.Duration, Warmup: s.Warmup, Steady: j.t.steady(), Nodes: j.t.Kinds(), Shields: j.t.ShieldOf(), Clusters: j.t.ClusterOf(), ClosedLoop: s.Load.Closed(), Windows: windows(x, s),
	}
}

// maxTimelines bounds the events that get phases of their own.
const maxTimelines = 30

// windows are the phases of each event and the times that expectations look at.
func windows(x *Experiment, s *Scenario) []report.Window {
	var all []report.Window
	seen := map[string]bool{}
	add := func(w report.Window) {
		w = measured(w, s.Warmup)
		if !seen[w.Name] && len(all) < report.MaxWindows-1 {
			seen[w.Name] = true
			all = append(all, w)
		}
	}
	for _, e := range slices.Concat(x.Base.Expect, x.asked()) {
		if name := e.window(s.Duration); name != report.All {
			add(report.Window{Name: name, From: sim.Time(e.From), To: sim.Time(e.to(s.Duration))})
		}
	}
	told := map[string]bool{}
	for i, e := range s.Events {
		words, first := fault.DescribeAlike(s.Events, i)
		if !first {
			continue
		}
		if told[words] {
			words += fmt.Sprintf(" (at %v)", e.At)
		}
		told[words] = true
		if i < maxTimelines {
			for _, w := range report.Phases(words, sim.Time(e.At), until(e), s.Duration) {
				if w.To > sim.Time(s.Warmup) {
					add(w)
				}
			}
		}
	}
	return all
}

// until returns when an event is over; Never when it lasts.
func until(e fault.Config) sim.Time {
	switch {
	case e.Instant():
		return sim.Time(e.At)
	case e.For > 0:
		return sim.Time(e.At + e.For)
	}
	return sim.Never
}

func (e Expect) to(run time.Duration) time.Duration {
	if e.To == 0 {
		return run
	}
	return e.To
}

// window names the time that an expectation looks at.
func (e Expect) window(run time.Duration) string {
	if e.From == 0 && e.to(run) == run {
		return report.All
	}
	return fmt.Sprintf("%v to %v", e.From, e.to(run))
}

// together plays virtual runs, as many at once as there are cores. Each has its
// own world, so the result does not depend on how many.
func together(ctx context.Context, jobs []*job, o Options) {
	n := o.Parallel
	if n == 0 {
		n = runtime.GOMAXPROCS(0)
	}
	queue := make(chan *job)
	var playing sync.WaitGroup
	for range min(n, len(jobs)) {
		playing.Add(1)
		go func() {
			defer playing.Done()
			for j := range queue {
				if ctx.Err() == nil {
					j.play(ctx, o)
				}
			}
		}()
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	playing.Wait()
}

// play plays one run.
func (j *job) play(ctx context.Context, o Options) {
	bar := o.Progress.Start(j.label, j.t.Scenario.Duration)
	watch := newWatch(j.t.Scenario, bar)
	began := time.Now()
	defer func() { j.took = time.Since(began) }()
	if j.world == report.Live {
		j.run, j.err = playLive(ctx, j.t, j.plan, o, watch.look)
	} else {
		j.run, j.err = playVirtual(ctx, j.t, j.plan, watch.look)
	}
	if j.err != nil || !j.run.Complete {
		bar.Abort()
		return
	}
	bar.Finish(whole(j.run))
}

// whole is what a progress bar shows of a run that is over.
func whole(run *report.Run) progress.Snapshot {
	value := func(metric string) float64 {
		v, _, err := report.Value(run, report.All, metric)
		if err != nil { // there is nothing to measure
			return math.NaN()
		}
		return v
	}
	return progress.Snapshot{At: run.Duration, Rate: value("rate"), HitRatio: value("hit-ratio"), Errors: int64(value("errors"))}
}

// watch turns a driver's state into what a progress bar shows.
type watch struct {
	s    *Scenario
	bar  *progress.Bar
	at   sim.Time
	seen int64
	rate float64
}

func newWatch(s *Scenario, bar *progress.Bar) *watch { return &watch{s: s, bar: bar} }

func (w *watch) look(d *driver) {
	now, totals := d.now(), d.rec.Totals()
	if now.Sub(w.at) >= 500*time.Millisecond || totals.Requests < w.seen {
		w.rate = float64(totals.Requests-w.seen) / now.Sub(w.at).Seconds()
		w.at, w.seen = now, totals.Requests
	}
	ratio, some := totals.HitRatio()
	if !some {
		ratio = math.NaN()
	}
	w.bar.Update(progress.Snapshot{At: time.Duration(now), Phase: w.phase(d), Rate: w.rate, HitRatio: ratio, Errors: totals.Errors})
}

func (w *watch) phase(d *driver) string {
	if d.start == 0 {
		return "warm-up"
	}
	now := d.now()
	if now < sim.Time(w.s.Warmup) {
		return "not measured yet"
	}
	if now >= sim.Time(w.s.Duration) {
		return "last answers"
	}
	words, began := "", time.Duration(-1)
	for _, e := range w.s.Events { // of those under way, the one that began last
		if now >= sim.Time(e.At) && e.At >= began && now < max(until(e), sim.Time(e.At+shown)) {
			words, began = fault.Describe(e), e.At
		}
	}
	return words
}

// shown is how long at least the progress bar tells of an event.
const shown = time.Second
