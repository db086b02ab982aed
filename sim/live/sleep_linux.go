// Sleeping with precision on Linux.
package live

import (
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// sleeper waits on a timer of the kernel's, through Go's network poller: exact
// to some tens of µs where Go's own timers miss by about a millisecond (the
// runtime rounds epoll's time-out up to whole ones), and no thread is blocked.
type sleeper struct {
	fd    int
	file  *os.File
	begun time.Time
	woken atomic.Int64 // when it last woke somebody, in ns since begun
	tired atomic.Bool  // the reserve is used up

	reserve float64 // wakes; the pacer's alone
}

func newAlarm() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newTimerAlarm() // no descriptor left: less exact, but it goes on
	}
	return &sleeper{fd: fd, file: os.NewFile(uintptr(fd), "timer"), begun: time.Now()}
}

// What waking costs is bounded: a sleeper may wake so many times a second, with
// some in reserve. Beyond that a wake comes no sooner than leastGap after the
// last, and the events of so short a time are played together.
//
// Measured by BenchmarkPace on two busy cores: at 10,000 events a second that is
// 0.35 ms late (median) for 6 µs of CPU an event; a wake for each is 25 µs late for
// 24 µs. A locked thread in ppoll or nanosleep is as late as the unbounded timer and
// as dear, at any rate, so there is none.
const (
	wakesPerSecond = 1500
	wakesInReserve = 30
	leastGap       = 600 * time.Microsecond
)

// set arms the timer anew: whoever waits is woken after d.
func (s *sleeper) set(d time.Duration) {
	since := time.Since(s.begun) - time.Duration(s.woken.Load())
	if s.tired.Load() {
		d = max(d, leastGap-since)
	}
	d = max(d, 1)
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if err := unix.TimerfdSettime(s.fd, 0, &spec, nil); err != nil {
		panic("live: timer: " + err.Error())
	}
}

// wait waits for the timer.
func (s *sleeper) wait() {
	var count [8]byte
	_, _ = s.file.Read(count[:]) // an error is the end: closed
	now := time.Since(s.begun)
	s.reserve += (now - time.Duration(s.woken.Load())).Seconds() * wakesPerSecond
	s.reserve = max(0, min(s.reserve, wakesInReserve)-1)
	s.tired.Store(s.reserve < 1)
	s.woken.Store(int64(now))
}

func (s *sleeper) close() { s.file.Close() }
