// When bytes arrived, by the kernel: whoever wakes late to read them knows.
package live

import (
	"net"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// clockedConn is a connection that can tell when the bytes of a read arrived.
type clockedConn struct {
	*fastConn
	asked   bool // the next read wants to know
	ago     time.Duration
	known   bool
	head    unix.Msghdr
	piece   unix.Iovec
	control [64]byte
	once    func(fd uintptr) bool
}

// clocked has the kernel note when a connection's bytes arrive; where it does not,
// the connection stays as it is.
func clocked(nc net.Conn) net.Conn {
	f, ok := nc.(*fastConn)
	if !ok {
		return nc
	}
	err := control(f.raw, func(fd int) error {
		return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
	if err != nil {
		return nc
	}
	s := &clockedConn{fastConn: f}
	s.once = s.receive
	return s
}

// ask has the next read find out when its bytes arrived.
func (s *clockedConn) ask() { s.asked = true }

// arrived returns how long ago that was when they were read.
func (s *clockedConn) arrived() (ago time.Duration, known bool) {
	known, s.known = s.known, false
	return s.ago, known
}

// Read implements net.Conn.
func (s *clockedConn) Read(p []byte) (int, error) {
	if !s.asked || len(p) == 0 {
		return s.fastConn.Read(p)
	}
	s.asked = false
	s.in.p = p
	err := s.raw.Read(s.once)
	s.in.p = nil
	if err != nil {
		return 0, err
	}
	return s.in.read()
}

// receive is once with the time of arrival.
func (s *clockedConn) receive(fd uintptr) bool {
	s.piece.Base = unsafe.SliceData(s.in.p)
	s.piece.SetLen(len(s.in.p))
	s.head = unix.Msghdr{Iov: &s.piece, Control: &s.control[0]}
	s.head.SetIovlen(1)
	for {
		s.head.SetControllen(len(s.control))
		n, _, err := syscall.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&s.head)), 0)
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		}
		s.in.n, s.in.err = int(n), err
		if err != 0 {
			s.in.n = 0
		} else if n > 0 {
			s.ago, s.known = s.since()
		}
		return true
	}
}

// longAgo is more than a read comes late by: a time stamp that old shows that the
// system's clock was set meanwhile.
const longAgo = time.Second

// since returns the age of the time stamp that a read came with. The kernel takes
// it from the clock that can be set, so both are read at one moment.
func (s *clockedConn) since() (time.Duration, bool) {
	const data = unix.SizeofCmsghdr
	if int(s.head.Controllen) < data+int(unsafe.Sizeof(unix.Timespec{})) {
		return 0, false
	}
	c := (*unix.Cmsghdr)(unsafe.Pointer(&s.control[0]))
	if c.Level != unix.SOL_SOCKET || c.Type != unix.SO_TIMESTAMPNS {
		return 0, false
	}
	at := (*unix.Timespec)(unsafe.Pointer(&s.control[data]))
	ago := time.Duration(time.Now().UnixNano() - at.Nano())
	return ago, ago >= 0 && ago < longAgo
}
