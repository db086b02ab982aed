// Giving: the last step of every answer to one who waited.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// give answers a with resp and the PoP's mark.
func (p *PoP) give(a *ask, resp *sim.Response, m sim.Mark) {
	p.tell(a, &m)
	resp.Via.Add(m)
	if !a.inner {
		p.count(resp, m.Verdict)
	}
	a.finish(resp)
}

// tell adds the key to what Cache-Status says, if that is wanted.
func (p *PoP) tell(a *ask, m *sim.Mark) {
	if p.cfg.StatusKey {
		m.Peer = p.keyText(a.key)
	}
}

// keyText is a key as Cache-Status tells it, made once for what comes again and again.
func (p *PoP) keyText(key cache.Key) string {
	if key != p.told.key || p.told.text == "" {
		p.told.key, p.told.text = key, key.String()
	}
	return p.told.text
}

// finish answers an ask, once.
func (a *ask) finish(resp *sim.Response) {
	a.hook.Drop()
	a.limit.Stop()
	reply := a.reply
	if reply == nil {
		panic("edge: a request answered twice")
	}
	a.reply = nil
	reply(resp)
}

// share gives a its part of another's answer. Upstream's marks stay with the
// answer they were made for, so that sums over answers count a fetch once.
func (p *PoP) share(now sim.Time, a *ask, e *cache.Entry, status uint16) {
	if a.req.Traced() {
		p.explainShare(now, a, e)
	}
	m := p.mark(now, a.at, a.d, sim.VerdictJoined)
	m.FwdStatus, m.Collapsed, m.TTL = status, true, wholeSeconds(e.TTL(now))
	p.give(a, p.fromEntry(now, a.req, e), m)
}

// turnAway sends one who waited for an answer that is not for it on its way: to
// another flight once (its own variant's, or one sent after a purge), else to a
// fetch for itself.
func (p *PoP) turnAway(now sim.Time, a *ask, why cache.Reason) {
	a.hook.Drop()
	a.limit.Stop()
	if a.turn == firstTurn && (why == cache.WhyVaryMismatch || why == cache.WhySearch || why == cache.WhySentBefore) {
		a.turn = secondTurn
	} else {
		a.turn = lastTurn
	}
	var e *cache.Entry
	if a.inner {
		e = p.judge(now, a.key, a.req, &a.d)
	} else {
		a.key = p.searches.Key(p.keyOf(a.req))
		e = p.find(now, &a.key, a.req, &a.d)
	}
	a.entry = e
	if a.req.Traced() {
		p.explainTurnedAway(a, why)
	}
	if a.d.Verdict != sim.VerdictMiss {
		v := sim.VerdictJoined
		if a.d.Verdict == sim.VerdictStale {
			v = sim.VerdictStale
		}
		m := p.mark(now, a.at, a.d, v)
		m.Collapsed, m.TTL = true, wholeSeconds(a.d.TTL)
		p.give(a, p.fromEntry(now, a.req, e), m)
		return
	}
	p.miss(now, a)
}
