// Node scripts: what happens in a small world, as text, and what becomes of it,
// as text.
package virtual

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".script"), func(t *testing.T) { runScript(t, file) })
	}
}

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, peers: map[string]Peer{}, scopes: map[uint64]*sim.Scope{}, bodies: map[uint64]sim.Body{}}
	s.w = New(1, func(e sim.Event) { s.say("%s: %s %s", e.Node, e.Kind, e.Detail) })
	for line := range strings.Lines(string(text)) {
		s.line(strings.TrimSpace(line))
	}
	s.w.Engine.Run(sim.Time(time.Hour))
	s.finish()
	golden := strings.TrimSuffix(file, ".script") + ".golden"
	if *update {
		if err := os.WriteFile(golden, s.out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, s.out.Bytes()) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", golden, s.out.Bytes(), want)
	}
}

// script is a world with a client, told by lines:
//
//	link client a rtt=100ms limit=1        before the hosts: how one reaches another
//	host a b                               a host that dials b; restart=1s: after an exit
//	at 1s ask 1 a wait=10ms                the client's request 1; its words say what a is to do
//	at 2s cancel 1
//	at 2s give up 1                        its content
//	at 3s crash a                          restart, hang, resume, slow a 3
//	at 3s bad client a cut                 or loss=0.5, delay=10ms, or nothing: it heals
//	at 4s forget                           the client's idle connections
type script struct {
	t     *testing.T
	w     *World
	peers map[string]Peer
	links []*Link

	dialed map[string]*checked
	scopes map[uint64]*sim.Scope
	bodies map[uint64]sim.Body
	out    bytes.Buffer

	remarks []string // to be written before the next thing happens
}

func (s *script) say(format string, args ...any) {
	fmt.Fprintf(&s.out, "%8v  %s\n", s.w.Engine.Now(), strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (s *script) line(line string) {
	if line == "" || line[0] == '#' {
		s.remarks = append(s.remarks, line)
		return
	}
	words := strings.Fields(line)
	switch words[0] {
	case "link":
		s.peers[words[1]+" "+words[2]] = peerOf(words[3:])
	case "host":
		var restart time.Duration
		rest := words[2:]
		if n := len(rest); n > 0 && strings.HasPrefix(rest[n-1], "restart=") {
			restart, _ = time.ParseDuration(rest[n-1][8:])
			rest = rest[:n-1]
		}
		name := words[1]
		s.w.Add(name, sim.Blueprint{Build: newActor(s.say, rest...)}, func(to string) Peer { return s.peers[name+" "+to] }, restart)
	case "at":
		s.start()
		at, _ := time.ParseDuration(words[1])
		remarks := s.remarks
		s.remarks = nil
		s.w.Engine.At(sim.Time(at), func() {
			for _, r := range remarks {
				fmt.Fprintln(&s.out, r)
			}
			s.do(words[2:])
		})
	default:
		s.t.Fatalf("line %q", line)
	}
}

func peerOf(words []string) Peer {
	var p Peer
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		d, _ := time.ParseDuration(value)
		n, _ := strconv.Atoi(value)
		switch key {
		case "rtt":
			p.Path.RTT = d
		case "limit":
			p.Conns.Limit = n
		case "waiting":
			p.Conns.Waiting = n
		case "idle":
			p.Conns.Idle = d
		case "connect":
			p.Conns.ConnectTimeout = d
		}
	}
	return p
}

// start starts the world, before the first thing happens.
func (s *script) start() {
	if s.dialed != nil {
		return
	}
	s.dialed = map[string]*checked{}
	s.w.Start()
	for _, h := range s.w.Hosts() {
		if p, known := s.peers["client "+h.Name]; known {
			l := s.w.Dial("client", h.Name, p)
			s.links = append(s.links, l)
			s.dialed[h.Name] = &checked{t: s.t, h: l}
		}
	}
}

func (s *script) do(words []string) {
	switch words[0] {
	case "ask":
		s.ask(words[1], words[2], strings.Join(words[3:], " "))
	case "cancel":
		s.say("client: %s cancels", words[1])
		s.scopes[number(words[1])].Cancel(sim.TimedOut)
	case "give":
		s.say("client: %s gives up", words[2])
		s.bodies[number(words[2])].Abandon(sim.Cancelled)
	case "crash":
		s.w.Crash(words[1])
	case "restart":
		s.w.Restart(words[1])
	case "hang":
		s.w.Hang(words[1])
	case "resume":
		s.w.Resume(words[1])
	case "slow":
		factor, _ := strconv.ParseFloat(words[2], 64)
		s.w.Slow(words[1], factor)
	case "bad":
		s.bad(words[1], words[2], words[3:])
	case "forget":
		s.links[0].Forget()
	default:
		s.t.Fatalf("cannot %q", words)
	}
}

func number(word string) uint64 {
	n, err := strconv.ParseUint(word, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (s *script) bad(from, to string, words []string) {
	var cut bool
	var loss float64
	var delay time.Duration
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		switch key {
		case "cut":
			cut = true
		case "loss":
			loss, _ = strconv.ParseFloat(value, 64)
		case "delay":
			delay, _ = time.ParseDuration(value)
		}
	}
	s.say("link from %s to %s: %s", from, to, strings.Join(words, " "))
	s.w.SetLink(from, to, network.Change{CutOut: cut, CutBack: cut, Loss: loss, Delay: delay})
}

func (s *script) ask(name, host, path string) {
	id := number(name)
	scope := &sim.Scope{}
	s.scopes[id] = scope
	req := &sim.Request{ID: id, Path: path, Scope: scope,
		Interim: func(status int, _ http.Header) { s.say("client: %d hears %d", id, status) }}
	s.say("client: %d asks %s: %s", id, host, path)
	begun := s.w.Engine.Now()
	s.dialed[host].Serve(req, func(r *sim.Response) {
		s.say("client: %d gets %d %v after %v", id, r.Status, r.Cause, s.w.Engine.Now().Sub(begun))
		if r.Body != nil {
			s.bodies[id] = r.Body
			r.Body.OnEnd(func(c sim.Cause, n int64) { s.say("client: %d ends %v after %d bytes", id, c, n) })
		}
	})
}

// finish sums up: connections and counters; nothing may be under way.
func (s *script) finish() {
	for _, l := range s.links {
		fmt.Fprintf(&s.out, "client to %s: %d connections opened\n", l.to.Name, l.Dials())
	}
	for _, h := range s.w.Hosts() {
		h.Count(func(name string, n int64) { fmt.Fprintf(&s.out, "%s: %s %d\n", h.Name, name, n) })
		if c := s.dialed[h.Name]; c != nil && c.open > 0 {
			s.t.Errorf("%d requests to %s have no end", c.open, h.Name)
		}
	}
	quiet(s.t, s.w, s.links...)
}

// An unknown host is a broken invariant.
func TestUnknownHost(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(1, nil).Dial("client", "nobody", Peer{Conns: network.Config{}})
}
