// Room: how much memory the collector may leave to garbage when there are many
// people.
package scenarios

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

const (
	// million is how many people fit into a GiB.
	million = 1_000_000
	// roomForMillion is what they may take, garbage included: a GiB less what the
	// program has beside its heap.
	roomForMillion = 900 << 20 // bytes
)

// room keeps the virtual runs of people within their memory: with collections as
// rare as rarerCollections makes them, a heap of many people would lie under
// four times as much garbage. Whoever sets GOMEMLIMIT knows better. It returns
// how to undo it.
func room(jobs []*job, o Options) func() {
	var crowds []float64
	for _, j := range jobs {
		if s := j.t.Scenario; j.world == report.Virtual && s.people() {
			crowds = append(crowds, s.Arrivals())
		}
	}
	if len(crowds) == 0 || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	atOnce := o.Parallel
	if atOnce == 0 {
		atOnce = runtime.GOMAXPROCS(0)
	}
	slices.SortFunc(crowds, func(a, b float64) int { return int(math.Copysign(1, b-a)) })
	all := 0.0
	for _, n := range crowds[:min(atOnce, len(crowds))] {
		all += n
	}
	before := debug.SetMemoryLimit(int64(roomForMillion * max(1, all/million)))
	return func() { debug.SetMemoryLimit(before) }
}

// Arrivals is how many people, or requests, come in a run; of a closed loop how
// many users there are.
func (s *Scenario) Arrivals() float64 {
	if s.Load.Closed() {
		return max(float64(s.Load.Users), s.Load.Peak)
	}
	sum, since := 0.0, time.Duration(0)
	upTo := func(t time.Duration) {
		shape := load.New(s.LoadAt(since), s.Duration)
		sum += shape.Total(sim.Time(t)) - shape.Total(sim.Time(since))
		since = t
	}
	for _, m := range s.moments {
		upTo(m.at)
	}
	upTo(s.Duration)
	return sum
}

// LoadAt is the load at a time of the run, as settings have it then.
func (s *Scenario) LoadAt(t time.Duration) load.Config {
	now := s.Load
	for _, m := range s.moments {
		if m.at <= t {
			now = m.s.Load
		}
	}
	return now
}
