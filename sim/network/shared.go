// Shared connections: those of HTTP/2 and 3, which carry many requests at a time.
package network

import (
	"slices"

	"cdnlab/sim"
)

// shares are the connections that stand, in the order they were opened, and how
// many are being opened. A request takes the first that has room, so that the last
// can age out; while one is being opened, as many as it will carry wait for it.
type shares[T comparable] struct {
	conns   []*sharedConn[T]
	opening int
}

type sharedConn[T comparable] struct {
	conn   T
	using  int // requests that it carries
	since  sim.Time
	closes bool // takes no more, and closes with its last request
}

func (c *Conns[T]) share() *shares[T] {
	if c.shares == nil {
		c.shares = &shares[T]{}
	}
	return c.shares
}

func (c *Conns[T]) askShared(now sim.Time, w *Waiter[T]) bool {
	s := c.share()
	c.reap(now)
	if x := s.room(c.Streams); x != nil {
		x.take(w)
		return true
	}
	if full := len(c.waiters)+s.opening >= s.opening*int(c.Streams); full && (c.Limit == 0 || c.open < c.Limit) {
		s.opening++
		c.dial(w)
		return true
	}
	return c.wait(w)
}

// room returns the first connection that can carry one more; nil when none can.
func (s *shares[T]) room(streams int32) *sharedConn[T] {
	for _, x := range s.conns {
		if !x.closes && x.using < int(streams) {
			return x
		}
	}
	return nil
}

func (x *sharedConn[T]) take(w *Waiter[T]) {
	x.using++
	w.Ready(x.conn, x.since, true)
}

// reap takes out what has died and closes what was idle for too long.
func (c *Conns[T]) reap(now sim.Time) {
	s := c.share()
	s.conns = slices.DeleteFunc(s.conns, func(x *sharedConn[T]) bool {
		switch {
		case !c.alive(x.conn):
			c.open--
			return true
		case x.using == 0 && (x.closes || c.Idle > 0 && now.Sub(x.since) >= c.Idle):
			c.drop(x.conn)
			return true
		}
		return false
	})
}

// Opened tells that the connection a request has opened stands: others may use it
// beside. Connections that carry one request at a time need not tell.
func (c *Conns[T]) Opened(now sim.Time, conn T) {
	c.stood = true
	if c.Streams <= 1 {
		return
	}
	s := c.share()
	s.opening--
	s.conns = append(s.conns, &sharedConn[T]{conn: conn, using: 1, since: now})
	c.admitShared(now)
}

// admitShared gives those who wait what has room now, and has them open more where
// nothing else will come.
func (c *Conns[T]) admitShared(now sim.Time) {
	s := c.share()
	c.reap(now)
	for len(c.waiters) > 0 {
		x := s.room(c.Streams)
		if x == nil {
			break
		}
		x.take(c.next())
	}
	c.openMore()
}

// openMore has those who wait open connections where nothing else will come.
func (c *Conns[T]) openMore() {
	s := c.share()
	for len(c.waiters) > 0 && len(c.waiters)+s.opening > s.opening*int(c.Streams) && (c.Limit == 0 || c.open < c.Limit) {
		c.admit()
	}
}

func (c *Conns[T]) putShared(now sim.Time, conn T) {
	s := c.share()
	i := slices.IndexFunc(s.conns, func(x *sharedConn[T]) bool { return x.conn == conn })
	if i >= 0 { // one that has died may be out already
		s.conns[i].using--
		s.conns[i].since = now
	}
	c.admitShared(now)
}

// forgetShared closes the connections that carry nothing, and lets the others
// carry no more than they do.
func (c *Conns[T]) forgetShared() {
	s := c.share()
	for _, x := range s.conns {
		x.closes = true
	}
	s.conns = slices.DeleteFunc(s.conns, func(x *sharedConn[T]) bool {
		if x.using > 0 {
			return false
		}
		c.drop(x.conn)
		return true
	})
}

// changeShared makes room for other limits: beyond a lower one, the connections
// opened last take no more.
func (c *Conns[T]) changeShared() {
	s := c.share()
	for i := len(s.conns) - 1; i >= 0 && c.Limit > 0 && c.open > c.Limit; i-- {
		if x := s.conns[i]; x.using == 0 && !x.closes {
			c.drop(x.conn)
			s.conns = slices.Delete(s.conns, i, i+1)
		}
	}
	c.openMore()
}
