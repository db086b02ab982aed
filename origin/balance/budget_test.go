// The retry budget against its arithmetic.
package balance

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// Everything fails: at R requests per second, retries settle at share*R plus
// the minimum, whatever was asked for.
func TestBudgetCapsRetries(t *testing.T) {
	for _, c := range []struct {
		share       float64
		minimum     int
		rate        int
		least, most int // retries in the 20 seconds after the first ten
	}{
		{0.2, 0, 1000, 3990, 4010},
		{0.2, 10, 1000, 4190, 4210},
		{0, 10, 1000, 200, 200},
		{0, 0, 1000, 0, 0},
		{2, 0, 100, 2000, 2000}, // more than there are requests
	} {
		b := NewBudget(c.share, c.minimum)
		retries := 0
		for i := range 30 * c.rate {
			now := sim.Time(i) * sim.Time(time.Second) / sim.Time(c.rate)
			b.Deposit(now)
			if b.Allows(now) {
				b.Withdraw(now)
				if now >= sim.Time(10*time.Second) {
					retries++
				}
			}
		}
		if retries < c.least || retries > c.most {
			t.Errorf("share %v, minimum %d: %d retries, want %d..%d", c.share, c.minimum, retries, c.least, c.most)
		}
	}
}

func TestBudgetStartsWithItsReserve(t *testing.T) {
	b := NewBudget(0.2, 10)
	n := 0
	for b.Allows(0) {
		b.Withdraw(0)
		n++
	}
	if n != 100 {
		t.Errorf("%d retries at once, want 10 per second for 10 s", n)
	}
	if b.Allows(sim.Time(9 * time.Second)) {
		t.Error("the reserve is back within the window")
	}
	if !b.Allows(sim.Time(time.Hour)) {
		t.Error("the reserve is not back after an hour")
	}
}
