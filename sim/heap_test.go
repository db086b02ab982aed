// The heap against a sorted list, under random operations.
package sim

import (
	"slices"
	"testing"
	"time"
)

// planned is an event as the reference keeps it.
type planned struct {
	at    Time
	id    int
	timer Timer
}

// TestHeapAgainstSortedList does the same things to an engine and to a list
// sorted by (time, order of scheduling), and compares everything that fires.
func TestHeapAgainstSortedList(t *testing.T) {
	for seed := range uint64(50) {
		dice := Stream(seed, "test", "heap")
		e := NewEngine()
		var list, gone []planned
		var fired []int
		for id := range 3000 {
			switch k := dice.IntN(10); {
			case k < 6:
				at := e.Now() + Time(dice.IntN(200))
				f := func() { fired = append(fired, id) }
				p := planned{at: at, id: id}
				if k < 2 {
					p.timer = e.At(at, f)
				} else { // delays that come again and again, and have lanes
					d := time.Duration(1 + dice.IntN(3)*dice.IntN(60))
					p.at, p.timer = e.Now().Add(d), e.After(d, f)
				}
				at = p.at
				i, _ := slices.BinarySearchFunc(list, at+1, func(p planned, at Time) int { return int(p.at - at) })
				list = slices.Insert(list, i, p)
			case k < 8 && len(list) > 0:
				i := dice.IntN(len(list))
				if !list[i].timer.Stop() {
					t.Fatalf("seed %d: a pending timer did not stop", seed)
				}
				gone = append(gone, list[i])
				list = slices.Delete(list, i, i+1)
			default:
				to := e.Now() + Time(dice.IntN(40))
				n := 0
				for n < len(list) && list[n].at <= to {
					n++
				}
				fired = fired[:0]
				e.Advance(to)
				compare(t, seed, fired, list[:n])
				gone = append(gone, list[:n]...)
				list = slices.Delete(list, 0, n)
			}
			checkHeap(t, e, len(list))
		}
		for _, p := range gone {
			if p.timer.Pending() || p.timer.Stop() {
				t.Fatalf("seed %d: a timer that is gone is pending", seed)
			}
		}
	}
}

func compare(t *testing.T, seed uint64, fired []int, want []planned) {
	t.Helper()
	var ids []int
	for _, p := range want {
		ids = append(ids, p.id)
	}
	if !slices.Equal(fired, ids) {
		t.Fatalf("seed %d: fired %v, want %v", seed, fired, ids)
	}
}

// checkHeap holds the invariants of front, heap and slots: everything in its
// order, every event that was not stopped stands somewhere, every slot without one
// is free.
func checkHeap(t *testing.T, e *Engine, pending int) {
	t.Helper()
	free := 0
	for i := e.free; i != 0; i = e.slots[i-1].next {
		free++
		if s := e.slots[i-1]; s.f != nil || s.life != nil {
			t.Fatalf("slot %d is free and holds %+v", i-1, s)
		}
	}
	if e.Pending() != pending || pending+free != len(e.slots) {
		t.Fatalf("%d pending, want %d; %d slots, %d of them free", e.Pending(), pending, len(e.slots), free)
	}
	for i, x := range e.heap {
		if i > 0 && x.before(e.heap[(i-1)/arity]) {
			t.Fatalf("entry %d is before its parent", i)
		}
	}
	for i, x := range e.front[:e.near] {
		if i > 0 && e.front[i-1].before(x) || len(e.heap) > 0 && !x.before(e.heap[0]) {
			t.Fatalf("entry %d in front is out of order", i)
		}
	}
	checkDead(t, e, pending)
}

// checkDead counts what was stopped and still stands somewhere.
func checkDead(t *testing.T, e *Engine, pending int) {
	t.Helper()
	live, dead := 0, map[uint8]int{}
	see := func(x entry) {
		if e.slots[x.slot].gen == x.gen {
			live++
		} else {
			dead[x.lane()]++
		}
	}
	for _, x := range slices.Concat(e.front[:e.near], e.heap) {
		see(x)
	}
	for k := range e.lanes {
		l := &e.lanes[k]
		for i := range l.n {
			see(l.ring[(l.head+i)&(len(l.ring)-1)])
		}
		if dead[uint8(k)] != l.dead {
			t.Fatalf("lane %d: %d were stopped, not %d", k, dead[uint8(k)], l.dead)
		}
	}
	if live != pending || dead[noLane] != e.dead {
		t.Fatalf("%d stand somewhere, of %d; %d were stopped, not %d", live, pending, dead[noLane], e.dead)
	}
}
