// Fetches: one request to the parent, until its header has come.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// fetch is one request to the parent. It has a scope of its own, as it may
// outlive the client that caused it.
type fetch struct {
	fetching
	req   sim.Request
	scope sim.Scope
	came  cache.Exchange // what it came to

	pop       *PoP
	onReply   func(*sim.Response)
	onTimeout func()
}

// fetching is what is known of a fetch while it is under way.
type fetching struct {
	flight   *flight
	key      cache.Key    // of what it asks for, before any No-Vary-Search
	rules    *cache.Rules // that hold for it
	timer    sim.Timer
	sent     sim.Time
	done     bool // its header has come, or nobody waits for that any more
	status   uint16
	unstored cache.Reason // why its answer may not be kept

	asked      http.Header  // the client's fields, before the PoP changed any
	stale      *cache.Entry // what is stored already, or nil
	plan       cache.Plan   // how it asks, with what is stale
	leader     *ask         // nil when it left, or none ever was
	background bool         // the store wants it, whoever waits
	through    bool         // the cache has nothing to do with it
	purges     uint64       // how many purges there had been when it was made
	body       sim.Body     // what comes, while it is to be kept
}

// fetch returns an empty fetch of a flight: a used one if there is one.
func (p *PoP) fetch(fl *flight) *fetch {
	var f *fetch
	if n := len(p.fetches); n > 0 {
		f = p.fetches[n-1]
		p.fetches = p.fetches[:n-1]
	} else {
		f = &fetch{pop: p}
		f.onReply, f.onTimeout = f.replied, f.timedOut
	}
	f.flight = fl
	return f
}

// reuse takes back a flight that has come to its end, with its fetch and who led
// it, if nothing can call them any more.
func (p *PoP) reuse(fl *flight, f *fetch, leader *ask) {
	if !p.env.Reuses || fl.Fetch != f { // it was sent again
		return
	}
	if leader != nil && leader.flight == fl && leader.reply == nil {
		*leader = ask{pop: p, onGone: leader.onGone}
		p.asks = append(p.asks, leader)
	}
	p.flights.Reuse(fl)
	f.scope.Reuse()
	f.fetching = fetching{} // the rest is overwritten
	p.fetches = append(p.fetches, f)
}

// newFetch derives the request to the parent from a client's. It keeps nothing
// of req itself, which belongs to who made it.
func (p *PoP) newFetch(fl *flight, req *sim.Request, stale *cache.Entry, plan cache.Plan) *fetch {
	f := p.fetch(fl)
	f.req, f.asked, f.stale, f.plan, f.purges = *req, req.Header, stale, plan, p.purges.n
	f.req.Scope, f.req.Control = &f.scope, false
	f.key, f.rules = p.keyOf(req), p.rulesOf(req)
	f.req.Header = p.parentHeader(req, f.rules)
	if p.caches {
		// What is asked for is what the key says: were it another spelling, the answer could
		// be another than who shares the key would get. A plain proxy has no keys.
		f.req.Host, f.req.Path = f.key.Host, f.key.Path
	}
	if req.Interim != nil {
		f.req.Interim = func(status int, h http.Header) {
			if a := fl.Fetch.leader; a != nil {
				a.req.Interim(status, h)
			}
		}
	}
	return f
}

// send sends a flight's fetch.
func (p *PoP) send(fl *flight) {
	f := fl.Fetch
	if f.done {
		return // its client left before it was sent
	}
	if !f.through {
		f.req.Header = f.planned()
	}
	p.n.fetches.Add(1)
	f.sent = p.env.Now()
	f.timer = p.env.After(p.cfg.ParentTimeout, f.onTimeout)
	p.parent.Serve(&f.req, f.onReply)
}

// replied takes the parent's answer.
func (f *fetch) replied(resp *sim.Response) {
	if f.done {
		abandon(resp.Body, f.scope.Cause())
		return
	}
	f.done = true
	f.timer.Stop()
	p, fl, leader, whole := f.pop, f.flight, f.leader, resp.Body == nil
	p.arrived(fl, f, resp)
	if whole {
		p.reuse(fl, f, leader)
	}
}

func (f *fetch) timedOut() {
	f.cancel(sim.TimedOut)
	f.pop.arrived(f.flight, f, sim.Fail(sim.TimedOut))
}

// planned puts the preconditions of the stored entry in the place of the client's,
// which the PoP decides itself when the answer has come, and likewise the range that
// it wants itself.
func (f *fetch) planned() http.Header {
	h := f.req.Header
	if f.plan.Conditional {
		h = cache.Validators(h, f.stale)
	} else {
		h = cache.WithoutPreconditions(h)
	}
	switch {
	case f.plan.Slice.Size != 0:
		return cache.WithSlice(h, f.plan.Slice)
	case f.plan.Lacks.Size != 0:
		return cache.WithLacking(h, f.stale, f.plan.Lacks)
	case f.plan.Whole:
		return cache.WithoutRange(h)
	}
	return h
}

// cancel ends a fetch whose header has not come. Whoever waits must have been
// told, or be told next.
func (f *fetch) cancel(c sim.Cause) {
	f.done = true
	f.timer.Stop()
	f.scope.Cancel(c)
}

// again sends a flight's fetch once more, now without regard to what is stored.
func (p *PoP) again(fl *flight) {
	old := fl.Fetch
	f := p.fetch(fl)
	f.req, f.asked, f.leader, f.background, f.purges = old.req, old.asked, old.leader, old.background, old.purges
	f.plan.Whole, f.plan.Slice = old.plan.Whole, old.plan.Slice
	f.req.Scope, f.req.Header = &f.scope, f.asked
	f.key, f.rules = old.key, old.rules
	f.req.Header = p.parentHeader(&f.req, f.rules)
	fl.Fetch = f
	p.send(fl)
}

// abandon says that nobody here wants a body.
func abandon(b sim.Body, c sim.Cause) {
	if b == nil {
		return
	}
	if c == sim.OK {
		c = sim.Cancelled
	}
	b.Abandon(c)
}
