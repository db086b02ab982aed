// What Linux alone offers to a live world: the parent-death signal, addresses
// all over 127/8, and a local port chosen as late as the connect.
package live

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// ManyAddresses reports whether every place and client can have an address of
// its own: on Linux all of 127/8 is loopback.
const ManyAddresses = true

// childAttributes puts a node in a process group of its own, or Ctrl-C would
// end it before the driver has its numbers, and lets it die with the driver.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// portLate lets connections from one address to different far ends share local
// ports (ip(7), IP_BIND_ADDRESS_NO_PORT).
func portLate(_, _ string, raw syscall.RawConn) error {
	return control(raw, func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}
