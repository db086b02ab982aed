// What the rules tell of traced requests. Each function is called where a rule
// does its work, and only for them.
package inject

import (
	"fmt"
	"strings"

	"cdnlab/sim"
)

// explainStatus tells of an answer in the node's place.
func (s *stroke) explainStatus(h *Handler, req *sim.Request) {
	which := ""
	switch r := s.rule; {
	case r.Kind == FailFirst:
		which = fmt.Sprintf(", request %d of the first %d", r.seen, r.Count)
	case r.Share > 0 && r.Share < 1:
		which = fmt.Sprintf(", which hits %.3g %% of the requests", 100*r.Share)
	}
	h.env.Explain(req, sim.StepFault, fmt.Sprintf("%s: %d in the node's place%s; it is not asked", s.rule.Kind, s.status, which))
}

// explainHeld tells of a header that is held back.
func (s *stroke) explainHeld() {
	s.handler.env.Explain(s.req, sim.StepFault, SlowHeader+": the answer is ready, its header is held back for "+sim.Briefly(s.delay))
}

// explainPace tells how the content comes.
func (s *stroke) explainPace(resp *sim.Response) {
	var says []string
	if s.pace.Rate > 0 {
		says = append(says, fmt.Sprintf("%s: the content comes at %v per second", SlowBody, sim.Bytes(s.pace.Rate)))
	}
	if s.pace.Cut && (resp.Size < 0 || resp.Size > s.pace.Limit) {
		says = append(says, fmt.Sprintf("%s: the content ends after %v, and the connection breaks", Truncate, sim.Bytes(s.pace.Limit)))
	}
	s.handler.env.Explain(s.req, sim.StepFault, strings.Join(says, "; "))
}
