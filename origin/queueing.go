// Queueing: who of those that wait is next, and who has waited for too long.
package origin

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cdnlab/sim"
)

// The orders in which workers take on what waits, and the one in which nobody does.
const (
	FIFO         = "fifo"
	LIFO         = "lifo"
	AdaptiveLIFO = "adaptive-lifo"
	Sharing      = "processor-sharing"
)

// QueueingConfig says how an app server works off what has come.
type QueueingConfig struct {
	Discipline string        `toml:"discipline" json:"discipline,omitempty" jsonschema:"enum=fifo,enum=lifo,enum=adaptive-lifo,enum=processor-sharing,default=fifo,description=who is next: fifo is first come first served; lifo the newest\\, whose user is the least likely to have given up; adaptive-lifo is fifo until the queue has not been empty for lifo-after (Facebook's); processor-sharing makes nobody wait: all work at once and share the workers\\, as threads share processors"`
	LIFOAfter  time.Duration `toml:"lifo-after" json:"lifo-after,omitempty" jsonschema:"default=100ms,description=of adaptive-lifo: how long the queue has not been empty when the newest become next"`
	CoDel      CoDelConfig   `toml:"codel" json:"codel" jsonschema:"description=refuses who has waited for too long when a worker comes to them"`
}

// CoDelConfig is controlled delay for a queue of requests.
type CoDelConfig struct {
	Target   time.Duration `toml:"target" json:"target,omitempty" jsonschema:"default=0s,description=a server is overloaded when all who began in an interval had waited longer; who has then waited more than twice as long is answered 503 when a worker comes to them; 5ms is Facebook's; 0 is not at all"`
	Interval time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=100ms,description=how long a queue may stand before that is an overload"`
}

// WithDefaults fills in what was not given: fifo, as sockets and pools of threads have
// it; 100 ms and 100 ms, Facebook's (Maurer: Fail at Scale, ACM Queue 2015). CoDel is
// off: most servers have none unasked.
func (c QueueingConfig) WithDefaults() QueueingConfig {
	c.Discipline = orElse(c.Discipline, FIFO)
	c.LIFOAfter = orElse(c.LIFOAfter, 100*time.Millisecond)
	c.CoDel.Interval = orElse(c.CoDel.Interval, 100*time.Millisecond)
	return c
}

func (c QueueingConfig) validate() (errs []error) {
	known := []string{FIFO, LIFO, AdaptiveLIFO, Sharing}
	if !slices.Contains(known, c.Discipline) {
		errs = append(errs, fmt.Errorf("origin: app: unknown discipline %q; known: %v", c.Discipline, known))
	}
	if c.LIFOAfter < 0 || c.CoDel.Target < 0 || c.CoDel.Interval < 0 {
		errs = append(errs, errors.New("origin: app: lifo-after, codel.target and codel.interval must not be negative"))
	}
	return errs
}

// queueing decides who is next. The zero one is first come, first served.
type queueing struct {
	QueueingConfig
	since sim.Time // when somebody began to wait, and somebody has ever since

	// Of CoDel, as folly/executors/Codel.cpp has it: not the ever more frequent drops
	// of RFC 8289, which are for senders that slow down when they lose something.
	until      sim.Time      // end of the interval
	least      time.Duration // that anybody has waited who began in it
	overloaded bool          // everybody who began in the one before waited for too long
}

// newest reports whether the newest is next.
func (q *queueing) newest(now sim.Time) bool {
	switch q.Discipline {
	case LIFO:
		return true
	case AdaptiveLIFO:
		return now.Sub(q.since) > q.LIFOAfter
	}
	return false
}

// late is asked about everyone to whom a worker comes, and reports whether they have
// waited for too long.
func (q *queueing) late(now sim.Time, waited time.Duration) bool {
	if q.CoDel.Target == 0 {
		return false
	}
	if now > q.until {
		q.overloaded = q.least > q.CoDel.Target
		q.until, q.least = now.Add(q.CoDel.Interval), waited
		return false // one alone tells nothing
	}
	q.least = min(q.least, waited)
	return q.overloaded && waited > 2*q.CoDel.Target
}
