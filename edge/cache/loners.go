// Loners: keys whose answers were not fit to share.
package cache

import (
	"time"

	"cdnlab/sim"
)

// Loners remembers keys whose last answer was one asker's alone, so that the next ask
// by themselves at once: to wait for such an answer is to wait for nothing, one after
// the other (Varnish's hit-for-miss). The zero Loners remembers none.
type Loners struct {
	For time.Duration // how long; 0 is not at all

	until map[Key]sim.Time
}

// maxLoners bounds what is remembered; beyond it everything is forgotten.
const maxLoners = 16 << 10

// Add remembers a key whose answer was not shared, for that reason. What was the
// request's own fault says nothing of the next.
func (l *Loners) Add(key Key, now sim.Time, why Reason) {
	switch {
	case l.For <= 0, why == WhyAuthorization, why == WhyMethod, why == WhyStatus, why == WhyContentRange: // the last two are about its range
		return
	}
	if l.until == nil || len(l.until) >= maxLoners {
		l.until = map[Key]sim.Time{}
	}
	l.until[key] = now.Add(l.For)
}

// Has reports whether a key is remembered.
func (l *Loners) Has(key Key, now sim.Time) bool {
	if len(l.until) == 0 {
		return false
	}
	until, known := l.until[key]
	if known && now >= until {
		delete(l.until, key)
		return false
	}
	return known
}

// Remove forgets a key: its answer was shared after all.
func (l *Loners) Remove(key Key) { delete(l.until, key) }

// Clear forgets all.
func (l *Loners) Clear() { clear(l.until) }
