// Control: purges of a live world from outside, while it plays.
package scenarios

import (
	"context"
	"errors"
	"sync"
	"time"

	"cdnlab/edge"
	"cdnlab/sim"
)

// Control takes purges from outside for the live world that plays. Live worlds play
// one after the other; between them it has none. It is safe for concurrent use.
type Control struct {
	mu    sync.Mutex
	plays *livePlay     // nil: nothing plays
	gone  chan struct{} // closed when that has ended
	comes chan struct{} // closed when the next begins
}

// NewControl returns a Control for the options of a Run.
func NewControl() *Control { return &Control{comes: make(chan struct{})} }

// What keeps a purge from being done.
var (
	ErrNothingPlays = errors.New("no live world plays now: its processes are being started, or the run is over")
	ErrNoCaches     = errors.New("the variant that plays now has no CDN")
)

// Purged is what came of a purge. Caches may be left that neither have heard nor
// missed it: they are still being told.
type Purged struct {
	Caches int           // PoPs and shields that there are
	Heard  int           // those that have forgotten
	Missed int           // those that could not be told for so long that nobody tries any more
	Took   time.Duration // of the scenario, from the call to the last word of one that has
	Last   string        // that one
}

// Purge purges the caches of the world that plays, waiting for one if need be, and
// returns when all have heard, or with what there is when ctx ends.
func (c *Control) Purge(ctx context.Context, x edge.Purging) (Purged, error) {
	p, gone, err := c.wait(ctx)
	if err != nil {
		return Purged{}, err
	}
	u := &purgeUnderWay{heard: map[string]int{}, missed: map[string]bool{}, over: make(chan struct{})}
	p.w.Node.Do(func() { err = u.begin(p.d, x) })
	if err != nil {
		return Purged{}, err
	}
	select {
	case <-u.over:
	case <-gone:
	case <-ctx.Done():
	}
	var sum Purged
	p.w.Node.Do(func() { sum = u.sum() })
	return sum, nil
}

// wait returns the world that plays, or the next.
func (c *Control) wait(ctx context.Context) (*livePlay, chan struct{}, error) {
	for {
		c.mu.Lock()
		p, gone, comes := c.plays, c.gone, c.comes
		c.mu.Unlock()
		if p != nil {
			return p, gone, nil
		}
		select {
		case <-comes:
		case <-ctx.Done():
			return nil, nil, ErrNothingPlays
		}
	}
}

// enter tells that a world plays whose driver is there; leave that it has ended. A
// nil Control hears of neither.
func (c *Control) enter(p *livePlay) (leave func()) {
	if c == nil {
		return func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plays, c.gone = p, make(chan struct{})
	close(c.comes)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.gone)
		c.plays, c.comes = nil, make(chan struct{})
	}
}

// purgeUnderWay is one purge from outside. It is entered as its world's engine is.
type purgeUnderWay struct {
	d      *driver
	began  sim.Time
	parts  int // requests to each cache
	open   int // parts not over
	heard  map[string]int
	missed map[string]bool
	last   string
	took   time.Duration
	over   chan struct{}
}

func (u *purgeUnderWay) begin(d *driver, x edge.Purging) error {
	switch {
	case d.finished:
		return ErrNothingPlays
	case len(d.t.caches()) == 0:
		return ErrNoCaches
	}
	parts := d.splitPurge(x)
	u.d, u.began, u.parts, u.open = d, d.e.Now(), len(parts), len(parts)
	for _, asks := range parts {
		first := map[string]bool{} // a cache behind a shield may be told twice
		d.spread("", asks, fromOutside, func(t told) { u.told(t, first) }, u.ended)
	}
	return nil
}

func (u *purgeUnderWay) told(t told, first map[string]bool) {
	if !t.heard {
		u.missed[t.cache] = true
		return
	}
	u.last, u.took = t.cache, u.d.e.Now().Sub(u.began)
	if !first[t.cache] {
		first[t.cache] = true
		u.heard[t.cache]++
	}
}

func (u *purgeUnderWay) ended() {
	if u.open--; u.open == 0 {
		close(u.over)
	}
}

func (u *purgeUnderWay) sum() Purged {
	s := Purged{Caches: len(u.d.t.caches()), Missed: len(u.missed), Took: u.took, Last: u.last}
	for name, n := range u.heard { // in any order: a count
		if n == u.parts && !u.missed[name] {
			s.Heard++
		}
	}
	return s
}
