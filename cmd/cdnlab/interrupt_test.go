//go:build unix

// Tests: what a signal leaves of a run.
package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start starts the program in a folder of its own: the test binary under the
// program's name. It returns when the program has told of its progress.
func start(t *testing.T, out *bytes.Buffer, args ...string) *exec.Cmd {
	t.Helper()
	return startUntil(t, out, func(line string) bool { return strings.Contains(line, " errors") }, args...)
}

// startUntil starts the program, and returns when a line of what it says to the
// user is the one awaited.
func startUntil(t *testing.T, out *bytes.Buffer, awaited func(line string) bool, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Args = append([]string{"cdnlab"}, args...)
	cmd.Stdout = out
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it has ended unless the test failed
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		if awaited(lines.Text()) {
			go func() {
				for lines.Scan() { // the rest must not fill the pipe
				}
			}()
			return cmd
		}
	}
	t.Fatal("it ended before it said what was awaited")
	return nil
}

// ends waits for the program's end and returns its status.
func ends(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	limit := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer limit.Stop()
	_ = cmd.Wait() // the status says it all
	return cmd.ProcessState.ExitCode()
}

func TestInterruptedVirtualRun(t *testing.T) {
	var out bytes.Buffer
	cmd := start(t, &out, "run", "testdata/shop.toml", "--world", "virtual", "--set", "duration=100h", "--set", "load.rate=1000")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if !strings.Contains(out.String(), "(partial)") {
		t.Errorf("nothing partial in:\n%s", &out)
	}
}

// An interrupted search shows the bracket so far.
func TestInterruptedFind(t *testing.T) {
	var out bytes.Buffer
	cmd := start(t, &out, "find", "testdata/shop.toml", "--key", "load.rate", "--max", "--until", "latency.p50 < 100ms", "--variant", "near",
		"--from", "50", "--to", "5000", "--set", "duration=100h")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if !strings.Contains(out.String(), "the search is not finished") {
		t.Errorf("nothing of what was found in:\n%s", &out)
	}
}

// Interrupted advice is the ranking without what was still to be tried.
func TestInterruptedAdvise(t *testing.T) {
	var out bytes.Buffer
	cmd := startUntil(t, &out, func(line string) bool { return strings.HasPrefix(line, "1 of ") },
		"advise", "balancing", "--servers", "2", "--networks", "2", "--requests", "2000", "--runs", "2")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if !strings.Contains(out.String(), "round-robin") || !strings.Contains(out.String(), "Not finished") {
		t.Errorf("nothing of what was measured in:\n%s", &out)
	}
}

func TestInterruptedTest(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile("testdata/shop.toml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/a.toml", text, 0o666); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := start(t, &out, "test", dir, "--junit", dir+"/a.xml", "--set", "duration=100h", "--set", "load.rate=1000")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if !strings.HasPrefix(out.String(), "ERROR") || !strings.Contains(out.String(), "interrupted") {
		t.Errorf("nothing of it in:\n%s", &out)
	}
	if report, err := os.ReadFile(dir + "/a.xml"); err != nil || !bytes.Contains(report, []byte("interrupted")) {
		t.Errorf("%v: %s", err, report)
	}
}

func TestInterruptedLiveRun(t *testing.T) {
	if testing.Short() {
		t.Skip("real processes take real time")
	}
	var out bytes.Buffer
	cmd := start(t, &out, "run", "testdata/shop.toml", "--set", "duration=60s")
	began := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if !strings.Contains(out.String(), "far (partial)") || strings.Contains(out.String(), "near") {
		t.Errorf("want the first variant, partial, and nothing of the second:\n%s", &out)
	}
}
