// epoll: how a loop waits on Linux.
package fabric

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"cdnlab/sim"
)

// epoll waits for sockets and for a time in one system call.
//
// Most waits are raw system calls, of which the Go scheduler knows nothing: to
// hand it the processor for some µs, and take it back, cost three times as much in
// trials (16 and 50 µs for a wait of 100 µs). So the loop adds one processor to
// GOMAXPROCS for as long as it lives. The signal by which the scheduler stops a
// thread (at a garbage collection) ends a wait at once.
type epoll struct {
	fd    int
	event int // wakes a wait
	timer int // a timerfd where there is no epoll_pwait2 (before Linux 5.11); else -1
	found []unix.EpollEvent
	slots []slot
	free  []int32
	spin  spinner
	local bool // the thread has been prepared

	clock func() sim.Time
	taken reading
}

// slot is who watches a descriptor. An event of a descriptor that was closed, and
// its slot given away, is told by its generation.
type slot struct {
	w   watcher
	gen int32
}

const (
	// batch is how many sockets are told of after one wait.
	batch = 256
	// shortWait is up to which a wait is a raw system call: within 10 ms the Go
	// scheduler's monitor would send its signal to a thread that seems to hang.
	shortWait = 5 * time.Millisecond
	// shortSlice is the least that the kernel grants.
	shortSlice = 100 * time.Microsecond
	// noSlot marks the events of epoll's own descriptors.
	noSlot = -1
)

func newEpoll() (*epoll, error) { return makeEpoll(hasPwait2) }

func makeEpoll(exact func(fd int) bool) (*epoll, error) {
	e := &epoll{event: -1, timer: -1, found: make([]unix.EpollEvent, batch)}
	var err error
	if e.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if e.event, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		e.closeAll()
		return nil, os.NewSyscallError("eventfd", err)
	}
	err = e.own(e.event)
	if err == nil && !exact(e.fd) {
		err = e.useTimer()
	}
	if err != nil {
		e.closeAll()
		return nil, err
	}
	addProcessors(1)
	return e, nil
}

var processors sync.Mutex // GOMAXPROCS is read and set

// addProcessors lets the Go scheduler use so many more.
func addProcessors(n int) {
	processors.Lock()
	defer processors.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
}

// own watches a descriptor that does nothing but end a wait.
func (e *epoll) own(fd int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN | edge, Fd: noSlot}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(e.fd, unix.EPOLL_CTL_ADD, fd, &ev))
}

// edge is EPOLLET, which x/sys has as a negative number.
const edge = 1 << 31

// hasPwait2 asks the kernel whether it knows the system call.
func hasPwait2(fd int) bool {
	var ev [1]unix.EpollEvent
	var zero unix.Timespec
	_, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(fd), uintptr(unsafe.Pointer(&ev)), 1,
		uintptr(unsafe.Pointer(&zero)), 0, 0)
	return errno == 0
}

func (e *epoll) useTimer() error {
	var err error
	if e.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return os.NewSyscallError("timerfd_create", err)
	}
	return e.own(e.timer)
}

func (e *epoll) says() string {
	if e.timer >= 0 {
		return "an event loop on a thread of its own (epoll and timerfd, kernel time stamps)"
	}
	return "an event loop on a thread of its own (epoll_pwait2, kernel time stamps)"
}

func (e *epoll) wake() {
	one := [8]byte{1}
	_, _ = unix.Write(e.event, one[:]) // it fails only when it has been woken 2^64 times
}

func (e *epoll) close() {
	addProcessors(-1)
	e.closeAll()
}

func (e *epoll) closeAll() {
	for _, fd := range []int{e.fd, e.event, e.timer} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// wait implements system. It may return early: the loop asks again.
func (e *epoll) wait(l *Loop, until sim.Time) {
	if !e.local {
		e.local, e.clock = true, l.Clock
		prepareThread()
	}
	e.found = e.found[:0]
	if until == sim.Never {
		e.block(-1)
		return
	}
	now := l.Clock()
	left := until.Sub(now)
	switch {
	case left <= 0:
		e.poll(0)
	case left > shortWait:
		// The kernel may be late by a thousandth of a long wait (select_estimate_accuracy),
		// and a core that slept for long takes longer to wake: so the last part is a wait of
		// its own.
		e.block(left - shortWait/2)
	default:
		early := e.spin.early(now, left)
		if e.poll(left - early); len(e.found) == 0 && early > 0 {
			e.spin.until(l.Clock, until, early)
		}
	}
}

// prepareThread asks the kernel to wake this thread when it said, and soon. Either
// may be refused: then waits are less exact.
func prepareThread() {
	// By default a thread may be woken up to 50 µs later than it asked.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	// A short slice lets a thread that sleeps mostly run soon after it wakes, and gives
	// it no more of a core than it has a right to (EEVDF, since Linux 6.12). SCHED_FIFO
	// would: a busy client and server behind it then starve the machine.
	if attr, err := unix.SchedGetAttr(0, 0); err == nil && attr.Policy == unix.SCHED_NORMAL {
		attr.Runtime = uint64(shortSlice)
		_ = unix.SchedSetAttr(0, attr, 0)
	}
}

// poll waits in a raw system call, for a short time.
func (e *epoll) poll(d time.Duration) { e.call(d, syscall.RawSyscall6) }

// block waits for long, or without end (d < 0), and tells the Go scheduler so.
func (e *epoll) block(d time.Duration) { e.call(d, syscall.Syscall6) }

func (e *epoll) call(d time.Duration, call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)) {
	events := e.found[:batch]
	var timeout unsafe.Pointer
	trap := uintptr(unix.SYS_EPOLL_PWAIT2)
	ts := unix.NsecToTimespec(int64(d))
	if d >= 0 {
		timeout = unsafe.Pointer(&ts)
	}
	n, errno := uintptr(0), syscall.Errno(0)
	if e.timer >= 0 {
		n, errno = e.callTimer(d, events, call)
	} else {
		n, _, errno = call(trap, uintptr(e.fd), uintptr(unsafe.Pointer(&events[0])), batch, uintptr(timeout), 0, 0)
	}
	if errno == 0 {
		e.found = events[:n]
	} else if !errors.Is(errno, syscall.EINTR) {
		panic("fabric: epoll: " + errno.Error())
	}
}

// callTimer is call with epoll_pwait, whose time-outs are whole ms: a timer ends it.
func (e *epoll) callTimer(d time.Duration, events []unix.EpollEvent,
	call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err syscall.Errno)) (uintptr, syscall.Errno) {
	timeout := -1
	if d == 0 {
		timeout = 0
	} else {
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 0)))} // 0 disarms it
		if err := unix.TimerfdSettime(e.timer, 0, &spec, nil); err != nil {
			panic("fabric: timerfd: " + err.Error())
		}
	}
	n, _, errno := call(unix.SYS_EPOLL_PWAIT, uintptr(e.fd), uintptr(unsafe.Pointer(&events[0])), batch, uintptr(timeout), 0, 0)
	return n, errno
}

// tell implements system.
func (e *epoll) tell() {
	for _, ev := range e.found {
		if ev.Fd == noSlot {
			continue
		}
		s := e.slots[ev.Fd]
		if s.gen != ev.Pad || s.w == nil {
			continue // closed by what was told before
		}
		s.w.ready(readyOf(ev.Events))
	}
}

func readyOf(events uint32) (what ready) {
	if events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		what |= readable
	}
	if events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		what |= writable
	}
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		what |= ended
	}
	if events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		what |= broken
	}
	return what
}

// add watches a descriptor until remove, which comes before it is closed.
func (e *epoll) add(fd int, events uint32, w watcher) (int32, error) {
	var i int32
	if n := len(e.free); n > 0 {
		i, e.free = e.free[n-1], e.free[:n-1]
	} else {
		i = int32(len(e.slots))
		e.slots = append(e.slots, slot{})
	}
	e.slots[i].w = w
	ev := unix.EpollEvent{Events: events, Fd: i, Pad: e.slots[i].gen}
	if err := unix.EpollCtl(e.fd, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		e.remove(i)
		return 0, os.NewSyscallError("epoll_ctl", err)
	}
	return i, nil
}

// remove forgets who watched. The kernel forgets a descriptor when it is closed.
func (e *epoll) remove(i int32) {
	e.slots[i].w = nil
	e.slots[i].gen++
	e.free = append(e.free, i)
}
