// The decider: how many servers, from what was measured of those that there are.
package autoscale

import (
	"fmt"
	"math"
	"slices"

	"cdnlab/sim"
)

// Sample is what is known of a fleet at one moment.
type Sample struct {
	Load    float64 // the metric, summed over the servers that were measured
	Ready   int     // those: in the pool, and running
	Booting int     // ordered, and not measured yet
	Missing int     // in the pool, and nothing can be measured of them
}

// Servers is how many there are, or will be without another word.
func (s Sample) Servers() int { return s.Ready + s.Booting + s.Missing }

// Decider decides by the rule of Kubernetes' HorizontalPodAutoscaler
// (pkg/controller/podautoscaler: replica_calculator.go, horizontal.go):
//
//	desired = ceil(current x metric / target)
//
// unless the metric is within the tolerance of its target. A decision to add takes
// servers that boot to be without any load, so that one that was made a moment ago
// is not made again; one to remove takes those of which nothing is known to be
// at the target. Beside that stand the timetable, a limit for each step, and Amazon's
// cooldowns. All times count from the load's begin.
type Decider struct {
	cfg    Config
	look   sim.Time // the next
	wanted []want   // of looks not longer ago than the stabilization
	out    sim.Time // when something was added by the metric
	moved  sim.Time // when something was added or removed
}

// want is what one look wanted.
type want struct {
	at      sim.Time
	servers int
}

// NewDecider returns a Decider of a Config that has its defaults and was checked, for
// a fleet that begins with so many servers: for as long as the stabilization lasts
// none of them goes.
func NewDecider(cfg Config, servers int) *Decider {
	const longAgo = -sim.Never / 2
	return &Decider{cfg: cfg, look: sim.Time(cfg.Interval), wanted: []want{{0, servers}}, out: longAgo, moved: longAgo}
}

// Next returns when to ask next: a look is due, or an entry of the timetable begins.
// An end needs no haste.
func (d *Decider) Next(now sim.Time) sim.Time {
	next := d.look
	for _, s := range d.cfg.Schedule {
		if at := sim.Time(s.At); at > now {
			next = min(next, at)
		}
	}
	return next
}

// Decide returns how many servers there should be from now on, and why.
func (d *Decider) Decide(now sim.Time, s Sample) (servers int, why string) {
	have := s.Servers()
	servers = have
	if now >= d.look {
		for d.look <= now {
			d.look += sim.Time(d.cfg.Interval)
		}
		servers, why = d.measured(now, s)
	}
	if floor := d.floor(now); servers < floor {
		servers, why = floor, fmt.Sprintf("at least %d", floor)
	}
	servers = min(servers, d.cfg.Max)
	if servers != have {
		d.moved = now
	}
	return servers, why
}

// floor is the least number of servers at a time.
func (d *Decider) floor(now sim.Time) int {
	floor := d.cfg.Min
	for _, s := range d.cfg.Schedule {
		if from := sim.Time(s.At); now >= from && (s.For == 0 || now < from.Add(s.For)) {
			floor = max(floor, s.Min)
		}
	}
	return min(floor, d.cfg.Max)
}

// measured is what the metric asks for, as far as it may be done now.
func (d *Decider) measured(now sim.Time, s Sample) (servers int, why string) {
	have, wish := s.Servers(), d.desired(s)
	lasting := d.remember(now, wish)
	switch {
	case wish > have && now >= d.out.Add(d.cfg.CooldownOut):
		if servers = min(wish, d.cfg.Max, have+d.stepOut(have)); servers > have {
			d.out = now
			return servers, d.says(s)
		}
	case lasting < have && now >= d.moved.Add(d.cfg.CooldownIn):
		return max(lasting, d.cfg.Min, have-d.stepIn(have)), d.says(s)
	}
	return have, ""
}

// remember keeps what a look wanted for as long as it counts, and returns the most
// that one of those wanted which count now.
func (d *Decider) remember(now sim.Time, wish int) (most int) {
	d.wanted = slices.DeleteFunc(d.wanted, func(w want) bool { return w.at.Add(*d.cfg.Stabilization) <= now })
	d.wanted = append(d.wanted, want{now, wish})
	return slices.MaxFunc(d.wanted, func(a, b want) int { return a.servers - b.servers }).servers
}

// desired is how many servers the metric asks for.
func (d *Decider) desired(s Sample) int {
	have := s.Servers()
	if s.Ready == 0 {
		return have // nothing is known
	}
	ratio := s.Load / float64(s.Ready) / d.cfg.Target
	adds := s.Booting > 0 && ratio > 1
	if !adds && s.Missing == 0 {
		if d.tolerates(ratio) {
			return have
		}
		return ceil(ratio * float64(s.Ready))
	}
	load, counted := s.Load, s.Ready+s.Missing
	if ratio < 1 { // who is silent may be at work
		load += float64(s.Missing) * d.busy()
	} else if adds {
		counted += s.Booting
	}
	again := load / float64(counted) / d.cfg.Target
	if d.tolerates(again) || (ratio < 1) != (again < 1) {
		return have
	}
	wish := ceil(again * float64(counted))
	if (again > 1) == (wish < have) { // one thing says up, the other down
		return have
	}
	return wish
}

// busy is what a server of which nothing is known is taken to have, when servers are
// to be removed: all of its workers' time, or the target of another metric.
func (d *Decider) busy() float64 {
	if d.cfg.Metric == Utilization {
		return 1
	}
	return d.cfg.Target
}

// lastDigits is what a sum of floats may be off: 1.1 is within a tenth of 1.
const lastDigits = 1e-9

func (d *Decider) tolerates(ratio float64) bool {
	return math.Abs(ratio-1) <= *d.cfg.Tolerance+lastDigits
}

func ceil(v float64) int { return int(math.Ceil(v - lastDigits)) }

// leastStep is how many servers may be added however few there are.
const leastStep = 4

func (d *Decider) stepOut(have int) int {
	if d.cfg.Step > 0 {
		return d.cfg.Step
	}
	return max(leastStep, have)
}

func (d *Decider) stepIn(have int) int {
	if d.cfg.Step > 0 {
		return d.cfg.Step
	}
	return have
}

// says tells what was measured.
func (d *Decider) says(s Sample) string {
	mean := s.Load / float64(max(s.Ready, 1))
	if d.cfg.Metric == Requests {
		return fmt.Sprintf("%.1f requests/s a server, the target is %g", mean, d.cfg.Target)
	}
	return fmt.Sprintf("utilization %.0f %%, the target is %.0f %%", 100*mean, 100*d.cfg.Target)
}
