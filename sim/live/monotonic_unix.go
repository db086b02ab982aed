//go:build unix

// The system's monotonic clock, which all processes of a machine share.
package live

import "golang.org/x/sys/unix"

func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("live: no monotonic clock: " + err.Error())
	}
	return ts.Nano()
}
