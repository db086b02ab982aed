//go:build unix && !linux

// A live world on a Unix that is not Linux: one loopback address, no
// parent-death signal.
package live

import "syscall"

// ManyAddresses reports whether every place and client can have an address of
// its own. Here only 127.0.0.1 is loopback: addresses travel in the lab's
// header, as the receipt says.
const ManyAddresses = false

// childAttributes puts a node in a process group of its own. It ends when its
// standard input closes, as it does when the driver dies.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func portLate(_, _ string, _ syscall.RawConn) error { return nil }
