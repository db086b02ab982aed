// A pool's view of one server: its health, and the word about it.
package balance

import (
	"slices"
	"strconv"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// member joins a server's two kinds of health: it takes requests when both its
// checks and its strikes allow it.
type member struct {
	pool     *Pool
	number   int      // among the pool's members
	servers  *Servers // of its priority
	server   *Server
	handler  sim.Handler
	machine  health.Machine
	strikes  health.Strikes
	expire   sim.Timer
	prober   *health.Prober
	reports  *health.Reports // nil: none are asked for
	picked   *sim.Counter
	in       bool // in rotation, as last noted
	since    sim.Time
	why      string
	ramp     sim.Timer // of the next step of its slow start
	back     sim.Time  // when that began
	last     bool      // failed requests do not take it out
	gone     bool      // it has left the pool, and finishes what it has
	question *question // for a policy that goes by the answers; nil: none was asked yet
	open     *try      // the newest of those under way
	cut      sim.Timer // at the deadline of its draining
	deadline sim.Time  // that; Never: there is none
	emptied  bool      // it was noted that it has nothing left to do since it drains
}

func newMember(p *Pool, servers *Servers, server *Server, h sim.Handler) *member {
	m := &member{pool: p, servers: servers, server: server, handler: h, picked: p.env.Counter("picked." + server.Name)}
	server.member = m
	m.reset()
	return m
}

// reset forgets all that was learnt of the server's health.
func (m *member) reset() {
	p := m.pool
	cfg := p.cfg.Health
	m.in = true
	m.machine = health.NewMachine(cfg.Fall, cfg.Rise)
	m.strikes = health.NewStrikes(p.cfg.strikes())
	m.prober = nil
	if cfg.On() {
		m.prober = health.NewProber(p.env, cfg, m.server.Name, m.handler, m.checked)
	}
}

func (m *member) start() {
	if m.prober != nil {
		m.prober.Start()
	}
}

func (m *member) stop() {
	if m.prober != nil {
		m.prober.Stop()
	}
}

// checked takes the result of an active check.
func (m *member) checked(ok bool, why string) {
	if m.machine.Observe(m.pool.env.Now(), ok) {
		m.update(why)
	}
}

func (m *member) began() {
	m.picked.Add(1)
	m.strikes.Began()
	if m.server.draining { // it is for who is pinned to it
		m.setDeadline()
	}
	if !m.strikes.Admits() { // it was the last that may try it
		m.update("")
	}
}

// header tells that the header of an answer came: a server on trial has passed
// it, however long the content takes. It reports whether it was.
func (m *member) header(now sim.Time) (trial bool) {
	if m.gone || m.strikes.In() {
		return false
	}
	if m.strikes.Observe(now, true) {
		m.update("a request was answered")
	}
	return true
}

// ended takes the outcome of a try. Only one server: it is never taken out, as
// in nginx, because there is nobody to turn to. passed: a trial has been told of its
// header.
func (m *member) ended(now sim.Time, c sim.Cause, status int, passed bool) {
	if m.server.draining {
		m.idle()
	}
	if m.pool.size == 1 || m.last || m.gone {
		return
	}
	if !blames(c) {
		m.strikes.Void()
		m.update("")
		return
	}
	if j := m.pool.judge; j != nil {
		if why := j.Observe(now, m.number, c == sim.OK && status < 500); why != "" {
			m.update(why)
		}
	}
	switch {
	case c == sim.OK && !slices.Contains(m.pool.cfg.RetryOn, status):
		if !passed && m.strikes.Observe(now, true) {
			m.update("a request was answered")
		}
		return
	}
	m.strikes.Observe(now, false)
	if until := m.strikes.Until(); until != sim.Never && !m.expire.Pending() {
		m.expire = m.pool.env.After(until.Sub(now), m.expired)
	}
	m.update(m.strikes.Why() + ", the last: " + outcome(c, status))
}

// outcome names what became of a failed try.
func outcome(c sim.Cause, status int) string {
	if c == sim.OK {
		return strconv.Itoa(status)
	}
	return c.String()
}

// blames reports whether a cause says anything of the server. A user who left
// does not, and neither does a limit that was reached: taking full servers out
// one by one would bring the whole fleet down.
func blames(c sim.Cause) bool { return c != sim.Cancelled && c != sim.Overload }

func (m *member) expired() {
	m.strikes.Expire(m.pool.env.Now())
	m.update("")
}

// update brings the index in line and notes when the server left the rotation
// or is back in it.
func (m *member) update(why string) {
	well := m.machine.Up() && !m.ejected()
	m.servers.SetUp(m.server, well && m.strikes.Admits())
	m.pool.alarm(m.servers)
	m.pool.weigh()
	m.pool.wake()
	in := well && m.strikes.In()
	if in == m.in {
		return
	}
	m.in, m.since, m.why = in, m.pool.env.Now(), why
	kind := sim.EventDown
	if in {
		kind = sim.EventUp
		m.grow()
	}
	m.pool.env.Note(kind, m.server.Name, why)
}
