// Rollout: app servers that are restarted, some at a time, each in the version that
// was released last.
package scenarios

import (
	"fmt"
	"slices"

	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// rollout is one that is not over. A server goes through its stages in their order:
//
//	draining, when there is a drain: until every balancer has nothing under way there, or the time is up
//	away: its process has ended, and the next boots
//	starting: until it serves
//	joining: until no balancer has it out of rotation
//	pausing
//
// The next one's turn comes then. One that is not in the pool when its turn comes, or
// that leaves meanwhile, is passed over.
type rollout struct {
	d     *driver
	cfg   fault.Rollout
	todo  []string
	under []*rolled
}

type rollStage uint8

const (
	draining rollStage = iota
	away
	starting
	joining
	pausing
)

// rolled is a server that is being restarted.
type rolled struct {
	server string
	stage  rollStage
	timer  sim.Timer
}

// Release implements fault.Actor.
func (f *faults) Release() {
	d := f.d
	d.tell(nameOrigin, sim.EventReleased, "", fmt.Sprintf("version %d", 2+len(d.t.Scenario.Deploys)))
	d.change(func(s *Scenario) {
		s.Deploys = append(s.Deploys, d.e.Now())
		for i := range s.Servers {
			s.Servers[i].Behind++
		}
	})
}

// renewed has a server that is about to start be of the newest version.
func (d *driver) renewed(server string) {
	if d.t.Scenario.server(server).Behind > 0 {
		d.change(func(s *Scenario) { s.server(server).Behind = 0 })
	}
}

// Roll implements fault.Actor.
func (f *faults) Roll(c fault.Rollout) {
	r := &rollout{d: f.d, cfg: c}
	for _, v := range f.d.t.Scenario.Servers {
		if len(c.Servers) == 0 {
			r.todo = append(r.todo, v.Name)
		}
	}
	for _, name := range c.Servers {
		if f.d.t.Has(name) { // else this variant does not have it
			r.todo = append(r.todo, name)
		}
	}
	f.d.rollouts = append(f.d.rollouts, r)
	r.next()
}

// next begins with as many servers as may be away at a time.
func (r *rollout) next() {
	for len(r.under) < r.cfg.AtOnce && len(r.todo) > 0 {
		server := r.todo[0]
		r.todo = r.todo[1:]
		if s := r.d.standing(server); s.away || s.rolling || r.d.t.Scenario.server(server).Absent {
			continue
		}
		r.d.standing(server).rolling = true
		one := &rolled{server: server}
		r.under = append(r.under, one)
		r.drain(one)
	}
	if len(r.under) == 0 {
		r.d.rollouts = slices.DeleteFunc(r.d.rollouts, func(o *rollout) bool { return o == r })
	}
}

// drain has the balancers give the server nothing new.
func (r *rollout) drain(one *rolled) {
	d := r.d
	if r.cfg.Drain == 0 || !*d.t.Scenario.Balancer.On {
		r.end(one)
		return
	}
	d.standing(one.server).idle = nil
	one.timer = d.e.After(r.cfg.Drain, func() { r.end(one) })
	d.tell(one.server, sim.EventDraining, "", "")
	d.change(func(s *Scenario) { s.server(one.server).Drained = true })
}

// end ends the server's process.
func (r *rollout) end(one *rolled) {
	d := r.d
	one.timer.Stop()
	if d.finished {
		return
	}
	s := d.standing(one.server)
	one.stage, s.away = away, true
	if !s.crashed {
		d.w.Stop(one.server)
	}
	one.timer = d.e.After(r.cfg.Boot, func() { r.start(one) })
}

// start starts it anew. One that has been crashed starts when that fault is over.
func (r *rollout) start(one *rolled) {
	d := r.d
	s := d.standing(one.server)
	if d.finished || d.t.Scenario.server(one.server).Absent {
		r.over(one)
		return
	}
	one.stage, s.away = starting, false
	d.renewed(one.server)
	if !s.crashed {
		d.w.Restart(one.server)
	}
}

// heed follows what nodes note.
func (r *rollout) heed(e sim.Event) {
	for _, one := range slices.Clone(r.under) {
		switch {
		case one.stage == draining && e.Kind == sim.EventDrained && e.Subject == one.server && r.d.idle(one.server):
			r.end(one)
		case one.stage == starting && e.Kind == sim.EventStarted && e.Node == one.server:
			r.started(one)
		case one.stage == joining && !r.d.out(one.server):
			r.joined(one)
		}
	}
}

func (r *rollout) started(one *rolled) {
	d := r.d
	one.stage = joining
	if d.t.Scenario.server(one.server).Drained && !d.finished {
		d.tell(one.server, sim.EventUndrained, "", "")
		d.change(func(s *Scenario) { s.server(one.server).Drained = false })
	}
	if !d.out(one.server) {
		r.joined(one)
	}
}

func (r *rollout) joined(one *rolled) {
	one.stage = pausing
	one.timer = r.d.e.After(r.cfg.Pause, func() { r.over(one) })
}

// over ends a server's turn.
func (r *rollout) over(one *rolled) {
	r.d.standing(one.server).rolling = false
	r.under = slices.DeleteFunc(r.under, func(o *rolled) bool { return o == one })
	if !r.d.finished {
		r.next()
	}
}
