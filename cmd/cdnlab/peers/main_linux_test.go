// Package peers measures the lab beside the tools that people know: make
// bench-peers. It has benchmarks only, and they need a quiet machine with two
// cores. A peer that is not installed is left out with a word.
package peers

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
)

// The test binary is also some of the servers and generators that it measures.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if role, ok := roles[os.Args[1]]; ok {
			if err := role(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, os.Args[1]+":", err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	go startProcesses()
	os.Exit(runIn(m))
}

// runIn runs the benchmarks with a folder for what they build.
func runIn(m *testing.M) int {
	folder, err := os.MkdirTemp("", "cdnlab-peers-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	work = folder
	go removeWhenStopped(folder)
	return m.Run()
}

// work is the folder for all that is written; it goes with the program.
var work string

// removeWhenStopped leaves nothing behind on Ctrl-C: the processes end with this
// one.
func removeWhenStopped(folder string) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	os.RemoveAll(folder)
	os.Exit(130) // as a shell has it
}

// tempDir makes a folder for one benchmark.
func tempDir(b *testing.B) string {
	b.Helper()
	folder, err := os.MkdirTemp(work, "")
	if err != nil {
		b.Fatal(err)
	}
	return folder
}

// starts are what startProcesses does.
var starts = make(chan func())

// startProcesses starts processes from one thread that lives as long as the
// program: each child is killed when the thread that started it ends.
func startProcesses() {
	runtime.LockOSThread()
	for start := range starts {
		start()
	}
}
