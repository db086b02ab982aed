// Lanes: stopped events do not pile up in them, and hangs pass through them.
package sim

import (
	"testing"
	"time"
)

// TestLaneKeepsNoStoppedEvents: time limits, most of them stopped, behind one
// that is not.
func TestLaneKeepsNoStoppedEvents(t *testing.T) {
	e := NewEngine()
	f := func() {}
	const limit = time.Hour
	for range 2 { // the second gives the delay its lane
		e.After(limit, f)
	}
	for range 100_000 {
		e.After(limit, f).Stop()
		e.Advance(e.Now() + ms)
	}
	k := e.laneOf(limit)
	if k == noLane {
		t.Fatal("the delay has no lane; this test shows nothing")
	}
	if l := &e.lanes[k]; len(l.ring) > 4*fewDead || e.Pending() != 2 {
		t.Errorf("a ring of %d and %d pending", len(l.ring), e.Pending())
	}
	if len(e.slots) > 3 {
		t.Errorf("%d slots", len(e.slots))
	}
}

// TestLanesAreShared: of the delays that want the same two lanes two get them,
// and another when one of these has gone.
func TestLanesAreShared(t *testing.T) {
	e := NewEngine()
	home := func(d time.Duration) uint64 { return uint64(d) * 0x9e3779b97f4a7c15 >> (65 - laneBits) }
	var delays []time.Duration
	for d := time.Millisecond; len(delays) < 3; d++ {
		if home(d) == home(time.Millisecond) {
			delays = append(delays, d)
		}
	}
	lined := func() (n int) {
		for range 20 {
			for _, d := range delays {
				e.After(d, func() {})
			}
		}
		for _, d := range delays {
			if e.laneOf(d) != noLane {
				n++
			}
		}
		return n
	}
	if n := lined(); n != 2 {
		t.Errorf("%d of three have a lane", n)
	}
	e.Advance(ms + 1_000_000)
	delays = delays[1:]
	if n := lined(); n != 2 {
		t.Errorf("%d of the two that are left have a lane", n)
	}
}

// TestLaneOfAHungNode: events of a node that hangs leave their lane, the others
// in it go on.
func TestLaneOfAHungNode(t *testing.T) {
	e, l := newLog()
	life := e.NewLife()
	for _, name := range []string{"a", "b", "c"} {
		life.After(time.Millisecond, l.f("hung "+name))
		e.After(time.Millisecond, l.f(name))
	}
	life.Hold()
	e.Advance(2 * ms)
	l.want(t, "1ms a", "1ms b", "1ms c")
	life.Resume()
	e.After(0, l.f("later"))
	e.Advance(2 * ms)
	l.want(t, "1ms a", "1ms b", "1ms c", "2ms hung a", "2ms hung b", "2ms hung c", "2ms later")
}
