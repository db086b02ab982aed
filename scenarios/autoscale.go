// Autoscale: who carries out what an autoscaler decides, from the counters of the
// servers to their processes, the same way in both worlds.
package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cdnlab/origin/autoscale"
	"cdnlab/report"
	"cdnlab/sim"
)

// nameAutoscaler is the name under which its decisions are noted.
const nameAutoscaler = "autoscaler"

// autoscales reports whether somebody adds and removes servers by the load.
func (s *Scenario) autoscales() bool { return s.Autoscale != nil && *orElse(s.Autoscale.On, true) }

// withSpare adds the servers that the autoscaler may order, the next app-N, to those
// that there are.
func (s *Scenario) withSpare(all []Server) []Server {
	if s.Autoscale == nil {
		return all
	}
	*s.Autoscale = s.Autoscale.WithDefaults(s.Origin.Servers)
	if !s.autoscales() {
		return all
	}
	described := s.Servers
	for n := 1; len(all) < min(s.Autoscale.Max, maxNodes); n++ {
		v := Server{Name: fmt.Sprintf("app-%d", n)}
		named := func(w Server) bool { return w.Name == v.Name }
		if slices.ContainsFunc(all, named) {
			continue
		}
		if i := slices.IndexFunc(described, named); i >= 0 {
			v = described[i]
		}
		v.Absent = true
		all = append(all, v)
	}
	return all
}

// autoscaleWords is what a picture says of the autoscaler.
func autoscaleWords(c *autoscale.Config) string {
	target := fmt.Sprintf("a utilization of %.3g %%", 100*c.Target)
	if c.Metric == autoscale.Requests {
		target = fmt.Sprintf("%g requests/s each", c.Target)
	}
	text := fmt.Sprintf("autoscaling: %d to %d servers, for %s in the mean; looked at every %v; a boot takes %v", c.Min, c.Max, target, brief(c.Interval), brief(*c.BootDelay))
	for _, s := range c.Schedule {
		text += fmt.Sprintf("; at least %d from %v on", s.Min, brief(s.At))
		if s.For > 0 {
			text += fmt.Sprintf(" for %v", brief(s.For))
		}
	}
	return text
}

// scaler is the control plane: it asks the decider when that wants to be asked, tells it
// what the servers' counters say, orders servers and gives them back. What it knows
// is as old as the counters: in virtual time they are of this moment; real processes
// tell theirs every 100 ms of wall time, with the time at which they counted.
type scaler struct {
	d       *driver
	f       *faults
	cfg     autoscale.Config
	decider *autoscale.Decider
	servers []*scaled
}

// scaled is a server as the scaler knows it.
type scaled struct {
	name   string
	boot   sim.Timer // pending: it is ordered, and its process does not start yet
	since  sim.Time  // when it joined the pool
	at     sim.Time  // when its counters were counted; 0: now
	counts []counted // of the metric, the oldest first
	// called off, while its process was just being started
	unwanted bool
}

type counted struct {
	at    sim.Time
	total int64
}

func newScaler(d *driver, cfg autoscale.Config) *scaler {
	s := &scaler{d: d, f: &faults{d.w, d}, cfg: cfg, decider: autoscale.NewDecider(cfg, d.t.Scenario.Origin.Servers)}
	for _, v := range d.t.Scenario.Servers {
		one := &scaled{name: v.Name}
		s.servers = append(s.servers, one)
		if !v.Absent {
			one.counts = []counted{{d.e.Now(), s.total(one)}}
		}
	}
	s.wait(-1)
	return s
}

// counter is the nodes' counter that the metric is made of.
func (s *scaler) counter() string {
	if s.cfg.Metric == autoscale.Requests {
		return "requests"
	}
	return "busy-ns"
}

func (s *scaler) total(one *scaled) int64 {
	return s.d.counting(one.name, s.counter()).total
}

func (s *scaler) find(name string) *scaled {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.servers, func(one *scaled) bool { return one.name == name })
	if i < 0 {
		return nil
	}
	return s.servers[i]
}

// heard is told as of when a node's next counters are.
func (s *scaler) heard(node string, at sim.Time) {
	if one := s.find(node); one != nil {
		one.at = at
	}
}

// joined is told that a server is in the pool from now on.
func (s *scaler) joined(name string) {
	if one := s.find(name); one != nil {
		now := s.d.e.Now()
		one.since, one.counts = now, []counted{{now, s.total(one)}}
	}
}

// unwanted reports whether a server that is being started is to end at once.
func (s *scaler) unwanted(name string) bool {
	one := s.find(name)
	if one == nil || !one.unwanted {
		return false
	}
	one.unwanted = false
	return true
}

// wait asks the decider again when it wants to be asked.
func (s *scaler) wait(since sim.Time) {
	next := s.d.start + s.decider.Next(since)
	if next < s.d.end {
		s.d.e.At(next, s.look)
	}
}

func (s *scaler) look() {
	if s.d.finished {
		return
	}
	s.d.sample()
	sample := s.measure()
	now := s.d.e.Now() - s.d.start
	want, why := s.decider.Decide(now, sample)
	switch have := sample.Servers(); {
	case want > have:
		s.note(sim.EventScaledOut, report.CounterScaledOut, have, want, why)
		s.order(want - have)
	case want < have:
		s.note(sim.EventScaledIn, report.CounterScaledIn, have, want, why)
		s.give(have - want)
	}
	s.wait(now)
}

func (s *scaler) note(kind sim.EventKind, counter string, have, want int, why string) {
	s.d.tell(nameAutoscaler, kind, "", fmt.Sprintf("%d to %d servers: %s", have, want, why))
	s.d.rec.Count(s.d.now(), report.Fleet, counter, 1)
}

// measure is what is known of the servers now.
func (s *scaler) measure() autoscale.Sample {
	var all autoscale.Sample
	for _, one := range s.servers {
		switch {
		case s.booting(one):
			all.Booting++
		case !s.inPool(one):
		case s.d.standing(one.name).crashed || s.d.standing(one.name).rolling:
			all.Missing++
		default:
			if load, ok := s.load(one); ok {
				all.Load += load
				all.Ready++
			} else {
				all.Booting++
			}
		}
	}
	return all
}

func (s *scaler) inPool(one *scaled) bool { return !s.d.t.Scenario.server(one.name).Absent }

func (s *scaler) booting(one *scaled) bool {
	return one.boot.Pending() || s.d.standing(one.name).joining && !one.unwanted
}

// load is a server's metric over the window, or since it joined when that is not
// so long ago; false when nothing has been counted since.
func (s *scaler) load(one *scaled) (float64, bool) {
	at := one.at
	if at == 0 {
		at = s.d.e.Now()
	}
	last := len(one.counts) - 1
	if at > one.counts[last].at {
		one.counts = append(one.counts, counted{at, s.total(one)})
		last++
	}
	for len(one.counts) > 2 && one.counts[1].at <= at.Add(-s.cfg.Window) {
		one.counts = one.counts[1:]
		last--
	}
	took := one.counts[last].at - one.counts[0].at
	if took <= 0 {
		return 0, false
	}
	grown := float64(one.counts[last].total - one.counts[0].total)
	if s.cfg.Metric == autoscale.Requests {
		return grown / time.Duration(took).Seconds(), true
	}
	workers := s.d.t.appConfig(one.name).Workers
	return min(1, grown/float64(took)/float64(workers)), true // long work that just ended was not all of this time
}

// order has so many more servers boot. When all that there may be are there, those
// come back that have left the pool and still run: they need no boot.
func (s *scaler) order(n int) {
	for _, running := range []bool{false, true} {
		for _, one := range s.servers {
			if n == 0 || s.booting(one) || s.inPool(one) || s.d.standing(one.name).leaving != running {
				continue
			}
			n--
			one.since = sim.Never
			switch {
			case one.unwanted: // it is being started all the same
				one.unwanted = false
				continue
			case running:
				s.f.AddServer(one.name)
				continue
			}
			s.d.census.pay(one.name)
			one.boot = s.d.e.After(*s.cfg.BootDelay, func() { s.f.AddServer(one.name) })
		}
	}
}

// give gives so many servers back: those that boot first, then those that joined
// last, as Kubernetes does.
func (s *scaler) give(n int) {
	var there []*scaled
	for _, one := range slices.Backward(s.servers) {
		if s.booting(one) || s.inPool(one) {
			there = append(there, one)
		}
	}
	slices.SortStableFunc(there, func(a, b *scaled) int { return cmp.Compare(b.since, a.since) })
	for _, one := range there[:n] {
		switch {
		case one.boot.Pending():
			one.boot.Stop()
			s.d.census.spare(one.name)
		case s.inPool(one):
			s.f.RemoveServer(one.name)
		default:
			one.unwanted = true // a process can be ended when it runs
		}
	}
}
