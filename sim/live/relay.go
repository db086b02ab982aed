// Relays: the listener of a node that passes connections on (L4).
package live

import (
	"net"
	"net/http"
	"sync"

	"cdnlab/sim"
)

// Relays passes connections on by a node's sim.Relay.
type Relays struct {
	node  *Node
	relay sim.Handler

	mu     sync.Mutex // protects what follows
	conns  map[net.Conn]struct{}
	count  uint64
	closed bool
	listen net.Listener
}

// NewRelays returns what listens for a relay.
func NewRelays(n *Node, relay sim.Handler) *Relays {
	return &Relays{node: n, relay: relay, conns: map[net.Conn]struct{}{}}
}

// Serve passes connections on until Close.
func (r *Relays) Serve(l net.Listener) error {
	r.mu.Lock()
	r.listen = l
	closed := r.closed
	r.mu.Unlock()
	if closed {
		l.Close()
		return net.ErrClosed
	}
	for {
		nc, err := accept(l)
		if err != nil {
			return err
		}
		number, open := r.enter(nc)
		if !open {
			nc.Close()
			return net.ErrClosed
		}
		go r.pass(nc, number)
	}
}

func (r *Relays) enter(nc net.Conn) (number uint64, open bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.conns[nc] = struct{}{}
		r.count++
	}
	return r.count, !r.closed
}

// Close ends the relay and its connections.
func (r *Relays) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for nc := range r.conns { // all of them: any order will do
		nc.Close()
	}
	if r.listen != nil {
		return r.listen.Close()
	}
	return nil
}

// begun is what was read of a connection before there was anyone to pass it on to.
type begun struct {
	room *[relayBuffer]byte
	n    int
	err  error
}

// pass has the relay say where a connection goes, and passes it on.
func (r *Relays) pass(nc net.Conn, number uint64) {
	defer func() {
		nc.Close()
		r.mu.Lock()
		delete(r.conns, nc)
		r.mu.Unlock()
	}()
	first := make(chan begun, 1)
	go func() {
		room := relayBuffers.Get().(*[relayBuffer]byte)
		n, err := nc.Read(room[:])
		first <- begun{room, n, err}
	}()
	t := r.ask(nc, number, first)
	if t == nil {
		reset(nc)
		nc.Close()
		<-first
		return
	}
	b := <-first
	t.pass(nc, b)
}

// ask returns the open connection to pass a connection on by; nil when there is to
// be none.
func (r *Relays) ask(nc net.Conn, number uint64, first chan begun) *tunnel {
	var scope sim.Scope
	req := sim.Request{ID: number, Method: http.MethodConnect, Addr: peerAddr(nc), Scope: &scope}
	answer := make(chan *tunnel, 1)
	r.node.Do(func() {
		r.relay.Serve(&req, func(resp *sim.Response) {
			t, open := resp.Body.(*tunnel)
			if open {
				t.near = nc
			}
			answer <- t
		})
	})
	for {
		select {
		case t := <-answer:
			return t
		case b := <-first:
			first <- b
			if b.err != nil && b.n == 0 { // who asked has gone
				r.node.Do(func() { scope.Cancel(sim.Cancelled) })
			}
			return <-answer
		}
	}
}
