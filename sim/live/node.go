// Package live is the world of real processes: the same nodes on the same
// Engine, in real time, behind real sockets on loopback.
package live

import (
	"sync"
	"time"

	"cdnlab/sim"
)

// Node is an Engine in real time: under one mutex, with one pacer goroutine
// that plays what comes due. Server, client and pacer goroutines enter it by
// Do. It is safe for concurrent use; what it calls is entered by one goroutine
// at a time, as the contract asks.
type Node struct {
	wall Wall

	mu     sync.Mutex // protects everything below, and all that runs on engine
	engine *sim.Engine
	armed  sim.Time // when the pacer wakes next
	after  []func() // to be run once the mutex is free

	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

// NewNode returns a node whose pacer runs until Close.
func NewNode(wall Wall) *Node {
	n := &Node{
		wall: wall, engine: sim.NewEngine(), armed: sim.Never,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go n.pace()
	return n
}

// Engine returns the node's engine. Touch it only from within Do.
func (n *Node) Engine() *sim.Engine { return n.engine }

// Wall returns the node's clock. It may be read from anywhere.
func (n *Node) Wall() Wall { return n.wall }

// Do plays what is due, then f, at the present time, and then, with the node
// free again, what they left for Later.
func (n *Node) Do(f func()) {
	n.mu.Lock()
	n.advance()
	f()
	n.leave()
}

// Later has f run by whoever is in the node, after it has left: the place for
// what may block, a write to a socket above all. Call it from within Do.
func (n *Node) Later(f func()) { n.after = append(n.after, f) }

// advance brings the engine to now. The engine may be ahead by less than a
// clock's step, when two goroutines read the clock in one order and took the
// mutex in the other.
func (n *Node) advance() {
	n.engine.Advance(max(n.wall.Now(), n.engine.Now()))
}

func (n *Node) leave() {
	after := n.after
	n.after = nil
	next, _ := n.engine.Next()
	wake := next < n.armed
	if wake {
		n.armed = next
	}
	n.mu.Unlock()
	if wake {
		select {
		case n.wake <- struct{}{}:
		default: // it is about to look anyway
		}
	}
	for _, f := range after {
		f()
	}
}

// pace plays events as they come due.
func (n *Node) pace() {
	defer close(n.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		n.mu.Lock()
		n.advance()
		next, some := n.engine.Next()
		n.armed = next
		n.leave()
		wait := time.Hour
		if some {
			wait = next.Sub(n.wall.Now())
		}
		if wait <= 0 {
			select {
			case <-n.stop:
				return
			default:
				continue
			}
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-n.wake:
		case <-n.stop:
			return
		}
	}
}

// Close ends the pacer and waits for it. What is still scheduled never comes.
func (n *Node) Close() {
	close(n.stop)
	<-n.done
}
