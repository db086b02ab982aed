// What nodes say: their counters and their notes.
package report

import (
	"slices"

	"cdnlab/sim"
)

// maxCounters bounds the pairs of node and counter, maxEvents the events kept,
// maxSecondary those of them that no metric needs: a flood of small notes must
// not push out the crash that explains it.
const (
	maxCounters  = 4096
	maxEvents    = 10_000
	maxSecondary = 5_000
)

type counterKey struct{ node, counter string }

// counterSeries is one counter of one node over time.
type counterSeries struct {
	name   string // "node.counter"
	series []int64
}

// Count adds delta to a node's counter, in the second and the windows of at.
// After a warm-up only what happens until the end of the load counts: the
// requests under way when it begins to count stand for those under way then.
func (r *Recorder) Count(at sim.Time, node, counter string, delta int64) {
	if delta == 0 || at < r.warmup || r.warmup > 0 && at >= sim.Time(r.plan.Duration) {
		return
	}
	id, known := r.keys[counterKey{node, counter}]
	if !known {
		if len(r.keys) >= maxCounters {
			r.countsDropped++
			return
		}
		id = int32(len(r.keys))
		r.keys[counterKey{node, counter}] = id
		r.counter = append(r.counter, counterSeries{name: node + "." + counter})
	}
	bump(&r.at(at).nodes, id, delta)
	bump(&r.counter[id].series, int32(r.point(at)), delta)
}

// Note keeps an event; past the limit it only counts it.
func (r *Recorder) Note(e sim.Event) {
	primary := slices.Contains(primaryKinds, e.Kind)
	if len(r.events) >= maxEvents || !primary && r.events2nd >= maxSecondary {
		r.eventsDropped++
		return
	}
	if !primary {
		r.events2nd++
	}
	r.events = append(r.events, e)
}

// primaryKinds are the events that metrics and timelines are made of.
var primaryKinds = []sim.EventKind{
	sim.EventStarted, sim.EventCrashed, sim.EventExited, sim.EventRestarted, sim.EventHung, sim.EventResumed,
	sim.EventSlowed, sim.EventRecovered, sim.EventLinkBad, sim.EventLinkGood,
	sim.EventInjected, sim.EventCleared, sim.EventDown, sim.EventUp, sim.EventPanic, sim.EventPanicEnd, sim.EventBreakerOpen, sim.EventBreakerClosed, sim.EventFailover, sim.EventFailback,
	sim.EventTookOver, sim.EventGaveUp, sim.EventWithdrawn, sim.EventRouted,
	sim.EventPurging, sim.EventPurged, sim.EventUnpurged,
}
