// Lanes: events with the same delay stand in line, beside the heap.
package sim

import "time"

// lane is the queue of events that were scheduled with one and the same delay.
// As time never goes back they come due in the order in which they came: only
// the first stands among the others, and the next follows when it leaves. Links
// and time limits have few delays and many events, and what is to be sorted stays as
// small as the number of delays. The order of events is the same with lanes or without.
//
//	front   [1ms a]  [5ms b]  [9ms x]
//	            |        |
//	lanes    [2ms c]  [6ms d]
//	         [4ms e]
type lane struct {
	delay time.Duration
	busy  bool    // its first event stands in front or in the heap
	ring  []entry // the others, from head on
	head  int
	n     int
	dead  int // stopped ones, the first among them
}

// A delay has a lane from its second event on, so that delays by chance, which
// come once, take none. Each has the choice of two; a third that wants them
// costs what the heap costs.
const (
	laneBits = 6
	noLane   = 1 << laneBits
)

// laneOf returns the number of a delay's lane.
func (e *Engine) laneOf(d time.Duration) uint8 {
	k := uint8(uint64(d) * 0x9e3779b97f4a7c15 >> (64 - laneBits))
	switch {
	case e.lanes[k].delay == d:
		return k
	case e.lanes[k^1].delay == d:
		return k ^ 1
	}
	k ^= uint8(e.seq & 1) // by turns, so that two do not drive each other out for ever
	if l := &e.lanes[k]; !l.busy {
		l.delay = d
	}
	return noLane
}

// line puts a scheduled event into its lane.
func (e *Engine) line(k uint8, x entry) {
	l := &e.lanes[k]
	if !l.busy {
		l.busy = true
		e.put(x)
		return
	}
	if l.n == len(l.ring) {
		l.grow()
	}
	l.ring[(l.head+l.n)&(len(l.ring)-1)] = x
	l.n++
}

// grow doubles the ring, which is full.
func (l *lane) grow() {
	more := make([]entry, max(16, 2*l.n)) // a power of two
	copy(more[copy(more, l.ring[l.head:]):], l.ring[:l.head])
	l.ring, l.head = more, 0
}

// follow has the next event of a lane take its place among the others; when there
// is none the lane is free for another delay.
func (e *Engine) follow(k uint8) {
	l := &e.lanes[k]
	for l.n > 0 {
		x := l.ring[l.head]
		l.head = (l.head + 1) & (len(l.ring) - 1)
		l.n--
		if e.slots[x.slot].gen == x.gen {
			e.put(x)
			return
		}
		l.dead--
	}
	l.busy = false
}

// tidy takes the stopped events out of a lane when they are the most there. Time
// limits mostly are stopped, long before they would come to the front.
func (e *Engine) tidy(l *lane) {
	if l.dead < fewDead || 2*l.dead < l.n {
		return
	}
	kept := 0
	for i := range l.n {
		x := l.ring[(l.head+i)&(len(l.ring)-1)]
		if e.slots[x.slot].gen == x.gen {
			l.ring[(l.head+kept)&(len(l.ring)-1)] = x
			kept++
		}
	}
	l.dead -= l.n - kept
	l.n = kept
}
