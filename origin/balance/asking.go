// Asking: how a pool asks servers for a policy that goes by their answers.
package balance

import (
	"net/http"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// question is one ask of a server, under way or to be used again. A server has one at
// a time.
type question struct {
	member *member
	asker  Asker // nil: nobody waits for the answer any more
	req    sim.Request
	scope  sim.Scope
	limit  sim.Timer

	onReply func(*sim.Response)
	onLimit func()
}

// askFirst marks the numbers of questions, so that they never meet a user's request.
const askFirst = 1 << 62

var askHeader = http.Header{"User-Agent": {"cdnlab-load/1"}}

// askFor asks the servers that a policy wants to hear of, now that a request is on its way.
func (p *Pool) askFor(now sim.Time, servers *Servers) {
	asker := servers.asker
	for _, s := range asker.Asks(now) {
		p.question(s.member, asker)
	}
}

// question asks a server, unless it has not answered the last question yet.
func (p *Pool) question(m *member, asker Asker) {
	q := m.question
	if q == nil {
		q = &question{member: m}
		q.onReply, q.onLimit = q.replied, q.timedOut
		m.question = q
	}
	if q.asked() {
		return
	}
	p.asked++
	p.count.probes.Add(1)
	q.asker = asker
	q.scope.Reuse()
	q.req = sim.Request{ID: askFirst | p.asked, Method: http.MethodGet, Scheme: "http", Host: m.server.Name,
		Path: health.LoadPath, Header: askHeader, Scope: &q.scope}
	q.limit = p.env.After(p.cfg.ProbeMaxAge, q.onLimit)
	m.handler.Serve(&q.req, q.onReply)
}

// asked reports whether an answer has yet to come: one that nobody waits for any more, too.
func (q *question) asked() bool { return q.req.Scope != nil }

// replied takes the answer.
func (q *question) replied(resp *sim.Response) {
	if resp.Body != nil {
		resp.Body.Abandon(sim.Cancelled) // the header says it all
	}
	load, ok := health.ReadLoad(resp.Header)
	q.limit.Stop()
	q.req.Scope = nil
	q.tell(load, ok && resp.Status == http.StatusOK)
}

// timedOut no longer waits for an answer.
func (q *question) timedOut() {
	q.tell(health.Load{}, false)
	q.scope.Cancel(sim.TimedOut)
}

// tell hands on what came, once, to a policy that is still the pool's.
func (q *question) tell(load health.Load, ok bool) {
	asker := q.asker
	q.asker = nil
	if asker != nil && asker == q.member.servers.asker {
		asker.Told(q.member.pool.env.Now(), q.member.server, load, ok)
	}
}

// withdraw no longer waits for the server's answer.
func (m *member) withdraw() {
	if q := m.question; q != nil && q.asked() {
		q.limit.Stop()
		q.asker = nil
		q.scope.Cancel(sim.Cancelled)
	}
}
