// tap: how much of a content a connection's reader may take from the far end.
package live

import (
	"sync"
	"time"

	"cdnlab/sim"
)

// tap holds back a content as a window does: the reader takes what a flight makes
// readable when that leaves, and the socket's buffers keep the rest from the far
// end, which so knows how far it has come. The exchange pours, the connection's
// reader drinks; of the memory one content after the other makes use.
type tap struct {
	node *Node

	mu     sync.Mutex // protects what follows
	more   sync.Cond
	pours  []pour
	poured int64 // bytes that can be taken at some time
	free   bool  // nothing is held back any more
}

// pour is a flight: the content from there up to upTo bytes can be taken from leaves
// on, and read as it arrives, from first to last.
type pour struct {
	from, upTo          int64
	leaves, first, last sim.Time
}

// due is when the content can be read up to some byte of the flight.
func (p *pour) due(upTo int64) sim.Time {
	if upTo >= p.upTo {
		return p.last
	}
	part := float64(upTo-p.from) / float64(p.upTo-p.from)
	return p.first.Add(time.Duration(part * float64(p.last.Sub(p.first))))
}

func newTap(n *Node) *tap {
	t := &tap{node: n}
	t.more.L = &t.mu
	return t
}

// shut begins another content, of which nothing may be taken yet.
func (t *tap) shut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pours, t.poured, t.free = t.pours[:0], 0, false
}

func (t *tap) pour(upTo int64, leaves, first, last sim.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pours = append(t.pours, pour{t.poured, upTo, leaves, first, last})
	t.poured = upTo
	t.more.Signal()
}

// open lets everything pass.
func (t *tap) open() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = true
	t.more.Signal()
}

// ahead is how long before it leaves a flight may be taken: its bytes have due
// times, and who wakes late is not to make it late.
const ahead = time.Millisecond

// next waits until more than taken bytes may be taken of size, and returns the flight
// that they are of; when nothing is held back, one that has arrived long ago.
func (t *tap) next(taken, size int64) pour {
	t.mu.Lock()
	for {
		for len(t.pours) > 0 && t.pours[0].upTo <= taken {
			t.pours = t.pours[:copy(t.pours, t.pours[1:])]
		}
		if t.free || taken >= size {
			t.mu.Unlock()
			return pour{upTo: max(size, taken)}
		}
		if len(t.pours) > 0 {
			break
		}
		t.more.Wait()
	}
	p := t.pours[0]
	t.mu.Unlock()
	t.node.sleepUntil(p.leaves.Add(-ahead))
	return p
}
