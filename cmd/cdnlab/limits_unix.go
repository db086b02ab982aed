//go:build unix

// The file limit. The Go runtime has raised the soft limit to the hard one when
// the program started, and does so in every node too: here it is only read.
package main

import (
	"math"

	"golang.org/x/sys/unix"
)

func fileLimit() (int, bool) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false
	}
	return int(min(limit.Cur, math.MaxInt32)), true
}
