// Wall: real time as the scenario's nanoseconds since the run's epoch.
package live

import (
	"math"
	"time"

	"cdnlab/sim"
)

// Wall reads the scenario's time since a run's epoch. The system's monotonic
// clock is read once, when the process starts, and Go's from then on: all
// processes of a run agree, and no step of the wall clock is seen.
//
// Scenario time passes at the run's speed. Everything that the scenario speaks of
// (travel, service times, TTLs, probes, patience) waits for the engine or by Real,
// and so goes with it. What guards the machine itself stays real: how long a
// process may take to start or to end, or a strange client for a request's head.
type Wall struct {
	start time.Time
	base  time.Duration // since the epoch, at start
	speed float64       // scenario seconds per second; 0 is 1
}

var processStart, processMonotonic = readBoth()

// readBoth reads both clocks at one moment, or nearly: a process that has just
// begun may lose its core between the two for milliseconds, and would then be as
// far from all others for ever. Of some tries the quickest is the truest.
func readBoth() (start time.Time, mono int64) {
	least := int64(math.MaxInt64)
	for range 16 {
		before := monotonic()
		now := time.Now()
		after := monotonic()
		if after-before < least {
			least, start, mono = after-before, now, before+(after-before)/2
		}
	}
	return start, mono
}

// StartWall begins a run: its epoch is now. The epoch it returns goes to the
// other processes.
func StartWall() (Wall, int64) {
	now := time.Now()
	epoch := processMonotonic + now.Sub(processStart).Nanoseconds()
	return Wall{start: now}, epoch
}

// DateWall returns a clock that shows dates, and the date at its Time 0: the last
// whole second, as HTTP's dates are whole ones.
func DateWall() (Wall, time.Time) {
	now := time.Now()
	epoch := now.Truncate(time.Second)
	return Wall{start: now, base: now.Sub(epoch)}, epoch.UTC()
}

// JoinWall returns the clock of a run that another process began.
func JoinWall(epoch int64) Wall {
	return Wall{start: processStart, base: time.Duration(processMonotonic - epoch)}
}

// AtSpeed returns the clock of a run in which so many of the scenario's seconds
// pass in one; 0 is 1.
func (w Wall) AtSpeed(speed float64) Wall {
	if speed == 1 {
		speed = 0
	}
	w.speed = speed
	return w
}

// Now returns the scenario's time since the epoch. A zero Wall began when it was
// made.
func (w Wall) Now() sim.Time { return sim.Time(w.Scenario(w.base + time.Since(w.start))) }

// Scenario returns how much of the scenario's time passes in a real one.
func (w Wall) Scenario(real time.Duration) time.Duration {
	if w.speed == 0 {
		return real
	}
	return duration(math.Floor(float64(real) * w.speed))
}

// Real returns how long the scenario's time takes: no less, or who waits for a
// due time would wake before it.
func (w Wall) Real(d time.Duration) time.Duration {
	if w.speed == 0 {
		return d
	}
	return duration(math.Ceil(float64(d) / w.speed))
}

// duration is ns as a Duration, the longest for what is longer still.
func duration(ns float64) time.Duration {
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
