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
//
// Events stand in three places: the next few in front, sorted; those behind them
// in a heap; and behind one of these, in its lane, those that were scheduled with
// the same delay. A stopped event stays where it is until its turn comes, or until
// there are too many of them.
type Engine struct {
	now   Time
	seq   uint64
	near  int              // how many stand in front
	front [frontMost]entry // the last of them is the next to be played; all before every one in heap
	heap  []entry          // 4-ary: shallower than a binary heap, and children share a cache line
	slots []slot
	free  int32 // 1 + the first free slot; 0: there is none
	fired uint64
	live  int // events that will be played
	dead  int // stopped ones in front and heap that have no lane
	lanes [1 << laneBits]lane
}

// entry is kept small, as entries move; what an event needs when it fires lies in
// its slot, which stays where it is.
type entry struct {
	at    Time
	order uint64 // the sequence, and in the lowest byte the lane that it is of, or noLane
	slot  int32
	gen   uint32 // the slot's: another there tells that the event was stopped
}

func (x entry) lane() uint8 { return uint8(x.order) }

type slot struct {
	f    func()
	life *Life
	gen  uint32 // moves on when the slot is given back, so old Timers miss
	next int32  // 1 + the next free slot, while this one is
	lane uint8  // as the entry's; or held
}

// held is the lane of an event that is due while its Life is held: it stands
// nowhere and waits for Resume.
const held = noLane + 1

// NewEngine returns an engine at time 0 with nothing scheduled.
func NewEngine() *Engine { return &Engine{} }

// Now returns the engine's time.
func (e *Engine) Now() Time { return e.now }

// Fired returns how many events have been played: a cost that does not depend
// on the machine.
func (e *Engine) Fired() uint64 { return e.fired }

// Pending returns how many events are scheduled.
func (e *Engine) Pending() int {
	return e.live
}

// After schedules f at Now+d, behind everything already due at that time.
func (e *Engine) After(d time.Duration, f func()) Timer {
	return e.after(d, f, nil)
}

// At schedules f at time t, or now when t has passed.
func (e *Engine) At(t Time, f func()) Timer { return e.schedule(max(t, e.now), noLane, f, nil) }

// Next returns the time of the next event; false when there is none.
func (e *Engine) Next() (Time, bool) {
	for e.ready() {
		x := &e.front[e.near-1]
		if e.slots[x.slot].gen == x.gen {
			return x.at, true
		}
		e.dropped(e.take())
	}
	return Never, false
}

// Advance plays every event due at or before to, those scheduled on the way
// included, and leaves Now at to. Going backwards is a broken invariant.
func (e *Engine) Advance(to Time) {
	if to < e.now {
		panic(fmt.Sprintf("sim: Advance(%v) before now (%v)", to, e.now))
	}
	e.Run(to)
}

// Run plays events until none is left or the next lies after end.
func (e *Engine) Run(end Time) {
	for e.ready() && e.front[e.near-1].at <= end {
		e.fire()
	}
	e.now = max(e.now, end)
}

// fire plays the next event, if it was not stopped.
func (e *Engine) fire() {
	x := e.take()
	s := &e.slots[x.slot]
	if s.gen != x.gen {
		e.dropped(x)
		return
	}
	e.now = x.at
	e.fired++
	e.live--
	if s.life != nil && s.life.held {
		s.lane = held
		s.life.waiting = append(s.life.waiting, heldSlot{x.slot, s.gen})
		return
	}
	f := s.f
	e.release(x.slot, s)
	f()
}

// take takes the next event out, and lets that behind it in its lane follow.
func (e *Engine) take() entry {
	e.near--
	x := e.front[e.near]
	if k := x.lane(); k != noLane {
		e.follow(k)
	}
	return x
}

// dropped is told of a stopped event that was taken out.
func (e *Engine) dropped(x entry) {
	if k := x.lane(); k != noLane {
		e.lanes[k].dead--
		return
	}
	e.dead--
}

// after schedules f at now+d.
func (e *Engine) after(d time.Duration, f func(), life *Life) Timer {
	d = max(d, 0)
	return e.schedule(e.now.Add(d), e.laneOf(d), f, life)
}

func (e *Engine) schedule(at Time, lane uint8, f func(), life *Life) Timer {
	if e.free == 0 {
		e.extend()
	}
	i := e.free - 1
	s := &e.slots[i]
	e.free = s.next
	s.f, s.life, s.lane = f, life, lane
	e.seq++
	e.live++
	x := entry{at: at, order: e.seq<<8 | uint64(lane), slot: i, gen: s.gen}
	if lane == noLane {
		e.put(x)
	} else {
		e.line(lane, x)
	}
	return Timer{engine: e, slot: i, gen: x.gen}
}

// extend makes one more slot. It is kept out of what is played for every event.
//
//go:noinline
func (e *Engine) extend() {
	e.slots = append(e.slots, slot{})
	e.free = int32(len(e.slots))
}

func (e *Engine) stop(i int32, gen uint32) bool {
	s := &e.slots[i]
	if s.gen != gen {
		return false
	}
	lane := s.lane
	e.release(i, s)
	switch lane {
	case held:
		return true
	case noLane:
		e.dead++
		e.sweep()
	default:
		e.lanes[lane].dead++
		e.tidy(&e.lanes[lane])
	}
	e.live--
	return true
}

// release gives slot i, which is s, back.
func (e *Engine) release(i int32, s *slot) {
	s.f, s.life = nil, nil
	s.gen++
	s.next = e.free
	e.free = i + 1
}
