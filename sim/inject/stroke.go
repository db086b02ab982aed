// stroke: one request that the rules strike, and its answer.
package inject

import (
	"net/http"
	"time"

	"cdnlab/sim"
)

// stroke is what becomes of one request.
type stroke struct {
	status int     // answered at once; 0: the node is asked
	rule   *active // that says so
	delay  time.Duration
	pace   sim.Pace

	handler *Handler
	req     *sim.Request
	reply   func(*sim.Response)
	resp    *sim.Response // held back
	hook    sim.Hook
	timer   sim.Timer
}

// replied takes the node's answer. One that never was an answer has no header
// to hold back.
func (s *stroke) replied(resp *sim.Response) {
	if s.delay == 0 || resp.Status == 0 {
		s.pass(resp)
		return
	}
	s.resp = resp
	if s.req.Traced() {
		s.explainHeld()
	}
	s.timer = s.handler.env.After(s.delay, s.late)
	s.hook = s.req.Scope.OnCancel(s.cancelled)
}

// late lets the answer go.
func (s *stroke) late() {
	s.hook.Drop()
	s.handler.marred(s.resp, s.delay)
	s.pass(s.resp)
}

// cancelled is told that nobody waits for the answer any more.
func (s *stroke) cancelled(c sim.Cause) {
	s.timer.Stop()
	if body := s.resp.Body; body != nil {
		body.Abandon(c)
	}
	s.reply(sim.Fail(c))
}

// pass hands the answer on, its content at the pace that the rules set.
func (s *stroke) pass(resp *sim.Response) {
	if s.pace != (sim.Pace{}) && s.content(resp) {
		if s.req.Traced() {
			s.explainPace(resp)
		}
		s.handler.marred(resp, 0)
		resp.Body = sim.NewPaced(s.handler.env, resp.Body, resp.Size, s.pace)
	}
	s.reply(resp)
}

// content reports whether an answer has any that the pace would change.
func (s *stroke) content(resp *sim.Response) bool {
	switch {
	case s.req.Method == http.MethodHead, resp.Status < http.StatusOK,
		resp.Status == http.StatusNoContent, resp.Status == http.StatusNotModified:
		return false
	case resp.Size < 0:
		return resp.Body != nil
	}
	return resp.Size > 0 && (s.pace.Rate > 0 || resp.Size > s.pace.Limit)
}

// marred says on the node's mark that a rule changed its answer, and held it
// back that long. It is the last mark: the node's own, or one is added.
func (h *Handler) marred(resp *sim.Response, held time.Duration) {
	n := resp.Via.Len()
	if n == 0 || resp.Via.At(n-1).Node != h.env.Node {
		resp.Via.Add(h.mark())
		n = resp.Via.Len()
	}
	m := resp.Via.At(n - 1)
	m.Took += held
	if m.Cause == sim.OK {
		m.Cause = sim.Injected
	}
}
