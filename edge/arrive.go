// Arrivals: a fetch has come to its header, or to nothing.
package edge

import (
	"net/http"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// arrived sorts what a fetch came to.
func (p *PoP) arrived(fl *flight, f *fetch, resp *sim.Response) {
	now := p.env.Now()
	if resp.Status == http.StatusNotModified && !f.plan.Conditional && !f.through {
		abandon(resp.Body, sim.Malformed) // nobody asked: a 304 to this makes no sense
		resp = sim.Fail(sim.Malformed)
	}
	f.status = uint16(resp.Status)
	p.countFetch(resp)
	x := p.exchange(now, f, resp)
	switch {
	case f.through:
		p.passed(now, fl, x)
	case resp.Status == 0:
		p.failed(now, fl, x)
	case resp.Status == http.StatusNotModified:
		p.freshened(now, fl, x)
	case cache.IsError(resp.Status):
		p.errored(now, fl, x)
	default:
		p.fetched(now, fl, x)
	}
}

func (p *PoP) countFetch(resp *sim.Response) {
	if resp.Status == 0 || cache.IsError(resp.Status) {
		p.n.failures.Add(1)
	}
	switch {
	case resp.Status == 0:
	case resp.Body == nil:
		p.n.bytesFetched.Add(max(resp.Size, 0))
	default:
		resp.Body.OnEnd(func(_ sim.Cause, n int64) { p.n.bytesFetched.Add(n) })
	}
}

// exchange makes the answer ready to go on: hop-by-hop fields dropped (RFC 9110
// 7.6.1), and so the fields with tags. resp is ours, its header is not.
func (p *PoP) exchange(now sim.Time, f *fetch, resp *sim.Response) *cache.Exchange {
	x := &f.came
	*x = cache.Exchange{Method: f.req.Method, Key: f.flight.Key, Asked: f.asked, Response: resp,
		Sent: f.sent, Received: now, Epoch: p.env.Epoch}
	if resp.Status != http.StatusSwitchingProtocols {
		x.Header = cache.Forwardable(resp.Header)
	} else {
		x.Header = resp.Header
	}
	x.Tags = cache.Groups(cache.Tags(x.Header), x.Key, x.Header)
	if !p.cfg.KeepTags {
		x.Header = cache.Untagged(x.Header)
	}
	return x
}

// fetched handles an answer with content: kept if it may be, shared with who
// waits if it may be.
func (p *PoP) fetched(now sim.Time, fl *flight, x *cache.Exchange) {
	f, status := fl.Fetch, x.Response.Status
	if f.plan.Lacks.Size != 0 && (status == http.StatusPartialContent || status == http.StatusRequestedRangeNotSatisfiable) {
		p.completed(now, fl, x)
		return
	}
	if fl.Key.IsSlice() && !p.sliced(now, fl, x) {
		return
	}
	e, why := f.rules.Consider(x)
	if e != nil {
		p.storable(now, fl, x, e, e)
		return
	}
	f.unstored = why
	if f.req.Traced() {
		p.explainUnstored(f, why)
	}
	if status != http.StatusRequestedRangeNotSatisfiable { // which says nothing of what is stored
		p.forgetStale(f)
	}
	p.loners.Add(fl.Key, now, why)
	p.unshared(now, fl, x)
}

// storable handles an answer that may be kept: e is what can be answered with it,
// fresh what of that is new.
func (p *PoP) storable(now sim.Time, fl *flight, x *cache.Exchange, e, fresh *cache.Entry) {
	f := fl.Fetch
	p.loners.Remove(fl.Key)
	e.Key = p.named(fl, e)
	fresh.Key = e.Key
	kept := p.keep(fl, x.Response.Body, e, fresh)
	if f.req.Traced() {
		p.explainStored(fl, e, kept)
	}
	if !kept {
		p.flights.Land(fl)
		p.unkept(now, fl, x, e)
		return
	}
	for _, a := range fl.Wake() {
		p.hand(now, a, f, x, e, true)
	}
}

// named returns the key that an answer is stored under: its request's, or the one that
// its No-Vary-Search has for all that are the same.
func (p *PoP) named(fl *flight, e *cache.Entry) cache.Key {
	key, s := fl.Fetch.key, e.Search()
	p.searches.Learn(key, s)
	key.Path, key.Slice = s.Canonical(key.Path), fl.Key.Slice
	return key
}

// unkept hands out an answer that may be shared but does not go into the store.
func (p *PoP) unkept(now sim.Time, fl *flight, x *cache.Exchange, e *cache.Entry) {
	for _, a := range fl.Wake() {
		p.hand(now, a, fl.Fetch, x, e, false)
	}
	abandon(x.Response.Body, sim.Cancelled) // our own reader; theirs read on
}

// hand gives one who waited its part of a fetched answer: to the leader as its
// own, to the others a share if it may be theirs.
func (p *PoP) hand(now sim.Time, a *ask, f *fetch, x *cache.Exchange, e *cache.Entry, kept bool) {
	switch {
	case a == nil:
	case f.leader == a:
		p.give(a, p.leads(now, a, f, x, e), p.ownMark(now, a, f, e, kept))
	default:
		p.shareOrNot(now, a, f, e)
	}
}

// leads is the leader's answer: what came, or what it wants of that when that is
// not what was asked for.
func (p *PoP) leads(now sim.Time, a *ask, f *fetch, x *cache.Exchange, e *cache.Entry) *sim.Response {
	if f.plan.Lacks.Size != 0 || f.plan.Slice.Size != 0 || f.plan.Whole && p.hasRange(a.req.Header) {
		resp := p.fromEntry(now, a.req, e)
		resp.Via = x.Response.Via
		return resp
	}
	resp := p.own(now, a, f, x, p.ownShare(x.Response))
	resp.Header = f.rules.ForUsers(resp.Status, resp.Header, time.Duration(resp.Age))
	return resp
}

// shareOrNot gives one who waited its share of an answer, if it may be its.
func (p *PoP) shareOrNot(now sim.Time, a *ask, f *fetch, e *cache.Entry) {
	why, ok := p.joins(a, f, e)
	if ok && !p.serves(e, a.req) {
		why, ok = cache.WhyPartial, false
	}
	if ok {
		p.share(now, a, e, f.status)
	} else {
		p.turnAway(now, a, why)
	}
}

// unshared handles an answer that is the leader's alone. Who waited goes on for
// itself, all at once: one after another, the last would wait for them all.
func (p *PoP) unshared(now sim.Time, fl *flight, x *cache.Exchange) {
	p.flights.Land(fl)
	f := fl.Fetch
	waiters := fl.Wake()
	if f.leader == nil {
		abandon(x.Response.Body, sim.Cancelled)
	}
	for _, a := range waiters {
		switch {
		case a == nil:
		case a == f.leader:
			p.tie(a, f, x.Response)
			p.give(a, p.own(now, a, f, x, x.Response), p.ownMark(now, a, f, nil, false))
		default:
			p.turnAway(now, a, cache.WhyNotStored)
		}
	}
}

// passed hands on the answer of a fetch that the cache has nothing to do with,
// but to forget what it changed (RFC 9111 4.4).
func (p *PoP) passed(now sim.Time, fl *flight, x *cache.Exchange) {
	f, resp := fl.Fetch, x.Response
	if p.caches {
		p.invalidate(f, x)
	}
	if f.stale != nil && resp.Status == http.StatusOK {
		p.headed(fl, x)
	}
	fl.Wake()
	a := f.leader
	if resp.Status == 0 {
		p.fail(a, resp.Cause, 0)
		return
	}
	if e, kept := p.posted(fl, x); kept {
		p.give(a, p.typed(f, x, p.ownShare(resp)), p.ownMark(now, a, f, e, true))
		return
	}
	p.tie(a, f, resp)
	p.give(a, p.typed(f, x, resp), p.ownMark(now, a, f, nil, false))
}

// posted keeps the answer to a POST that is one to later GETs (RFC 9110 9.3.3). What
// the POST itself made forgotten does not count against it.
func (p *PoP) posted(fl *flight, x *cache.Exchange) (e *cache.Entry, kept bool) {
	if x.Method != http.MethodPost || !p.caches || cache.Overridden(x.Asked) {
		return nil, false
	}
	if e, _ = fl.Fetch.rules.Consider(x); e == nil {
		return nil, false
	}
	e.Key, fl.Fetch.purges = p.named(fl, e), p.purges.n
	kept = p.keep(fl, x.Response.Body, e, e)
	if fl.Fetch.req.Traced() {
		p.explainStored(fl, e, kept)
	}
	return e, kept
}

// ownShare is an answer whose content goes on to the store as well.
func (p *PoP) ownShare(came *sim.Response) *sim.Response {
	resp := *came
	if resp.Body != nil {
		resp.Body = resp.Body.Share()
	}
	return &resp
}

// invalidate forgets what a request changed.
func (p *PoP) invalidate(f *fetch, x *cache.Exchange) {
	req := &f.req
	keys := cache.Changed(req, f.key, x)
	groups := p.store.ChangedGroups(x, keys)
	for i, key := range keys {
		if i == 0 && req.Traced() {
			p.explainInvalidated(req, key, groups)
		}
		p.Purge(cache.Target{Key: key}, false)
	}
	for _, t := range groups {
		p.Purge(t, false)
	}
}

// tie ends a fetch that is one client's alone with that client.
func (p *PoP) tie(a *ask, f *fetch, resp *sim.Response) {
	if resp.Body == nil {
		return
	}
	hook := a.req.Scope.OnCancel(f.scope.Cancel)
	resp.Body.OnEnd(func(sim.Cause, int64) { hook.Drop() })
}

// own makes the leader's answer of what came: typed, and a 304 when that is all
// the client needs.
func (p *PoP) own(now sim.Time, a *ask, f *fetch, x *cache.Exchange, resp *sim.Response) *sim.Response {
	resp = p.typed(f, x, resp)
	if p.hasPreconditions(a.req.Header) && x.Current().NotModified(a.req.Header, p.env.Epoch, now) {
		if a.req.Traced() {
			p.explainNotModified(a.req)
		}
		abandon(resp.Body, sim.Cancelled)
		resp.Status, resp.Header = http.StatusNotModified, cache.NotModifiedFields(x.Header)
		resp.Size, resp.Body, resp.Stamp = 0, nil, sim.Stamp{}
	}
	return resp
}

// typed moves Age and Date out of an answer's header.
func (p *PoP) typed(f *fetch, x *cache.Exchange, resp *sim.Response) *sim.Response {
	resp.Header = f.rules.Onward(x.Header)
	resp.Date, resp.Aged, resp.Age = x.Typed()
	return resp
}

// ownMark is the mark on an answer that was fetched for a.
func (p *PoP) ownMark(now sim.Time, a *ask, f *fetch, e *cache.Entry, kept bool) sim.Mark {
	m := p.mark(now, a.at, a.d, a.verdict)
	m.FwdStatus, m.Stored = f.status, kept
	if f.unstored != "" {
		m.Detail = f.unstored.Detail()
	}
	if kept {
		m.TTL = wholeSeconds(e.TTL(now))
	}
	return m
}
