// How exact the relay is, and what it costs, beside one with Go's timers and, where
// it is installed, Toxiproxy. The load, the relay and the server are processes of
// their own; the load is an open loop and reads the kernel's time stamps, so that
// the measuring does not measure itself.
package fabric

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

const (
	messageSize = 64
	benchTime   = 3 * time.Second
	warmUp      = 500 * time.Millisecond
)

// role is what a process of the benchmark is, as its first argument in JSON.
type role struct {
	Name  string
	To    netip.AddrPort
	RTT   time.Duration
	Conns int
	Rate  float64 // exchanges a second
}

// measured is what the load says of its exchanges: how much longer than the
// round-trip time they took.
type measured struct {
	Exchanges              int
	Median, P99, P999, Max time.Duration
	Late                   time.Duration // how late the load itself sent, at p99
}

func TestMain(m *testing.M) {
	if text := os.Getenv("FABRIC_ROLE"); text != "" {
		var r role
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			panic(err)
		}
		if err := r.play(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// play is the role, until its standard input ends.
func (r role) play() error {
	switch r.Name {
	case "load":
		return r.load()
	case "timers":
		return r.timers()
	}
	l, err := Start()
	if err != nil {
		return err
	}
	defer l.Close()
	var at netip.AddrPort
	if r.Name == "server" {
		ln, err := serveOn(l)
		if err != nil {
			return err
		}
		at = ln.addr()
	} else {
		base, err := Calibrate(l)
		if err != nil {
			return err
		}
		relay, err := NewRelay(l, Config{Listen: loopback, Target: []netip.AddrPort{r.To}, Path: network.Plain(r.RTT), Limit: 10_000, Base: base})
		if err != nil {
			return err
		}
		at = relay.Addr()
		fmt.Fprintln(os.Stderr, "base", base)
	}
	fmt.Println(at)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// serveOn is a server that answers with what it is sent.
func serveOn(l *Loop) (listener, error) {
	space := make([]byte, 64<<10)
	var ln listener
	var err error
	l.Call(func() {
		ln, err = l.system.listen(l, loopback, func(s socket, err error) {
			if err == nil {
				err = s.watch(&answerer{s, space})
			}
			if err != nil {
				panic(err)
			}
		})
	})
	return ln, err
}

type answerer struct {
	socket
	space []byte
}

func (a *answerer) ready(what ready) {
	for what&readable != 0 {
		n, _, err := a.read(a.space)
		if errors.Is(err, errWait) {
			return
		}
		if err != nil {
			a.close(false)
			return
		}
		if _, err := a.write(a.space[:n]); err != nil {
			panic(err)
		}
	}
}

// loader sends messages at their times, over whichever connection is next.
type loader struct {
	role
	loop  *Loop
	conns []*client
	roll  sim.Roll
	next  sim.Time
	from  sim.Time // exchanges before are the warming up
	sent  int
	took  []time.Duration
	late  []time.Duration
	fire  func()
}

type client struct {
	*loader
	socket
	open bool
	out  queue[sim.Time] // when each message that has no answer was sent
	part int             // bytes of an answer that is not whole
}

func (r role) load() error {
	l, err := Start()
	if err != nil {
		return err
	}
	defer l.Close()
	load := &loader{role: r, loop: l, roll: sim.Draw(1, 0, 0, 0)}
	load.fire = load.send
	l.Call(func() {
		for range r.Conns {
			c := &client{loader: load}
			if c.socket, err = l.system.dial(l, r.To); err != nil {
				return
			}
			if err = c.watch(c); err != nil {
				return
			}
			load.conns = append(load.conns, c)
		}
	})
	if err != nil {
		return err
	}
	time.Sleep(warmUp)
	l.Call(func() {
		load.next = l.Clock()
		load.from = load.next.Add(warmUp + 2*r.RTT)
		load.send()
	})
	time.Sleep(warmUp + 2*r.RTT + benchTime)
	l.Call(func() { load.fire = func() {} })
	time.Sleep(r.RTT + warmUp)
	var m measured
	l.Call(func() { m = load.sum() })
	return json.NewEncoder(os.Stdout).Encode(m)
}

// send sends the message that is due and has itself called for the next.
func (l *loader) send() {
	c := l.conns[l.sent%len(l.conns)]
	l.sent++
	var text [messageSize]byte
	now := l.loop.Clock()
	if l.next >= l.from {
		l.late = append(l.late, now.Sub(l.next))
	}
	c.out.push(now)
	if n, err := c.write(text[:]); n != messageSize {
		panic(fmt.Sprint("wrote ", n, " bytes: ", err))
	}
	l.next = l.next.Add(time.Duration(l.roll.Exp() / l.Rate * 1e9))
	l.loop.engine.At(l.next, func() { l.fire() })
}

func (c *client) ready(what ready) {
	if what&readable == 0 {
		return
	}
	var space [64 * messageSize]byte
	for {
		n, at, err := c.read(space[:])
		if errors.Is(err, errWait) {
			return
		}
		if err != nil {
			panic(err)
		}
		for c.part += n; c.part >= messageSize; c.part -= messageSize {
			sent := *c.out.at(0)
			c.out.pop()
			if sent >= c.from {
				c.took = append(c.took, at.Sub(sent)-c.RTT)
			}
		}
	}
}

func (l *loader) sum() measured {
	slices.Sort(l.took)
	slices.Sort(l.late)
	n := len(l.took)
	if n == 0 {
		return measured{}
	}
	at := func(q float64) time.Duration { return l.took[min(n-1, int(q*float64(n)))] }
	return measured{n, at(0.5), at(0.99), at(0.999), at(1), l.late[len(l.late)*99/100]}
}

// timers is the relay that one would write in Go: for each direction a goroutine
// that reads, and one that waits and writes.
func (r role) timers() error {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(loopback))
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	go func() {
		for {
			near, err := ln.AcceptTCP()
			if err != nil {
				return
			}
			far, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(r.To))
			if err != nil {
				panic(err)
			}
			go delay(near, far, r.RTT/2)
			go delay(far, near, r.RTT/2)
		}
	}()
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func delay(from, to *net.TCPConn, d time.Duration) {
	type piece struct {
		due  time.Time
		text []byte
	}
	pieces := make(chan piece, 1024)
	go func() {
		for p := range pieces {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.text); err != nil {
				return
			}
		}
		_ = to.CloseWrite()
	}()
	defer close(pieces)
	space := make([]byte, 16<<10)
	for {
		n, err := from.Read(space)
		if err != nil {
			return
		}
		pieces <- piece{time.Now().Add(d), slices.Clone(space[:n])}
	}
}

// process is a role under way.
type process struct {
	*exec.Cmd
	at  netip.AddrPort
	out *bufio.Reader
}

func begin(b *testing.B, r role) *process {
	b.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), "FABRIC_ROLE="+string(text))
	if testing.Verbose() {
		p.Stderr = os.Stderr
	}
	in, err := p.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := p.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = p.Wait() })
	if r.Name == "load" {
		return p
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		b.Fatalf("%s: %v", r.Name, err)
	}
	p.at = netip.MustParseAddrPort(strings.TrimSpace(line))
	return p
}

// toxiproxy starts Toxiproxy with a delay in each direction.
func toxiproxy(b *testing.B, r role) *process {
	b.Helper()
	exe, err := exec.LookPath("toxiproxy-server")
	if err != nil {
		b.Skip("toxiproxy-server is not installed")
	}
	control, listen := freePort(b), freePort(b)
	p := &process{Cmd: exec.Command(exe, "-host", "127.0.0.1", "-port", strconv.Itoa(int(control.Port()))), at: listen}
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	post := func(path, body string) {
		var err error
		for range 100 { // until it listens
			var resp *http.Response
			if resp, err = http.Post("http://"+control.String()+path, "application/json", strings.NewReader(body)); err == nil {
				resp.Body.Close()
				if resp.StatusCode < 300 {
					return
				}
				err = errors.New(resp.Status)
			}
			time.Sleep(20 * time.Millisecond)
		}
		b.Fatal(err)
	}
	post("/proxies", fmt.Sprintf(`{"name":"link","listen":%q,"upstream":%q,"enabled":true}`, listen, r.To))
	for _, stream := range []string{"upstream", "downstream"} {
		post("/proxies/link/toxics", fmt.Sprintf(`{"type":"latency","stream":%q,"attributes":{"latency":%d}}`, stream, r.RTT.Milliseconds()/2))
	}
	return p
}

func freePort(b *testing.B) netip.AddrPort {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(loopback))
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// cpu is the time that a process's threads have been on a processor.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.Process.Pid))
	if err != nil || len(tasks) == 0 {
		b.Fatal("no CPU time: ", err)
	}
	var all int64
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // a thread that has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		all += ns
	}
	return time.Duration(all)
}

func BenchmarkLink(b *testing.B) {
	for _, conns := range []int{100, 1000} {
		for _, rtt := range []time.Duration{2, 10, 70, 150} {
			benchmarkRelays(b, role{RTT: rtt * time.Millisecond, Conns: conns, Rate: 1000})
		}
	}
	benchmarkRelays(b, role{RTT: 70 * time.Millisecond, Conns: 1000, Rate: 10_000})
}

func benchmarkRelays(b *testing.B, r role) {
	for _, name := range []string{"fabric", "timers", "toxiproxy"} {
		b.Run(fmt.Sprintf("conns=%d/rtt=%v/rate=%v/relay=%s", r.Conns, r.RTT, r.Rate, name), func(b *testing.B) {
			for b.Loop() {
				r.Name = name
				benchmarkRelay(b, r)
			}
		})
	}
}

func benchmarkRelay(b *testing.B, r role) {
	r.To = begin(b, role{Name: "server"}).at
	var relay *process
	if r.Name == "toxiproxy" {
		relay = toxiproxy(b, r)
	} else {
		relay = begin(b, r)
	}
	before := relay.cpu(b)
	load := begin(b, role{Name: "load", To: relay.at, RTT: r.RTT, Conns: r.Conns, Rate: r.Rate})
	text, err := io.ReadAll(load.out)
	if err != nil {
		b.Fatal(err)
	}
	spent := relay.cpu(b) - before
	var m measured
	if err := json.Unmarshal(text, &m); err != nil || m.Exchanges == 0 {
		b.Fatalf("%v: %q", err, text)
	}
	us := func(d time.Duration) float64 { return float64(d) / 1e3 }
	all := r.Rate * (benchTime + warmUp + 2*r.RTT).Seconds() * 2 // messages, those of the warming up too
	b.ReportMetric(us(m.Median), "µs-median-error")
	b.ReportMetric(us(m.P99), "µs-p99-error")
	b.ReportMetric(us(m.P999), "µs-p99.9-error")
	b.ReportMetric(us(spent)/all, "µs-CPU/msg")
	b.ReportMetric(us(m.Late), "µs-p99-load-late")
	b.ReportMetric(0, "ns/op")
}
