// Revalidation: the parent says that what is stored still holds.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// freshened handles a 304: the stored fields are updated (RFC 9111 4.3.4) and
// everyone who waited is answered from the store.
func (p *PoP) freshened(now sim.Time, fl *flight, x *cache.Exchange) {
	f := fl.Fetch
	abandon(x.Response.Body, sim.Cancelled) // a 304 has no content
	e, storable := fl.Fetch.rules.Freshen(f.stale, x)
	if e == nil {
		if f.req.Traced() {
			p.explainFreshened(f, nil, false)
		}
		p.forgetStale(f) // it speaks of something else than what is stored
		p.again(fl)
		return
	}
	p.flights.Land(fl)
	kept := p.renew(fl, e, storable)
	for _, a := range fl.Wake() {
		p.handFreshened(now, a, f, x, e, storable, kept)
	}
}

// headed handles a 200 to a HEAD for something stored that is stale: it freshens the
// stored answer, or shows that the origin has another by now (RFC 9111 4.3.5).
func (p *PoP) headed(fl *flight, x *cache.Exchange) {
	f := fl.Fetch
	if p.doomed(fl, f.stale) || !p.store.Holds(f.stale) {
		return
	}
	e, storable := f.rules.Headed(f.stale, x)
	p.renew(fl, e, storable)
}

// renew puts a freshened entry in the place of the stale one, which goes in any case,
// and reports whether it is stored. It may have come with tags that were purged.
func (p *PoP) renew(fl *flight, e *cache.Entry, storable bool) (kept bool) {
	f := fl.Fetch
	if storable && !p.doomed(fl, e) {
		before := p.store.Evicted()
		kept = p.store.Replace(f.stale, e)
		p.stored(kept, before)
	} else {
		p.forgetStale(f)
	}
	if f.req.Traced() {
		p.explainFreshened(f, e, kept)
	}
	return kept
}

func (p *PoP) handFreshened(now sim.Time, a *ask, f *fetch, x *cache.Exchange, e *cache.Entry, storable, kept bool) {
	switch {
	case a == nil:
	case a == f.leader:
		resp := p.fromEntry(now, a.req, e)
		resp.Via = x.Response.Via
		m := p.mark(now, a.at, a.d, sim.VerdictRevalidated)
		m.FwdStatus, m.Stored, m.TTL = f.status, kept, wholeSeconds(e.TTL(now))
		p.give(a, resp, m)
	case storable:
		p.shareOrNot(now, a, f, e)
	default:
		why, _ := p.joins(a, f, e)
		p.turnAway(now, a, why)
	}
}
