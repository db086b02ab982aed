// Wall: real time as nanoseconds since the run's epoch.
package live

import (
	"math"
	"time"

	"cdnlab/sim"
)

// Wall reads the time since a run's epoch. The system's monotonic clock is read
// once, when the process starts, and Go's from then on: all processes of a run
// agree, and no step of the wall clock is seen.
type Wall struct {
	start time.Time
	base  sim.Time // at start
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

// JoinWall returns the clock of a run that another process began.
func JoinWall(epoch int64) Wall {
	return Wall{start: processStart, base: sim.Time(processMonotonic - epoch)}
}

// Now returns the time since the epoch. A zero Wall began when it was made.
func (w Wall) Now() sim.Time { return w.base.Add(time.Since(w.start)) }
