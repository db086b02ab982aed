// Package live is the world of real processes: the same nodes on the same
// Engine, in real time, behind real sockets on loopback.
package live

import (
	"sync"
	"sync/atomic"
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

	alarm alarm
	stop  atomic.Bool
	done  chan struct{}
}

// alarm is what a pacer sleeps by.
type alarm interface {
	prepare()              // called once by the goroutine that sleeps
	sleep(d time.Duration) // until d has passed or wake is called
	wake()                 // ends the sleep under way, or the next
	close()
}

// NewNode returns a node whose pacer runs until Close.
func NewNode(wall Wall) *Node {
	n := &Node{wall: wall, engine: sim.NewEngine(), armed: sim.Never, done: make(chan struct{})}
	if n.alarm = newSleeper(); n.alarm == nil {
		n.alarm = newTimerAlarm()
	}
	go n.pace()
	return n
}

// NewTimerNode returns a node that sleeps by Go's timers: less exact in real
// time, exact in a testing/synctest bubble, whose time only they know.
func NewTimerNode(wall Wall) *Node {
	n := &Node{wall: wall, engine: sim.NewEngine(), armed: sim.Never, alarm: newTimerAlarm(), done: make(chan struct{})}
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
		n.alarm.wake()
	}
	for _, f := range after {
		f()
	}
}

// A pacer never sleeps less than leastSleep, which bounds what waking costs: the
// events of so short a time are played together. Never longer than mostSleep,
// for no better reason than that a sleep should end.
const (
	leastSleep = 100 * time.Microsecond
	mostSleep  = time.Minute
)

// pace plays events as they come due.
func (n *Node) pace() {
	defer close(n.done)
	n.alarm.prepare()
	for !n.stop.Load() {
		n.mu.Lock()
		n.advance()
		next, _ := n.engine.Next()
		n.armed = next
		n.leave()
		if wait := next.Sub(n.wall.Now()); wait > 0 {
			n.alarm.sleep(min(max(wait, leastSleep), mostSleep))
		}
	}
}

// Close ends the pacer and waits for it. What is still scheduled never comes.
func (n *Node) Close() {
	n.stop.Store(true)
	n.alarm.wake()
	<-n.done
	n.alarm.close()
}

// timerAlarm sleeps by Go's timers, which miss by about a millisecond.
type timerAlarm struct{ woken chan struct{} }

func newTimerAlarm() timerAlarm { return timerAlarm{make(chan struct{}, 1)} }

func (timerAlarm) prepare() {}
func (timerAlarm) close()   {}

func (a timerAlarm) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.woken:
	}
}

func (a timerAlarm) wake() {
	select {
	case a.woken <- struct{}{}:
	default: // it is about to look anyway
	}
}
