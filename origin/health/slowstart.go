// Slow start: a server that comes back gets its share by and by.
package health

import (
	"errors"
	"math"
	"time"
)

// SlowStart says how a server's weight grows after its return (Envoy's slow_start_config;
// nginx Plus's slow_start and HAProxy's slowstart are Aggression 1 and a Minimum of
// about nothing).
type SlowStart struct {
	Window     time.Duration `toml:"window" json:"window,omitempty" jsonschema:"default=0s,description=how long a server that comes back takes to its whole weight; 0 is not at all; algorithms that ignore weights ignore it"`
	Aggression float64       `toml:"aggression" json:"aggression,omitempty" jsonschema:"default=1,description=how the weight grows: 1 evenly; more is faster at first"`
	Minimum    float64       `toml:"minimum" json:"minimum,omitempty" jsonschema:"default=0.1,minimum=0,maximum=1,description=the share of its weight that it begins with"`
}

// WithDefaults fills in what was not given: Aggression 1 and Minimum 0.1 are Envoy's.
func (s SlowStart) WithDefaults() SlowStart {
	if s.Aggression == 0 {
		s.Aggression = 1
	}
	if s.Minimum == 0 {
		s.Minimum = 0.1
	}
	return s
}

// Check returns what is wrong with a SlowStart.
func (s SlowStart) Check() error {
	if s.Window < 0 || s.Aggression < 0 || !(s.Minimum >= 0 && s.Minimum <= 1) {
		return errors.New("slow-start: window and aggression must not be negative, and minimum is in 0 to 1")
	}
	return nil
}

// slowStartSteps is in how many steps the weight grows. HAProxy takes 16, Envoy looks
// anew at each pick.
const slowStartSteps = 64

// Share is the part of its weight that a server has so long after its return, and when
// to look again; 0: never.
func (s SlowStart) Share(since time.Duration) (share float64, again time.Duration) {
	if since >= s.Window {
		return 1, 0
	}
	grown := math.Pow(float64(since)/float64(s.Window), 1/s.Aggression)
	return max(s.Minimum, grown), max(s.Window/slowStartSteps, time.Millisecond)
}
