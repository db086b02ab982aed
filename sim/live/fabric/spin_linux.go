// spinner: waking early, and turning on the spot until the time has come.
package fabric

import (
	"time"

	"cdnlab/sim"
)

// spinner learns how late the system wakes the thread, has it woken as much
// earlier, and spends what is left by reading the clock: a core that slept takes
// some tens of µs to wake, now more and now less, and only the difference is spent.
// It has a budget, and so can never keep a core from others.
type spinner struct {
	slip   time.Duration // how late the thread is woken, nine times in ten less
	budget time.Duration
	filled sim.Time // when the budget was last filled up
	asked  sim.Time // when the thread is to be woken
}

const (
	// mostSlip bounds one turn.
	mostSlip = 100 * time.Microsecond
	// spinShare is the share of the time that may be spent: 1/16 of a core.
	spinShare = 16
	// mostBudget is what can be saved up.
	mostBudget = 2 * time.Millisecond
	// slipStep is how far one wake moves what was learnt: nine steps up, or one down.
	slipStep = 500 * time.Nanosecond
)

// early returns how much before the end of a wait to be woken; 0: not at all.
func (s *spinner) early(now sim.Time, left time.Duration) time.Duration {
	s.budget = min(mostBudget, s.budget+now.Sub(s.filled)/spinShare)
	s.filled = now
	if s.budget < mostSlip {
		return 0
	}
	early := max(s.slip, time.Microsecond)
	if early >= left {
		return 0
	}
	s.asked = now.Add(left - early)
	return early
}

// until turns until a time, which is at most early away, unless the thread was
// woken by something else.
func (s *spinner) until(clock func() sim.Time, t sim.Time, early time.Duration) {
	woken := clock()
	slip := woken.Sub(s.asked)
	if slip < 0 {
		return // a signal: the loop asks again
	}
	if slip > s.slip {
		s.slip = min(s.slip+9*slipStep, mostSlip)
	} else {
		s.slip = max(s.slip-slipStep, 0)
	}
	now := woken
	for now < t {
		now = clock()
	}
	s.budget -= now.Sub(woken)
}
