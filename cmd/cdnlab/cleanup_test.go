//go:build linux

// Tests: what a live run leaves behind, however it ends: nothing.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cleanupScenario plays long enough to be ended by anything but its own end.
const cleanupScenario = `name = "cleanup"
duration = "20s"

[load]
rate = 20

[[clients]]
id = "tokyo"
place = "Tokyo"

[[catalog]]
path = "/item/{n}"
objects = 10
cache-control = "max-age=60"

[origin]
place = "New York"
servers = 2

[app]
service-time = "2ms"

[[pop]]
place = "Tokyo"
`

// cleanupPatience is how long anything here may take on a slow machine.
const cleanupPatience = 40 * time.Second

// driver is a run under way.
type driver struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   bytes.Buffer
	nodes []int         // pids of its children
	ended chan struct{} // closed when it has been waited for
}

// begin starts a run in a process group of its own, as a terminal's foreground
// job, and returns when it plays.
func begin(t *testing.T, args ...string) *driver {
	t.Helper()
	if testing.Short() {
		t.Skip("real processes take real time")
	}
	file := filepath.Join(t.TempDir(), "small.toml")
	if err := os.WriteFile(file, []byte(cleanupScenario), 0o666); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	d := &driver{t: t, cmd: exec.Command(exe), ended: make(chan struct{})}
	d.cmd.Args = append([]string{"cdnlab", "run", file}, args...)
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	d.cmd.Stdout = &d.out
	progress, told := io.Pipe()
	d.cmd.Stderr = told
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = d.cmd.Wait() // the status says it all
		told.Close()
		close(d.ended)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Kill() // it has ended unless the test failed
		<-d.ended
	})
	d.plays(progress)
	return d
}

// plays waits until the run tells of its progress, and looks for its nodes.
func (d *driver) plays(progress io.Reader) {
	d.t.Helper()
	var said bytes.Buffer
	buffer := make([]byte, 4096)
	for !strings.Contains(said.String(), " errors") {
		n, err := progress.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			d.t.Fatalf("it ended before it played:\n%s", &said)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, progress) }() // the rest must not hold it up
	d.nodes = children(d.t, d.cmd.Process.Pid)
	if len(d.nodes) < 3 {
		d.t.Fatalf("%d nodes run, want the PoP, the balancer and two servers", len(d.nodes))
	}
}

// family is what the system says of a process: its parent and its group.
func family(pid int) (parent, group int, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, false
	}
	_, rest, _ := strings.Cut(string(text[bytes.LastIndexByte(text, ')'):]), " ") // the name may hold blanks
	var state string
	_, err = fmt.Sscan(rest, &state, &parent, &group)
	return parent, group, err == nil
}

func children(t *testing.T, of int) []int {
	t.Helper()
	all, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, entry := range all {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if parent, _, ok := family(pid); ok && parent == of {
			pids = append(pids, pid)
		}
	}
	return pids
}

// wantEnd checks the driver's status, and that its nodes end too.
func (d *driver) wantEnd(want int) {
	d.t.Helper()
	limit := time.NewTimer(cleanupPatience)
	defer limit.Stop()
	select {
	case <-d.ended:
	case <-limit.C:
		d.t.Fatal("the run does not end")
	}
	if got := d.cmd.ProcessState.ExitCode(); got != want {
		d.t.Errorf("status %d, want %d", got, want)
	}
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		d.nodes = slices.DeleteFunc(d.nodes, func(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH || reaped(pid) })
		if len(d.nodes) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-limit.C:
			for _, pid := range d.nodes {
				_ = syscall.Kill(pid, syscall.SIGKILL) // the test's own grandchildren
			}
			d.t.Fatalf("nodes are left: %v", d.nodes)
		}
	}
}

// reaped reports whether a process has ended and only waits for its new parent
// to take notice, which is not ours to hurry.
func reaped(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || bytes.Contains(text, []byte(") Z "))
}

func (d *driver) wantPartial() {
	d.t.Helper()
	if !strings.Contains(d.out.String(), "(partial)") {
		d.t.Errorf("nothing partial in:\n%s", &d.out)
	}
}

func TestCleanAfterSuccess(t *testing.T) {
	d := begin(t, "--set", "duration=2s")
	d.wantEnd(statusHolds)
	if out := d.out.String(); !strings.Contains(out, "cleanup") || strings.Contains(out, "(partial)") {
		t.Errorf("the whole result is missing in:\n%s", out)
	}
}

func TestCleanAfterSignal(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		d := begin(t)
		if err := d.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		d.wantEnd(statusInterrupted)
		d.wantPartial()
	}
}

// TestCleanAfterCtrlC: a terminal signals the whole foreground group. The nodes
// are in groups of their own, so they tell their last numbers all the same.
func TestCleanAfterCtrlC(t *testing.T) {
	d := begin(t)
	for _, pid := range d.nodes {
		if _, group, ok := family(pid); !ok || group == d.cmd.Process.Pid {
			t.Errorf("node %d is in the driver's group", pid)
		}
	}
	if err := syscall.Kill(-d.cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	d.wantEnd(statusInterrupted)
	d.wantPartial()
}

// TestCleanAfterSecondSignal: who does not want to wait leaves nothing either.
func TestCleanAfterSecondSignal(t *testing.T) {
	d := begin(t)
	for range 2 {
		if err := d.cmd.Process.Signal(syscall.SIGINT); err != nil {
			break // the first was enough
		}
	}
	d.wantEnd(statusInterrupted)
}

// TestCleanAfterKill: the driver cannot do anything any more.
func TestCleanAfterKill(t *testing.T) {
	d := begin(t)
	if err := d.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	d.wantEnd(-1)
}
