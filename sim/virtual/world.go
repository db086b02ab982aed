// Package virtual is the world in virtual time: every node of a scenario on one
// Engine, in one goroutine, with no socket. The same seed gives the same run to
// the last byte.
package virtual

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/cpu"
	"cdnlab/sim/network"
)

// World holds the hosts of a scenario and the paths between them.
type World struct {
	Engine *sim.Engine
	Seed   uint64
	Sink   func(sim.Event) // takes every node's notes; nil drops them
	Steps  func(sim.Step)  // takes the steps of traced requests; nil drops them. Set it before Start
	Costs  cpu.Costs       // what their work costs the hosts that have cores

	hosts []*Host
	paths []*path
	ways  []*way // by which somebody dials now
}

// path is the link state between two ends; it outlives the incarnations.
type path struct {
	from, to string
	net      *network.Link
}

// New returns an empty world at time 0.
func New(seed uint64, sink func(sim.Event)) *World {
	return &World{Engine: sim.NewEngine(), Seed: seed, Sink: sink}
}

// Peer says how a node reaches another.
type Peer struct {
	Path  network.Spec
	Conns network.Config
	// Of connections that a relay passes on: Local is the address that the far end
	// sees, and Reveals says that it is told the one that the relay sees.
	Local   netip.Addr
	Reveals bool
}

// Add makes a host for a node. peer tells how it reaches another node of that
// name. Start builds and starts it; restart is how long a node that exits by
// itself stays away (0: for ever).
func (w *World) Add(name string, plan sim.Blueprint, peer func(to string) Peer, restart time.Duration) *Host {
	h := &Host{Name: name, world: w, plan: plan, peer: peer, restart: restart}
	w.hosts = append(w.hosts, h)
	return h
}

// Host returns the host of a name; an unknown one is a broken invariant, as
// scenarios are checked before they are built.
func (w *World) Host(name string) *Host {
	for _, h := range w.hosts {
		if h.Name == name {
			return h
		}
	}
	panic(fmt.Sprintf("virtual: no host %q", name))
}

// Hosts returns the hosts in the order they were added.
func (w *World) Hosts() []*Host { return w.hosts }

// Start starts every host, in the order they were added, but those that are late.
func (w *World) Start() {
	for _, h := range w.hosts {
		if !h.Late {
			h.Start()
		}
	}
}

// Dial returns a link from outside (the driver's end: a place's clients) to a
// host. The driver never crashes, so the link's timers are the engine's own.
func (w *World) Dial(from, to string, p Peer) *Link {
	return newLink(w, w.path(from, to, p.Path), &Host{world: w}, w.Engine, w.Host(to), p, sim.NewTracer(w.Engine, from, w.Steps))
}

func (w *World) path(from, to string, s network.Spec) *network.Link {
	for _, p := range w.paths {
		if p.from == from && p.to == to {
			p.net.Respec(s) // it may have changed since
			return p.net
		}
	}
	net := network.NewLink(w.Seed, from, to, s)
	w.paths = append(w.paths, &path{from, to, net})
	return net
}

// Crash, Restart, Stop, Hang, Resume and Slow do to a host what an event says.
func (w *World) Crash(node string)                { w.Host(node).Crash() }
func (w *World) Restart(node string)              { w.Host(node).Start() }
func (w *World) Stop(node string)                 { w.Host(node).Stop() }
func (w *World) Hang(node string)                 { w.Host(node).Hang() }
func (w *World) Resume(node string)               { w.Host(node).Resume() }
func (w *World) Slow(node string, factor float64) { w.Host(node).Slow(factor) }

// Change gives a host a new blueprint.
func (w *World) Change(node string, plan sim.Blueprint) { w.Host(node).Change(plan) }

// Rewire gives a host other ways to its peers.
func (w *World) Rewire(node string, peer func(to string) Peer, restart time.Duration) {
	w.Host(node).Rewire(peer, restart)
}

// SetLink changes the link by which from dials to; the zero Change heals it.
func (w *World) SetLink(from, to string, c network.Change) {
	for _, p := range w.paths {
		if p.from == from && p.to == to {
			resets := p.net.Resets()
			p.net.Set(w.Engine.Now(), c)
			if p.net.Resets() != resets {
				w.reset(p.net)
			}
		}
	}
}

func (w *World) reset(path *network.Link) {
	for _, way := range slices.Clone(w.ways) { // who is told may come to an end
		if way.net == path {
			way.reset()
		}
	}
}

func (w *World) note(kind sim.EventKind, node, detail string) {
	if w.Sink != nil {
		w.Sink(sim.Event{At: w.Engine.Now(), Node: node, Kind: kind, Detail: detail})
	}
}
