// Sockets on Linux: raw system calls that never block, and the kernel's time stamps.
package fabric

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"cdnlab/sim"
)

// tcp is a connection. Reads and writes are raw: the Go scheduler need not know of
// calls of a few µs (see sim/live's fastConn).
type tcp struct {
	e    *epoll
	fd   int
	slot int32 // noSlot: nobody watches
}

// receiveBuffer is what a sender can have sent and the model not yet let go
// (SO_RCVBUF): with more a server would believe that a large body has arrived.
const receiveBuffer = 64 << 10

// backlog is how many connections may wait to be accepted; the system has a limit
// of its own (net.core.somaxconn).
const backlog = 4096

// acceptBatch bounds the connections taken in one turn, so that those that stand do
// not wait for a crowd at the door.
const acceptBatch = 64

func (s *tcp) watch(w watcher) error {
	i, err := s.e.add(s.fd, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|edge, w)
	if err == nil {
		s.slot = i
	}
	return err
}

// reading is what recvmsg needs, kept to be used again.
type reading struct {
	message unix.Msghdr
	vector  unix.Iovec
	control [64]byte
}

// read implements socket.
func (s *tcp) read(p []byte) (int, sim.Time, error) {
	r := &s.e.taken
	r.vector.Base = unsafe.SliceData(p)
	r.vector.SetLen(len(p))
	r.message = unix.Msghdr{Iov: &r.vector, Control: &r.control[0]}
	r.message.SetIovlen(1)
	r.message.SetControllen(len(r.control))
	for {
		n, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&r.message)), unix.MSG_DONTWAIT)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			return 0, 0, errWait
		case errno != 0:
			return 0, 0, os.NewSyscallError("recvmsg", errno)
		case n == 0:
			return 0, s.e.clock(), io.EOF
		}
		return int(n), s.e.stamped(r), nil
	}
}

// stamped returns when what was read came in, by the loop's clock. The kernel's
// stamps are of the real-time clock: both are read now, and how far back the stamp
// lies is the same on either. A stamp from the future, or none, is no stamp: the
// clock was set meanwhile, or the kernel had not begun to stamp.
func (e *epoll) stamped(r *reading) sim.Time {
	now := e.clock()
	head := (*unix.Cmsghdr)(unsafe.Pointer(&r.control[0]))
	if int(r.message.Controllen) < unix.CmsgLen(int(unsafe.Sizeof(unix.Timespec{}))) ||
		head.Level != unix.SOL_SOCKET || head.Type != unix.SO_TIMESTAMPNS {
		return now
	}
	stamp := (*unix.Timespec)(unsafe.Pointer(&r.control[unix.CmsgLen(0)]))
	age := time.Now().UnixNano() - stamp.Nano()
	if age < 0 || age > int64(time.Hour) {
		return now
	}
	return max(0, now-sim.Time(age))
}

// write implements socket.
func (s *tcp) write(p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return 0, errWait
		}
		return 0, os.NewSyscallError("sendto", errno)
	}
}

func (s *tcp) fault() error {
	errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return os.NewSyscallError("getsockopt", err)
	}
	if errno != 0 {
		return syscall.Errno(errno)
	}
	return nil
}

func (s *tcp) finish() { _ = unix.Shutdown(s.fd, unix.SHUT_WR) } // it fails only when the connection is gone

func (s *tcp) close(reset bool) {
	if reset {
		_ = unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	if s.slot != noSlot {
		s.e.remove(s.slot)
		s.slot = noSlot
	}
	unix.Close(s.fd)
}

// open makes a socket that is not inherited and does not block.
func (e *epoll) open(at netip.AddrPort) (fd int, where unix.Sockaddr, err error) {
	domain := unix.AF_INET6
	where = &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	if at.Addr().Is4() {
		domain, where = unix.AF_INET, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	}
	fd, err = unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return -1, nil, os.NewSyscallError("socket", err)
	}
	// Accepted sockets have these from the one that listens. The buffer must be set
	// before the connection stands, or a larger window has been promised already.
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	if err != nil {
		unix.Close(fd)
		return -1, nil, os.NewSyscallError("setsockopt", err)
	}
	return fd, where, nil
}

// dial implements stack.
func (e *epoll) dial(_ *Loop, to netip.AddrPort) (socket, error) {
	fd, where, err := e.open(to)
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, where); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		return nil, os.NewSyscallError("connect", err)
	}
	return &tcp{e: e, fd: fd, slot: noSlot}, nil
}

// door is a socket that listens.
type door struct {
	e    *epoll
	fd   int
	slot int32
	came func(socket, error)
}

// listen implements stack.
func (e *epoll) listen(l *Loop, at netip.AddrPort, came func(socket, error)) (listener, error) {
	fd, where, err := e.open(at)
	if err != nil {
		return nil, err
	}
	fail := func(call string, err error) (listener, error) {
		unix.Close(fd)
		return nil, os.NewSyscallError(call, err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return fail("setsockopt", err)
	}
	if err := unix.Bind(fd, where); err != nil {
		return fail("bind", err)
	}
	if err := unix.Listen(fd, backlog); err != nil {
		return fail("listen", err)
	}
	d := &door{e: e, fd: fd, slot: noSlot, came: came}
	l.Do(func() { d.pause(false) })
	return d, nil
}

func (d *door) addr() netip.AddrPort {
	name, err := unix.Getsockname(d.fd)
	if err != nil {
		return netip.AddrPort{}
	}
	switch a := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// pause implements listener. The door is watched by its level, not its edge: what
// one turn leaves, the next is told of again.
func (d *door) pause(on bool) {
	switch {
	case on && d.slot != noSlot:
		_ = unix.EpollCtl(d.e.fd, unix.EPOLL_CTL_DEL, d.fd, nil)
		d.e.remove(d.slot)
		d.slot = noSlot
	case !on && d.slot == noSlot:
		i, err := d.e.add(d.fd, unix.EPOLLIN, d)
		if err != nil {
			d.came(nil, err)
			return
		}
		d.slot = i
	}
}

// ready implements watcher.
func (d *door) ready(ready) {
	for range acceptBatch {
		if d.slot == noSlot {
			return // paused by the last that came
		}
		fd, _, err := unix.Accept4(d.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch {
		case err == nil:
			d.came(&tcp{e: d.e, fd: fd, slot: noSlot}, nil)
		case errors.Is(err, unix.EAGAIN):
			return
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ECONNABORTED): // it went away while it waited
		default:
			d.came(nil, os.NewSyscallError("accept", err))
			return
		}
	}
}

func (d *door) close() {
	d.pause(true)
	unix.Close(d.fd)
}
