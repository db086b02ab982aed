// The discrete-event engine: one order of events, by (time, sequence).
package sim

import (
	"fmt"
	"time"
)

// Engine plays events in the order of (time, sequence of scheduling). It knows
// no clock: its owner asks for the next deadline and tells it how far to go.
// Inside an event Now is the event's own due time, even when the owner comes
// late, so lateness of a live world never adds up along a chain of timers.
type Engine struct {
	now   Time
	seq   uint64
	heap  []entry // 4-ary: shallower than a binary heap, and children share a cache line
	slots []slot
	free  []int32
	fired uint64
	spent bool // heap[0] is the event being played
	lanes [1 << laneBits]lane
	lined int // events in lanes that do not stand in the heap
}

// entry is kept small, as the heap moves entries; what an event needs when it
// fires lies in its slot, which stays where it is.
type entry struct {
	at   Time
	seq  uint64
	slot int32
	gen  uint32 // the slot's: tells a stopped event in a lane
}

type slot struct {
	f    func()
	life *Life
	gen  uint32 // moves on when the slot is given back, so old Timers miss
	pos  int32  // index in heap, or one of those below
	lane uint8  // that it is of; or noLane
}

const (
	posFree = -1 // nobody's
	posHeld = -2 // due, but its Life is held: waits for Resume
	posLane = -3 // in its lane, behind another
)

// NewEngine returns an engine at time 0 with nothing scheduled.
func NewEngine() *Engine { return &Engine{} }

// Now returns the engine's time.
func (e *Engine) Now() Time { return e.now }

// Fired returns how many events have been played: a cost that does not depend
// on the machine.
func (e *Engine) Fired() uint64 { return e.fired }

// Pending returns how many events are scheduled.
func (e *Engine) Pending() int {
	e.settle()
	return len(e.heap) + e.lined
}

// After schedules f at Now+d, behind everything already due at that time.
func (e *Engine) After(d time.Duration, f func()) Timer {
	return e.after(d, f, nil)
}

// At schedules f at time t, or now when t has passed.
func (e *Engine) At(t Time, f func()) Timer { return e.schedule(max(t, e.now), noLane, f, nil) }

// Next returns the time of the next event; false when there is none.
func (e *Engine) Next() (Time, bool) {
	e.settle()
	if len(e.heap) == 0 {
		return Never, false
	}
	return e.heap[0].at, true
}

// Advance plays every event due at or before to, those scheduled on the way
// included, and leaves Now at to. Going backwards is a broken invariant.
func (e *Engine) Advance(to Time) {
	if to < e.now {
		panic(fmt.Sprintf("sim: Advance(%v) before now (%v)", to, e.now))
	}
	for len(e.heap) > 0 && e.heap[0].at <= to {
		e.fire()
	}
	e.now = to
}

// Run plays events until none is left or the next lies after end.
func (e *Engine) Run(end Time) {
	for len(e.heap) > 0 && e.heap[0].at <= end {
		e.fire()
	}
	e.now = max(e.now, end)
}

func (e *Engine) fire() {
	top := e.heap[0]
	e.now = top.at
	e.fired++
	s := &e.slots[top.slot]
	lane := s.lane
	if s.life != nil && s.life.held {
		s.pos, s.lane = posHeld, noLane
		s.life.waiting = append(s.life.waiting, heldSlot{top.slot, s.gen})
		e.leave(0, lane)
		return
	}
	f := s.f
	e.release(top.slot)
	if lane != noLane {
		if next, ok := e.next(lane); ok {
			e.put(0, next)
			e.down(0)
			f()
			return
		}
	}
	// Most events schedule another, which then takes the place of this one. Till
	// then the entry stays as it is: nothing is before it.
	e.spent = true
	f()
	e.settle()
}

// settle takes the event being played out of the heap, if it is still there.
func (e *Engine) settle() {
	if e.spent {
		e.spent = false
		e.remove(0)
	}
}

// after schedules f at now+d.
func (e *Engine) after(d time.Duration, f func(), life *Life) Timer {
	d = max(d, 0)
	return e.schedule(e.now.Add(d), e.laneOf(d), f, life)
}

func (e *Engine) schedule(at Time, lane uint8, f func(), life *Life) Timer {
	var i int32
	if n := len(e.free); n > 0 {
		i = e.free[n-1]
		e.free = e.free[:n-1]
	} else {
		i = int32(len(e.slots))
		e.slots = append(e.slots, slot{})
	}
	s := &e.slots[i]
	s.f, s.life, s.lane = f, life, lane
	e.seq++
	x := entry{at: at, seq: e.seq, slot: i, gen: s.gen}
	if lane == noLane {
		e.push(x)
	} else {
		e.line(lane, x)
	}
	return Timer{engine: e, slot: i, gen: x.gen}
}

func (e *Engine) stop(i int32, gen uint32) bool {
	s := &e.slots[i]
	if s.gen != gen {
		return false
	}
	pos, lane := s.pos, s.lane
	e.release(i)
	switch {
	case pos >= 0:
		e.leave(int(pos), lane)
	case pos == posLane:
		e.strike(lane)
	}
	return true
}

// leave takes entry i out of the heap; the next of its lane takes its place.
func (e *Engine) leave(i int, lane uint8) {
	if lane != noLane {
		if next, ok := e.next(lane); ok {
			e.put(i, next)
			e.down(i)
			return
		}
	}
	e.remove(i)
}

func (e *Engine) release(i int32) {
	s := &e.slots[i]
	s.f, s.life, s.pos = nil, nil, posFree
	s.gen++
	e.free = append(e.free, i)
}
