//go:build !linux

// Sleeping elsewhere: by Go's timers.
package live

func newAlarm() alarm { return newTimerAlarm() }
