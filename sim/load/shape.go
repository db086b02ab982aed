// Package load says who asks when, and for what: shapes of load over time,
// arrivals, users with think time, and the catalog of content.
//
// Shapes and catalogs are immutable once made; Arrivals and Users belong to one
// run. Nothing here is safe for concurrent use, save that a Catalog may be read
// by many.
package load

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Shape is load as a pure function of time. What becomes of a request never
// changes it.
type Shape interface {
	// Rate returns the rate at t in requests per second.
	Rate(t sim.Time) float64
	// Total returns how many requests are expected until t: the integral of
	// Rate from 0 to t.
	Total(t sim.Time) float64
	// When is the inverse of Total: the first time at which Total reaches
	// total, to the nearest nanosecond; sim.Never when it never does.
	When(total float64) sim.Time
}

// Kind is a registered shape.
type Kind struct {
	Needs, May []string // the keys of Config it cannot do without, and those it uses when given
	Closed     bool     // a closed loop: its users wait for answers
	Make       func(c Config, run time.Duration) Shape
	// Check adds what is wrong beyond keys and ranges; nil: nothing can be.
	Check func(c Config, run time.Duration, l *check.List)
}

// Shapes are the known shapes. Each registers itself in its file.
var Shapes = sim.Registry[Kind]{Kind: "load shape"}
