// Limiter: how many requests a server takes at a time, found out while it works.
package origin

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cdnlab/sim"
)

// The ways to find a limit.
const (
	LimitNone     = "none"
	LimitAIMD     = "aimd"
	LimitGradient = "gradient"
)

// LimitConfig says how an app server limits the requests that it has at a time, those
// that wait included, by how long answers take (Netflix: concurrency-limits).
type LimitConfig struct {
	Algorithm string        `toml:"algorithm" json:"algorithm,omitempty" jsonschema:"enum=none,enum=aimd,enum=gradient,default=none,description=how the number of requests that a server has at a time is limited: aimd allows one more in each window whose answers took less than the target and a tenth fewer in any other; gradient compares a window with the long run (Netflix's Gradient2)"`
	Target    time.Duration `toml:"target" json:"target,omitempty" jsonschema:"description=of aimd: how long answers may take in the mean of a window; if not given five times the service time"`
	Initial   int           `toml:"initial" json:"initial,omitempty" jsonschema:"default=20,minimum=1,description=the limit to begin with"`
	Minimum   int           `toml:"minimum" json:"minimum,omitempty" jsonschema:"default=1,minimum=1,description=it never gets lower"`
	Maximum   int           `toml:"maximum" json:"maximum,omitempty" jsonschema:"default=200,minimum=1,description=it never gets higher"`
	Window    time.Duration `toml:"window" json:"window,omitempty" jsonschema:"default=100ms,description=time between two looks at how long answers took\\, of which there must be ten"`
}

// withDefaults fills in what was not given: 20 and 200 are Netflix's; the lowest is 1
// as small servers are played here, and the window a tenth of Netflix's second, as
// experiments last seconds. Five service times are what a queue costs four requests
// deep.
func (c LimitConfig) withDefaults(service time.Duration) LimitConfig {
	c.Algorithm = orElse(c.Algorithm, LimitNone)
	c.Target = orElse(c.Target, 5*service)
	c.Minimum = orElse(c.Minimum, 1)
	c.Maximum = orElse(c.Maximum, 200)
	c.Initial = orElse(c.Initial, 20)
	c.Window = orElse(c.Window, 100*time.Millisecond)
	return c
}

func (c LimitConfig) validate() (errs []error) {
	known := []string{LimitNone, LimitAIMD, LimitGradient}
	if !slices.Contains(known, c.Algorithm) {
		errs = append(errs, fmt.Errorf("origin: app: limit: unknown algorithm %q; known: %v", c.Algorithm, known))
	}
	if c.Minimum < 1 || c.Maximum < c.Minimum || c.Initial < 1 {
		errs = append(errs, fmt.Errorf("origin: app: limit: minimum %d to maximum %d is no range of limits", c.Minimum, c.Maximum))
	}
	if c.Target < 0 || c.Window < 0 {
		errs = append(errs, errors.New("origin: app: limit: target and window must not be negative"))
	}
	return errs
}

// What the two do. Of AIMD it is the tenth that Netflix's AIMDLimit takes off; the rest
// are Gradient2Limit's.
const (
	limitBackoff   = 0.9
	limitFewest    = 10  // answers that tell something
	limitTolerance = 1.5 // how many times as long as usual is usual still
	limitSpare     = 4   // requests that may wait
	limitSmoothing = 0.2 // how much of a step is made at once
	limitLong      = 600 // windows of the long run
	limitStep      = 0.5 // no step makes it less than that part
	limitSettling  = 10  // windows whose plain mean the long run begins with
)

// limiter is a limit that follows how long answers take.
type limiter struct {
	LimitConfig
	limit float64

	ends  sim.Time // of the window
	count int
	sum   time.Duration
	most  int // requests at a time in the window

	long    float64 // mean of the long run, in ns
	windows int     // that it is of
}

// newLimiter returns the limiter of a configuration; nil: there is none.
func newLimiter(c LimitConfig) *limiter {
	if c.Algorithm == LimitNone {
		return nil
	}
	l := &limiter{LimitConfig: c, limit: float64(c.Initial)}
	l.limit = l.bounded(l.limit)
	return l
}

func (l *limiter) bounded(x float64) float64 {
	return max(float64(l.Minimum), min(float64(l.Maximum), x))
}

// room is how many requests there may be at a time.
func (l *limiter) room() int { return int(l.limit) }

// ended takes an answer, how long it took from the request's arrival, and how many
// requests there were, this one included.
func (l *limiter) ended(now sim.Time, took time.Duration, there int) {
	l.count++
	l.sum += took
	l.most = max(l.most, there)
	if now < l.ends || l.count < limitFewest {
		return
	}
	mean := float64(l.sum) / float64(l.count)
	switch l.Algorithm {
	case LimitAIMD:
		l.aimd(mean)
	case LimitGradient:
		l.gradient(mean)
	}
	l.count, l.sum, l.most = 0, 0, 0
	l.ends = now.Add(l.Window)
}

// aimd adds one or takes off a tenth (Chiu, Jain 1989). A limit that is not used does
// not grow: nobody would know whether the server can carry it.
func (l *limiter) aimd(mean float64) {
	switch {
	case mean > float64(l.Target):
		l.limit = l.bounded(l.limit * limitBackoff)
	case 2*l.most >= l.room():
		l.limit = l.bounded(l.limit + 1)
	}
}

// gradient makes the limit smaller by as much as answers take longer than they did in
// the long run.
func (l *limiter) gradient(mean float64) {
	l.remember(mean)
	if l.long/mean > 2 { // it has got quicker: an overload is over
		l.long *= 0.95
	}
	if float64(l.most) < l.limit/2 {
		return
	}
	slope := max(limitStep, min(1, limitTolerance*l.long/mean))
	next := l.limit*slope + limitSpare
	l.limit = l.bounded(l.limit*(1-limitSmoothing) + next*limitSmoothing)
}

// remember adds a window to the long run.
func (l *limiter) remember(mean float64) {
	if l.windows < limitSettling {
		l.windows++
		l.long += (mean - l.long) / float64(l.windows)
		return
	}
	l.long += (mean - l.long) * 2 / (limitLong + 1)
}
