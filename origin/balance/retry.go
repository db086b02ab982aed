// Retries: whether a failed try is followed by another, when, and where.
package balance

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// Why a failed try is the last.
const (
	whyUnsafe  = "the method is not safe: a second try might do a thing twice (RFC 9110 9.2.2)"
	whyBody    = "the content was streamed, and is gone with the first try"
	whyRetries = "there are no retries left"
	whyTold    = "the server said when to come again (heed-retry-after)"
	whyBound   = "its user is pinned to this server alone (sticky.when-down)"
	whyBudget  = "the retry budget is used up"
	whyLimit   = "as many retries are under way as limits.retries allows"
	whyFull    = "as many requests are at the servers as limits.connections allows"
	whyNobody  = "no server is left to try"
)

// plan is what follows a failed try: the other try that is under way, another
// server now, or after a back-off, or nothing.
type plan struct {
	other  *try
	server *Server
	after  time.Duration
	why    string // of that server, when the request is traced, or of nothing
}

func (p plan) none() bool { return p.other == nil && p.server == nil && p.after == 0 }

// plan returns what is to follow the failed try t. Follow it before anything else
// is called: the pick of a server counts only then.
func (a *ask) plan(now sim.Time, t *try) plan {
	p := a.pool
	if other := a.other(t); other != nil {
		return plan{other: other}
	}
	switch {
	case !a.req.Safe() && !unsent(a.cause):
		return plan{why: whyUnsafe}
	case a.req.Body != nil && !unsent(a.cause):
		return plan{why: whyBody}
	case t.told:
		return plan{why: whyTold}
	case a.bound():
		return plan{why: whyBound}
	case a.retried >= *p.cfg.Retries:
		return plan{why: whyRetries}
	case p.cfg.Limits.Retries > 0 && p.retrying >= p.cfg.Limits.Retries:
		p.count.retryLimit.Add(1)
		return plan{why: whyLimit}
	case !p.budget.Allows(now):
		p.count.noBudget.Add(1)
		return plan{why: whyBudget}
	}
	if d := a.backOff(); d > 0 {
		return plan{after: d}
	}
	ending := 1
	if t.over {
		ending = 0
	}
	if !p.room(ending) {
		return plan{why: whyFull}
	}
	server, why := p.another(now, a)
	if server == nil {
		return plan{why: whyNobody}
	}
	return plan{server: server, why: why}
}

// unsent reports whether a try that failed so never reached its server: then it is
// tried again whatever the method, as in nginx and HAProxy (RFC 9110 9.2.2: known
// not to have been applied).
func unsent(c sim.Cause) bool { return c == sim.Refused || c == sim.Unreachable }

// follow does what was planned.
func (a *ask) follow(now sim.Time, p plan) {
	if p.other != nil {
		a.current, a.hedge = p.other, nil
		return
	}
	a.pool.budget.Withdraw(now)
	a.pool.retrying++
	a.retried++
	if p.after > 0 {
		a.resting = true
		a.timer = a.pool.env.After(p.after, a.backedOff)
		return
	}
	a.retry(now, p.server)
}

func (a *ask) retry(now sim.Time, server *Server) {
	a.pool.count.retries.Add(1)
	t := a.begin(now, server)
	t.again = true
	a.current = t
	server.member.handler.Serve(&t.req, t.onReply)
}

// backOffLuck decides how long a request waits before it is tried again.
var backOffLuck = sim.NewLuck("retry back-off")

// backOff draws the wait before the next try, 0 when there is to be none: full jitter,
// anywhere between nothing and twice the last most, as Envoy's (25 ms and 250 ms there).
func (a *ask) backOff() time.Duration {
	cfg := &a.pool.cfg
	if cfg.RetryBackoff == 0 {
		return 0
	}
	most := min(cfg.RetryBackoff<<a.retried, cfg.RetryBackoffMax)
	roll := sim.Draw(a.pool.env.Seed, backOffLuck, a.req.ID, a.req.Attempt+a.retried)
	return max(1, time.Duration(roll.Float64()*float64(most)))
}

// backedOff is the end of a back-off: only now a server is picked.
func (a *ask) backedOff() {
	p, now := a.pool, a.pool.env.Now()
	a.resting = false
	server, why := (*Server)(nil), whyFull
	if p.room(0) {
		if server, why = p.another(now, a); server == nil {
			why = whyNobody
		}
	}
	if a.req.Traced() {
		a.explainBackedOff(now, server, why)
	}
	if server != nil {
		a.retry(now, server)
		return
	}
	p.retrying--
	c := a.cause
	if c == sim.OK { // its status was the failure
		c = sim.NoServer
	}
	a.fail(now, c)
}

// explainFailed tells what a failed try means: what failed, and whether and why
// another server is tried.
func (a *ask) explainFailed(now sim.Time, t *try, resp *sim.Response, next plan) {
	p := a.pool
	says := t.server.Name + " failed (" + outcome(resp.Cause, resp.Status) + "); "
	number := fmt.Sprintf("retry %d of %d", a.retried+1, *p.cfg.Retries)
	switch {
	case next.other != nil:
		says += next.other.server.Name + " is still asked"
	case next.after > 0:
		says += number + " after " + sim.Briefly(next.after)
	case next.server != nil:
		says += number + ": " + next.why
	default:
		says += "no retry: " + next.why
	}
	p.env.Explain(a.req, sim.StepRetry, says+p.absent(now, t.server))
}

// explainBackedOff tells where a request goes after its back-off.
func (a *ask) explainBackedOff(now sim.Time, server *Server, why string) {
	p := a.pool
	says := "no retry: " + why
	if server != nil {
		says = fmt.Sprintf("retry %d of %d: %s", a.retried, *p.cfg.Retries, why)
	}
	p.env.Explain(a.req, sim.StepRetry, says+p.absent(now, nil))
}
