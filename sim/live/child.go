// The node's process: what `cdnlab node` runs.
package live

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// maxLine bounds a line of the protocol: a scenario of 1 MiB and some.
const maxLine = 8 << 20

// RunNode is the life of a node's process: it reads its configuration, serves,
// and ends when its standard input closes, with status 0. blueprint
// makes the node's plan of its part of the scenario, at first and whenever a
// command changes it.
func RunNode(in io.Reader, out io.Writer, blueprint func(spec json.RawMessage) (sim.Blueprint, error)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	if !lines.Scan() {
		return fmt.Errorf("live: no configuration on standard input")
	}
	var c NodeConfig
	if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
		return fmt.Errorf("live: configuration: %w", err)
	}
	plan, err := blueprint(c.Spec)
	if err != nil {
		return err
	}
	// A lab's node is short-lived and small: rarer collections leave the two
	// cores to the work.
	debug.SetGCPercent(400)
	if c.Cores > 0 {
		runtime.GOMAXPROCS(c.Cores)
	}
	k := &kid{config: c, node: NewNode(JoinWall(c.Epoch).AtSpeed(c.Speed)), out: newPrinter(out), blueprint: blueprint}
	listener, err := listen(c.Listen)
	if err != nil {
		return fmt.Errorf("live: %s: %w", c.Name, err)
	}
	if err := k.start(plan.Build, listener); err != nil {
		return err
	}
	for lines.Scan() {
		k.command(lines.Bytes())
	}
	k.stop()
	return nil
}

// kid is a running node.
type kid struct {
	config    NodeConfig
	blueprint func(spec json.RawMessage) (sim.Blueprint, error)
	site      sim.Site
	node      *Node
	out       *printer
	env       *sim.Env
	workers   *workers
	handler   sim.Handler
	server    listening
	datagrams *Datagrams // nil: it takes none
	links     []*Link
	peers     []string // of links
}

// listening is what answers on a node's port.
type listening interface {
	Serve(net.Listener) error
	Close() error
}

func (k *kid) start(factory sim.Factory, l net.Listener) error {
	k.node.Do(func() {
		k.env = sim.NewEnv(k.node.Engine(), k.config.Name, k.config.Seed, func(e sim.Event) { k.print(Line{Event: &e}) })
		k.workers = newWorkers(k.node)
		k.env.Workers = k.workers
		k.env.Trace(func(s sim.Step) { k.print(Line{Step: &s}) })
		k.site = sim.Site{Env: k.env, Dial: k.dial, Exit: k.exit}
		k.handler = factory(k.site)
		k.tick()
	})
	if err := k.listens(); err != nil {
		return err
	}
	if err := k.hears(); err != nil {
		return err
	}
	go func() {
		if err := k.server.Serve(l); err != nil {
			fmt.Fprintln(os.Stderr, k.config.Name+":", err)
		}
	}()
	k.out.print(Line{Ready: true})
	return nil
}

// hears opens the node's socket for datagrams, where the run has any.
func (k *kid) hears() error {
	to, ok := k.handler.(sim.Receiver)
	if !ok || !k.config.Datagrams {
		return nil
	}
	conn, err := ListenDatagrams(k.config.Listen)
	if err != nil {
		return fmt.Errorf("live: %s: %w", k.config.Name, err)
	}
	k.datagrams = NewDatagrams(k.node, to, k.config.Token, k.config.Passed)
	go func() { _ = k.datagrams.Serve(conn) }() // it ends with Close
	return nil
}

// listens makes what answers on the node's port.
func (k *kid) listens() error {
	if relay, ok := k.handler.(sim.Relay); ok {
		k.server = NewRelays(k.node, relay)
		return nil
	}
	server := NewServer(k.node, k.env.Watched(k.handler), k.config.Token, sim.Epoch)
	server.Behind(k.config.Passed)
	if k.config.TLS != nil {
		if err := server.Secure(k.config.TLS); err != nil {
			return fmt.Errorf("live: %s: its certificate: %w", k.config.Name, err)
		}
	}
	k.server = NewFront(server)
	return nil
}

// print writes a line once the node is free: standard output may block.
func (k *kid) print(l Line) { k.node.Later(func() { k.out.print(l) }) }

func (k *kid) tick() {
	k.print(k.counts())
	k.node.Engine().After(k.node.Wall().SnapshotEvery(), k.tick)
}

func (k *kid) counts() Line {
	counts := map[string]int64{counterBusy: busyNanos()}
	for _, c := range k.env.Counters() {
		counts[c.Name] = c.N
	}
	return Line{At: k.node.Engine().Now(), Counts: counts}
}

func (k *kid) dial(to string) sim.Handler {
	for _, p := range k.config.Peers {
		if p.Name != to {
			continue
		}
		l := NewLink(k.node, LinkConfig{
			Path:  network.NewLink(k.config.Seed, k.config.Name, to, p.Path),
			Conns: p.Conns, Token: k.config.Token, Dial: dialer(k.config.Local, p.Address, k.node.wall.Real(dialPatience)), Reveals: p.Reveals,
			Cast: Caster(k.config.Local, p.Address, false), To: addressOf(p.Address),
			Trust: k.trust(p), Peer: to, Tracer: k.env.Tracer(), Base: k.config.Base,
		})
		k.links, k.peers = append(k.links, l), append(k.peers, to)
		return l
	}
	panic(fmt.Sprintf("live: %s has no peer %q", k.config.Name, to))
}

// addressOf is an address and a port that the driver has told.
func addressOf(address string) netip.AddrPort {
	at, _ := netip.ParseAddrPort(address) // in a test it may be none
	return at
}

// trust is how the node checks who answers at an address; nil when nobody in the
// run speaks TLS. Behind one that passes connections on it is some other node.
func (k *kid) trust(p PeerConfig) *Trust {
	if k.config.TLS == nil {
		return nil
	}
	at, err := netip.ParseAddrPort(p.Address)
	if err == nil {
		var t *Trust
		if t, err = k.config.TLS.Trust(at.Addr()); err == nil {
			if p.Relays {
				t.Anyone()
			}
			return t
		}
	}
	panic(fmt.Sprintf("live: %s: whom to trust at %s: %v", k.config.Name, p.Address, err))
}

// exit is how a node ends itself, with the status that the kernel's memory
// killer would leave.
func (k *kid) exit(code int) {
	last := k.counts()
	k.node.Later(func() {
		k.out.print(last)
		os.Exit(code)
	})
}

func (k *kid) command(line []byte) {
	var c Command
	if err := json.Unmarshal(line, &c); err != nil {
		fmt.Fprintln(os.Stderr, k.config.Name+": command:", err)
		return
	}
	if len(c.Spec) > 0 {
		k.change(c.Spec, c.Peers)
	}
	k.node.Do(func() {
		if s, ok := k.handler.(sim.Slower); ok && c.Slow > 0 {
			s.Slow(c.Slow)
		}
		if c.Link == nil {
			return
		}
		for i, l := range k.links {
			if k.peers[i] == c.Link.To {
				l.Set(c.Link.Change)
			}
		}
	})
}

// change makes the node, and its ways to others, what the driver says.
func (k *kid) change(spec json.RawMessage, peers []PeerConfig) {
	plan, err := k.blueprint(spec)
	if err != nil {
		fmt.Fprintln(os.Stderr, k.config.Name+": change:", err)
		return
	}
	k.node.Do(func() {
		k.config.Peers = peers
		for i, l := range k.links {
			for _, p := range peers {
				if p.Name == k.peers[i] {
					l.Change(p.Path, p.Conns)
				}
			}
		}
		if plan.Change != nil {
			plan.Change(k.site, k.handler)
		}
	})
}

// stop tells the last counters and how late the links were.
func (k *kid) stop() {
	k.server.Close()
	if k.datagrams != nil {
		k.datagrams.Close()
	}
	k.node.Do(func() {
		last := k.counts()
		for i, l := range k.links {
			last.Links = append(last.Links, l.lateness(k.peers[i]))
		}
		last.Work = k.workers.sum()
		k.print(last)
	})
	k.node.Close()
}

// lateness sums up how late a link's flights were, out and in.
func (l *Link) lateness(peer string) Lateness {
	all := newLateness()
	all.Merge(l.Out)
	all.Merge(l.In)
	s := sumUp(all)
	s.Peer, s.Local = peer, l.Local
	return s
}

func sumUp(h *hdrhistogram.Histogram) Lateness {
	s := Lateness{Median: h.ValueAtQuantile(50), P99: h.ValueAtQuantile(99), Max: h.Max(), Count: h.TotalCount()}
	for _, bar := range h.Distribution() {
		if bar.From > int64(LateAfter) {
			s.Late += bar.Count
		}
	}
	return s
}

// dialPatience is what a connect may take at the most, in the scenario's time: a
// link gives up by itself, and before that. It ends the goroutine that waits.
const dialPatience = 10 * time.Second

// Dialer returns a function that connects to address from the local address.
func Dialer(local, address string) func() (net.Conn, error) {
	return dialer(local, address, dialPatience)
}

// dialer is a Dialer with a patience of its own, in real time.
func dialer(local, address string, patience time.Duration) func() (net.Conn, error) {
	d := &net.Dialer{Timeout: patience, KeepAlive: -1, Control: portLate} // loopback needs no probes
	if local != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(local)}
	}
	return func() (net.Conn, error) { return d.Dial("tcp", address) }
}
