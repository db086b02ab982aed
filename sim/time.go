// Package sim is the contract that every node of the lab is written against:
// time, timers, requests and answers, cancellation, bodies, dice, and the
// Engine that plays them.
//
// A node knows the world only through its Env. It never reads a clock, starts
// a goroutine, takes a lock or touches the network, and so the same code runs
// in virtual time (sim/virtual) and as a real process (sim/live). Nothing in
// this package is safe for concurrent use: a world enters it from one
// goroutine at a time.
package sim

import (
	"math"
	"time"
)

// Time is nanoseconds since the run's epoch, virtual or real. Eight bytes
// where time.Time takes 24, and arithmetic that cannot reach the wall clock.
type Time int64

// Never is later than every time of a run: the deadline of what has none.
const Never Time = math.MaxInt64

// Add returns t+d, or Never when that lies beyond the range of Time.
func (t Time) Add(d time.Duration) Time {
	if d > 0 && t > Never-Time(d) {
		return Never
	}
	return t + Time(d)
}

// Sub returns the duration t-u.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Seconds returns t in seconds since the epoch.
func (t Time) Seconds() float64 { return time.Duration(t).Seconds() }

// Second returns the whole second that t lies in, counted from the epoch.
func (t Time) Second() int { return int(t / Time(time.Second)) }

// String prints t as a duration since the epoch ("12.5s").
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	return time.Duration(t).String()
}

// Clock is a node's time. After calls f once, d from now (at once, but never
// before it returns, when d <= 0); the Timer it returns stops that.
type Clock interface {
	Now() Time
	After(d time.Duration, f func()) Timer
}

// Timer is one pending call: a value, so that holding one costs no allocation.
// The zero Timer is a timer that has already stopped.
type Timer struct {
	engine *Engine
	slot   int32
	gen    uint32
}

// Stop drops the pending call and reports whether it did: false when it has
// been made, was stopped before, or died with its node.
func (t Timer) Stop() bool { return t.engine != nil && t.engine.stop(t.slot, t.gen) }

// Pending reports whether the call is still to come.
func (t Timer) Pending() bool { return t.engine != nil && t.engine.slots[t.slot].gen == t.gen }
