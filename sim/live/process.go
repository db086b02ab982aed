// Process: one node's process as the driver sees it.
package live

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// What is kept of standard error to be reported: so many last lines, so many
// bytes of each.
const (
	tailLines = 12
	tailLine  = 1000
)

// process is one incarnation of a node.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	stderr io.Reader
	said   sync.Mutex    // lines to stdin must not mix, and to write one may block
	ready  chan struct{} // closed when the node serves
	ended  chan struct{} // closed when it is gone and all it said was read

	mu     sync.Mutex // protects what follows
	tail   []string
	panics bool // the tail begins with a panic and is not to move on
	asked  bool // its end was the driver's doing
	status error
}

// starter starts processes from one locked thread: on Linux a child dies with
// the thread that started it, so that must live as long as the run.
type starter struct{ jobs chan func() }

func newStarter() *starter {
	s := &starter{jobs: make(chan func())}
	go s.run()
	return s
}

func (s *starter) run() {
	lockThread()
	for job := range s.jobs {
		job()
	}
	// The goroutine ends locked, and its thread with it.
}

func (s *starter) start(start func() error) error {
	done := make(chan error)
	s.jobs <- func() { done <- start() }
	return <-done
}

func (s *starter) stop() { close(s.jobs) }

// collectLater keeps the garbage collector from what a node's process makes before
// it serves, a few MB that stay: that was a quarter of its start. RunNode sets it
// right.
const collectLater = "GOGC=off"

// spawn starts a node's process and tells it its configuration. Let follow
// listen to it.
func spawn(s *starter, where *namespaces, command []string, c NodeConfig) (*process, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.SysProcAttr = childAttributes()
	cmd.Env = append(os.Environ(), collectLater)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if err := s.start(func() error { return where.start(c.Name, cmd) }); err != nil {
		return nil, fmt.Errorf("live: cannot start %s: %w", c.Name, err)
	}
	p := &process{cmd: cmd, stdin: stdin, stdout: stdout, stderr: stderr, ready: make(chan struct{}), ended: make(chan struct{})}
	p.said.Lock() // the first line, before all others
	go func() {
		defer p.said.Unlock()
		_, _ = stdin.Write(append(config, '\n')) // a process that is gone tells why itself
	}()
	return p, nil
}

// follow listens to the process. heard is called with every line it says, from
// one goroutine, and gone once after the last.
func (p *process) follow(heard func(Line), gone func(*process)) {
	var reading sync.WaitGroup
	reading.Add(2)
	go func() { defer reading.Done(); p.hear(p.stdout, heard) }()
	go func() { defer reading.Done(); p.listenErr(p.stderr) }()
	go func() {
		reading.Wait()
		err := p.cmd.Wait()
		p.mu.Lock()
		p.status = err
		p.mu.Unlock()
		gone(p)
		close(p.ended)
	}()
}

// say writes a line to the node's standard input.
func (p *process) say(line []byte) error {
	p.said.Lock()
	defer p.said.Unlock()
	_, err := p.stdin.Write(append(line, '\n'))
	return err
}

func (p *process) hear(from io.Reader, heard func(Line)) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	ready := false
	for lines.Scan() {
		var l Line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			p.keep("said what is no line of the protocol: " + lines.Text())
			continue
		}
		if l.Ready && ready {
			continue // once is enough
		}
		heard(l)
		if l.Ready {
			ready = true
			close(p.ready)
		}
	}
	if err := lines.Err(); err != nil {
		p.keep("said what is no line of the protocol: " + err.Error())
	}
	_, _ = io.Copy(io.Discard, from) // or a line too long for the scanner would block the node
}

func (p *process) listenErr(from io.Reader) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		p.keep(lines.Text())
	}
	_, _ = io.Copy(io.Discard, from) // a line too long for the scanner must not block the node
}

func (p *process) keep(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.panics && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")) {
		p.panics, p.tail = true, nil // what follows is Go's long report, which begins with the reason
	}
	if len(p.tail) == tailLines {
		if p.panics {
			return
		}
		p.tail = p.tail[1:]
	}
	p.tail = append(p.tail, line[:min(len(line), tailLine)])
}

// kill ends the process at once, whether it hangs or not.
func (p *process) kill() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	_ = p.cmd.Process.Kill() // it may be gone already: that is what we want
	p.stdin.Close()
}

// quit asks the process to end, and kills it if it does not.
func (p *process) quit(patience time.Duration) {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	_ = continueProcess(p.cmd.Process) // a stopped process cannot read
	p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		<-p.ended
	}
}

// wasAsked reports whether the process's end was the driver's doing.
func (p *process) wasAsked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// code returns the exit status; -1 when a signal ended it.
func (p *process) code() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var exit *exec.ExitError
	if errors.As(p.status, &exit) {
		return exit.ExitCode()
	}
	if p.status != nil {
		return -1
	}
	return 0
}

// obituary says how the process ended and what it said last.
func (p *process) obituary() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	how := "ended with status 0"
	if p.status != nil {
		how = p.status.Error()
	}
	if len(p.tail) == 0 {
		return how + "; it said nothing on standard error"
	}
	return how + "; its last words on standard error:\n  " + strings.Join(p.tail, "\n  ")
}
