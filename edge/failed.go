// Failures: what is answered when the parent did not, or with an error.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// errored handles 500, 502, 503 and 504: stale if that is allowed, else as any
// answer if the origin says it may be shared, else as a failure.
func (p *PoP) errored(now sim.Time, fl *flight, x *cache.Exchange) {
	if stale := fl.Fetch.stale; stale != nil {
		if _, ok := fl.Fetch.rules.OnError(now, stale); ok {
			p.failed(now, fl, x)
			return
		}
	}
	if e, _ := fl.Fetch.rules.Consider(x); e != nil {
		p.fetched(now, fl, x)
		return
	}
	p.failed(now, fl, x)
}

// failed ends a flight without an answer that could be shared. Who waited is
// told so and does not try again by itself: a thousand retries are the last
// thing a parent in trouble needs. The leader gets the parent's own error, the
// others one of the PoP's making, which has nothing of the leader's in it.
func (p *PoP) failed(now sim.Time, fl *flight, x *cache.Exchange) {
	p.flights.Land(fl)
	f, resp := fl.Fetch, x.Response
	allowed := false
	var d cache.Decision
	if f.stale != nil {
		d, allowed = f.rules.OnError(now, f.stale)
	}
	waiters := fl.Wake()
	if f.leader == nil || allowed && p.serves(f.stale, f.leader.req) || p.byDefault(f.leader) != nil {
		abandon(resp.Body, sim.Cancelled)
	}
	for _, a := range waiters {
		switch {
		case a == nil:
		case allowed && f.stale.Selected(a.req.Header) && p.serves(f.stale, a.req):
			p.giveStale(now, a, f, d, resp.Cause)
		case a == f.leader && resp.Status != 0 && p.byDefault(a) == nil:
			if a.req.Traced() {
				p.explainPassedOn(a, resp)
			}
			p.tie(a, f, resp)
			p.give(a, p.typed(f, x, resp), p.ownMark(now, a, f, nil, false))
		default:
			p.fail(a, resp.Cause, resp.Status)
		}
	}
}

// giveStale answers from a stale entry because upstream failed (RFC 5861 4).
func (p *PoP) giveStale(now sim.Time, a *ask, f *fetch, d cache.Decision, cause sim.Cause) {
	if a.req.Traced() {
		p.explainStale(a, f, d)
	}
	m := p.mark(now, a.at, d, sim.VerdictStale)
	m.FwdStatus, m.TTL, m.Cause = f.status, wholeSeconds(d.TTL), cause
	m.Collapsed = a != f.leader
	p.store.HitIfHeld(f.stale)
	p.give(a, p.fromEntry(now, a.req, f.stale), m)
}

// fail answers with the error of a proxy (RFC 9110 15.6): status of a parent
// that answered with an error, or the one that fits the cause.
func (p *PoP) fail(a *ask, c sim.Cause, status int) {
	now := p.env.Now()
	m := p.mark(now, a.at, a.d, a.verdict)
	m.Cause, m.FwdStatus = c, uint16(status)
	own := proxyStatus(c, status)
	if a.req.Traced() {
		p.explainFail(a, c, status, own)
	}
	if !a.inner {
		p.n.failed.Add(1)
	}
	if d := p.byDefault(a); d != nil {
		p.sayDefault(a, d, m)
		return
	}
	p.say(a, own, m)
}

// byDefault returns what a rule has users get in the place of a failure; nil when none
// does. A shield has no users: PoPs would store it.
func (p *PoP) byDefault(a *ask) *cache.Default {
	if o := p.rulesOf(a.req).Override; o != nil && !a.inner && !p.rules.Shield && cached(a.req.Method) {
		return o.Default
	}
	return nil
}

// sayDefault answers with a rule's page.
func (p *PoP) sayDefault(a *ask, d *cache.Default, m sim.Mark) {
	if a.req.Traced() {
		p.explainDefault(a, d)
	}
	p.tell(a, &m)
	resp := sim.Answer(d.Status, d.Header, 0)
	resp.Date = p.env.Now()
	if a.req.Method != http.MethodHead {
		resp.Size, resp.Body = int64(len(d.Text)), sim.Text(d.Text)
	}
	resp.Via.Add(m)
	p.n.bytesServed.Add(resp.Size)
	a.finish(resp)
}

// refuse answers a request that goes no further: 508 in a loop (RFC 8586 2), 504 when
// it wanted what is stored and nothing else (RFC 9111 5.2.1.7).
func (p *PoP) refuse(a *ask, status int) {
	p.n.refused.Add(1)
	p.say(a, status, p.mark(p.env.Now(), a.at, a.d, a.verdict))
}

// say answers with a status of the PoP's own.
func (p *PoP) say(a *ask, status int, m sim.Mark) {
	p.tell(a, &m)
	resp := sim.Answer(status, nil, 0)
	resp.Date = p.env.Now()
	resp.Via.Add(m)
	a.finish(resp)
}

// drop answers a client that left.
func (p *PoP) drop(a *ask, c sim.Cause) {
	if !a.inner {
		p.n.gone.Add(1)
	}
	a.finish(sim.Fail(c))
}

func proxyStatus(c sim.Cause, status int) int {
	switch {
	case status == http.StatusServiceUnavailable, c == sim.Overload, c == sim.NoServer:
		return http.StatusServiceUnavailable
	case status == http.StatusGatewayTimeout, c == sim.TimedOut, c == sim.Unreachable:
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}
