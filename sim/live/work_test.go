//go:build unix

// Work: what workers do in real time, and what is measured of it.
package live

import (
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/sim"
)

// TestWorkThatWaits: it takes as long as it should, in the scenario's time.
func TestWorkThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall, _ := StartWall()
		n := NewTimerNode(wall.AtSpeed(0.5))
		defer n.Close()
		w := newWorkers(n)
		if w.sum() != nil {
			t.Error("there was no work")
		}
		began := time.Now()
		over := make(chan bool)
		n.Do(func() {
			w.Work(3*time.Second, false, func() { n.Later(func() { over <- true }) })
		})
		<-over
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("it took %v of real time, want 6s", took)
		}
		n.Do(func() {
			if s := w.sum(); s.Count != 1 || s.Asked != int64(3*time.Second) || s.Took != s.Asked || s.P99 >= int64(time.Microsecond) || s.Burnt {
				t.Errorf("%+v", s)
			}
		})
	})
}

// processTime is what all threads of this process have had of a processor.
func processTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestWorkThatBurns: so many at once need so many times the processor, whoever
// gets one when.
func TestWorkThatBurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	wall, _ := StartWall()
	n := NewNode(wall.AtSpeed(0.5))
	defer n.Close()
	w := newWorkers(n)
	const at, each = 8, 5 * time.Millisecond
	before := processTime(t)
	over := make(chan bool)
	n.Do(func() {
		for range at {
			w.Work(each, true, func() { n.Later(func() { over <- true }) })
		}
	})
	for range at {
		receive(t, over, "the end of work")
	}
	if used := processTime(t) - before; used < at*2*each {
		t.Errorf("%v of a processor, want %v at half the speed", used, at*2*each)
	}
	n.Do(func() {
		s := w.sum()
		if s.Count != at || s.Asked != int64(at*each) || s.Took < s.Asked || !s.Burnt {
			t.Errorf("%+v", s)
		}
	})
	if w.burning != 0 || runtime.GOMAXPROCS(0) < w.others+1 {
		t.Errorf("%d still burn, GOMAXPROCS is %d", w.burning, runtime.GOMAXPROCS(0))
	}
}

// A node's last words are kept when a snapshot that was counted after them comes
// before them; its counts are those of the snapshot.
func TestLastWordsOvertaken(t *testing.T) {
	counts := map[string]int64{}
	w := &World{config: Config{Counts: func(_ sim.Time, _ string, total map[string]int64) { counts = total }}}
	n := &liveNode{}
	w.heard(n, Line{At: 2, Counts: map[string]int64{"served": 8}})
	w.heard(n, Line{At: 1, Counts: map[string]int64{"served": 7}, Links: []Lateness{{Peer: "app", Count: 3}}, Work: &Work{Count: 7}})
	if n.work.Count != 7 || len(n.links) != 1 || counts["served"] != 8 {
		t.Errorf("work %+v, links %v, counts %v", n.work, n.links, counts)
	}
}
