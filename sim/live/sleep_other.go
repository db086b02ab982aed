//go:build !linux

// Sleeping elsewhere: by Go's timers.
package live

import "time"

type sleeper struct{}

func newSleeper() *sleeper             { return nil }
func (*sleeper) prepare()              {}
func (*sleeper) sleep(d time.Duration) { time.Sleep(d) }
func (*sleeper) wake()                 {}
func (*sleeper) close()                {}
