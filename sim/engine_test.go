// The engine: order, stopping, generations, and what Now is.
package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const ms = Time(time.Millisecond)

// log is a list of what happened, with times.
type log struct {
	e     *Engine
	lines []string
}

func (l *log) f(name string) func() {
	return func() { l.lines = append(l.lines, fmt.Sprintf("%v %s", l.e.Now(), name)) }
}

func (l *log) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.lines, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(l.lines, ", "), strings.Join(want, ", "))
	}
}

func newLog() (*Engine, *log) {
	e := NewEngine()
	return e, &log{e: e}
}

func TestOrderIsTimeThenScheduling(t *testing.T) {
	e, l := newLog()
	e.At(3*ms, l.f("c"))
	e.At(ms, l.f("a"))
	e.At(3*ms, l.f("d"))
	e.At(2*ms, l.f("b"))
	e.After(3*time.Millisecond, l.f("e"))
	e.Advance(10 * ms)
	l.want(t, "1ms a", "2ms b", "3ms c", "3ms d", "3ms e")
	if e.Now() != 10*ms || e.Fired() != 5 || e.Pending() != 0 {
		t.Errorf("at %v after %d events with %d pending", e.Now(), e.Fired(), e.Pending())
	}
}

// TestNowIsTheDueTime: the owner comes late, and the chain of timers does not
// get later.
func TestNowIsTheDueTime(t *testing.T) {
	e, l := newLog()
	n := 0
	var tick func()
	tick = func() {
		l.f("tick")()
		if n++; n < 4 {
			e.After(time.Millisecond, tick)
		}
	}
	e.After(time.Millisecond, tick)
	e.Advance(3*ms + 700_000)
	l.want(t, "1ms tick", "2ms tick", "3ms tick")
	e.Advance(9 * ms)
	l.want(t, "1ms tick", "2ms tick", "3ms tick", "4ms tick")
}

func TestAfterNowComesBehindWhatIsDue(t *testing.T) {
	e, l := newLog()
	e.At(ms, func() {
		l.f("a")()
		e.After(0, l.f("behind"))
		e.After(-time.Hour, l.f("and behind that"))
		e.At(0, l.f("the past is now"))
		l.f("not before After returns")()
	})
	e.At(ms, l.f("b"))
	e.Advance(ms)
	l.want(t, "1ms a", "1ms not before After returns", "1ms b", "1ms behind", "1ms and behind that", "1ms the past is now")
}

func TestAdvanceStopsWhereItIsTold(t *testing.T) {
	e, l := newLog()
	e.At(ms, l.f("a"))
	e.At(2*ms, l.f("b"))
	e.Advance(2*ms - 1)
	l.want(t, "1ms a")
	if next, ok := e.Next(); next != 2*ms || !ok {
		t.Errorf("next %v %v", next, ok)
	}
	e.Run(2 * ms)
	l.want(t, "1ms a", "2ms b")
	if next, ok := e.Next(); next != Never || ok {
		t.Errorf("next %v %v of nothing", next, ok)
	}
	e.Run(ms) // an end that has passed leaves the time alone
	if e.Now() != 2*ms {
		t.Errorf("run back to %v", e.Now())
	}
	mustPanic(t, "Advance backwards", func() { e.Advance(ms) })
}

func TestStop(t *testing.T) {
	e, l := newLog()
	a, b := e.At(ms, l.f("a")), e.At(2*ms, l.f("b"))
	if !a.Pending() || !a.Stop() || a.Stop() || a.Pending() {
		t.Error("a stops once")
	}
	e.Advance(5 * ms)
	l.want(t, "2ms b")
	if b.Stop() || b.Pending() {
		t.Error("b was stopped after it had fired")
	}
	if (Timer{}).Stop() || (Timer{}).Pending() {
		t.Error("the zero Timer is pending")
	}
}

func TestStopFromWithin(t *testing.T) {
	e, l := newLog()
	var self, next Timer
	self = e.At(ms, func() {
		if self.Stop() || self.Pending() {
			t.Error("an event that is being played was stopped")
		}
		if !next.Stop() {
			t.Error("the next of the same time was not stopped")
		}
	})
	next = e.At(ms, l.f("next"))
	e.Advance(ms)
	l.want(t)
}

// TestOldTimersMiss: a slot is used again, and the old timer must not stop its
// new owner.
func TestOldTimersMiss(t *testing.T) {
	e, l := newLog()
	old := e.At(ms, l.f("old"))
	old.Stop()
	fresh := e.At(2*ms, l.f("fresh"))
	if old.slot != fresh.slot {
		t.Fatal("the slot was not used again; this test shows nothing")
	}
	if old.Stop() || old.Pending() || !fresh.Pending() {
		t.Error("an old timer still means something")
	}
	e.Advance(2 * ms)
	l.want(t, "2ms fresh")
}

func TestSlotsAreUsedAgain(t *testing.T) {
	e := NewEngine()
	for range 100_000 {
		e.After(1, func() {})
		stopped := e.After(2, func() {})
		stopped.Stop()
		e.Advance(e.Now() + 1)
	}
	if len(e.slots) > 2 {
		t.Errorf("%d slots after timers that came two at a time", len(e.slots))
	}
	checkHeap(t, e, 0)
}

func TestEventsAllocateNothing(t *testing.T) {
	e := NewEngine()
	f := func() {}
	if got := testing.AllocsPerRun(1000, func() {
		e.After(5, f)
		e.After(3, f).Stop()
		e.Advance(e.Now() + 1)
	}); got != 0 {
		t.Errorf("%g allocations an event", got)
	}
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}
