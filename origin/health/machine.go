// Package health says whether a server is up: from checks (Machine, Prober) and
// from what becomes of real requests (Strikes). Unlike a circuit breaker it
// speaks of servers, not of the service.
package health

import "cdnlab/sim"

// Machine turns the results of checks into up or down: Fall failures in a row
// take a server down, Rise successes in a row bring it up (HAProxy's fall and
// rise). It starts up, so a run does not begin with an outage.
type Machine struct {
	fall, rise int
	down       bool
	run        int // results in a row that speak against the state
	since      sim.Time
}

// NewMachine returns a Machine that is up. fall and rise must be positive.
func NewMachine(fall, rise int) Machine {
	if fall < 1 || rise < 1 {
		panic("health: fall and rise must be positive")
	}
	return Machine{fall: fall, rise: rise}
}

// Observe takes one result and reports whether the state changed.
func (m *Machine) Observe(now sim.Time, ok bool) (changed bool) {
	if ok != m.down {
		m.run = 0
		return false
	}
	m.run++
	need := m.fall
	if m.down {
		need = m.rise
	}
	if m.run < need {
		return false
	}
	m.down, m.run, m.since = !m.down, 0, now
	return true
}

// Change makes other numbers count from the next result on. The state stays, and
// so do the results in a row that speak against it.
func (m *Machine) Change(fall, rise int) { m.fall, m.rise = fall, rise }

// Up reports the state.
func (m *Machine) Up() bool { return !m.down }

// Since returns when the state was entered.
func (m *Machine) Since() sim.Time { return m.since }
