// The shape users: a closed loop.
package load

import (
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
func init() {
	Shapes.Add("users", "a closed loop: each user asks, waits for the answer, thinks, asks again", Kind{
		Needs: []string{"users"}, May: []string{"think-time", "think-law", "rise"},
		Closed: true, Make: makeUsers, Check: checkUsers,
	})
}

// makeUsers returns what the users would ask of a server that answers at once:
// the most that can come, good for an estimate.
func makeUsers(c Config, _ time.Duration) Shape {
	most := float64(c.Users) / c.ThinkTime.Seconds()
	return join(most, line{c.Rise, 0, most})
}

func checkUsers(c Config, run time.Duration, l *check.List) {
	l.Duration("think-time", c.ThinkTime, minThink, 24*time.Hour)
	if c.Rise > run {
		l.Add("rise", "users would still arrive at %v, after the end of the run (%v)", c.Rise, run)
	}
}

var luckThink = sim.NewLuck("user: think time")

// Users decides when each of a fixed number of users asks. A user's n-th think
// time depends on the seed, the user and n alone: all variants and both worlds
// see the same people, however fast they are answered.
type Users struct {
	seed        uint64
	rise, think time.Duration
	constant    bool
	asked       []uint32 // by user: how many requests were made
}

// NewUsers returns the users of a closed load, numbered from 0.
func (c Config) NewUsers(seed uint64) *Users {
	c = c.WithDefaults()
	return &Users{seed: seed, rise: c.Rise, think: c.ThinkTime, constant: c.ThinkLaw == "constant", asked: make([]uint32, c.Users)}
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
// ever, they begin at a random point of their first thought.
func (u *Users) Start(user int) sim.Time {
	arrived := sim.Time(float64(u.rise) * float64(user) / float64(len(u.asked)))
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

// Says returns what a table must say beside the results.
func (u *Users) Says() string { return ClosedLoop }

func (u *Users) roll(user int) sim.Roll { return sim.Draw(u.seed, luckThink, u.ID(user), 0) }

// thinks is at most ten times the mean, as in TPC-W: one user in 22,000
// would think longer and hardly matters, but could outlast the run.
func (u *Users) thinks(roll sim.Roll) time.Duration {
	if u.constant {
		return u.think
	}
	return time.Duration(min(roll.Exp(), 10) * float64(u.think))
}
