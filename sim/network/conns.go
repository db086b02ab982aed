// Conns: which connection a request takes.
package network

import (
	"slices"
	"time"

	"cdnlab/sim"
)

// Conns decides which connection to one far end a request takes: the idle one
// used last (LIFO, so that the rest can age out), else a new one up to Limit,
// else the first that becomes free. Connections that carry many requests at a time
// (Streams) are shared: see shared.go. T is a connection of either world.
type Conns[T comparable] struct {
	Limit   int32 // connections open or being opened; 0: no limit
	Waiting int32 // requests that may wait for one; more fail with Overload
	Streams int32 // requests that one carries at a time; 0 is 1
	open    int32
	dials   uint32
	stood   bool
	Idle    time.Duration // an idle connection is closed after that; 0: never
	Ends    *Ends[T]      // nil: they stand for ever, and to close one is nothing

	idle    []idleConn[T]
	waiters []*Waiter[T]
	shares  *shares[T] // of connections that carry many; nil with one at a time
}

// Ends is how connections end.
type Ends[T comparable] struct {
	Alive func(T) bool // whether an idle one still stands; nil: always
	Close func(T)      // closes one that aged out; nil: nothing to do
}

// alive reports whether a connection still stands.
func (c *Conns[T]) alive(conn T) bool {
	return c.Ends == nil || c.Ends.Alive == nil || c.Ends.Alive(conn)
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
	// Ready is called once, with a warm connection and the time since which it was
	// idle, or with none: then the
	// request opens one, says Opened when it stands, and what becomes of it by Put
	// or Lost.
	Ready func(conn T, since sim.Time, warm bool)
}

// Ask finds a connection. It reports false when the limit on waiting is
// reached; else Ready is called, perhaps before Ask returns.
func (c *Conns[T]) Ask(now sim.Time, w *Waiter[T]) bool {
	if c.Streams > 1 {
		return c.askShared(now, w)
	}
	if conn, since, ok := c.warm(now); ok {
		w.Ready(conn, since, true)
		return true
	}
	if c.Limit == 0 || c.open < c.Limit {
		c.dial(w)
		return true
	}
	return c.wait(w)
}

// dial has a request open a connection.
func (c *Conns[T]) dial(w *Waiter[T]) {
	var none T
	c.open++
	c.dials++
	w.Ready(none, 0, false)
}

func (c *Conns[T]) wait(w *Waiter[T]) bool {
	if len(c.waiters) >= int(c.Waiting) {
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

func (c *Conns[T]) warm(now sim.Time) (conn T, since sim.Time, ok bool) {
	for n := len(c.idle); n > 0; n = len(c.idle) {
		last := c.idle[n-1]
		c.idle[n-1] = idleConn[T]{}
		c.idle = c.idle[:n-1]
		if !c.alive(last.conn) {
			c.open--
			continue
		}
		if c.Idle > 0 && now.Sub(last.since) >= c.Idle {
			// LIFO: all below have been idle for longer still.
			c.drop(last.conn)
			c.Forget()
			break
		}
		return last.conn, last.since, true
	}
	return conn, 0, false
}

func (c *Conns[T]) drop(conn T) {
	c.open--
	if c.Ends != nil && c.Ends.Close != nil {
		c.Ends.Close(conn)
	}
}

// Put gives a connection back: to the first who waits, else to the idle ones.
// One that has died since its answer was sent is lost.
func (c *Conns[T]) Put(now sim.Time, conn T) {
	c.stood = true
	if c.Streams > 1 {
		c.putShared(now, conn)
		return
	}
	if !c.alive(conn) {
		c.Lost()
		return
	}
	if c.Limit > 0 && c.open > c.Limit { // it was lowered
		c.drop(conn)
		return
	}
	if w := c.next(); w != nil {
		w.Ready(conn, now, true)
		return
	}
	if c.idle == nil && c.Limit > 0 && c.Limit <= few { // not a power of two: those who have few are many
		c.idle = make([]idleConn[T], 0, c.Limit)
	}
	c.idle = append(c.idle, idleConn[T]{conn, now})
}

// Adopt takes in an idle connection that stands and that another has opened.
func (c *Conns[T]) Adopt(now sim.Time, conn T) {
	c.open++
	c.stood = true
	if c.Streams > 1 {
		s := c.share()
		s.conns = append(s.conns, &sharedConn[T]{conn: conn, since: now})
		return
	}
	c.idle = append(c.idle, idleConn[T]{conn, now})
}

// few is as many connections as a browser has to one site, and some.
const few = 8

// Lost tells that a connection in use, or one being opened, is no more: who
// waits may open one instead. Of shared connections only one being opened is lost
// so; one that stood is Put back, and its Alive says the rest.
func (c *Conns[T]) Lost() {
	c.open--
	if c.Streams > 1 {
		c.share().opening--
	}
	if c.Limit > 0 && c.open >= c.Limit {
		return
	}
	c.admit()
}

// admit has the first who waits, if any, open a connection.
func (c *Conns[T]) admit() {
	w := c.next()
	if w == nil {
		return
	}
	if c.Streams > 1 {
		c.share().opening++
	}
	c.dial(w)
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
	c.Limit, c.Waiting, c.Idle = int32(to.Limit), int32(to.Waiting), to.Idle
	if to.streams() > 1 == (c.Streams > 1) { // connections that stand keep their version of HTTP
		c.Streams = to.streams()
	}
	if c.Streams > 1 {
		c.changeShared()
		return
	}
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
	if c.Streams > 1 {
		c.forgetShared()
		return
	}
	old := c.idle
	c.idle = nil
	for _, i := range old {
		c.drop(i.conn)
	}
}

// Open returns how many connections stand or are being opened.
func (c *Conns[T]) Open() int { return int(c.open) }

// Stood reports whether a connection has ever stood.
func (c *Conns[T]) Stood() bool { return c.stood }

// Dials returns how many connections were opened or tried: the cold ones.
func (c *Conns[T]) Dials() int64 { return int64(c.dials) }
