// Change: a pool that goes on with another configuration and other servers.
package balance

import (
	"reflect"
	"slices"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Change makes the pool one of cfg over the targets, as a reload does that drops
// nobody: requests under way go on, and servers that stay keep their counts,
// their health and their strikes. A server that is new joins by the way that dial
// returns; one that is not among the targets any more leaves, and finishes what
// it has. A pool whose servers, weights or algorithm change makes its policy
// anew.
func (p *Pool) Change(cfg PoolConfig, around Around, dial func(name string) sim.Handler, targets ...Target) error {
	cfg = cfg.WithDefaults()
	if err := cfg.check(); err != nil {
		return err
	}
	if _, err := Policies.Get(cfg.Algorithm); err != nil {
		return err
	}
	if err := around.Peer.check(); err != nil {
		return err
	}
	before, peer := p.cfg, p.around.Peer
	p.cfg, p.around = cfg, around
	p.budget.Change(*cfg.RetryBudget, *cfg.RetryMinimum)
	if !reflect.DeepEqual(cfg.Hedge, before.Hedge) {
		p.hedge()
	}
	p.breaker.Change(cfg.Breaker.strikes())
	p.rewatch(before)
	p.rejudge(before)
	if cfg.LoadReports != before.LoadReports {
		p.rereport()
	}
	if cfg.Sticky != before.Sticky {
		p.stick()
	}
	moved, err := p.enlist(dial, targets)
	if err != nil {
		return err
	}
	p.weigh()
	p.wake()
	if moved || p.near || peer != around.Peer || !reflect.DeepEqual(cfg.Config, before.Config) {
		return p.choose()
	}
	return nil
}

// enlist makes the targets the servers of the pool, and reports whether there
// are others, or with other weights, than before.
func (p *Pool) enlist(dial func(name string) sim.Handler, targets []Target) (moved bool, err error) {
	for _, m := range p.members {
		if !m.gone && !slices.ContainsFunc(targets, func(t Target) bool { return t.Name == m.server.Name }) {
			m.leave()
			moved = true
		}
	}
	for _, t := range targets {
		m := p.find(t.Name)
		if m == nil {
			t.Handler = dial(t.Name)
			if err := p.add(t); err != nil {
				return moved, err
			}
			p.members[len(p.members)-1].start()
			p.members[len(p.members)-1].ask()
			p.members[len(p.members)-1].grow()
			moved = true
			continue
		}
		moved = m.becomes(t) || moved
		m.drain(t.Drained)
	}
	return moved, nil
}

// becomes makes a known server what its target says, and reports whether its
// place in the pool is another.
func (m *member) becomes(t Target) bool {
	weight := max(t.Weight, 1)
	if !m.gone && weight == m.server.Weight && t.MaxConnections == m.server.MaxConnections {
		return false
	}
	m.servers.SetSpec(m.server, weight, t.MaxConnections)
	if m.gone { // a new process, of which nothing is known
		m.gone = false
		m.pool.size++
		m.reset()
		m.servers.SetUp(m.server, true)
		m.start()
		m.ask()
		m.grow()
	}
	if m.ramp.Pending() {
		m.ramp.Stop()
		m.step()
	}
	return true
}

// leave takes the server out of the pool.
func (m *member) leave() {
	m.gone = true
	m.pool.size--
	m.stop()
	m.unask()
	m.withdraw()
	m.prober = nil
	m.expire.Stop()
	m.ramp.Stop()
	m.servers.SetSpec(m.server, 0, m.server.MaxConnections)
	m.server.draining = false // or who was drained before would not be told of the end
	m.drain(true)
}

// drain keeps new requests from the server, or no longer does.
func (m *member) drain(on bool) {
	if on == m.server.draining {
		return
	}
	m.servers.Drain(m.server, on)
	m.pool.weigh()
	m.emptied, m.deadline = false, sim.Never
	if on {
		if limit := m.pool.cfg.DrainTimeout; limit > 0 {
			m.deadline = m.pool.env.Now().Add(limit)
		}
		m.setDeadline()
		m.idle()
	} else {
		m.cut.Stop()
		m.pool.wake()
	}
}

// idle notes that a drained server has nothing left to do.
func (m *member) idle() {
	if m.server.active > 0 {
		return
	}
	m.cut.Stop()
	if !m.emptied { // who is pinned to it may come again
		m.emptied = true
		m.pool.env.Note(sim.EventDrained, m.server.Name, "")
	}
}

// rewatch lets checks and strikes go on by the new numbers.
func (p *Pool) rewatch(before PoolConfig) {
	cfg := p.cfg
	checks := cfg.Health != before.Health
	if !checks && cfg.strikes() == before.strikes() {
		return
	}
	for _, m := range p.members {
		if m.gone {
			continue
		}
		m.strikes.Change(cfg.strikes())
		if checks {
			m.recheck()
		}
		m.update("the checks were changed")
	}
}

// recheck goes on with other checks. Without any a server is up.
func (m *member) recheck() {
	cfg := m.pool.cfg.Health
	switch {
	case !cfg.On():
		m.stop()
		m.prober = nil
		m.machine = health.NewMachine(cfg.Fall, cfg.Rise)
	case m.prober == nil:
		m.machine.Change(cfg.Fall, cfg.Rise)
		m.prober = health.NewProber(m.pool.env, cfg, m.server.Name, m.handler, m.checked)
		m.start()
	default:
		m.machine.Change(cfg.Fall, cfg.Rise)
		m.prober.Change(cfg)
	}
}
