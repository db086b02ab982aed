// What a pool does about health beyond checks and strikes: outliers, slow start, panic.
package balance

import (
	"reflect"
	"slices"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// judgeAnew begins to judge the servers against each other, if the configuration says
// so; whoever was ejected is back.
func (p *Pool) judgeAnew() {
	p.sweep.Stop()
	p.judge = nil
	if !p.cfg.Outlier.On() {
		return
	}
	p.judge = health.NewOutliers(p.cfg.Outlier)
	p.judge.Grow(len(p.members))
	p.sweep = p.env.After(p.cfg.Outlier.Interval, p.swept)
}

// swept ends an interval of the judge.
func (p *Pool) swept() {
	for _, x := range p.judge.Sweep(p.env.Now()) {
		if m := p.members[x.Server]; !m.gone {
			m.update(x.Why)
		}
	}
	p.sweep = p.env.After(p.cfg.Outlier.Interval, p.swept)
}

// ejected reports whether the server is out as an outlier.
func (m *member) ejected() bool { return m.pool.judge != nil && m.pool.judge.Out(m.number) }

// alarm begins or ends the panic of a priority's servers: requests then go to all of
// them, as so few are left in rotation that those would drown (Envoy's panic threshold).
func (p *Pool) alarm(servers *Servers) {
	if p.cfg.Panic == 0 && !servers.Panic() {
		return
	}
	up, all := p.beside(servers)
	on := float64(up) < p.cfg.Panic*float64(all)
	if on == servers.Panic() {
		return
	}
	for _, t := range p.tiers { // of all its zones
		if t.priority == p.tierOf(servers).priority {
			t.servers.SetPanic(on)
		}
	}
	kind := sim.EventPanicEnd
	if on {
		kind = sim.EventPanic
	}
	p.env.Note(kind, "", "")
}

// grow begins the slow start of a server that is back.
func (m *member) grow() {
	m.ramp.Stop()
	if m.gone {
		return
	}
	m.back = m.pool.env.Now()
	m.step()
}

// step gives the server the weight that it has by now.
func (m *member) step() {
	share, again := m.pool.cfg.SlowStart.Share(m.pool.env.Now().Sub(m.back))
	m.servers.SetShare(m.server, max(1, int64(share*float64(m.server.Weight)*Unit)))
	if again > 0 {
		m.ramp = m.pool.env.After(again, m.step)
	}
}

// rejudge goes on by other rules for outliers, slow start and panic.
func (p *Pool) rejudge(before PoolConfig) {
	if !reflect.DeepEqual(p.cfg.Outlier, before.Outlier) {
		p.judgeAnew()
		for _, m := range p.members {
			if !m.gone {
				m.update("outliers are judged anew")
			}
		}
	}
	for _, t := range p.tiers {
		p.alarm(t.servers)
	}
}

// beside returns how many servers are in rotation of those of the same priority, in
// whatever zone.
func (p *Pool) beside(servers *Servers) (up, all int) {
	priority := p.tierOf(servers).priority
	for _, t := range p.tiers {
		if t.priority == priority {
			u, a := t.servers.inRotation()
			up, all = up+u, all+a
		}
	}
	return up, all
}

func (p *Pool) tierOf(servers *Servers) *tier {
	return p.tiers[slices.IndexFunc(p.tiers, func(t *tier) bool { return t.servers == servers })]
}
