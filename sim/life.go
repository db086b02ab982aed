// One incarnation of a node: a Clock whose timers hang and die with it.
package sim

import "time"

// Life is one incarnation of a node on an Engine. Its timers wait while it is
// held (a hang) and are dropped when it ends (a crash); a restarted node gets a
// new Life.
type Life struct {
	engine  *Engine
	held    bool
	ended   bool
	waiting []heldSlot // timers that came due while held, in the order they came
}

type heldSlot struct {
	slot int32
	gen  uint32
}

var _ Clock = (*Life)(nil)

// NewLife returns a new incarnation that runs.
func (e *Engine) NewLife() *Life { return &Life{engine: e} }

// Now returns the engine's time.
func (l *Life) Now() Time { return l.engine.now }

// After schedules f as Engine.After does, unless the Life has ended: then
// nothing will ever call f and the Timer has already stopped.
func (l *Life) After(d time.Duration, f func()) Timer {
	if l.ended {
		return Timer{}
	}
	return l.engine.after(d, f, l)
}

// Hold makes timers that come due wait for Resume.
func (l *Life) Hold() { l.held = true }

// Held reports whether the Life is held.
func (l *Life) Held() bool { return l.held }

// Resume lets the Life run on: what came due meanwhile fires now, in its order.
func (l *Life) Resume() {
	l.held = false
	for _, w := range l.waiting {
		s := &l.engine.slots[w.slot]
		if s.gen != w.gen {
			continue // stopped while it waited
		}
		s.lane = noLane
		l.engine.seq++
		l.engine.live++
		l.engine.put(entry{at: l.engine.now, order: l.engine.seq<<8 | noLane, slot: w.slot, gen: w.gen})
	}
	l.waiting = nil
}

// End drops every timer of the Life, now and for ever.
func (l *Life) End() {
	l.ended = true
	l.waiting = nil
	e := l.engine
	for i := range e.slots {
		if e.slots[i].life == l {
			e.stop(int32(i), e.slots[i].gen)
		}
	}
}

// Ended reports whether End was called.
func (l *Life) Ended() bool { return l.ended }
