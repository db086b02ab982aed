// The share of requests that failed lately.
package health

import (
	"time"

	"cdnlab/sim"
)

// ratioSlots is in how many parts a window slides: Hystrix's ten.
const ratioSlots = 10

// ratio counts the requests of a window that slides, and those of them that failed.
type ratio struct {
	window time.Duration
	slots  [ratioSlots]struct{ all, failed int }
	slot   int64 // the newest, counted from time 0
	all    int
	failed int
}

// add counts one.
func (r *ratio) add(now sim.Time, ok bool) {
	r.turn(now)
	s := &r.slots[r.slot%ratioSlots]
	s.all++
	r.all++
	if !ok {
		s.failed++
		r.failed++
	}
}

// turn forgets what is older than the window.
func (r *ratio) turn(now sim.Time) {
	slot := int64(now) / max(1, int64(r.window/ratioSlots))
	for range min(slot-r.slot, ratioSlots) {
		r.slot++
		s := &r.slots[r.slot%ratioSlots]
		r.all -= s.all
		r.failed -= s.failed
		s.all, s.failed = 0, 0
	}
	r.slot = max(r.slot, slot)
}

// forget forgets all.
func (r *ratio) forget() { *r = ratio{window: r.window, slot: r.slot} }
