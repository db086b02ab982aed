// What an event does to a live world.
package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Crash kills a node's process, as SIGKILL does: at once and without a word.
func (w *World) Crash(name string) {
	n := w.node(name)
	n.revival.Stop()
	w.note(sim.EventCrashed, n, "")
	p := n.process()
	n.hung = false
	p.kill()
}

// Restart starts a node's process, on its own port, when the one before, if
// any, has ended.
func (w *World) Restart(name string) {
	n := w.node(name)
	old := n.process()
	w.Node.Later(func() {
		go func() {
			if old != nil {
				<-old.ended
			}
			if err := w.spawn(n, w.latest(n)); err != nil && !errors.Is(err, errEnding) {
				w.Node.Do(func() { w.config.Failed(err) })
			}
		}()
	})
}

// Stop ends a node's process in good order: it tells its last numbers, and what
// still asks it is reset. It does not come back by itself.
func (w *World) Stop(name string) {
	n := w.node(name)
	n.revival.Stop()
	n.hung = false
	w.note(sim.EventStopped, n, "")
	p := n.process()
	w.Node.Later(func() { go p.quit(quitPatience) })
}

// Hang stops a node's process, as SIGSTOP does.
func (w *World) Hang(name string) {
	n := w.node(name)
	if err := stopProcess(n.process().cmd.Process); err != nil {
		return // it is gone: nothing is left to hang
	}
	n.hung = true
	w.note(sim.EventHung, n, "")
}

// Resume lets a stopped process run on.
func (w *World) Resume(name string) {
	n := w.node(name)
	if !n.hung {
		return
	}
	n.hung = false
	w.note(sim.EventResumed, n, "")
	_ = continueProcess(n.process().cmd.Process) // gone: nothing is left to resume
}

// Slow makes a node's work take factor times as long; 1 ends that.
func (w *World) Slow(name string, factor float64) {
	n := w.node(name)
	n.factor = factor
	kind, detail := sim.EventSlowed, fmt.Sprintf("%gx", factor)
	if factor == 1 {
		kind, detail = sim.EventRecovered, ""
	}
	w.note(kind, n, detail)
	w.tell(n, Command{Slow: factor})
}

// Change gives a node, and every later incarnation of it, a new part of the
// scenario, with other ways to its peers.
func (w *World) Change(s NodeSpec) {
	text, err := json.Marshal(s.Spec)
	if err != nil {
		panic("live: " + err.Error())
	}
	n := w.node(s.Name)
	n.config.Spec, n.changed, n.restart = text, true, s.Restart
	n.config.Peers = slices.Clone(n.config.Peers) // an incarnation may just be reading them
	for i := range n.config.Peers {
		p := &n.config.Peers[i]
		for _, to := range s.Peers {
			if to.Name == p.Name {
				p.Path, p.Conns = w.respec(s.Name, to.Name, to.Path), to.Conns
			}
		}
	}
	w.tell(n, Command{Spec: text, Peers: n.config.Peers})
}

// respec makes a path another where the kernel plays it, and returns what is left
// for the lab's own link.
func (w *World) respec(from, to string, s network.Spec) network.Spec {
	left, err := w.spaces.respec(from, to, s)
	if err != nil {
		w.config.Failed(err)
	}
	return left
}

// latest is the configuration that a new incarnation gets. It enters the node.
func (w *World) latest(n *liveNode) (c NodeConfig) {
	w.Node.Do(func() { c, n.changed = n.config, false })
	return c
}

// SetLink changes the link by which from dials to; the zero Change heals it.
func (w *World) SetLink(from, to string, change network.Change) {
	if w.spaces != nil {
		if err := w.spaces.change(from, to, change); err != nil {
			w.config.Failed(err)
		}
		return
	}
	var on []*Link // one path, several addresses
	for _, l := range w.links {
		if l.from == from && l.to == to {
			on = append(on, l.link)
		}
	}
	if len(on) > 0 {
		setPath(on[0].net, change, on...)
		return
	}
	for _, n := range w.nodes {
		if n.config.Name == from {
			c := LinkChange{To: to, Change: change}
			n.changes[to] = c
			w.tell(n, Command{Link: &c})
		}
	}
}
