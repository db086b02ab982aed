// Lives: timers that hang and die with their node.
package sim

import (
	"fmt"
	"testing"
	"time"
)

func TestHeldTimersWait(t *testing.T) {
	e, l := newLog()
	life := e.NewLife()
	life.After(1*time.Millisecond, l.f("before"))
	life.After(3*time.Millisecond, l.f("first"))
	life.After(2*time.Millisecond, l.f("zeroth"))
	life.After(3*time.Millisecond, l.f("second"))
	life.After(9*time.Millisecond, l.f("after"))
	e.At(3*ms, l.f("another's"))
	e.Advance(ms)
	life.Hold()
	if !life.Held() {
		t.Error("not held")
	}
	e.Advance(5 * ms)
	l.want(t, "1ms before", "3ms another's")
	e.At(5*ms, l.f("due already"))
	life.Resume()
	e.Advance(10 * ms)
	l.want(t, "1ms before", "3ms another's", "5ms due already", "5ms zeroth", "5ms first", "5ms second", "9ms after")
}

func TestHeldTimersCanBeStopped(t *testing.T) {
	e, l := newLog()
	life := e.NewLife()
	a := life.After(time.Millisecond, l.f("a"))
	life.After(time.Millisecond, l.f("b"))
	life.Hold()
	e.Advance(2 * ms)
	if !a.Pending() || !a.Stop() || a.Pending() || a.Stop() {
		t.Error("a timer that waits for Resume stops once")
	}
	fresh := e.At(9*ms, l.f("has the slot of a"))
	if fresh.slot != a.slot {
		t.Fatal("the slot was not used again; this test shows nothing")
	}
	life.Resume()
	e.Advance(3 * ms)
	l.want(t, "2ms b")
	e.Advance(9 * ms)
	l.want(t, "2ms b", "9ms has the slot of a")
}

func TestHoldAgainBeforeTheResumedFire(t *testing.T) {
	e, l := newLog()
	life := e.NewLife()
	life.After(time.Millisecond, func() { l.f("a")(); life.Hold() })
	life.After(time.Millisecond, l.f("b"))
	life.Hold()
	e.Advance(2 * ms)
	life.Resume()
	e.Advance(3 * ms)
	l.want(t, "2ms a")
	life.Resume()
	e.Advance(4 * ms)
	l.want(t, "2ms a", "3ms b")
}

func TestEndDropsEverything(t *testing.T) {
	e, l := newLog()
	life, other := e.NewLife(), e.NewLife()
	a := life.After(time.Millisecond, l.f("held"))
	b := life.After(3*time.Millisecond, l.f("pending"))
	other.After(3*time.Millisecond, l.f("another's"))
	life.Hold()
	e.Advance(2 * ms)
	life.End()
	c := life.After(time.Millisecond, l.f("too late"))
	if !life.Ended() || a.Pending() || b.Pending() || c.Pending() || a.Stop() || b.Stop() || c.Stop() {
		t.Error("a timer outlived its node")
	}
	life.Resume()
	life.End()
	e.Advance(5 * ms)
	l.want(t, "3ms another's")
	checkHeap(t, e, 0)
}

// TestEndFromWithin: a node that ends in one of its own events.
func TestEndFromWithin(t *testing.T) {
	e, l := newLog()
	life := e.NewLife()
	life.After(time.Millisecond, func() {
		life.After(0, l.f("nested"))
		life.End()
		l.f("the rest of the event")()
	})
	life.After(time.Millisecond, l.f("same time"))
	e.Advance(2 * ms)
	l.want(t, "1ms the rest of the event")
	checkHeap(t, e, 0)
}

// TestLivesAtRandom: no timer fires early, twice, while its life is held, or
// after its end; and of those that live on, all fire.
func TestLivesAtRandom(t *testing.T) {
	for seed := range uint64(100) {
		dice := Stream(seed, "test", "lives")
		e := NewEngine()
		lives := []*Life{e.NewLife(), e.NewLife(), e.NewLife()}
		asked, fired := 0, 0
		lost := map[*Life]int{}
		for range 500 {
			l := lives[dice.IntN(len(lives))]
			switch dice.IntN(8) {
			default:
				due := e.Now() + Time(dice.IntN(50))
				asked++
				lost[l]++
				l.After(due.Sub(e.Now()), func() {
					if e.Now() < due || l.Held() || l.Ended() {
						panic(fmt.Sprintf("fired at %v, due %v, held %v, ended %v", e.Now(), due, l.Held(), l.Ended()))
					}
					fired++
					lost[l]--
				})
			case 5:
				l.Hold()
			case 6:
				l.Resume()
			case 7:
				e.Advance(e.Now() + Time(dice.IntN(30)))
			}
		}
		lives[0].End()
		lives[1].Resume()
		lives[2].Resume()
		e.Advance(e.Now() + 100)
		if fired+lost[lives[0]] != asked || lost[lives[1]]+lost[lives[2]] != 0 {
			t.Errorf("seed %d: %d of %d timers fired, lost: %v", seed, fired, asked, lost)
		}
		checkHeap(t, e, 0)
	}
}
