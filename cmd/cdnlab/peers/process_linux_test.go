// Processes: started, pinned to a core, their CPU time read, and ended.
package peers

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The server has one core, whoever drives it the other.
const (
	serverCore = "0"
	clientCore = "1"
)

// patience is how long a process may take to serve, or to end.
const patience = 20 * time.Second

// process is one that this program started, and ends.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser // ours end when it closes
	said  bytes.Buffer
	ended chan struct{}
}

// start starts a command on a core ("" is any) and ends it with the benchmark.
func start(b *testing.B, name, core string, command ...string) *process {
	b.Helper()
	if core != "" {
		command = append([]string{"taskset", "-c", core}, command...)
	}
	p := &process{name: name, cmd: exec.Command(command[0], command[1:]...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.WaitDelay = patience
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	started := make(chan error)
	starts <- func() { started <- p.cmd.Start() }
	if err := <-started; err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	go func() { _ = p.cmd.Wait(); close(p.ended) }() // how it ended does not matter
	b.Cleanup(p.end)
	return p
}

// finish lets one of ours come to its own end, and returns what it said.
func (p *process) finish(b *testing.B) string {
	b.Helper()
	p.stdin.Close()
	select {
	case <-p.ended:
		return p.said.String()
	case <-time.After(patience):
		b.Fatalf("%s does not end", p.name)
		return ""
	}
}

// end asks the process to end, and kills it when it does not.
func (p *process) end() {
	p.stdin.Close()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = p.cmd.Process.Signal(signal) // it may have ended
		select {
		case <-p.ended:
			return
		case <-time.After(patience):
		}
	}
}

// serving waits until somebody listens at the address.
func (p *process) serving(b *testing.B, address string) {
	b.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.ended:
			b.Fatalf("%s has ended:\n%s", p.name, p.said.String())
		default:
		}
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	b.Fatalf("%s does not serve", p.name)
}

// cpu is the CPU time that the process and its children have used.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	return familyCPU(p.cmd.Process.Pid)
}

// userHz is the unit of times in /proc: the same on every Linux that Go runs on.
const userHz = 100

func familyCPU(pid int) time.Duration {
	all := processCPU(pid)
	for _, child := range children(pid) {
		all += familyCPU(child)
	}
	return all
}

// processCPU reads user and system time, 0 when the process is gone.
func processCPU(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // behind the name, which may hold anything
	fields := strings.Fields(rest)
	user, _ := strconv.ParseInt(fields[11], 10, 64) // proc(5): field 14, of which 3 is the first here
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / userHz
}

func children(pid int) []int {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var all []int
	for _, file := range files {
		text, _ := os.ReadFile(file) // gone: no children
		for _, word := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

// freeAddress returns an address on loopback that nobody listens at.
func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
