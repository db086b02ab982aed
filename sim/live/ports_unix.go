//go:build unix

// Ports: reserved by the driver, bound again by the node.
package live

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// reservation keeps a port for the whole run: a socket that is bound and does
// not listen. While the node is dead its port refuses, and a restarted node
// gets it back.
type reservation struct{ fd int }

// reserve binds a free port of an address.
func reserve(addr netip.Addr) (netip.AddrPort, *reservation, error) {
	fail := func(err error) (netip.AddrPort, *reservation, error) {
		return netip.AddrPort{}, nil, fmt.Errorf("live: cannot reserve a port on %v: %w", addr, err)
	}
	syscall.ForkLock.RLock() // or a child started meanwhile would inherit the socket
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return fail(err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		unix.Close(fd)
		return fail(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: addr.As4()}); err != nil {
		unix.Close(fd)
		return fail(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		unix.Close(fd)
		return fail(err)
	}
	port := name.(*unix.SockaddrInet4).Port
	return netip.AddrPortFrom(addr, uint16(port)), &reservation{fd}, nil
}

func (r *reservation) release() { unix.Close(r.fd) }

// listen binds a reserved port and listens on it.
func listen(address string) (net.Listener, error) {
	c := net.ListenConfig{KeepAlive: -1, Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error {
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	return c.Listen(context.Background(), "tcp", address)
}

func control(raw syscall.RawConn, f func(fd int) error) error {
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}
