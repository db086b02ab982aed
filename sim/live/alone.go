// Alone: a node that no run has started, between clients and a server that are none
// of the lab's.
package live

import (
	"errors"
	"net"
	"runtime/debug"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Alone is a node in this process: real dates, no path's delay, nobody's token.
type Alone struct {
	node  *Node
	env   *sim.Env
	link  *Link
	front *Front
	done  chan error
}

// AloneConfig is what it needs to know.
type AloneConfig struct {
	Name   string                   // as it stands in Via and Cache-Status
	Parent func() (net.Conn, error) // connects to the server behind it
	Conns  network.Config           // of the connections there
	Note   func(sim.Event)          // takes what it has to tell; nil drops that. It must not block
	// Desk makes what answers whoever runs the node; nil: nobody does. enter calls a
	// function with the node under its mutex.
	Desk func(enter func(func(sim.Handler))) Desk
}

// ServeAlone builds a node and serves it on a listener until Close. Everything that
// the factory dials is the one server behind it.
func ServeAlone(l net.Listener, c AloneConfig, build sim.Factory) *Alone {
	debug.SetGCPercent(400) // as every node's, RunNode says why
	wall, epoch := DateWall()
	a := &Alone{node: NewNode(wall), done: make(chan error, 1)}
	var h sim.Handler
	a.node.Do(func() {
		a.env = sim.NewEnv(a.node.Engine(), c.Name, 0, c.Note)
		a.env.Epoch = epoch
		a.link = NewLink(a.node, LinkConfig{Path: network.NewLink(0, c.Name, "parent", network.Plain(0)), Conns: c.Conns, Stranger: true, Dial: c.Parent})
		h = build(sim.Site{Env: a.env, Dial: func(string) sim.Handler { return a.link }, Exit: func(int) {}})
	})
	server := NewServer(a.node, h, "", epoch)
	if c.Desk != nil {
		server.desk = c.Desk(func(f func(sim.Handler)) { a.node.Do(func() { f(h) }) })
	}
	a.front = NewFront(server)
	go func() { a.done <- a.front.Serve(l) }()
	return a
}

// Done returns a channel that tells once why the node serves no more.
func (a *Alone) Done() <-chan error { return a.done }

// Counters returns what the node has counted.
func (a *Alone) Counters() (all []sim.Counter) {
	a.node.Do(func() {
		for _, c := range a.env.Counters() {
			all = append(all, *c)
		}
	})
	return all
}

// Close ends the node and its connections.
func (a *Alone) Close() error {
	err := a.front.Close()
	a.node.Do(a.link.Forget)
	a.node.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
