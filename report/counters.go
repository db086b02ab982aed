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

// Counter is a node's counter, for who counts often: it knows its number when it was
// counted once.
type Counter struct {
	Node, Name string
	number     int32 // + 1; 0: not known yet
}

// Count adds delta to a node's counter, in the second and the windows of at.
// After a warm-up only what happens until the end of the load counts: the
// requests under way when it begins to count stand for those under way then.
func (r *Recorder) Count(at sim.Time, node, counter string, delta int64) {
	r.Add(at, &Counter{Node: node, Name: counter}, delta)
}

// Add is Count. c is of no other Recorder.
func (r *Recorder) Add(at sim.Time, c *Counter, delta int64) {
	if delta == 0 || at < r.warmup || r.warmup > 0 && at >= sim.Time(r.plan.Duration) {
		return
	}
	if c.number == 0 && !r.number(c) {
		r.countsDropped++
		return
	}
	id := c.number - 1
	bump(&r.at(at).nodes, id, delta)
	bump(&r.counter[id].series, int32(r.point(at)), delta)
}

// number gives a counter its number; false when there are too many.
func (r *Recorder) number(c *Counter) bool {
	key := counterKey{c.Node, c.Name}
	id, known := r.keys[key]
	if !known {
		if len(r.keys) >= maxCounters {
			return false
		}
		id = int32(len(r.keys))
		r.keys[key] = id
		r.counter = append(r.counter, counterSeries{name: c.Node + "." + c.Name})
	}
	c.number = id + 1
	return true
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
