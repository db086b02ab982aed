//go:build unix

// The system's clocks: the monotonic one, which all processes of a machine share,
// and that of a thread's processor time.
package live

import (
	"time"

	"golang.org/x/sys/unix"
)

func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("live: no monotonic clock: " + err.Error())
	}
	return ts.Nano()
}

// threadTime is the processor time that this thread has had.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic("live: no clock of this thread's processor time: " + err.Error())
	}
	return time.Duration(t.Nano())
}
