// One request on its way through a Pool, and its tries.
package balance

import (
	"time"

	"cdnlab/sim"
)

// ask is one request of a user.
type ask struct {
	pool     *Pool
	req      *sim.Request
	reply    func(*sim.Response)
	at       sim.Time
	hook     sim.Hook // on the user's leaving
	current  *try     // under way, or the last one; nil: none yet
	hedge    *try     // a second under way at the same time; nil: none
	tried    []*Server
	cause    sim.Cause // of the last failed try
	retried  int
	resting  bool // in a back-off: the retry counts as under way
	pin      pin  // of a sticky pool
	answered bool
	timer    sim.Timer     // to a hedge, of a back-off, or of the wait in line
	queued   time.Duration // how long it stood in line

	waits          bool // in line
	before, behind *ask // there

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
	over   bool // out of the count: ended, timed out, lost to another, or its user left
	again  bool // after one that failed
	passed bool // it was a trial of its server, and its header has said so
	told   bool // its answer says when to come again, and that is heeded

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
		a.cause, a.retried, a.answered, a.current, a.queued = sim.OK, 0, false, nil, 0
	} else {
		a = &ask{pool: p}
		a.onCancel = a.cancelled
		a.first.bind(a)
	}
	p.open++
	a.req, a.reply, a.at, a.tried = req, reply, now, a.room[:0]
	return a
}

// reuse takes back an ask that was answered in full by its first try: nothing
// can call either any more.
func (p *Pool) reuse(a *ask) {
	if p.env.Reuses {
		a.reply, a.first.status, a.first.over, a.first.passed, a.first.told = nil, 0, false, false, false
		a.first.scope.Reuse()
		p.spare = append(p.spare, a)
	}
}

// try sends the request to a server.
func (a *ask) try(now sim.Time, server *Server) {
	t := a.begin(now, server)
	a.current = t
	if h := a.pool.hedging; h != nil {
		h.arm(now, a)
	}
	a.pool.breaker.Began()
	m := server.member
	m.handler.Serve(&t.req, t.onReply)
	if m.servers.asker != nil {
		m.pool.askFor(now, m.servers)
	}
}

// begin counts a try in. Its request is still to be sent.
func (a *ask) begin(now sim.Time, server *Server) *try {
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
	m := server.member
	p.trying++
	m.enter(t)
	m.began()
	m.servers.Begin(now, server, &t.req)
	p.crosses(server)
	t.limit = p.env.After(p.cfg.PerTryTimeout, t.onTimeout)
	return t
}

// other returns the try that is under way beside t; nil when there is none.
func (a *ask) other(t *try) *try {
	if a.hedge == t {
		return a.current
	}
	return a.hedge
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
	a.timer.Stop()
	t.header, t.status = now, resp.Status
	if !a.pool.failed(resp) {
		t.passed = t.server.member.header(now)
		a.settle(now, t)
		a.deliver(now, resp)
		return
	}
	a.cause = resp.Cause
	if resp.Cause == sim.Cancelled {
		a.settle(now, t)
		a.deliver(now, resp)
		return
	}
	a.pool.count.failedTries.Add(1)
	t.told = a.pool.cfg.HeedRetry && len(resp.Header["Retry-After"]) > 0
	next := a.plan(now, t)
	if a.req.Traced() {
		a.explainFailed(now, t, resp, next)
	}
	if next.none() {
		a.deliver(now, resp)
		return
	}
	t.end(now, resp.Cause)
	a.follow(now, next)
	if resp.Body != nil {
		resp.Body.Abandon(sim.Cancelled)
	}
}

// settle makes t the only try, as it has the answer.
func (a *ask) settle(now sim.Time, t *try) {
	h := a.pool.hedging
	if h == nil {
		return
	}
	if t == &a.first {
		h.saw(now, t, true)
	}
	other := a.other(t)
	if a.hedge == t {
		h.won.Add(1)
	}
	a.current, a.hedge = t, nil
	if other != nil {
		h.saw(now, other, false)
		other.limit.Stop()
		other.end(now, sim.Cancelled)
		other.scope.Cancel(sim.Cancelled)
	}
}

// timedOut ends a try whose header did not come in time.
func (t *try) timedOut() { t.giveUp(t.ask.pool.env.Now(), sim.TimedOut, sim.TimedOut) }

// giveUp ends a try without a header that the pool waits for no longer. of is what
// that says of the server.
func (t *try) giveUp(now sim.Time, c, of sim.Cause) {
	a := t.ask
	t.limit.Stop()
	a.timer.Stop()
	a.cause = c
	a.pool.count.failedTries.Add(1)
	t.end(now, of)
	next := a.plan(now, t)
	if a.req.Traced() {
		a.explainFailed(now, t, sim.Fail(c), next)
	}
	if next.none() {
		a.fail(now, c)
	} else {
		a.follow(now, next)
	}
	t.scope.Cancel(c)
}

// deliver hands the answer of the current try to the user. The try goes on
// until the content ends, and so does the user's power to cancel it.
func (a *ask) deliver(now sim.Time, resp *sim.Response) {
	a.answered = true
	if s := a.pool.sticky; s != nil {
		s.answered(now, a, resp)
	}
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
	t.ask.pool.open--
	t.end(t.ask.pool.env.Now(), c)
}

// fail answers without an answer from a server.
func (a *ask) fail(now sim.Time, c sim.Cause) {
	a.answered = true
	a.hook.Drop()
	a.pool.open--
	a.answer(now, sim.Fail(c))
}

func (a *ask) answer(now sim.Time, resp *sim.Response) {
	m := resp.Via.Next()
	m.Node, m.Hop, m.Tries = a.pool.env.Node, sim.HopBalancer, uint8(len(a.tried))
	m.Cause, m.Queue, m.Took = a.cause, a.queued, now.Sub(a.at)
	if a.current != nil {
		m.Peer = a.current.server.Name
	}
	a.pool.learn(now, a, resp)
	if resp.Failed() && resp.Cause != sim.Cancelled {
		a.pool.count.failures.Add(1)
	}
	a.reply(resp)
}

// cancelled is told that the user wants no more.
func (a *ask) cancelled(c sim.Cause) {
	now, answered, tries := a.pool.env.Now(), a.answered, [2]*try{a.current, a.hedge}
	a.answered, a.hedge = true, nil
	a.timer.Stop()
	if a.resting {
		a.resting = false
		a.pool.retrying--
	}
	a.pool.line.leave(a)
	for _, t := range tries {
		if t != nil {
			t.limit.Stop()
			t.end(now, sim.Cancelled)
		}
	}
	for _, t := range tries {
		if t != nil {
			t.scope.Cancel(c)
		}
	}
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
	m.pool.trying--
	if t.again {
		m.pool.retrying--
	}
	header := t.header
	if header == sim.Never {
		header = now
	}
	m.servers.End(now, t.server, Outcome{Cause: c, Status: t.status,
		Latency: header.Sub(t.at), Took: now.Sub(t.at)})
	m.ended(now, c, t.status, t.passed)
	m.pool.wake()
}
