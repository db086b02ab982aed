// Warm-up: a server that has just been started works more slowly at first.
package origin

import (
	"errors"
	"time"

	"cdnlab/sim"
)

// WarmUp says how slow a server is that was started during the run: code not yet
// compiled for speed, caches and pools of connections still empty.
type WarmUp struct {
	Time   time.Duration `toml:"time" json:"time,omitempty" jsonschema:"default=0s,description=how long a server that is started while the load lasts (again after a crash or newly added) works more slowly; 0 is not at all; servers that are there from the start are warm"`
	Factor float64       `toml:"factor" json:"factor,omitempty" jsonschema:"default=4,minimum=1,description=how many times as long work takes that begins at the start of that time; falls evenly to 1"`
}

// WithDefaults fills in what was not given. Time 0: cold servers are an experiment to
// be asked for. Factor 4: a Java server answers its first requests, interpreted, about
// so much more slowly than compiled ones.
func (w WarmUp) WithDefaults() WarmUp {
	w.Factor = orElse(w.Factor, 4)
	return w
}

func (w WarmUp) validate() (errs []error) {
	if w.Time < 0 {
		errs = append(errs, errors.New("origin: app: warm-up.time is negative"))
	}
	if !(w.Factor >= 1) {
		errs = append(errs, errors.New("origin: app: warm-up.factor must be at least 1: a cold server is not faster"))
	}
	return errs
}

// warmth is how warm a server is: the zero one is of a server that has always run.
type warmth struct {
	WarmUp
	since sim.Time // of its start
	cold  bool     // it was started cold, and may be so still
}

// stretch is how many times as long work takes that begins now.
func (w *warmth) stretch(now sim.Time) float64 {
	if !w.cold {
		return 1
	}
	age := now.Sub(w.since)
	if age >= w.Time {
		return 1
	}
	return 1 + (w.Factor-1)*(1-float64(age)/float64(w.Time))
}
