// Wall: what a run's speed does to its clock.
package live

import (
	"io"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/sim"
)

// TestSpeed waits for three of the scenario's seconds, by the engine and by the
// bytes of a content, at different speeds. The bubble's time is exact.
func TestSpeed(t *testing.T) {
	for speed, want := range map[float64]time.Duration{ // each in a bubble of its own: any order will do
		0: 3 * time.Second, 1: 3 * time.Second, 0.001: 3000 * time.Second, 0.1: 30 * time.Second,
		10: 300 * time.Millisecond, 1000: 3 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			wall, _ := StartWall()
			wall = wall.AtSpeed(speed)
			n := NewTimerNode(wall)
			defer n.Close()
			began := time.Now()
			took := func(what string, at sim.Time) {
				if real := time.Since(began); real != want || at.Sub(0) != 3*time.Second {
					t.Errorf("speed %v: %s came after %v at %v, want after %v", speed, what, real, at, want)
				}
			}
			fired := make(chan sim.Time)
			n.Do(func() {
				n.Engine().After(3*time.Second, func() { n.Later(func() { fired <- n.Engine().Now() }) })
			})
			took("the timer", <-fired)

			wall, _ = StartWall()
			wall, began = wall.AtSpeed(speed), time.Now()
			reads := NewTimerNode(wall)
			defer reads.Close()
			b := newBuffer(reads)
			c := b.handle(b.last, &sim.Transfer{})
			b.write([]byte("late"), sim.Time(3*time.Second))
			b.end(sim.OK, sim.Time(3*time.Second))
			text, err := io.ReadAll(all{c.open()})
			if string(text) != "late" || err != nil {
				t.Errorf("read %q, %v", text, err)
			}
			took("the content", wall.Now())
		})
	}
}

// all reads a content as an io.Reader.
type all struct{ *reader }

func (a all) Read(p []byte) (int, error) {
	data, err := a.next(nil)
	return copy(p, data), err
}

// TestSpeedOfAll: two processes of a run agree, whatever its speed, and what is
// too long for a Duration is as long as one can be.
func TestSpeedOfAll(t *testing.T) {
	began, epoch := StartWall()
	joined := JoinWall(epoch)
	for _, speed := range []float64{0.001, 0.3, 1, 7, 1000} {
		one, other := began.AtSpeed(speed), joined.AtSpeed(speed)
		before, between, after := one.Now(), other.Now(), one.Now()
		if between < before || between > after {
			t.Errorf("speed %v: one says %v, then the other %v, then the first %v", speed, before, between, after)
		}
		for _, d := range []time.Duration{1, 1001, time.Second, time.Hour} {
			if one.Scenario(one.Real(d)) < d {
				t.Errorf("speed %v: who waits %v for %v wakes before it", speed, one.Real(d), d)
			}
		}
	}
	if got := (Wall{}).AtSpeed(0.001).Real(math.MaxInt64); got != math.MaxInt64 {
		t.Errorf("for ever takes %v", got)
	}
}
