// fastConn: a connection whose reads and writes do not go by Go's scheduler.
package live

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// fastConn makes its system calls raw. Its socket does not block, so a call
// takes some µs: to hand the processor to another goroutine for that time, as
// the runtime does, costs more, and its monitor thread, which then never sleeps
// for long, costs a tenth of a core in each process. Reads and writes that must
// wait do so in the network poller, as ever. One goroutine may read at a time;
// writes take turns.
type fastConn struct {
	*net.TCPConn
	raw  syscall.RawConn
	in   transfer
	from net.Addr // who has connected, where a balancer has said so; nil: the other end

	mu sync.Mutex // protects up: an answer may bring the next write before this one has returned
	up transfer
}

// transfer is one direction's call under way.
type transfer struct {
	call uintptr
	p    []byte
	n    int
	err  syscall.Errno
	step func(fd uintptr) bool
}

func fast(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c
	}
	f := &fastConn{TCPConn: t, raw: raw}
	f.in.call, f.up.call = syscall.SYS_READ, syscall.SYS_WRITE
	f.in.step, f.up.step = f.in.once, f.up.once
	return f
}

// reveal makes a connection one from an address.
func reveal(c net.Conn, from net.Addr) net.Conn {
	if f, ok := c.(*fastConn); ok {
		f.from = from
		return f
	}
	return &revealed{c, from}
}

// RemoteAddr implements net.Conn.
func (f *fastConn) RemoteAddr() net.Addr {
	if f.from != nil {
		return f.from
	}
	return f.TCPConn.RemoteAddr()
}

// once makes the call; false asks to be called again when the socket is ready.
func (t *transfer) once(fd uintptr) bool {
	for {
		n, _, err := syscall.RawSyscall(t.call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(t.p))), uintptr(len(t.p)))
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			return false
		case 0:
			t.n, t.err = int(n), 0
		default:
			t.n, t.err = 0, err
		}
		return true
	}
}

// Read implements net.Conn.
func (f *fastConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	f.in.p = p
	err := f.raw.Read(f.in.step)
	f.in.p = nil
	if err != nil {
		return 0, err
	}
	return f.in.read()
}

// read is what a read has come to.
func (t *transfer) read() (int, error) {
	switch {
	case t.err != 0:
		return 0, os.NewSyscallError("read", t.err)
	case t.n == 0:
		return 0, io.EOF
	}
	return t.n, nil
}

// readThrough implements through: what came is answered before the socket is
// asked for more, within one visit to the poller.
func (f *fastConn) readThrough(c *frontConn) turn {
	next := turnRead
	err := f.raw.Read(func(fd uintptr) bool {
		for next == turnRead {
			f.in.p = c.in[c.got:]
			if !f.in.once(fd) {
				return false
			}
			next = c.came(f.in.read())
		}
		return true
	})
	f.in.p = nil
	if err != nil {
		return c.came(0, err)
	}
	return next
}

// Write implements net.Conn.
func (f *fastConn) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	written := 0
	for written < len(p) {
		f.up.p = p[written:]
		err := f.raw.Write(f.up.step)
		f.up.p = nil
		if err != nil {
			return written, err
		}
		if f.up.err != 0 {
			return written, os.NewSyscallError("write", f.up.err)
		}
		written += f.up.n
	}
	return written, nil
}
