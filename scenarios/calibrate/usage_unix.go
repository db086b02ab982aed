//go:build unix

// The CPU time of this process.
package calibrate

import "syscall"

// cpuTime returns it in ns, the kernel's part included.
func cpuTime() (int64, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano(), err
}
