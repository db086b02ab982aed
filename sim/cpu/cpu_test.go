// Tests: the cores as a queue, by hand and against theory.
package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

const us = time.Microsecond

func TestTake(t *testing.T) {
	type piece struct {
		at   sim.Time
		cost time.Duration
		done sim.Time
	}
	for _, c := range []struct {
		name  string
		cores int
		work  []piece
	}{
		{"idle: at once", 1, []piece{{10, 5, 15}, {20, 5, 25}}},
		{"one core: in a row", 1, []piece{{10, 5, 15}, {10, 5, 20}, {12, 1, 21}, {21, 1, 22}}},
		{"two cores: side by side", 2, []piece{{0, 10, 10}, {0, 4, 4}, {1, 4, 8}, {2, 4, 12}, {3, 1, 11}}},
		{"nothing to do takes no core", 1, []piece{{0, 10, 10}, {1, 0, 1}, {1, -1, 1}, {2, 1, 11}}},
		{"a long time", 1, []piece{{0, math.MaxInt64, sim.Never}, {5, 5, sim.Never}}},
	} {
		cores := New(c.cores)
		for i, p := range c.work {
			if done := cores.Take(p.at, p.cost); done != p.done {
				t.Errorf("%s: piece %d is done at %d, not %d", c.name, i, done, p.done)
			}
		}
	}
}

// The cores do no more than time allows, and what is done counts when it is.
func TestBusy(t *testing.T) {
	c := New(2)
	c.Take(0, 100)
	c.Take(0, 40)
	c.Take(10, 40) // from 40 to 80
	for _, want := range []struct {
		at   sim.Time
		busy time.Duration
	}{{0, 0}, {10, 20}, {60, 120}, {90, 170}, {100, 180}, {1000, 180}} {
		if busy := c.Busy(want.at); busy != want.busy {
			t.Errorf("at %d the cores have worked %d, not %d", want.at, busy, want.busy)
		}
	}
}

// Any stream of work: it begins in the order in which it comes, no core is idle
// while some waits, and the cores do all of it.
func TestCoresAreAQueue(t *testing.T) {
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 0))
		cores := 1 + dice.IntN(9)
		c := New(cores)
		var now sim.Time
		var begun, ends []sim.Time
		var given time.Duration
		for range 300 {
			now = now.Add(time.Duration(dice.IntN(60)))
			cost := time.Duration(1 + dice.IntN(200))
			done := c.Take(now, cost)
			given += cost
			begin := done.Add(-cost)
			if begin < now {
				t.Fatalf("seed %d: done before there was time for it", seed)
			}
			running := 0
			for _, end := range ends {
				if end > now {
					running++
				}
			}
			if idle := running < cores; idle != (begin == now) {
				t.Fatalf("seed %d: %d of %d cores at work, and it begins %d later", seed, running, cores, begin-now)
			}
			begun, ends = append(begun, begin), append(ends, done)
		}
		if !slices.IsSorted(begun) {
			t.Fatalf("seed %d: not first come, first served", seed)
		}
		if last := slices.Max(ends); c.Busy(last) != given || c.Busy(last-1) >= given {
			t.Fatalf("seed %d: worked %v of %v", seed, c.Busy(last), given)
		}
	}
}

// M/D/1: the mean wait is rho / (2 (1 - rho)) services (Pollaczek, Khinchine).
// M/D/c has no closed form; Cosmetatos' approximation of its wait (1975) is good
// to 1 %: half of M/M/c's times a correction.
func TestMeanWaits(t *testing.T) {
	const cost, n = 20 * us, 2_000_000
	for _, c := range []struct {
		cores int
		rho   float64
	}{{1, 0.3}, {1, 0.5}, {1, 0.8}, {1, 0.9}, {2, 0.7}, {8, 0.9}} {
		t.Run(fmt.Sprintf("%d cores, load %v", c.cores, c.rho), func(t *testing.T) {
			cores, dice := New(c.cores), rand.New(rand.NewPCG(7, uint64(c.cores)))
			var at float64
			var waited time.Duration
			for range n {
				at += dice.ExpFloat64() / c.rho / float64(c.cores) * float64(cost)
				now := sim.Time(at)
				waited += cores.Take(now, cost).Sub(now) - cost
			}
			got := float64(waited) / n / float64(cost)
			want := waitMD(c.cores, c.rho)
			if math.Abs(got/want-1) > 0.03 {
				t.Errorf("the mean wait is %.4f services, theory says %.4f", got, want)
			}
		})
	}
}

// waitMD is the mean wait of M/D/c in services.
func waitMD(c int, rho float64) float64 {
	n := float64(c)
	erlang := 1.0 // B, by its recursion
	for k := 1.0; k <= n; k++ {
		erlang = n * rho * erlang / (k + n*rho*erlang)
	}
	waits := erlang / (1 - rho*(1-erlang)) // C
	exponential := waits / (n * (1 - rho)) // M/M/c
	deterministic := (1 + (1-rho)*(n-1)*(math.Sqrt(4+5*n)-2)/(16*rho*n)) / 2
	return exponential * deterministic
}

// The accept queue takes so many, and gives its place free when the process has
// taken one.
func TestAcceptQueue(t *testing.T) {
	c := New(1)
	for i := range AcceptQueue {
		if c.Full(0) {
			t.Fatalf("full with %d", i)
		}
		c.Accept(0, 10)
	}
	for _, want := range []struct {
		at   sim.Time
		full bool
	}{{0, true}, {9, true}, {10, false}} {
		if full := c.Full(want.at); full != want.full {
			t.Errorf("at %d: full is %v", want.at, full)
		}
	}
	if c.Accept(10, 10); !c.Full(10) {
		t.Error("one more fits")
	}
	for at := sim.Time(20); at < 1_000_000; at += 10 { // one comes, one goes
		if c.Full(at) {
			t.Fatalf("full at %d, when one has gone", at)
		}
		c.Accept(at, 10)
	}
	if len(c.waiting) > 2*AcceptQueue {
		t.Errorf("the queue keeps %d", len(c.waiting))
	}
	if c = New(1); c.Accept(0, 0) != 0 || len(c.waiting) > 0 {
		t.Error("what costs nothing waits")
	}
}
