//go:build unix

// Crash and hang, for real.
package live

import (
	"os"
	"syscall"
)

// Supported reports why there is no live world here; nil where there is one.
func Supported() error { return nil }

func stopProcess(p *os.Process) error     { return p.Signal(syscall.SIGSTOP) }
func continueProcess(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
