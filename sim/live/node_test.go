// Node: the engine in real time.
package live

import (
	"slices"
	"sync"
	"testing"
	"time"

	"cdnlab/sim"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

func newTestNode(t testing.TB) *Node {
	t.Helper()
	wall, _ := StartWall()
	n := NewNode(wall)
	t.Cleanup(n.Close)
	return n
}

// receive waits for what a channel brings.
func receive[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

// eventually polls until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatalf("never: %s", what)
		}
	}
}

func TestDoLaterAfter(t *testing.T) {
	n := newTestNode(t)
	var mu sync.Mutex // protects order: the pacer may play the event while this goroutine runs what was left for later
	var order []string
	add := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, s)
	}
	ended := make(chan struct{})
	n.Do(func() {
		n.Engine().After(0, func() { add("event"); n.Later(func() { close(ended) }) })
		n.Later(func() {
			add("later 1")
			n.Do(func() { // the node is free again
				add("do within later")
				n.Later(func() { add("later within do within later") })
			})
		})
		n.Later(func() { add("later 2") })
		add("do")
	})
	receive(t, ended, "the event")
	want := []string{"do", "later 1", "event", "do within later", "later within do within later", "later 2"}
	n.Do(func() {
		mu.Lock()
		defer mu.Unlock()
		// The event may be played by the pacer or by the inner Do, but never before f.
		if order[0] != "do" || !slices.Equal(slices.Sorted(slices.Values(order)), slices.Sorted(slices.Values(want))) {
			t.Errorf("order %q", order)
		}
	})
}

// TestLateEvents: an event's time is its due time, however late it is played.
func TestLateEvents(t *testing.T) {
	n := newTestNode(t)
	var planned, played []sim.Time
	n.Do(func() {
		e := n.Engine()
		begun := e.Now()
		for _, d := range []time.Duration{3 * time.Millisecond, time.Millisecond, 2 * time.Millisecond} {
			at := begun.Add(d)
			planned = append(planned, at)
			e.At(at, func() { played = append(played, e.Now()) })
		}
		for n.Wall().Now() < begun.Add(5*time.Millisecond) { // all are late now, and nobody can play them
		}
	})
	n.Do(func() {
		slices.Sort(planned)
		if !slices.Equal(planned, played) {
			t.Errorf("planned for %v, played at %v", planned, played)
		}
	})
}

// TestEarlierEventRearms: the pacer sleeps for a far event, and a near one
// comes from outside. Nobody enters the node after it.
func TestEarlierEventRearms(t *testing.T) {
	for name, n := range map[string]*Node{"alarm": newTestNode(t), "timer": func() *Node { // any order
		wall, _ := StartWall()
		return NewTimerNode(wall)
	}()} {
		defer n.Close()
		played := make(chan time.Duration, 1)
		n.Do(func() { n.Engine().After(time.Hour, func() { t.Error("an hour has passed") }) })
		n.Do(func() {
			due := n.Engine().Now().Add(2 * time.Millisecond)
			n.Engine().At(due, func() { played <- n.Wall().Now().Sub(due) })
		})
		if late := receive(t, played, name+"'s near event"); late < 0 {
			t.Errorf("%s: played %v too early", name, -late)
		}
	}
}

// TestPacerChain: events that schedule each other need nobody else.
func TestPacerChain(t *testing.T) {
	n := newTestNode(t)
	ended := make(chan sim.Time, 1)
	var begun sim.Time
	left := 20
	var step func()
	step = func() {
		if left--; left == 0 {
			ended <- n.Engine().Now()
			return
		}
		n.Engine().After(100*time.Microsecond, step)
	}
	n.Do(func() { begun = n.Engine().Now(); step() })
	if took := receive(t, ended, "the chain's end").Sub(begun); took != 19*100*time.Microsecond {
		t.Errorf("the chain took %v of the engine's time: lateness adds up", took)
	}
}

func TestCloseEndsThePacer(t *testing.T) {
	for range 50 { // Close must not lose against a pacer that is about to sleep
		wall, _ := StartWall()
		n := NewNode(wall)
		n.Do(func() { n.Engine().After(time.Hour, func() {}) })
		closed := make(chan struct{})
		go func() {
			n.Close()
			n.Close() // again does nothing
			close(closed)
		}()
		receive(t, closed, "the end of Close")
		select {
		case <-n.done:
		default:
			t.Fatal("the pacer still runs")
		}
	}
}

func TestDoAfterClose(t *testing.T) {
	n := newTestNode(t)
	n.Do(func() { n.Engine().After(time.Millisecond, func() { t.Error("played after Close") }) })
	n.Close()
	done := 0
	begun := n.Wall().Now()
	for n.Wall().Now() < begun.Add(2*time.Millisecond) {
		done = 0
		n.Do(func() {
			done++
			n.Later(func() { done++ })
			n.Engine().After(0, func() { t.Error("scheduled after Close and played") })
		})
	}
	if done != 2 {
		t.Error("Do after Close does not do")
	}
}

func TestManyEnter(t *testing.T) {
	n := newTestNode(t)
	count, later := 0, 0
	var entering sync.WaitGroup
	for range 8 {
		entering.Add(1)
		go func() {
			defer entering.Done()
			for range 500 {
				n.Do(func() {
					count++
					n.Engine().After(10*time.Microsecond, func() { later++ })
				})
			}
		}()
	}
	entering.Wait()
	eventually(t, "all events are played", func() bool {
		all := false
		n.Do(func() { all = count == 4000 && later == 4000 })
		return all
	})
}

// TestErrands: what is left for later is done in order, outside the node, and
// may be left again by then.
func TestErrands(t *testing.T) {
	n := newTestNode(t)
	said := ""
	say := func(what string) func() { return func() { said += what } }
	var again errand
	again.run = func() {
		said += "b"
		if said == "ab" {
			n.Do(func() { n.later(&again); n.Later(say("c")) }) // the node is free
		}
	}
	n.Do(func() {
		n.Later(say("a"))
		n.later(&again)
		n.Later(say("d"))
	})
	if said != "abbcd" {
		t.Errorf("done as %q", said)
	}
}
