// The ports that macOS gives to outgoing connections.
package main

import "golang.org/x/sys/unix"

func portRange() (int, bool) {
	low, err := unix.SysctlUint32("net.inet.ip.portrange.first")
	if err != nil {
		return 0, false
	}
	high, err := unix.SysctlUint32("net.inet.ip.portrange.last")
	if err != nil {
		return 0, false
	}
	return int(high) - int(low) + 1, true
}
