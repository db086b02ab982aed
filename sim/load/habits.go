// Habits: what users do with a large content but to take all of it.
package load

import (
	"net/http"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// habits are those with one entry of a catalog.
type habits struct {
	seek, leave float64
	after       time.Duration
}

// Habits reports whether users of an object do anything but take all of it.
func (c *Catalog) Habits(o Object) bool {
	h := &c.families[o.Entry].habits
	return h.seek > 0 || h.leave > 0
}

// Seek draws where in an object a request begins: 0 for one that wants all of it.
func (c *Catalog) Seek(o Object, roll *sim.Roll) int64 {
	h := &c.families[o.Entry].habits
	if size := c.Size(o); h.seek > 0 && roll.Float64() < h.seek && size > 1 {
		return 1 + int64(roll.Float64()*float64(size-1))
	}
	return 0
}

// Leave draws how long after the first byte the user leaves; false when they stay.
func (c *Catalog) Leave(o Object, roll *sim.Roll) (time.Duration, bool) {
	h := &c.families[o.Entry].habits
	if h.leave == 0 || roll.Float64() >= h.leave {
		return 0, false
	}
	return thinks(*roll, h.after, false), true
}

func (e Entry) checkHabits(l *check.List) {
	l.Number("seek", e.Seek, 0, 1)
	l.Number("leave", e.Leave, 0, 1)
	switch {
	case e.Seek > 0 && e.withDefaults().Method != http.MethodGet:
		l.Add("seek", "means nothing to what is not asked for by GET")
	case e.LeaveAfter != 0:
		l.Duration("leave-after", e.LeaveAfter, time.Millisecond, 24*time.Hour)
	}
}
