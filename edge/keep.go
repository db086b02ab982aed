// Keeping: what goes into the store, and when.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// keep stores an answer, now if its content is here, else when that has ended
// well: a truncated body never becomes a complete entry. It reports false when
// the answer does not go into the store. While a body comes the flight stays,
// and who asks takes a share of it.
//
// e is what the answer makes with what was stored when it was asked for. That may
// have changed when its body ends: fresh, what of e is new, goes into the store.
func (p *PoP) keep(fl *flight, body sim.Body, e, fresh *cache.Entry) bool {
	if p.doomed(fl, e) || !p.store.Fits(e) || e.Size > int64(p.cfg.MaxObject) {
		return false
	}
	if (e.Size >= 0 || body == nil) && !p.admits(fl, e) {
		return false
	}
	if body == nil {
		p.flights.Land(fl)
		return p.put(fresh)
	}
	fl.Fill(e)
	fl.Fetch.body = body
	if e.Size < 0 && *p.cfg.BackgroundFill < p.cfg.MaxObject || e.Size > int64(*p.cfg.BackgroundFill) {
		sim.OnAlone(body, func() { p.giveUp(fl) })
	}
	body.OnEnd(func(c sim.Cause, n int64) { p.commit(fl, fresh, c, n) })
	return true
}

// giveUp ends a fill that everybody who asked for it has left, and that is too much to
// go on with for the store's sake alone.
func (p *PoP) giveUp(fl *flight) {
	if f := fl.Fetch; fl.Entry != nil && !f.background {
		p.flights.Land(fl)
		fl.Entry = nil
		abandon(f.body, sim.Cancelled)
	}
}

// joined returns what is stored for an answer: a part together with the parts of the
// same that are stored; nil when what is stored is to stay.
func (p *PoP) joined(e *cache.Entry) *cache.Entry {
	if !e.Partial() {
		return e
	}
	return cache.Join(p.env.Now(), p.store.Twin(e), e)
}

// commit ends a filling flight: the entry is complete when its body ended OK,
// with the declared length if there was one (RFC 9111 3.3; RFC 9112 8).
func (p *PoP) commit(fl *flight, e *cache.Entry, c sim.Cause, n int64) {
	p.flights.Land(fl)
	whole := c == sim.OK && (e.Size < 0 || e.Size == n)
	if !whole || p.doomed(fl, e) || n > int64(p.cfg.MaxObject) {
		if fl.Fetch.req.Traced() {
			p.explainDropped(fl, e, whole)
		}
		return
	}
	complete := *e // answers on their way hold e, which must not change
	complete.Size = n
	if e.Size < 0 && !p.admits(fl, &complete) {
		if fl.Fetch.req.Traced() {
			p.explainUnadmitted(fl.Fetch)
		}
		return
	}
	p.put(&complete)
}

// admits asks once for each answer that could be stored, as soon as its size is known,
// whether it may come in.
func (p *PoP) admits(fl *flight, e *cache.Entry) bool {
	waited := fl.Waiting()
	if fl.Fetch.leader != nil && waited > 0 {
		waited--
	}
	why := p.store.Admits(e, waited)
	if why != "" {
		fl.Fetch.unstored = why
		p.n.notAdmitted.Add(1)
	}
	return why == ""
}

// put stores what came, with what is stored of the same if it is a part, and counts who
// had to leave for it.
func (p *PoP) put(came *cache.Entry) bool {
	e := p.joined(came)
	if e == nil || e.Size > int64(p.cfg.MaxObject) {
		return false
	}
	before := p.store.Evicted()
	ok := p.store.Put(e)
	p.stored(ok, before)
	if ok {
		p.n.bytesStored.Add(came.Bytes())
	}
	return ok
}

func (p *PoP) stored(ok bool, evictedBefore int64) {
	if ok {
		p.n.stored.Add(1)
	}
	p.n.evicted.Add(p.store.Evicted() - evictedBefore)
}

// forgetStale drops an entry after the origin answered with something that may
// not be stored in its place.
func (p *PoP) forgetStale(f *fetch) {
	if f.stale != nil {
		p.store.Remove(f.stale)
	}
}
