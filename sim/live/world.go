// World: the processes of a scenario, as the driver runs them.
package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// How long a World waits for its nodes; tests are less patient.
var (
	readyPatience = 15 * time.Second // for a node to serve, on a machine with other things to do
	quitPatience  = 2 * time.Second  // for a node to tell its last numbers
)

var errEnding = errors.New("live: the run is ending")

// Config is what a World needs to know.
type Config struct {
	Command []string // that runs a node: this program and "node"
	Seed    uint64
	Secure  string                                             // the site's host, when somebody in the run speaks TLS: then every node can; "" when nobody does
	Kernel  bool                                               // the kernel's own TCP plays the paths, each end in a network namespace
	Speed   float64                                            // scenario seconds per second; 0 is 1
	Sink    func(sim.Event)                                    // takes every note, under the driver's mutex
	Steps   func(sim.Step)                                     // takes the steps of traced requests, likewise; nil drops them
	Counts  func(at sim.Time, node string, n map[string]int64) // cumulative over a node's incarnations, likewise
	Failed  func(error)                                        // a node died unasked, likewise
}

// World runs the nodes of one variant. Its methods that change nodes implement
// fault.World and are called from within the driver's Do, as everything that
// plays on the engine; Start and Close are not.
type World struct {
	Node  *Node // the driver's
	Token string

	config  Config
	signs   *Authority // nil: nobody speaks TLS
	epoch   int64
	base    Base // what an exchange costs by itself
	starter *starter
	spaces  *namespaces // nil: loopback
	nodes   []*liveNode
	links   []driverLink

	spawning sync.Mutex // protects ending, and holds it while a process starts
	ending   bool       // no process starts any more
	once     sync.Once  // of Close
}

type driverLink struct {
	from, to string
	path     *network.Link
	link     *Link
}

// liveNode is a node across its incarnations. Its fields but proc belong to the
// driver's mutex.
type liveNode struct {
	config  NodeConfig
	port    *reservation
	late    bool          // Start leaves it alone: it starts during the run
	relays  bool          // it passes connections on
	restart time.Duration // after it exits by itself; 0: never
	factor  float64
	changed bool                  // since the latest incarnation was given its config
	changes map[string]LinkChange // of its links, to be told to a new incarnation
	hung    bool
	revival sim.Timer
	past    map[string]int64 // counters of the incarnations before
	present map[string]int64
	counted sim.Time // when present was
	links   []Lateness
	work    Work // of the latest incarnation that told

	mu   sync.Mutex // protects proc
	proc *process
}

// NewWorld begins a run: its epoch is now.
func NewWorld(c Config) (*World, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	var secret [16]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return nil, err
	}
	if c.Steps == nil {
		c.Steps = func(sim.Step) {}
	}
	var spaces *namespaces
	if c.Kernel {
		var err error
		if spaces, err = newNamespaces(c.Seed); err != nil {
			return nil, err
		}
	}
	var signs *Authority
	if c.Secure != "" {
		var err error
		if signs, err = NewAuthority(c.Secure, time.Now()); err != nil {
			return nil, fmt.Errorf("live: no certificate authority for the run: %w", err)
		}
	}
	base, err := Measure(signs)
	if err != nil {
		return nil, err
	}
	wall, epoch := StartWall()
	return &World{spaces: spaces, Node: NewNode(wall.AtSpeed(c.Speed)), Token: hex.EncodeToString(secret[:]), base: base, config: c, signs: signs, epoch: epoch, starter: newStarter()}, nil
}

// NodeSpec says of a node what the world needs to start it.
type NodeSpec struct {
	Name    string
	Addr    netip.Addr    // to listen at and dial from
	Spec    any           // what the scenario says of it, for its process
	Restart time.Duration // after it exits by itself; 0: never
	Late    bool          // its port is reserved, but it starts during the run
	Peers   []NodePeer

	Datagrams bool // somebody in the run sends some

	Relays   bool       // it passes connections on
	Behind   netip.Addr // the scenario's address of such a node that stands before it; the zero Addr: none does
	Revealed bool       // that says whose connections are
}

// NodePeer is a node that another dials.
type NodePeer struct {
	Name  string
	Path  network.Spec
	Conns network.Config

	Relays, Reveals bool // as PeerConfig has them
}

// Start reserves every port, so that all addresses are known before anything
// runs, and then starts every node that is not late and waits until all serve.
func (w *World) Start(ctx context.Context, specs []NodeSpec) error {
	address := map[string]string{}
	for _, s := range specs {
		n, err := w.reserve(s, coresFor(len(specs)))
		if err != nil {
			return err
		}
		address[s.Name] = n.config.Listen
	}
	for i, s := range specs {
		n := w.nodes[i]
		for _, p := range s.Peers {
			path, err := w.spaces.path(s.Name, p.Name, p.Path)
			if err != nil {
				return err
			}
			n.config.Peers = append(n.config.Peers, PeerConfig{p.Name, address[p.Name], path, p.Conns, p.Relays, p.Reveals})
		}
		n.config.Passed = w.passed(specs, s)
		if n.late {
			continue
		}
		if err := w.spawn(n, n.config); err != nil {
			return err
		}
	}
	return w.await(ctx)
}

// passed is how connections come to a node that another passes on.
func (w *World) passed(specs []NodeSpec, to NodeSpec) (p Passed) {
	for i, s := range specs {
		if to.Behind.IsValid() && s.Addr == to.Behind {
			at := netip.MustParseAddrPort(w.nodes[i].config.Listen)
			return Passed{By: at.Addr(), As: to.Behind, Reveals: to.Revealed}
		}
	}
	return p
}

// coresFor is how many cores each of so many nodes may use at once: more threads
// than cores only fight.
func coresFor(nodes int) int { return max(1, runtime.NumCPU()/nodes) }

func (w *World) reserve(s NodeSpec, cores int) (*liveNode, error) {
	spec, err := json.Marshal(s.Spec)
	if err != nil {
		return nil, err
	}
	at, port, err := w.port(&s)
	if err != nil {
		return nil, err
	}
	var id *Identity
	if w.signs != nil {
		if id, err = w.signs.Identity(s.Name, at.Addr()); err != nil {
			port.release()
			return nil, fmt.Errorf("live: no certificate for %s: %w", s.Name, err)
		}
	}
	local := ""
	if ManyAddresses {
		local = s.Addr.String()
	}
	n := &liveNode{
		config: NodeConfig{Name: s.Name, Seed: w.config.Seed, Epoch: w.epoch, Speed: w.config.Speed, Token: w.Token, Base: w.base, Cores: cores,
			Listen: at.String(), Local: local, TLS: id, Spec: spec, Datagrams: s.Datagrams},
		port: port, late: s.Late, relays: s.Relays, restart: s.Restart, past: map[string]int64{}, changes: map[string]LinkChange{},
	}
	w.nodes = append(w.nodes, n)
	return n, nil
}

// port reserves a node's port, where the node will be.
func (w *World) port(s *NodeSpec) (at netip.AddrPort, port *reservation, err error) {
	if w.spaces != nil {
		h, err := w.spaces.host(s.Name)
		if err != nil {
			return at, nil, err
		}
		s.Addr = h.Addr
	}
	err = w.spaces.within(s.Name, func() (err error) {
		at, port, err = reserve(s.Addr)
		return err
	})
	return at, port, err
}

func (w *World) await(ctx context.Context) error {
	patience := time.NewTimer(readyPatience)
	defer patience.Stop()
	for _, n := range w.nodes {
		p := n.process()
		if p == nil {
			continue // late
		}
		select {
		case <-p.ready:
		case <-p.ended:
			return fmt.Errorf("live: %s did not start: %s", n.config.Name, p.obituary())
		case <-ctx.Done():
			return ctx.Err()
		case <-patience.C:
			return fmt.Errorf("live: %s did not serve within %v", n.config.Name, readyPatience)
		}
	}
	return nil
}

func (w *World) node(name string) *liveNode {
	for _, n := range w.nodes {
		if n.config.Name == name {
			return n
		}
	}
	panic(fmt.Sprintf("live: no node %q", name))
}

// Wires says what carries packets where the kernel's own TCP plays the paths; "" on
// loopback.
func (w *World) Wires() string {
	if w.spaces == nil {
		return ""
	}
	return string(w.spaces.wires)
}

// Lateness sums up how late the driver's links and the nodes' were. The nodes
// tell theirs when they end.
func (w *World) Lateness() (driver Lateness, nodes []Lateness) {
	out, local := newLateness(), int64(0)
	for _, l := range w.links {
		out.Merge(l.link.Out)
		local += l.link.Local
	}
	driver = sumUp(out)
	driver.Peer, driver.Local = "clients", local
	for _, n := range w.nodes {
		for _, l := range n.links {
			l.Peer = n.config.Name + " -> " + l.Peer
			nodes = append(nodes, l)
		}
	}
	return driver, nodes
}

// Work sums up how long each node's workers worked. The nodes tell when they end.
func (w *World) Work() (all []Work) {
	for _, n := range w.nodes {
		if n.work.Count > 0 {
			n.work.Node = n.config.Name
			all = append(all, n.work)
		}
	}
	return all
}

// Quit ends every node that still runs, after it has told its last numbers. None
// starts again.
func (w *World) Quit() {
	w.spawning.Lock()
	w.ending = true
	w.spawning.Unlock()
	var quitting sync.WaitGroup
	for _, n := range w.nodes {
		if p := n.process(); p != nil {
			quitting.Add(1)
			go func() { defer quitting.Done(); p.quit(quitPatience) }()
		}
	}
	quitting.Wait()
}

// Close ends what is left: nodes, connections, ports, the starter's thread.
func (w *World) Close() { w.once.Do(w.close) }

func (w *World) close() {
	w.Quit()
	w.Node.Do(func() {
		for _, l := range w.links {
			l.link.Close()
		}
	})
	w.Node.Close()
	for _, n := range w.nodes {
		n.port.release()
	}
	w.starter.stop()
	w.spaces.close()
}

// Self returns the command that runs this program's node, or why this system
// cannot play live.
func Self() ([]string, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{exe, "node"}, nil
}

func lockThread() { runtime.LockOSThread() }

// Base returns what an exchange costs by itself, as it was measured when the world
// began.
func (w *World) Base() Base { return w.base }
