// One request on its way through a Pool, and its tries.
package balance

import "cdnlab/sim"

// ask is one request of a user.
type ask struct {
	pool     *Pool
	req      *sim.Request
	reply    func(*sim.Response)
	at       sim.Time
	hook     sim.Hook // on the user's leaving
	current  *try
	tried    []*Server // the servers tried, the current one included
	cause    sim.Cause // of the last failed try
	answered bool

	first    try // as most need but one
	room     [2]*Server
	onCancel func(sim.Cause)
}

// try is one attempt at one server.
type try struct {
	ask    *ask
	server *Server
	req    sim.Request
	scope  sim.Scope
	at     sim.Time
	header sim.Time // when the header came; Never before
	status int
	limit  sim.Timer
	over   bool // out of the count: ended, timed out, or its user left

	before, behind *try // in its server's list of those under way

	onTimeout func()
	onReply   func(*sim.Response)
}

func (t *try) bind(a *ask) {
	t.ask, t.onTimeout, t.onReply = a, t.timedOut, t.replied
}

// ask returns an ask: a used one if there is one.
func (p *Pool) ask(now sim.Time, req *sim.Request, reply func(*sim.Response)) *ask {
	var a *ask
	if n := len(p.spare); n > 0 {
		a = p.spare[n-1]
		p.spare = p.spare[:n-1]
		a.cause, a.answered = sim.OK, false
	} else {
		a = &ask{pool: p}
		a.onCancel = a.cancelled
		a.first.bind(a)
	}
	a.req, a.reply, a.at, a.tried = req, reply, now, a.room[:0]
	return a
}

// reuse takes back an ask that was answered in full by its first try: nothing
// can call either any more.
func (p *Pool) reuse(a *ask) {
	if p.env.Reuses {
		a.reply, a.first.status, a.first.over = nil, 0, false
		a.first.scope.Reuse()
		p.spare = append(p.spare, a)
	}
}

// try sends the request to a server.
func (a *ask) try(now sim.Time, server *Server) {
	p := a.pool
	t := &a.first
	if len(a.tried) > 0 {
		t = &try{}
		t.bind(a)
	}
	t.server, t.req, t.at, t.header = server, *a.req, now, sim.Never
	// Attempts of a pool in front are kept apart from ours by adding.
	t.req.Attempt += len(a.tried)
	t.req.Scope = &t.scope
	a.tried = append(a.tried, server)
	a.current = t
	m := server.member
	m.enter(t)
	m.began()
	m.servers.Begin(now, server, &t.req)
	t.limit = p.env.After(p.cfg.PerTryTimeout, t.onTimeout)
	m.handler.Serve(&t.req, t.onReply)
}

// replied takes the server's answer.
func (t *try) replied(resp *sim.Response) {
	if t.over {
		if resp.Body != nil {
			resp.Body.Abandon(sim.Cancelled)
		}
		return
	}
	a, now := t.ask, t.ask.pool.env.Now()
	t.limit.Stop()
	t.header, t.status = now, resp.Status
	if !a.pool.failed(resp) {
		t.server.member.header(now)
		a.deliver(now, resp)
		return
	}
	a.cause = resp.Cause
	if resp.Cause == sim.Cancelled {
		a.deliver(now, resp)
		return
	}
	a.pool.count.failedTries.Add(1)
	next, why := a.next(now)
	if a.req.Traced() {
		a.explainFailed(now, resp, next, why)
	}
	if next == nil {
		a.deliver(now, resp)
		return
	}
	t.end(now, resp.Cause)
	a.retry(now, next)
	if resp.Body != nil {
		resp.Body.Abandon(sim.Cancelled)
	}
}

// timedOut ends a try whose header did not come in time.
func (t *try) timedOut() { t.giveUp(t.ask.pool.env.Now(), sim.TimedOut, sim.TimedOut) }

// giveUp ends a try without a header that the pool waits for no longer. of is what
// that says of the server.
func (t *try) giveUp(now sim.Time, c, of sim.Cause) {
	a := t.ask
	t.limit.Stop()
	a.cause = c
	a.pool.count.failedTries.Add(1)
	t.end(now, of)
	next, why := a.next(now)
	if a.req.Traced() {
		a.explainFailed(now, sim.Fail(c), next, why)
	}
	if next != nil {
		a.retry(now, next)
	} else {
		a.fail(now, c)
	}
	t.scope.Cancel(c)
}

// Why a failed try is the last.
const (
	whyUnsafe  = "the method is not safe: a second try might do a thing twice (RFC 9110 9.2.2)"
	whyBody    = "the content was streamed, and is gone with the first try"
	whyRetries = "there are no retries left"
	whyBudget  = "the retry budget is used up"
	whyNobody  = "no server is left to try"
)

// next returns the server for another try, nil when there is to be none, and why
// it is that one, of a traced request, or none. Send it there before anything
// else is called: the pick counts only then.
func (a *ask) next(now sim.Time) (server *Server, why string) {
	p := a.pool
	switch {
	case !a.req.Safe() && !unsent(a.cause):
		return nil, whyUnsafe
	case a.req.Body != nil && !unsent(a.cause):
		return nil, whyBody
	case len(a.tried) > *p.cfg.Retries:
		return nil, whyRetries
	case !p.budget.Allows(now):
		p.count.noBudget.Add(1)
		return nil, whyBudget
	}
	if server, why = p.another(now, a); server == nil {
		return nil, whyNobody
	}
	return server, why
}

// unsent reports whether a try that failed so never reached its server: then it is
// tried again whatever the method, as in nginx and HAProxy (RFC 9110 9.2.2: known
// not to have been applied).
func unsent(c sim.Cause) bool { return c == sim.Refused || c == sim.Unreachable }

func (a *ask) retry(now sim.Time, server *Server) {
	a.pool.budget.Withdraw(now)
	a.pool.count.retries.Add(1)
	a.try(now, server)
}

// deliver hands the answer of the current try to the user. The try goes on
// until the content ends, and so does the user's power to cancel it.
func (a *ask) deliver(now sim.Time, resp *sim.Response) {
	a.answered = true
	if resp.Body != nil {
		resp.Body.OnEnd(a.current.ended)
		a.answer(now, resp)
		return
	}
	a.current.ended(resp.Cause, max(resp.Size, 0))
	a.answer(now, resp)
	if a.current == &a.first {
		a.pool.reuse(a)
	}
}

// ended is told of the content's end.
func (t *try) ended(c sim.Cause, _ int64) {
	t.ask.hook.Drop()
	t.end(t.ask.pool.env.Now(), c)
}

// fail answers without an answer from a server.
func (a *ask) fail(now sim.Time, c sim.Cause) {
	a.answered = true
	a.hook.Drop()
	a.answer(now, sim.Fail(c))
}

func (a *ask) answer(now sim.Time, resp *sim.Response) {
	m := sim.Mark{Node: a.pool.env.Node, Hop: sim.HopBalancer, Tries: uint8(len(a.tried)),
		Cause: a.cause, Took: now.Sub(a.at)}
	if len(a.tried) > 0 {
		m.Peer = a.tried[len(a.tried)-1].Name
	}
	resp.Via.Add(m)
	if resp.Failed() && resp.Cause != sim.Cancelled {
		a.pool.count.failures.Add(1)
	}
	a.reply(resp)
}

// cancelled is told that the user wants no more.
func (a *ask) cancelled(c sim.Cause) {
	now, answered := a.pool.env.Now(), a.answered
	a.answered = true
	a.current.limit.Stop()
	a.current.end(now, sim.Cancelled)
	a.current.scope.Cancel(c)
	if !answered {
		a.fail(now, c)
	}
}

// end counts the try out, once, and tells what it says of the server.
func (t *try) end(now sim.Time, c sim.Cause) {
	if t.over {
		return
	}
	t.over = true
	m := t.server.member
	m.exit(t)
	header := t.header
	if header == sim.Never {
		header = now
	}
	m.servers.End(now, t.server, Outcome{Cause: c, Status: t.status,
		Latency: header.Sub(t.at), Took: now.Sub(t.at)})
	m.ended(now, c, t.status)
}
