// Wall: real time as nanoseconds since the run's epoch.
package live

import (
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

var processStart, processMonotonic = time.Now(), monotonic()

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
