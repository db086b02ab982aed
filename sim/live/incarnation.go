// A node's incarnations, as the World starts and hears them.
package live

import (
	"encoding/json"
	"fmt"

	"cdnlab/sim"
)

func (n *liveNode) process() *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.proc
}

// spawn starts an incarnation of a node.
func (w *World) spawn(n *liveNode, c NodeConfig) error {
	w.spawning.Lock()
	defer w.spawning.Unlock()
	if w.ending {
		return errEnding
	}
	p, err := spawn(w.starter, w.spaces, w.config.Command, c)
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.proc = p
	n.mu.Unlock()
	p.follow(
		func(l Line) { w.Node.Do(func() { w.heard(n, l) }) },
		func(p *process) { w.Node.Do(func() { w.gone(n, p) }) })
	return nil
}

func (w *World) heard(n *liveNode, l Line) {
	switch {
	case l.Ready:
		w.note(sim.EventStarted, n, "")
		w.remind(n)
	case l.Event != nil:
		w.config.Sink(*l.Event)
	case l.Step != nil:
		w.config.Steps(*l.Step)
	case l.Counts != nil:
		if l.Links != nil { // these two it tells once, at its end
			n.links = l.Links
		}
		if l.Work != nil {
			n.work = *l.Work
		}
		if l.At < n.counted {
			return // the node's goroutines may tell in another order than they counted in
		}
		n.present, n.counted = l.Counts, l.At
		total := map[string]int64{}
		for name, v := range n.past { // a sum: any order will do
			total[name] += v
		}
		for name, v := range l.Counts { // likewise
			total[name] += v
		}
		w.config.Counts(l.At, n.config.Name, total)
	}
}

// remind tells a new incarnation what was done to the one before and lasts.
func (w *World) remind(n *liveNode) {
	if n.factor > 0 {
		w.tell(n, Command{Slow: n.factor})
	}
	if n.changed { // while it was being started
		w.tell(n, Command{Spec: n.config.Spec, Peers: n.config.Peers})
	}
	for _, c := range n.changes { // of different links: any order will do
		w.tell(n, Command{Link: &c})
	}
}

// gone is a process's end.
func (w *World) gone(n *liveNode, p *process) {
	for name, v := range n.present { // a sum: any order will do
		n.past[name] += v
	}
	n.present = nil
	if p.wasAsked() {
		return
	}
	if n.restart > 0 && p.code() == 137 {
		w.note(sim.EventExited, n, "status 137")
		n.revival = w.Node.Engine().After(n.restart, func() { w.Restart(n.config.Name) })
		return
	}
	w.config.Failed(fmt.Errorf("live: %s died unasked: %s", n.config.Name, p.obituary()))
}

func (w *World) note(kind sim.EventKind, n *liveNode, detail string) {
	w.config.Sink(sim.Event{At: w.Node.Engine().Now(), Node: n.config.Name, Kind: kind, Detail: detail})
}

func (w *World) tell(n *liveNode, c Command) {
	line, err := json.Marshal(c)
	if err != nil {
		panic("live: " + err.Error())
	}
	p := n.process()
	if p == nil {
		return // late: what it is told when it starts is told then
	}
	w.Node.Later(func() { _ = p.say(line) }) // a node that is gone needs no telling
}
