// The retry budget: retries stay a small share of the requests.
package balance

import (
	"time"

	"cdnlab/sim"
)

// budgetSlots is how many seconds a Budget looks back: Finagle's and Linkerd's
// ten.
const budgetSlots = 10

// Budget allows retries up to a share of the requests of the last ten seconds,
// and a few per second whatever their number: Finagle's RetryBudget (20 %, 10
// per second, 10 s), kept in slots of one second. Without one, a server that
// fails gets its load multiplied at the moment when it can bear it least.
type Budget struct {
	share    float64
	reserve  float64 // retries allowed in the window without any request
	requests [budgetSlots]int64
	retries  [budgetSlots]int64
	second   int // of the newest slot
	balance  float64
}

// NewBudget returns a Budget of share of the requests plus perSecond.
func NewBudget(share float64, perSecond int) *Budget {
	b := &Budget{}
	b.Change(share, perSecond)
	return b
}

// Change allows another share and reserve, of what has been counted too.
func (b *Budget) Change(share float64, perSecond int) {
	b.share, b.reserve = share, float64(perSecond)*budgetSlots
	b.sum()
}

// Deposit counts a request.
func (b *Budget) Deposit(now sim.Time) {
	b.turn(now)
	b.requests[b.second%budgetSlots]++
	b.balance += b.share
}

// Allows reports whether there is a retry left.
func (b *Budget) Allows(now sim.Time) bool {
	b.turn(now)
	return b.balance >= 1-1e-9 // sums of tenths are not exact
}

// Withdraw counts a retry.
func (b *Budget) Withdraw(now sim.Time) {
	b.turn(now)
	b.retries[b.second%budgetSlots]++
	b.balance--
}

// turn drops the slots that have become too old and sums up anew, so that
// rounding never adds up.
func (b *Budget) turn(now sim.Time) {
	second := int(now / sim.Time(time.Second))
	if second <= b.second {
		return
	}
	for range min(second-b.second, budgetSlots) {
		b.second++
		b.requests[b.second%budgetSlots], b.retries[b.second%budgetSlots] = 0, 0
	}
	b.second = second
	b.sum()
}

func (b *Budget) sum() {
	b.balance = b.reserve
	for i := range budgetSlots {
		b.balance += b.share*float64(b.requests[i]) - float64(b.retries[i])
	}
}
