// The deadline of a draining: what is still open at a server then is cut.
package balance

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// enter puts a try into the list of those under way at the server.
func (m *member) enter(t *try) {
	t.behind = m.open
	if m.open != nil {
		m.open.before = t
	}
	m.open = t
}

// exit takes it out again.
func (m *member) exit(t *try) {
	if t.before != nil {
		t.before.behind = t.behind
	} else {
		m.open = t.behind
	}
	if t.behind != nil {
		t.behind.before = t.before
	}
	t.before, t.behind = nil, nil
}

// setDeadline has what is still open at the server cut when its time is up.
func (m *member) setDeadline() {
	if m.deadline == sim.Never || m.open == nil || m.cut.Pending() {
		return
	}
	limit := m.pool.cfg.DrainTimeout
	m.cut = m.pool.env.After(m.deadline.Sub(m.pool.env.Now()), func() { m.cutOff(limit) })
}

// cutOff ends what is open at the server. None of it comes back here: the server
// drains.
func (m *member) cutOff(limit time.Duration) {
	now, n := m.pool.env.Now(), m.server.active
	m.pool.count.drainCuts.Add(int64(n))
	m.pool.env.Note(sim.EventCutOff, m.server.Name, fmt.Sprintf("%d open after %v", n, limit))
	for m.open != nil {
		m.open.cutOff(now)
	}
}

// cutOff breaks the connection of a try: what has no header yet may be tried
// elsewhere, content that is on its way is truncated. The server is not to blame.
func (t *try) cutOff(now sim.Time) {
	if t.header == sim.Never {
		t.giveUp(now, sim.Reset, sim.Cancelled)
		return
	}
	t.ask.hook.Drop()
	t.end(now, sim.Cancelled)
	t.scope.Cancel(sim.Truncated)
}
