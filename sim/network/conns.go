// Conns: which connection a request takes.
package network

import (
	"slices"
	"time"

	"cdnlab/sim"
)

// Conns decides which connection to one far end a request takes: the idle one
// used last (LIFO, so that the rest can age out), else a new one up to Limit,
// else the first that becomes free. T is a connection of either world.
type Conns[T any] struct {
	Limit   int           // connections open or being opened; 0: no limit
	Waiting int           // requests that may wait for one; more fail with Overload
	Idle    time.Duration // an idle connection is closed after that; 0: never
	Alive   func(T) bool  // whether an idle one still stands; nil: always
	Close   func(T)       // closes one that aged out; nil: nothing to do

	idle    []idleConn[T]
	open    int
	waiters []*Waiter[T]
	dials   int64
}

type idleConn[T any] struct {
	conn  T
	since sim.Time
}

// Waiter is one request's wait for a connection. It has no time limit of its
// own: its asker's (a user's patience, the time-out of a fetch, a try or a
// query) runs from the ask on, and ends the wait by Leave. The limit on
// connecting would be the wrong one, as it says that the path is dead, and a
// queue before a busy far end is no such thing.
type Waiter[T any] struct {
	// Ready is called once, with a warm connection, or with none: then the
	// request opens one (and says Opened's fate by Put or Lost later).
	Ready func(conn T, warm bool)
}

// Ask finds a connection. It reports false when the limit on waiting is
// reached; else Ready is called, perhaps before Ask returns.
func (c *Conns[T]) Ask(now sim.Time, w *Waiter[T]) bool {
	if conn, ok := c.warm(now); ok {
		w.Ready(conn, true)
		return true
	}
	var none T
	if c.Limit == 0 || c.open < c.Limit {
		c.open++
		c.dials++
		w.Ready(none, false)
		return true
	}
	if len(c.waiters) >= c.Waiting {
		return false
	}
	c.waiters = append(c.waiters, w)
	return true
}

// Leave ends a wait: Ready will not be called.
func (c *Conns[T]) Leave(w *Waiter[T]) {
	if i := slices.Index(c.waiters, w); i >= 0 {
		c.waiters = slices.Delete(c.waiters, i, i+1)
	}
}

func (c *Conns[T]) warm(now sim.Time) (T, bool) {
	for n := len(c.idle); n > 0; n = len(c.idle) {
		last := c.idle[n-1]
		c.idle[n-1] = idleConn[T]{}
		c.idle = c.idle[:n-1]
		if c.Alive != nil && !c.Alive(last.conn) {
			c.open--
			continue
		}
		if c.Idle > 0 && now.Sub(last.since) >= c.Idle {
			// LIFO: all below have been idle for longer still.
			c.drop(last.conn)
			c.Forget()
			break
		}
		return last.conn, true
	}
	var none T
	return none, false
}

func (c *Conns[T]) drop(conn T) {
	c.open--
	if c.Close != nil {
		c.Close(conn)
	}
}

// Put gives a connection back: to the first who waits, else to the idle ones.
// One that has died since its answer was sent is lost.
func (c *Conns[T]) Put(now sim.Time, conn T) {
	if c.Alive != nil && !c.Alive(conn) {
		c.Lost()
		return
	}
	if c.Limit > 0 && c.open > c.Limit { // it was lowered
		c.drop(conn)
		return
	}
	if w := c.next(); w != nil {
		w.Ready(conn, true)
		return
	}
	c.idle = append(c.idle, idleConn[T]{conn, now})
}

// Lost tells that a connection in use, or one being opened, is no more: who
// waits may open one instead.
func (c *Conns[T]) Lost() {
	c.open--
	if c.Limit > 0 && c.open >= c.Limit {
		return
	}
	c.admit()
}

// admit has the first who waits, if any, open a connection.
func (c *Conns[T]) admit() {
	if w := c.next(); w != nil {
		var none T
		c.open++
		c.dials++
		w.Ready(none, false)
	}
}

func (c *Conns[T]) next() *Waiter[T] {
	if len(c.waiters) == 0 {
		return nil
	}
	w := c.waiters[0]
	c.waiters[0] = nil
	c.waiters = c.waiters[1:]
	return w
}

// Change puts other limits in the place of these. Connections in use beyond a
// lower limit close when they come back; who waits gets the room of a higher one.
func (c *Conns[T]) Change(to Config) {
	c.Limit, c.Waiting, c.Idle = to.Limit, to.Waiting, to.Idle
	for c.Limit > 0 && c.open > c.Limit && len(c.idle) > 0 {
		oldest := c.idle[0]
		c.idle = slices.Delete(c.idle, 0, 1)
		c.drop(oldest.conn)
	}
	for len(c.waiters) > 0 && (c.Limit == 0 || c.open < c.Limit) {
		c.admit()
	}
}

// Forget closes every idle connection.
func (c *Conns[T]) Forget() {
	old := c.idle
	c.idle = nil
	for _, i := range old {
		c.drop(i.conn)
	}
}

// Open returns how many connections stand or are being opened.
func (c *Conns[T]) Open() int { return c.open }

// Dials returns how many connections were opened or tried: the cold ones.
func (c *Conns[T]) Dials() int64 { return c.dials }
