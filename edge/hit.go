// Hits: answers from the store.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// hit answers from an entry, fresh or allowed to be stale. The flight of a
// refresh is opened before the answer goes out, as reply may ask again; it
// leaves behind the answer.
func (p *PoP) hit(now sim.Time, req *sim.Request, reply func(*sim.Response), e *cache.Entry, d *cache.Decision) {
	p.store.Hit(e)
	var behind *flight
	if d.Refresh {
		behind = p.refresh(now, req, e)
	}
	resp := p.fromEntry(now, req, e)
	m := resp.Via.Next()
	if _, wanting := resp.Body.(*sim.Series); wanting { // not all of its slices are here
		d.Verdict, m.Fwd = sim.VerdictMiss, sim.FwdPartial
	}
	m.Node, m.Hop, m.Verdict = p.env.Node, sim.HopCache, d.Verdict
	m.TTL, m.Took, m.Detail = wholeSeconds(d.TTL), p.cfg.HitTime, d.Why.Detail()
	if p.cfg.StatusKey {
		m.Peer = p.keyText(e.Key)
	}
	p.count(resp, d.Verdict)
	if p.cfg.HitTime > 0 {
		p.env.After(p.cfg.HitTime, func() { reply(resp) })
	} else {
		reply(resp)
	}
	if behind != nil {
		p.send(behind)
	}
}

// fromEntry returns an answer made of an entry: its header shared, and a 304
// when that is all the client needs (RFC 9111 4.3.2).
func (p *PoP) fromEntry(now sim.Time, req *sim.Request, e *cache.Entry) *sim.Response {
	resp := p.answers.New()
	rules := p.rulesOf(req)
	resp.Status, resp.Header, resp.Date = e.Status, rules.Shown(e, now), e.Date
	resp.Aged, resp.Age = true, sim.Time(e.Age(now))
	if p.hasPreconditions(req.Header) && e.Current().NotModified(req.Header, p.env.Epoch, now) {
		if req.Traced() {
			p.explainNotModified(req)
		}
		resp.Status, resp.Header = http.StatusNotModified, rules.ForUsers(e.Status, e.NotModifiedHeader(), e.Age(now))
		return resp
	}
	if isSlice(e) {
		resp.Status = http.StatusOK // that of what it is a slice of
	}
	if req.Method == http.MethodHead || p.hasRange(req.Header) && p.section(now, resp, req, e) {
		return resp
	}
	if isSlice(e) {
		p.assemble(now, resp, req, e)
		return resp
	}
	resp.Size, resp.Stamp = e.Size, e.Stamp
	if e.Body != nil {
		resp.Body = e.Body.Share()
	}
	return resp
}

// count counts an answer and its content: at once when its size is known to
// come, as it is of everything stored.
func (p *PoP) count(resp *sim.Response, v sim.Verdict) {
	p.n.verdicts[v].Add(1)
	if resp.Body == nil || v.FromStore() {
		p.n.bytesServed.Add(max(resp.Size, 0))
		return
	}
	resp.Body.OnEnd(func(_ sim.Cause, n int64) { p.n.bytesServed.Add(n) })
}
