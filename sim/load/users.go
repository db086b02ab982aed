// The shape users: a closed loop.
package load

import (
	"math"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// ClosedLoop is what a table says beside the results of a closed loop.
const ClosedLoop = "closed loop: a user asks again only after the answer, so a slow server is asked less, " +
	"and the latency hides the waiting of those who would have come meanwhile (coordinated omission)"

// minThink keeps a user from asking a dead server, which refuses in no time,
// again and again at one and the same moment.
const minThink = time.Millisecond

// Users over time, and the most they can ask:
//
//	user 1  ask····answer      ask···answer        ask··    at most users/think-time
//	user 2       ask···answer       ask·······answer        requests per second; the
//	        +------------|think|------------------------ t  longer the dots, the fewer
//
// With a peak there are that many from at on, who come within the rise. Where
// the scenario has journeys, what a user does each time is a whole visit.
func init() {
	Shapes.Add("users", "a closed loop: each user asks, waits for the answer, thinks, asks again", Kind{
		Needs: []string{"users"}, May: []string{"think-time", "think-law", "rise", "peak", "at"},
		Closed: true, Make: makeUsers, Check: checkUsers,
	})
}

// makeUsers returns what the users would ask of a server that answers at once:
// the most that can come, good for an estimate.
func makeUsers(c Config, _ time.Duration) Shape {
	first := float64(c.Users) / c.ThinkTime.Seconds()
	if c.Peak == 0 {
		return join(first, line{c.Rise, 0, first})
	}
	most := c.Peak / c.ThinkTime.Seconds()
	return join(most, line{c.At, first, first}, line{c.Rise, first, most})
}

func checkUsers(c Config, run time.Duration, l *check.List) {
	l.Duration("think-time", c.ThinkTime, minThink, 24*time.Hour)
	switch {
	case c.At+c.Rise > run:
		l.Add("rise", "users would still arrive at %v, after the end of the run (%v)", c.At+c.Rise, run)
	case c.Peak == 0 && c.At > 0:
		l.Add("at", "means nothing to users without a peak: when do how many come?")
	case c.Peak != 0 && c.Peak <= float64(c.Users):
		l.Add("peak", "%g must be above the users before it (%d)", c.Peak, c.Users)
	case c.Peak != math.Trunc(c.Peak):
		l.Add("peak", "%g must be a whole number of users", c.Peak)
	}
}

var luckThink = sim.NewLuck("user: think time")

// Users decides when each of a fixed number of users asks. A user's n-th think
// time depends on the seed, the user and n alone: all variants and both worlds
// see the same people, however fast they are answered.
type Users struct {
	seed     uint64
	first    int // so many are there before the peak
	at, rise time.Duration
	think    time.Duration
	constant bool
	asked    []uint32 // by user: how many requests were made
}

// NewUsers returns the users of a closed load, numbered from 0.
func (c Config) NewUsers(seed uint64) *Users {
	c = c.WithDefaults()
	return &Users{seed: seed, first: c.Users, at: c.At, rise: c.Rise, think: c.ThinkTime, constant: c.ThinkLaw == "constant",
		asked: make([]uint32, max(c.Users, int(c.Peak)))}
}

// Change makes think times from now on those of another load.
func (u *Users) Change(c Config) {
	c = c.WithDefaults()
	u.think, u.constant = c.ThinkTime, c.ThinkLaw == "constant"
}

// Len returns how many users there are.
func (u *Users) Len() int { return len(u.asked) }

// Start returns when a user asks for the first time. Users come evenly over the
// rise, and the first thing they do is think, so that they do not all knock in
// one moment. With constant think times, which would keep them in step for
// ever, they begin at a random point of their first thought. Where there is a
// peak, it is those who make it that come over the rise, and they come to ask:
// they do so at once.
func (u *Users) Start(user int) sim.Time {
	var arrived sim.Time
	switch {
	case len(u.asked) == u.first:
		arrived = sim.Time(float64(u.rise) * float64(user) / float64(u.first))
	case user >= u.first:
		return sim.Time(u.at) + sim.Time(float64(u.rise)*float64(user-u.first)/float64(len(u.asked)-u.first))
	}
	roll := u.roll(user)
	if u.constant {
		return arrived.Add(time.Duration(roll.Float64() * float64(u.think)))
	}
	return arrived.Add(u.thinks(roll))
}

// ID returns the number of the user's next request: unique in a run, and the
// same in every variant, for Draw to be keyed by.
func (u *Users) ID(user int) uint64 { return uint64(user+1)<<32 | uint64(u.asked[user]) }

// Done takes the end of a user's request and returns when the user asks next.
func (u *Users) Done(user int, now sim.Time) sim.Time {
	u.asked[user]++
	return now.Add(u.thinks(u.roll(user)))
}

// Asked returns how many times a user has asked before.
func (u *Users) Asked(user int) uint32 { return u.asked[user] }

// Says returns what a table must say beside the results.
func (u *Users) Says() string { return ClosedLoop }

func (u *Users) roll(user int) sim.Roll { return sim.Draw(u.seed, luckThink, u.ID(user), 0) }

func (u *Users) thinks(roll sim.Roll) time.Duration { return thinks(roll, u.think, u.constant) }

// thinks is at most ten times the mean, as in TPC-W: one user in 22,000
// would think longer and hardly matters, but could outlast the run.
func thinks(roll sim.Roll, mean time.Duration, constant bool) time.Duration {
	if constant {
		return mean
	}
	return time.Duration(min(roll.Exp(), 10) * float64(mean))
}
