// Tests: the loop itself, and what it is made of.
package fabric

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Events come in their order and never before their time.
func TestEvents(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		const n = 200
		var order []int
		done := make(chan struct{})
		l.Call(func() {
			for _, i := range rand.Perm(n) {
				at := l.engine.Now().Add(time.Duration(i) * 100 * time.Microsecond)
				l.engine.At(at, func() {
					if now := l.Clock(); now < at || l.engine.Now() != at {
						t.Errorf("event %d of %v was played at %v, its time %v", i, at, now, l.engine.Now())
					}
					if order = append(order, i); len(order) == n {
						close(done)
					}
				})
			}
		})
		<-done
		if !slices.IsSorted(order) {
			t.Errorf("out of order: %v", order)
		}
	})
}

// A long wait, and one without end, are ended by who has something to do.
func TestWake(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		for range 100 {
			if !l.Call(func() {}) {
				t.Fatal("the loop is closed")
			}
		}
		l.Call(func() { l.engine.After(time.Hour, func() { t.Error("an hour has passed") }) })
		for range 100 {
			l.Call(func() {})
		}
	})
}

// Who calls while the loop ends is answered or refused, and never left to wait.
func TestClose(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	for _, way := range ways {
		for range 20 {
			s, err := way.system()
			if err != nil {
				t.Fatal(err)
			}
			l := startLoop(s)
			ended := make(chan struct{})
			go func() {
				for l.Call(func() {}) {
				}
				close(ended)
			}()
			l.Call(func() {})
			l.Close()
			<-ended
			if l.Do(func() { t.Error("done on a closed loop") }) {
				t.Error("taken by a closed loop")
			}
			l.Close()
		}
	}
	if after := runtime.GOMAXPROCS(0); after != before {
		t.Errorf("GOMAXPROCS was %d and is %d", before, after)
	}
}

// What is taken off every delay is some part of what an exchange takes.
func TestCalibrate(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		base, err := Calibrate(l)
		if err != nil || base <= 0 || base > mostBase {
			t.Errorf("an exchange costs %v, %v", base, err)
		}
	})
}

func TestQueue(t *testing.T) {
	var q queue[int]
	dice := rand.New(rand.NewPCG(1, 2))
	var want []int
	for i := range 10_000 {
		if dice.IntN(2*len(want)+3) > len(want) {
			q.push(i)
			want = append(want, i)
		} else if len(want) > 0 {
			q.pop()
			want = want[1:]
		}
		if q.len() != len(want) {
			t.Fatalf("%d items, want %d", q.len(), len(want))
		}
		for j, x := range want {
			if *q.at(j) != x {
				t.Fatalf("item %d is %d, want %d", j, *q.at(j), x)
			}
		}
	}
}

func TestBlocks(t *testing.T) {
	var b blocks
	for _, c := range []struct{ n, capacity int }{{1, 2 << 10}, {2 << 10, 2 << 10}, {2<<10 + 1, 16 << 10}, {readSpace, readSpace}} {
		p := bytes.Repeat([]byte{byte(c.n)}, c.n)
		first := b.keep(p)
		if !bytes.Equal(first, p) || cap(first) != c.capacity {
			t.Errorf("%d bytes are kept in %d", c.n, cap(first))
		}
		b.give(first)
		if again := b.keep(p[:1]); c.capacity == 2<<10 && &again[0] != &first[0] {
			t.Error("memory was not used again")
		}
	}
}

// A flight that takes long arrives bit by bit: a segment at first, all at last.
func TestComing(t *testing.T) {
	const n = 10*network.MSS + 7
	c := coming{bytes: n, first: 1000, last: 2000}
	for _, x := range []struct {
		now  sim.Time
		want int
	}{{999, 0}, {1000, network.MSS}, {1001, network.MSS}, {1500, 5 * network.MSS}, {1999, 9 * network.MSS}, {2000, n}, {9999, n}} {
		if got := c.there(x.now); got != x.want {
			t.Errorf("at %d there are %d bytes, want %d", x.now, got, x.want)
		}
	}
	short := coming{bytes: 3, first: 5, last: 5}
	if short.there(4) != 0 || short.there(5) != 3 || short.due(4) != 5 {
		t.Errorf("a short one: %d, then %d, due at %v", short.there(4), short.there(5), short.due(4))
	}
}
