// Sleeping with precision on Linux.
package live

import (
	"encoding/binary"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// sleeper waits for a time or for a wake. Go's own timers miss by about a
// millisecond (the runtime rounds epoll's time-out up to whole ones), so it
// waits in ppoll, whose time-out is in nanoseconds, on a thread of its own with
// the least timer slack.
type sleeper struct{ fd int }

// newSleeper prepares the calling goroutine's thread; the goroutine must be the
// one that sleeps.
func newSleeper() *sleeper {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil
	}
	return &sleeper{fd}
}

func (s *sleeper) prepare() {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // without it a wait is 50 µs less exact
}

// sleep waits until d has passed or wake is called.
func (s *sleeper) sleep(d time.Duration) {
	timeout := unix.NsecToTimespec(int64(d))
	fds := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLIN}}
	if n, _ := unix.Ppoll(fds, &timeout, nil); n > 0 {
		var count [8]byte
		_, _ = unix.Read(s.fd, count[:])
	}
}

// wake ends the sleep under way or the next one.
func (s *sleeper) wake() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	_, _ = unix.Write(s.fd, one[:])
}

func (s *sleeper) close() { unix.Close(s.fd) }
