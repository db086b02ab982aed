// Asking another node within a time limit.
package origin

import (
	"time"

	"cdnlab/sim"
)

// limited is one ask of another node that has a time limit until the header
// and follows the scope of the request it is made for.
type limited struct {
	env   *sim.Env
	req   sim.Request
	scope sim.Scope
	hook  sim.Hook
	limit sim.Timer
	reply func(*sim.Response)
	over  bool // answered
}

// askWithin asks h and answers once: with its answer, with TimedOut when the
// limit (0: none) passes first, or with the cause when req's scope is cancelled
// first. h gets a copy of req with a scope of its own.
func askWithin(env *sim.Env, h sim.Handler, req sim.Request, limit time.Duration, reply func(*sim.Response)) {
	if c := req.Scope.Cause(); c != sim.OK {
		reply(sim.Fail(c))
		return
	}
	l := &limited{env: env, req: req, reply: reply}
	l.hook = req.Scope.OnCancel(l.stop)
	l.req.Scope = &l.scope
	if limit > 0 {
		l.limit = env.After(limit, l.timedOut)
	}
	h.Serve(&l.req, l.replied)
}

func (l *limited) replied(resp *sim.Response) {
	if l.over {
		if resp.Body != nil {
			resp.Body.Abandon(sim.Cancelled)
		}
		return
	}
	l.over = true
	l.limit.Stop()
	resp.OnEnd(l.ended)
	l.reply(resp)
}

// ended keeps the asker's power to cancel until the content is through.
func (l *limited) ended(sim.Cause, int64) { l.hook.Drop() }

func (l *limited) timedOut() {
	l.hook.Drop()
	l.stop(sim.TimedOut)
}

// stop cancels the ask and, when there was no answer yet, gives the cause.
func (l *limited) stop(c sim.Cause) {
	over := l.over
	l.over = true
	l.limit.Stop()
	l.scope.Cancel(c)
	if !over {
		l.reply(sim.Fail(c))
	}
}
