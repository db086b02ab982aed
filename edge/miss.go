// Misses: joining another's fetch, or leading one.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// ask is one request that the store could not answer. It is answered once, by
// give or by drop.
type ask struct {
	req     *sim.Request
	reply   func(*sim.Response)
	at      sim.Time // when it came
	key     cache.Key
	entry   *cache.Entry // what is stored for it, stale; or nil
	d       cache.Decision
	verdict sim.Verdict // when it leads
	inner   bool        // for a slice of another's answer: it is no request of a client

	turn   turn
	purges uint64 // how many there had been when it began to wait
	flight *flight
	seat   int
	hook   sim.Hook  // of its cancellation while it sits
	limit  sim.Timer // of its waiting, when it follows

	pop    *PoP
	onGone func(sim.Cause)
}

// ask returns an ask to be filled in: a used one if there is one.
func (p *PoP) ask(now sim.Time, req *sim.Request, reply func(*sim.Response)) *ask {
	var a *ask
	if n := len(p.asks); n > 0 {
		a = p.asks[n-1]
		p.asks = p.asks[:n-1]
	} else {
		a = &ask{pop: p}
		a.onGone = a.gone
	}
	a.req, a.reply, a.at = req, reply, now
	return a
}

// turn bounds how often one request may wait for others.
type turn uint8

const (
	firstTurn  turn = iota // joins whatever may be shared
	secondTurn             // joined an answer that turned out to be another variant, or too old: joins its own
	lastTurn               // fetches for itself
)

// miss joins a flight whose answer a may share, or leads a new one.
func (p *PoP) miss(now sim.Time, a *ask) {
	plan := p.planOf(a.key, a.entry, a.req.Header, a.d.TTL > 0)
	if !p.shares || a.d.Alone || a.turn == lastTurn || p.loners.Has(a.key, now) {
		p.lead(a, p.flights.Detached(a.key, a.req.Header), plan)
		return
	}
	vary := p.alike(p.rulesOf(a.req).Nominates(p.vary(a.key)), a.req, plan)
	if fl := p.flight(now, a.key, a.req, vary); fl != nil {
		p.join(now, a, fl)
		return
	}
	fl := p.flights.Open(a.key, a.req.Header, vary)
	if fl == nil {
		p.fail(a, sim.Overload, 0)
		return
	}
	p.lead(a, fl, plan)
}

// vary returns the names that answers under a key are known to vary by.
func (p *PoP) vary(key cache.Key) []string {
	if names := p.flights.Vary(key); names != nil {
		return names
	}
	return p.store.Vary(key)
}

// flight returns the flight that a request may join.
func (p *PoP) flight(now sim.Time, key cache.Key, req *sim.Request, vary []string) *flight {
	rules := p.rulesOf(req)
	return p.flights.Find(key, req.Header, vary, func(e *cache.Entry) bool {
		var d cache.Decision
		rules.Judge(now, e, true, &d)
		return d.Verdict == sim.VerdictHit && p.serves(e, req) && p.means(e, req)
	})
}

// join takes a share of a flight's answer: at once when it is filling.
func (p *PoP) join(now sim.Time, a *ask, fl *flight) {
	if fl.Entry != nil {
		if a.req.Traced() {
			p.explainJoin(now, a, fl)
		}
		p.share(now, a, fl.Entry, fl.Fetch.status)
		return
	}
	if !p.sit(a, fl) {
		p.fail(a, sim.Overload, 0)
		return
	}
	if a.req.Traced() {
		p.explainJoin(now, a, fl)
	}
	if p.cfg.WaitLimit > 0 && p.cfg.WaitLimit < p.cfg.ParentTimeout {
		a.limit = p.env.After(p.cfg.WaitLimit, func() {
			p.leave(a)
			p.fail(a, sim.TimedOut, 0)
			p.unwanted(fl, sim.TimedOut)
		})
	}
}

// sit makes a wait for a flight; false when too many do.
func (p *PoP) sit(a *ask, fl *flight) bool {
	seat, ok := p.flights.Join(fl, a)
	if !ok {
		return false
	}
	a.flight, a.seat, a.purges = fl, seat, p.purges.n
	a.hook = a.req.Scope.OnCancel(a.onGone)
	return true
}

// gone is told that the client of one who waits has left.
func (a *ask) gone(c sim.Cause) {
	p, fl := a.pop, a.flight
	p.leave(a)
	p.drop(a, c)
	p.unwanted(fl, c)
}

// leave gives a's seat up before the flight has come to an answer.
func (p *PoP) leave(a *ask) {
	a.flight.Leave(a.seat)
	if f := a.flight.Fetch; f.leader == a {
		f.leader = nil
	}
}

// unwanted cancels a flight that nobody waits for any more, and that the store
// did not ask for.
func (p *PoP) unwanted(fl *flight, c sim.Cause) {
	f := fl.Fetch
	if fl.Waiting() > 0 || f.background || f.done {
		return
	}
	p.flights.Land(fl)
	f.cancel(c)
}

// lead makes a the leader of a flight and sends its fetch.
func (p *PoP) lead(a *ask, fl *flight, plan cache.Plan) {
	fl.Fetch = p.newFetch(fl, a.req, a.entry, plan)
	fl.Fetch.leader = a
	if a.req.Traced() {
		p.explainLead(a, fl.Fetch)
	}
	p.sit(a, fl) // the first seat is always free
	p.send(fl)
}

// pass leads a fetch that has nothing to do with the cache.
func (p *PoP) pass(a *ask) {
	if a.req.Traced() {
		p.explainPass(a)
	}
	fl := p.flights.Detached(a.key, a.req.Header)
	fl.Fetch = p.newFetch(fl, a.req, nil, cache.Plan{})
	fl.Fetch.through = true
	if a.req.Method == http.MethodHead {
		fl.Fetch.stale = a.entry
	}
	fl.Fetch.leader = a
	p.sit(a, fl)
	p.send(fl)
}

// refresh opens the flight that fetches an entry anew behind an answer; nil
// when one is on its way already.
func (p *PoP) refresh(now sim.Time, req *sim.Request, e *cache.Entry) *flight {
	plan := p.planOf(e.Key, e, req.Header, false)
	vary := p.alike(e.Vary(), req, plan)
	if p.flight(now, e.Key, req, vary) != nil {
		if req.Traced() {
			p.explainRefresh(req, nil)
		}
		return nil
	}
	fl := p.flights.Open(e.Key, req.Header, vary)
	if fl != nil {
		fl.Fetch = p.newFetch(fl, req, e, plan)
		fl.Fetch.background = true
		fl.Fetch.req.Method = http.MethodGet // who asks by HEAD gets what is stored, and of that there is more
		if req.Traced() {
			fl.Fetch.req.Trace = sim.TracedBehind
			p.explainRefresh(req, fl)
		}
	}
	return fl
}
