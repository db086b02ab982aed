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
	closed bool     // nothing is played any more
	after  *errand  // the first of what is to be run once the mutex is free
	last   *errand

	alarm alarm
	done  chan struct{}

	most atomic.Int64 // bytes of one content that passed through and that were held at a time
}

// passes notes how much of a content that passes through is held.
func (n *Node) passes(held int64) {
	for most := n.most.Load(); held > most && !n.most.CompareAndSwap(most, held); most = n.most.Load() {
	}
}

// MostHeld returns the most that was ever held of a content that passes through, in
// bytes.
func (n *Node) MostHeld() int64 { return n.most.Load() }

// errand is something to be done outside the node. Who has one again and again
// keeps the memory.
type errand struct {
	run  func()
	next *errand
}

// alarm is what a pacer waits by. set is called under the node's mutex, and
// takes the place of what was set before; wait by the pacer alone.
type alarm interface {
	set(d time.Duration)
	wait()
	close()
}

// NewNode returns a node whose pacer runs until Close.
func NewNode(wall Wall) *Node { return startNode(wall, newAlarm()) }

// NewTimerNode returns a node that waits by Go's timers: less exact in real
// time, exact in a testing/synctest bubble, whose time only they know.
func NewTimerNode(wall Wall) *Node { return startNode(wall, newTimerAlarm()) }

func startNode(wall Wall, a alarm) *Node {
	n := &Node{wall: wall, engine: sim.NewEngine(), armed: sim.Never, alarm: a, done: make(chan struct{})}
	go n.pace()
	return n
}

// Engine returns the node's engine. Touch it only from within Do.
func (n *Node) Engine() *sim.Engine { return n.engine }

// Wall returns the node's clock. It may be read from anywhere.
func (n *Node) Wall() Wall { return n.wall }

// Do plays what is due, then f, at the present time, and then, with the node
// free again, what they left for Later. After Close nothing is due any more.
func (n *Node) Do(f func()) {
	n.mu.Lock()
	if !n.closed {
		n.advance()
	}
	f()
	n.leave()
}

// Later has f run by whoever is in the node, after it has left: the place for
// what may block, a write to a socket above all. Call it from within Do.
func (n *Node) Later(f func()) { n.later(&errand{run: f}) }

// later is Later for an errand that is not under way.
func (n *Node) later(e *errand) {
	e.next = nil
	if n.after == nil {
		n.after = e
	} else {
		n.last.next = e
	}
	n.last = e
}

// advance brings the engine to now. The engine may be ahead by less than a
// clock's step, when two goroutines read the clock in one order and took the
// mutex in the other.
func (n *Node) advance() {
	n.engine.Advance(max(n.wall.Now(), n.engine.Now()))
}

func (n *Node) leave() {
	e := n.after
	n.after, n.last = nil, nil
	if next, _ := n.engine.Next(); next < n.armed {
		n.arm(next)
	}
	n.mu.Unlock()
	for e != nil {
		next := e.next // once it has run it may be under way again
		e.run()
		e = next
	}
}

// mostSleep bounds a wait with nothing to wait for, in real time.
const mostSleep = time.Minute

func (n *Node) arm(next sim.Time) {
	n.armed = next
	n.alarm.set(min(n.wall.Real(next.Sub(n.wall.Now())), mostSleep))
}

// pace plays events as they come due.
func (n *Node) pace() {
	defer close(n.done)
	for {
		n.mu.Lock()
		if n.closed {
			n.mu.Unlock()
			return
		}
		n.advance()
		next, _ := n.engine.Next()
		n.arm(next)
		n.leave()
		n.alarm.wait()
	}
}

// sleepUntil waits until the node's clock is at t, as exactly as its events come,
// or until the node closes. Call it from outside of Do.
func (n *Node) sleepUntil(t sim.Time) {
	if t <= n.wall.Now() {
		return
	}
	woken := make(chan struct{})
	n.Do(func() { n.engine.At(t, func() { close(woken) }) })
	select {
	case <-woken:
	case <-n.done:
	}
}

// Close ends the pacer and waits for it. What is still scheduled never comes.
func (n *Node) Close() {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	n.closed = true
	n.armed = -1 // nobody sets the alarm from now on
	n.alarm.set(0)
	n.mu.Unlock()
	<-n.done
	n.alarm.close()
}

// timerAlarm waits by Go's timers, which miss by about a millisecond.
type timerAlarm struct{ timer *time.Timer }

func newTimerAlarm() timerAlarm { return timerAlarm{time.NewTimer(mostSleep)} }

func (a timerAlarm) set(d time.Duration) { a.timer.Reset(d) }
func (a timerAlarm) wait()               { <-a.timer.C }
func (a timerAlarm) close()              { a.timer.Stop() }
