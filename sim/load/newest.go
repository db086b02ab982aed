// Newest: objects that appear one after the other, and users who want the newest.
package load

import (
	"math"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// newest is how the objects of an entry appear. The zero newest is of one where all are
// there from the beginning.
type newest struct {
	every time.Duration
	error time.Duration // of users' clocks, a standard deviation
}

// Appears reports whether an object appears at a time of its own.
func (c *Catalog) Appears(o Object) bool { return c.families[o.Entry].newest.every > 0 }

// Newest returns the one that a user wants who asks at a time after the load's begin:
// the newest by their clock, and when all have appeared the last.
func (c *Catalog) Newest(o Object, since time.Duration, roll *sim.Roll) Object {
	f := &c.families[o.Entry]
	if f.newest.error > 0 {
		since += time.Duration(roll.Norm() * float64(f.newest.error))
	}
	n := 1 + math.Floor(since.Seconds()/f.newest.every.Seconds())
	o.Number = int32(min(max(n, 1), float64(f.rank.n)))
	return o
}

// There reports whether an object has appeared by a time.
func (v *Versions) There(o Object, t sim.Time) bool {
	d := v.appears[o.Entry]
	if d == 0 || o.Number == 1 {
		return true
	}
	return v.begun != 0 && t.Sub(v.begun)/d >= time.Duration(o.Number-1)
}

func (e Entry) checkAppears(l *check.List) {
	switch {
	case e.Appears == 0 && e.ClockError != 0:
		l.Add("clock-error", "means nothing where all objects are there from the beginning; give appears")
	case e.Appears == 0:
	case e.Objects <= 1:
		l.Add("appears", "needs objects that can appear one after the other")
	case e.Popularity != "" || e.Alpha != nil:
		l.Add("appears", "leaves no choice to popularity and alpha: everybody asks for the newest")
	default:
		l.Duration("appears", e.Appears, 10*time.Millisecond, 24*time.Hour)
		l.Duration("clock-error", e.ClockError, 0, 24*time.Hour)
	}
}
