// Handler: the node behind rules.
package inject

import (
	"net/http"

	"cdnlab/sim"
)

// Handler stands around a node and follows the rules in force. Answers that it
// makes or mars have the node's mark with the cause injected.
type Handler struct {
	inner    sim.Handler
	env      *sim.Env
	hop      sim.Hop // of the marks on answers of its own
	rules    []*active
	requests *sim.Counter // the node's own: what never reaches it has come all the same
	injected *sim.Counter // requests that a rule struck
}

var (
	_ sim.Handler = (*Handler)(nil)
	_ sim.Slower  = (*Handler)(nil)
)

// New returns a Handler around a node at a site of that Env. hop is the kind of
// mark that the node leaves.
func New(env *sim.Env, hop sim.Hop, inner sim.Handler, rules []Rule) *Handler {
	h := &Handler{inner: inner, env: env, hop: hop,
		requests: env.Counter("requests"), injected: env.Counter("injected")}
	h.Set(rules)
	return h
}

// Inner returns the node.
func (h *Handler) Inner() sim.Handler { return h.inner }

// Slow implements sim.Slower for a node that can be made slower.
func (h *Handler) Slow(factor float64) {
	if s, ok := h.inner.(sim.Slower); ok {
		s.Slow(factor)
	}
}

// Set puts rules in force in place of those before. One that was in force has
// still counted what it has counted.
func (h *Handler) Set(rules []Rule) {
	before := h.rules
	h.rules = nil
	for _, r := range rules {
		a := newActive(r, h.hop)
		for _, old := range before {
			if old.Event == r.Event {
				a.seen = old.seen
			}
		}
		h.rules = append(h.rules, a)
	}
}

// Serve implements sim.Handler.
func (h *Handler) Serve(req *sim.Request, reply func(*sim.Response)) {
	s := h.strike(req)
	if s == nil {
		h.inner.Serve(req, reply)
		return
	}
	h.injected.Add(1)
	if s.status != 0 {
		if req.Traced() {
			s.explainStatus(h, req)
		}
		h.answer(req, s.status, reply)
		return
	}
	s.handler, s.req, s.reply = h, req, reply
	h.inner.Serve(req, s.replied)
}

// Receive implements sim.Receiver for a node that takes datagrams: faults of HTTP have
// nothing to do with them.
func (h *Handler) Receive(d *sim.Request, back func(*sim.Response)) {
	if r, ok := h.inner.(sim.Receiver); ok {
		r.Receive(d, back)
	}
}

// strike returns what the rules do to a request; nil when they spare it. Of
// those that answer the first counts, and no later one is asked; delays add up,
// the slowest content and the shortest are what is left of several.
func (h *Handler) strike(req *sim.Request) *stroke {
	var s *stroke
	for _, a := range h.rules {
		if !a.hits(h.env.Seed, req) {
			continue
		}
		if s == nil {
			s = &stroke{}
		}
		switch a.Kind {
		case Status, FailFirst:
			s.status, s.rule = a.Status, a
			return s
		case SlowHeader:
			s.delay += a.Delay
		case SlowBody:
			if rate := int64(a.Rate); s.pace.Rate == 0 || rate < s.pace.Rate {
				s.pace.Rate = rate
			}
		case Truncate:
			if limit := int64(a.Bytes); !s.pace.Cut || limit < s.pace.Limit {
				s.pace.Cut, s.pace.Limit = true, limit
			}
		}
	}
	return s
}

// noStore goes with answers of the faults' making, as with a server's own
// errors: no cache may keep them (RFC 9111 5.2.2.5). It is never changed.
var noStore = http.Header{"Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}}

// answer answers in the node's place.
func (h *Handler) answer(req *sim.Request, status int, reply func(*sim.Response)) {
	if !isHealth(req.Path) {
		h.requests.Add(1)
	}
	if c := req.Scope.Cause(); c != sim.OK {
		reply(sim.Fail(c))
		return
	}
	resp := sim.Answer(status, noStore, 0)
	resp.Date = h.env.Now()
	resp.Via.Add(h.mark())
	reply(resp)
}

// mark is the node's, of an answer that it has not made.
func (h *Handler) mark() sim.Mark {
	m := sim.Mark{Node: h.env.Node, Hop: h.hop, Cause: sim.Injected}
	if h.hop == sim.HopCache {
		m.Verdict, m.Fwd = sim.VerdictBypass, sim.FwdBypass // the cache was not asked
	}
	return m
}
