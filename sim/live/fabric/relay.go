// Relay: takes connections, makes another to the target for each, and lets bytes
// pass between the two as the modelled path would.
package fabric

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Config is what a relay needs to know.
type Config struct {
	Listen netip.AddrPort
	Target []netip.AddrPort // tried in turn; none: clients say by HTTP CONNECT whom they want
	Remote bool             // a CONNECT may go beyond this machine's loopback
	Path   network.Spec
	Seed   uint64        // of jitter and losses
	Limit  int           // connections at a time; more wait at the door
	Base   time.Duration // what Calibrate said; taken off the delays

	Trouble func(error) // told of what went wrong and goes on; may be nil
}

// Relay is entered on its loop alone, but for the functions that say otherwise.
type Relay struct {
	Config
	loop  *Loop
	link  *network.Link
	door  listener
	conns map[uint64]*conn // those that are open
	last  uint64           // the number of the last connection
	full  bool             // as many as may be
	over  bool             // it is closed

	pool  blocks
	held  int64   // bytes under way
	thin  []*line // lines that wait for memory
	space []byte  // where reads go first

	stats Stats
	late  *hdrhistogram.Histogram // of each delivery, in ns
}

// Stats counts what passed since the start.
type Stats struct {
	Accepted  int64 `json:"accepted"`
	Open      int64 `json:"open"`
	Failed    int64 `json:"failed"` // the target could not be reached, or was refused
	Reset     int64 `json:"reset"`  // ended by a reset
	BytesOut  int64 `json:"bytes-out"`
	BytesBack int64 `json:"bytes-back"`
	Messages  int64 `json:"messages"` // deliveries, each of what was due at a time
	Held      int64 `json:"bytes-under-way"`
}

const (
	// lineMemory is the most that one direction of a connection holds: as the model's
	// largest window, and as what Linux buffers for a sender (tcp_wmem).
	lineMemory = 4 << 20
	// allMemory is the most that all of them hold. Beyond it nothing is read until
	// something has left.
	allMemory = 1 << 30
	// readSpace is the most that one read takes.
	readSpace = 64 << 10
	// doorPause is how long no connection is taken when the system refused one.
	doorPause = 100 * time.Millisecond
)

// NewRelay starts a relay on a loop. It may be called from anywhere but the loop.
func NewRelay(l *Loop, c Config) (*Relay, error) {
	r := &Relay{
		Config: c, loop: l, link: network.NewLink(c.Seed, "near", "far", c.Path), conns: map[uint64]*conn{},
		space: make([]byte, readSpace), late: hdrhistogram.New(1000, int64(time.Minute), 2),
	}
	if r.Trouble == nil {
		r.Trouble = func(error) {}
	}
	err := errors.New("fabric: the loop is closed")
	l.Call(func() { r.door, err = l.system.listen(l, c.Listen, r.came) })
	if err != nil {
		return nil, fmt.Errorf("fabric: cannot listen on %v: %w", c.Listen, err)
	}
	return r, nil
}

// Addr returns where it listens. It may be called from anywhere.
func (r *Relay) Addr() netip.AddrPort { return r.door.addr() }

// Close ends it: no connection is taken any more, and those that stand are reset.
// It may be called from anywhere.
func (r *Relay) Close() {
	r.loop.Call(func() {
		r.over = true
		r.door.close()
		r.resetAll()
	})
}

func (r *Relay) resetAll() {
	for _, c := range r.conns { // in any order: each on its own
		c.drop(true)
	}
}

// came takes a connection.
func (r *Relay) came(s socket, err error) {
	if err != nil {
		r.Trouble(fmt.Errorf("fabric: cannot take a connection: %w", err))
		r.door.pause(true)
		r.loop.engine.After(doorPause, r.admit)
		return
	}
	r.last++
	c := newConn(r, r.last, s)
	r.conns[c.id] = c
	r.stats.Accepted++
	if len(r.conns) >= r.Limit {
		r.full = true
		r.door.pause(true)
	}
	c.begin()
}

// admit opens the door again, if there is room.
func (r *Relay) admit() {
	if len(r.conns) < r.Limit && !r.over {
		r.full = false
		r.door.pause(false)
	}
}

// gone forgets a connection.
func (r *Relay) gone(c *conn) {
	delete(r.conns, c.id)
	if r.full {
		r.admit()
	}
}

// take notes that a line holds n bytes more, or less.
func (r *Relay) take(n int64) {
	r.held += n
	if n < 0 && len(r.thin) > 0 && r.held < allMemory {
		thin := r.thin
		r.thin = nil
		for _, l := range thin {
			l.waiting = false
			r.loop.engine.After(0, l.step)
		}
	}
}

// delivered notes that what was due at a time has been handed on.
func (r *Relay) delivered(due sim.Time) {
	r.stats.Messages++
	late := r.loop.Clock().Sub(due)
	_ = r.late.RecordValue(max(0, min(int64(late), int64(time.Minute)))) // in range, so it cannot fail
}

// Set changes what is wrong with the path; the zero Change heals it.
func (r *Relay) Set(c network.Change) {
	now := r.loop.engine.Now()
	r.link.Set(now, c)
	if c.Reset {
		r.resetAll()
	}
	r.changed(now)
}

// Respec makes the path another.
func (r *Relay) Respec(s network.Spec) {
	r.link.Respec(s)
	r.changed(r.loop.engine.Now())
}

func (r *Relay) changed(now sim.Time) {
	for _, c := range r.conns { // in any order: each on its own
		c.changed(now)
	}
}

// Link returns the path.
func (r *Relay) Link() *network.Link { return r.link }

// Stats returns what passed until now.
func (r *Relay) Stats() Stats {
	s := r.stats
	s.Open, s.Held = int64(len(r.conns)), r.held
	return s
}

// Late returns how late deliveries were, in ns. It is the relay's own: read it on
// the loop.
func (r *Relay) Late() *hdrhistogram.Histogram { return r.late }

// half is what is taken off each way's delay.
func (r *Relay) half() time.Duration { return r.Base / 2 }
