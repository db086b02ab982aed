// Package edge is the CDN's edge: the PoP, which answers from its cache or
// fetches from its parent (a shield, a pool or an origin).
//
// A PoP is a node: it joins the deciders of edge/cache to a sim.Handler that
// both worlds run. It is not safe for concurrent use.
package edge

import (
	"math/rand/v2"
	"net/http"
	"reflect"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Guard looks at a request before the PoP does. It returns nil to let it pass,
// or the answer that refuses it.
type Guard func(req *sim.Request) *sim.Response

// PoP is a point of presence: guard, cache, flight, parent.
type PoP struct {
	// The header of the last request that did not pass by. Headers are immutable
	// and most requests share one, which then need not be looked at again; it is
	// kept so that its address stays its own.
	plainHeader http.Header
	plain       uintptr
	conditional bool // it has preconditions
	ranged      bool // it asks for a range
	asking      cache.Asking
	parents     parentHeaders

	via, loop, capability []string // its members of the fields in them

	spellings spellings
	ruling    ruling

	Guard Guard // nil: all pass
	// Checked says that a balancer in front asks for its health: what is addressed
	// to its own name is that, and no matter for the cache.
	Checked bool

	told struct { // the key that was told last
		key  cache.Key
		text string
	}

	env    *sim.Env
	cfg    Config
	parent sim.Handler

	caches   bool
	shares   bool // coalesces
	rules    cache.Rules
	store    *cache.Store
	flights  cache.Flights[ask, *fetch]
	loners   cache.Loners
	searches cache.Searches
	unsliced cache.Loners // what cannot be had in slices
	slices   bool         // there is or was a size for slices
	early    *rand.Rand   // for early refreshes
	purges   purges
	answers  sim.Answers
	asks     []*ask   // to be used again
	fetches  []*fetch // likewise
	n        counters
}

// flight is a fetch and who waits for it.
type flight = cache.Flight[ask, *fetch]

var _ sim.Handler = (*PoP)(nil)

// New returns a PoP with an empty cache. cfg must pass its Check.
func New(env *sim.Env, cfg Config, parent sim.Handler) *PoP {
	if bad := cfg.Check(); len(bad) > 0 {
		panic("edge: " + bad[0].Error())
	}
	cfg = cfg.WithDefaults()
	policy, _ := cache.Evictions.Get(cfg.Eviction)
	p := &PoP{env: env, cfg: cfg, parent: parent, caches: *cfg.Cache, shares: cfg.Coalesce != CoalesceOff,
		rules: cfg.rules(env.Node), ruling: newRuling(cfg.Rules), n: newCounters(env)}
	p.via, p.loop, p.capability = []string{"1.1 " + env.Node}, []string{env.Node}, []string{cache.Capability(env.Node)}
	p.store = cache.NewStore(int64(cfg.CacheSize), cfg.MaxVariants, policy.With(env.Stream("eviction")))
	p.store.Guard(cfg.Admitting.Policy(env.Stream("admission")))
	p.flights.Alike = p.rules.Alike
	p.flights.MaxFlights, p.flights.MaxWaiters = cfg.MaxFlights, cfg.MaxWaiters
	p.loners.For, p.unsliced.For = *cfg.HitForMiss, unslicedFor
	p.slices = cfg.Slice > 0
	p.early = env.Stream("early refresh")
	p.asking = cache.ParseAsking(nil) // as the header before the first is nil
	return p
}

// NewShield returns a PoP that other PoPs ask: what origins tell caches goes on to
// them.
func NewShield(env *sim.Env, cfg Config, parent sim.Handler) *PoP {
	p := New(env, cfg, parent)
	p.rules.Shield = true
	return p
}

// Serve implements sim.Handler.
func (p *PoP) Serve(req *sim.Request, reply func(*sim.Response)) {
	if req.Method == MethodPurge {
		p.servePurge(req, reply)
		return
	}
	if p.Checked && req.Host == p.env.Node {
		reply(sim.Answer(http.StatusOK, nil, 0)) // a process that answers is well
		return
	}
	p.n.requests.Add(1)
	if c := req.Scope.Cause(); c != sim.OK {
		p.n.gone.Add(1)
		reply(sim.Fail(c))
		return
	}
	if p.Guard != nil {
		if no := p.Guard(req); no != nil {
			p.n.refused.Add(1)
			reply(no)
			return
		}
	}
	now := p.env.Now()
	key := p.searches.Key(p.keyOf(req))
	rules := p.rulesOf(req)
	if fwd, why := p.passes(req, rules); fwd != sim.FwdNone {
		a := p.ask(now, req, reply)
		a.key = key
		a.verdict, a.d = sim.VerdictBypass, cache.Decision{Verdict: sim.VerdictBypass, Fwd: fwd, Why: why}
		if status := refusals[why]; status != 0 {
			if req.Traced() {
				p.explainJudged(req, a.d, nil)
			}
			p.refuse(a, status)
			return
		}
		p.pass(a)
		return
	}
	var d cache.Decision
	e := p.find(now, &key, req, &d)
	if req.Traced() {
		p.explainJudged(req, d, e)
	}
	if d.Verdict == sim.VerdictHit || d.Verdict == sim.VerdictStale {
		p.hit(now, req, reply, e, &d)
		return
	}
	a := p.ask(now, req, reply)
	a.key, a.d, a.entry, a.verdict = key, d, e, d.Verdict
	if d.Why == cache.WhyOnlyIfCached {
		p.refuse(a, http.StatusGatewayTimeout)
		return
	}
	if req.Method == http.MethodHead || d.Verdict == sim.VerdictBypass {
		p.pass(a) // only a GET's answer can be stored
		return
	}
	p.miss(now, a)
}

// judge decides what a request is answered with, and returns what is stored for it.
func (p *PoP) judge(now sim.Time, key cache.Key, req *sim.Request, d *cache.Decision) *cache.Entry {
	e, known := p.store.Find(key, req.Header)
	means := p.means(e, req)
	if !means {
		e = nil
	}
	rules := p.rulesOf(req)
	rules.Judge(now, e, known, d)
	switch {
	case !means:
		d.Fwd, d.Why = sim.FwdURIMiss, cache.WhySearch
	case d.Verdict == sim.VerdictHit && p.cfg.EarlyRefresh > 0 && !e.Partial() && cache.Early(e, d.TTL, p.cfg.EarlyRefresh, p.early.Float64()):
		d.Refresh, d.Why = true, cache.WhyEarly
	case d.Verdict == sim.VerdictMiss:
		if p.hasRange(req.Header) && !cache.Understood(req) {
			d.Verdict, d.Fwd, d.Why = sim.VerdictBypass, sim.FwdBypass, cache.WhyRange
		}
	case e.Partial() && !p.serves(e, req):
		d.Verdict, d.Fwd, d.Why, d.Refresh = sim.VerdictMiss, sim.FwdPartial, cache.WhyPartial, false
	}
	if rules.ObeyRequests {
		asking := p.askingOf(req.Header)
		rules.Obey(&asking, e, d)
	}
	return e
}

// means reports whether an entry found for a request, if any, is for its query too.
func (p *PoP) means(e *cache.Entry, req *sim.Request) bool {
	return e == nil || !p.searches.Any() || e.Answers(p.keyOf(req).Path)
}

// refusals are what is answered to requests that go no further.
var refusals = map[cache.Reason]int{
	cache.WhyLoop: http.StatusLoopDetected, // RFC 8586 2
	cache.WhyHost: http.StatusBadRequest,   // RFC 9112 3.2
}

// passes decides whether a request is no matter for the cache, and says why.
func (p *PoP) passes(req *sim.Request, rules *cache.Rules) (sim.Fwd, cache.Reason) {
	switch {
	case p.spellings.bad:
		return sim.FwdBypass, cache.WhyHost
	case !p.caches:
		return sim.FwdBypass, cache.WhyOff
	}
	address := reflect.ValueOf(req.Header).Pointer()
	fwd, why := cache.Passes(req, address == p.plain, p.env.Node)
	if fwd == sim.FwdNone && address != p.plain {
		p.plainHeader, p.plain = req.Header, address
		p.conditional, p.ranged = cache.HasPreconditions(req.Header), cache.HasRange(req.Header)
		p.asking = cache.ParseAsking(req.Header)
	}
	if o := rules.Override; fwd == sim.FwdNone && o != nil && o.Bypass {
		return sim.FwdBypass, cache.WhyRuleBypass
	}
	return fwd, why
}

// hasPreconditions reports whether a client's header has any (RFC 9110 13.1).
func (p *PoP) hasPreconditions(h http.Header) bool {
	if reflect.ValueOf(h).Pointer() == p.plain {
		return p.conditional
	}
	return cache.HasPreconditions(h)
}

// hasRange reports whether a client's header asks for a range.
func (p *PoP) hasRange(h http.Header) bool {
	if reflect.ValueOf(h).Pointer() == p.plain {
		return p.ranged
	}
	return cache.HasRange(h)
}

// askingOf returns what a client's header asks of caches.
func (p *PoP) askingOf(h http.Header) cache.Asking {
	if reflect.ValueOf(h).Pointer() == p.plain {
		return p.asking
	}
	return cache.ParseAsking(h)
}

// mark returns what the PoP says of an answer that a came to.
func (p *PoP) mark(now, at sim.Time, d cache.Decision, v sim.Verdict) sim.Mark {
	return sim.Mark{Node: p.env.Node, Hop: sim.HopCache, Verdict: v, Fwd: d.Fwd, Detail: d.Why.Detail(), Took: now.Sub(at)}
}

// wholeSeconds is d as Cache-Status carries it, rounded down.
func wholeSeconds(d time.Duration) int32 {
	s := d / time.Second
	if d < 0 && d%time.Second != 0 {
		s--
	}
	return int32(max(min(s, 1<<31-1), -1<<31))
}
