//go:build unix

// The CPU time of this process, as the kernel counts it.
package live

import "syscall"

// counterBusy is how long a node's cores have worked, in ns: the virtual world's
// nodes count it too.
const counterBusy = "cpu-busy-ns"

// busyNanos returns the CPU time of this process so far, in the kernel included.
func busyNanos() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("live: no CPU time: " + err.Error())
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
