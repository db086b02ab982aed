// Slices: large contents that are fetched and stored in pieces (nginx's slice,
// segmented caching at CDNs). Each is an entry of its own, which is fresh, shared,
// revalidated, evicted and purged by itself; a client's answer is put together of
// them (assemble.go).
package edge

import (
	"net/http"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// unslicedFor is how long it is remembered that something cannot be had in slices:
// servers seldom learn to answer ranges, and to find out costs a fetch.
const unslicedFor = time.Hour

// isSlice reports whether an entry is a slice of something larger.
func isSlice(e *cache.Entry) bool { return e.Key.IsSlice() && e.Partial() }

// find decides what a request is answered with, as judge does; of what is to be had
// in slices by the first that the request wants, whose key it then is.
func (p *PoP) find(now sim.Time, key *cache.Key, req *sim.Request, d *cache.Decision) *cache.Entry {
	e := p.judge(now, *key, req, d)
	if e != nil || p.cfg.Slice == 0 || d.Verdict != sim.VerdictMiss || p.unsliced.Has(*key, now) {
		return e
	}
	var known *cache.Entry
	if p.hasRange(req.Header) {
		known = p.store.SliceOf(*key, req.Header)
	}
	first := int64(0)
	if req.Method == http.MethodGet {
		first = cache.FirstByte(req.Header, known)
	}
	slice := key.At(first, int64(p.cfg.Slice))
	e = p.judge(now, slice, req, d)
	if req.Method == http.MethodGet || e != nil {
		*key = slice
	}
	return e
}

// planOf returns how upstream is asked for what a request wants, e being what is
// stored under the key.
func (p *PoP) planOf(key cache.Key, e *cache.Entry, asks http.Header, fresh bool) cache.Plan {
	if !key.IsSlice() {
		return e.Plan(asks, fresh)
	}
	return cache.Plan{Conditional: e != nil && e.Validatable(), Slice: key.Slice}
}

// sliced looks at what came of asking for a slice, and reports whether it can be
// handled as any answer: the slice itself; or what is said of the whole, for which
// the fetch was from now on. Else the whole is asked for.
func (p *PoP) sliced(now sim.Time, fl *flight, x *cache.Exchange) bool {
	f := fl.Fetch
	switch x.Response.Status {
	case http.StatusPartialContent:
		if e, _ := f.rules.Consider(x); e == nil || !e.Fills(f.plan.Slice) {
			p.unslice(now, fl, x)
			return false
		}
		return true
	case http.StatusRequestedRangeNotSatisfiable:
		p.forgetStale(f)
		if a := f.leader; a != nil && !p.hasRange(a.req.Header) { // an empty content has no first slice
			p.unslice(now, fl, x)
			return false
		}
		return true
	case http.StatusOK: // the origin knows no ranges, or not of this
		p.unsliced.Add(fl.Key.Whole(), now, cache.WhyUnsliced)
	}
	p.forgetStale(f)
	f.stale, f.plan.Conditional = nil, false
	p.flights.Move(fl, fl.Key.Whole())
	return true
}

// unslice has all who wait for a slice ask for the whole instead.
func (p *PoP) unslice(now sim.Time, fl *flight, x *cache.Exchange) {
	p.unsliced.Add(fl.Key.Whole(), now, cache.WhyUnsliced)
	p.flights.Land(fl)
	p.forgetStale(fl.Fetch)
	if fl.Fetch.req.Traced() {
		p.explainUnstored(fl.Fetch, cache.WhyUnsliced)
	}
	waiters := fl.Wake()
	abandon(x.Response.Body, sim.Cancelled)
	for _, a := range waiters {
		switch {
		case a == nil:
		case a.inner:
			p.fail(a, sim.Malformed, 0)
		default:
			a.hook.Drop()
			a.limit.Stop()
			a.key, a.entry = a.key.Whole(), nil
			p.miss(now, a)
		}
	}
}
