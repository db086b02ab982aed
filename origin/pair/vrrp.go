// VRRP: who of several balancers has the address (RFC 9568 6.4), for one virtual
// router.
package pair

import (
	"time"

	"cdnlab/sim"
)

// VRRP is one balancer's state of the election: it has the address (Active), or
// stands by (Backup) and takes it when it has heard no advert for too long.
type VRRP struct {
	interval time.Duration
	priority int
	number   int // orders those of the same priority, as their addresses would
	preempt  bool
	active   bool
	due      sim.Time
}

// Action is what a balancer has to do now.
type Action struct {
	Advertise bool // send an advert to the others
	Announce  bool // tell the network where the address is (gratuitous ARP)
	Changed   bool // it has the address now, or has it no more
}

// NewVRRP returns the state of the balancer of that number, which begins with the address
// or standing by.
func NewVRRP(now sim.Time, c VRRPConfig, number int, active bool) *VRRP {
	v := &VRRP{number: number, active: active, due: now}
	v.Change(c)
	if !active {
		v.due = now.Add(v.downInterval())
	}
	return v
}

// Change goes on with other numbers: a new priority or interval counts from the next
// advert.
func (v *VRRP) Change(c VRRPConfig) {
	v.interval, v.priority, v.preempt = c.Interval, c.Priorities[v.number], *c.Preempt
}

// Active reports whether it has the address.
func (v *VRRP) Active() bool { return v.active }

// Priority is what its adverts say.
func (v *VRRP) Priority() int { return v.priority }

// Due is when Tick is to be called next.
func (v *VRRP) Due() sim.Time { return v.due }

// downInterval is how long silence is borne: Active_Down_Interval, three intervals
// and Skew_Time (RFC 9568 6.1). The higher the priority the shorter the
// skew, so that the best of several takes over first and the others hear of it.
func (v *VRRP) downInterval() time.Duration {
	skew := time.Duration(256-v.priority) * v.interval / 256
	return 3*v.interval + skew
}

// Tick is the passing of Due: the next advert of who has the address, or the end of a
// backup's patience.
func (v *VRRP) Tick(now sim.Time) Action {
	took := !v.active
	v.active = true
	v.due = now.Add(v.interval)
	return Action{Advertise: true, Announce: took, Changed: took}
}

// Heard takes the advert of another.
func (v *VRRP) Heard(now sim.Time, priority, number int) Action {
	greater := priority > v.priority || priority == v.priority && number > v.number
	switch {
	case v.active && greater:
		v.active = false
		v.due = now.Add(v.downInterval())
		return Action{Changed: true}
	case v.active:
		// Two had it, and the other is to hear that it has lost: it, and the switches that
		// believe it (6.4.3).
		v.due = now.Add(v.interval)
		return Action{Advertise: true, Announce: true}
	case greater || !v.preempt || priority == v.priority:
		v.due = now.Add(v.downInterval())
	}
	return Action{} // a lesser one, to be taken over from
}
