// Package browser is the users' end of HTTP caching: the private cache that each
// user's browser holds, and how people ask again (RFC 9111 with Shared false).
//
// It sits between the user and the network, in the driver of both worlds. Content
// has no bytes here: its size, header and stamp are all that decisions and the lab's
// judges need.
package browser

import (
	"net/http"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Load is how a user asks for something.
type Load uint8

// The loads. What they come to is what Chrome does, but for Immutable, which Firefox
// and Safari have alone.
const (
	// Page is a page that the user goes to: a link, an address typed in. What is
	// fresh is used without asking, what is stale is validated first.
	Page Load = iota
	// Part is what a page needs: style, script, image, data. Likewise, but
	// stale-while-revalidate counts: Chrome has it for these alone.
	Part
	// Reload is validated even if it is fresh, unless it is immutable (RFC 8246 2).
	Reload
	// ForceReload is fetched anew, past the cache.
	ForceReload
)

// Network is what a user's browser asks through: their connections.
type Network interface {
	// Link returns it; it is called when a request has to go out.
	Link() sim.Handler
}

// Browsers are those of a group of users, each with a cache of its own. They are not
// safe for concurrent use.
type Browsers struct {
	// Begun and Ended are told of asks that nobody waits for, Ended with the link
	// that the ask went by; nil: nobody cares.
	Begun func()
	Ended func(link sim.Handler)
	// Timeout is how long such an ask may take, headers and content.
	Timeout time.Duration

	env     *sim.Env
	cfg     Config
	rules   cache.Rules
	evict   cache.NewEviction
	stores  map[uint64]*cache.Store // by user; only of those who have kept something
	behind  map[behind]bool         // what is being revalidated behind an answer
	answers sim.Answers
	spare   []*visit
}

// behind is an ask that nobody waits for.
type behind struct {
	client uint64
	key    cache.Key
}

// New returns the browsers of a group. cfg must pass its Check.
func New(env *sim.Env, cfg Config) *Browsers {
	b := &Browsers{env: env, stores: map[uint64]*cache.Store{}, behind: map[behind]bool{}}
	b.evict, _ = cache.Evictions.Get("lru")
	b.Change(cfg)
	return b
}

// Change makes the browsers those of another Config. What is stored stays.
func (b *Browsers) Change(cfg Config) {
	if bad := cfg.Check(); len(bad) > 0 {
		panic("browser: " + bad[0].Error())
	}
	b.cfg = cfg.WithDefaults()
	b.rules = cache.PrivateRules()
	b.rules.MaxObject = int64(b.cfg.CacheSize) / maxShare
}

// Leave forgets a user who never comes back.
func (b *Browsers) Leave(client uint64) { delete(b.stores, client) }

// Stored returns how many answers are stored, of all users.
func (b *Browsers) Stored() int {
	n := 0
	for _, s := range b.stores { // in any order: a sum
		n += s.Len()
	}
	return n
}

// Loads returns how a page is loaded, by dice of a number in [0, 1).
func (c Config) Loads(dice float64) Load {
	switch {
	case dice < c.ForceReload:
		return ForceReload
	case dice < c.ForceReload+c.Reload:
		return Reload
	}
	return Page
}

// Alone returns how something is loaded that is on no page: as a page's script would
// fetch it, unless it is a reload.
func (c Config) Alone(dice float64) Load {
	if how := c.Loads(dice); how != Page {
		return how
	}
	return Part
}

// Asset returns how what a page needs is loaded when the page is loaded like that.
func (c Config) Asset(page Load) Load {
	if page == ForceReload || page == Reload && c.ReloadValidates == ValidatesAll {
		return page
	}
	return Part
}

// Serve answers a user's request from their cache, or asks the network. The answer
// is the receiver's as any; that from the cache has come whole.
func (b *Browsers) Serve(req *sim.Request, how Load, net Network, reply func(*sim.Response)) {
	now := b.env.Now()
	v := b.visit(now, req, max(how, says(req.Header)))
	if fwd, why := b.passes(req); fwd != sim.FwdNone {
		v.d = cache.Decision{Verdict: sim.VerdictBypass, Fwd: fwd, Why: why}
		v.passes = true
		b.explain(v)
		v.send(net.Link(), reply)
		return
	}
	v.key = cache.KeyOf(req)
	known := false
	if s := b.stores[req.Client]; s != nil {
		v.entry, known = s.Find(v.key, req.Header)
	}
	b.judge(now, v.entry, known, v.how, &v.d)
	b.explain(v)
	if v.d.Verdict == sim.VerdictMiss {
		v.send(net.Link(), reply)
		return
	}
	b.hit(now, v, net, reply)
}

// passes decides whether a request is no matter for the cache, and says why: a part
// of a content, and what the page's own script asks about what it has, are between
// that and the site.
func (b *Browsers) passes(req *sim.Request) (sim.Fwd, cache.Reason) {
	switch {
	case !b.cfg.Cache:
		return sim.FwdBypass, cache.WhyOff
	case cache.HasRange(req.Header):
		return sim.FwdBypass, cache.WhyRange
	case cache.HasPreconditions(req.Header):
		return sim.FwdBypass, cache.WhyPrecondition
	case req.Method == http.MethodHead:
		return sim.FwdMethod, cache.WhyMethod
	}
	return cache.Passes(req, false, "")
}

// says returns the load that a request's own fields make it: who writes them there
// means the same as one who reloads.
func says(h http.Header) Load {
	for _, line := range h["Cache-Control"] {
		switch line {
		case noCache:
			return ForceReload
		case maxAge0:
			return Reload
		}
	}
	return Page
}

// judge decides what becomes of a request with what is stored for it.
func (b *Browsers) judge(now sim.Time, e *cache.Entry, known bool, how Load, d *cache.Decision) {
	b.rules.Judge(now, e, known, d)
	switch {
	case d.Verdict == sim.VerdictMiss:
	case how == ForceReload:
		d.Verdict, d.Fwd, d.Why, d.Refresh = sim.VerdictMiss, sim.FwdRequest, cache.WhyForcedReload, false
	case how == Reload && d.Verdict == sim.VerdictHit && e.Control.Immutable:
		d.Why = cache.WhyImmutable
	case how == Reload && d.Verdict == sim.VerdictHit:
		d.Verdict, d.Fwd, d.Why = sim.VerdictMiss, sim.FwdRequest, cache.WhyReload
	case how != Part && d.Verdict == sim.VerdictStale:
		d.Verdict, d.Why, d.Refresh = sim.VerdictMiss, cache.WhyPageWaits, false
	}
}

// hit answers from the cache, and has a stale answer validated behind that.
func (b *Browsers) hit(now sim.Time, v *visit, net Network, reply func(*sim.Response)) {
	e, client := v.entry, v.out.Client
	b.stores[client].Hit(e)
	resp := b.fromEntry(now, e)
	m := resp.Via.Next()
	m.Node, m.Hop, m.Verdict, m.Fwd, m.TTL = b.env.Node, sim.HopBrowser, v.d.Verdict, v.d.Fwd, wholeSeconds(v.d.TTL)
	if at := (behind{client, v.key}); v.d.Refresh && !b.behind[at] {
		b.refresh(v, at, net.Link())
	} else {
		b.free(v)
	}
	reply(resp)
}

// fromEntry returns an answer made of an entry.
func (b *Browsers) fromEntry(now sim.Time, e *cache.Entry) *sim.Response {
	resp := b.answers.New()
	resp.Status, resp.Header, resp.Size, resp.Stamp = e.Status, e.Header, e.Size, e.Stamp
	resp.Date, resp.Aged, resp.Age = e.Date, true, sim.Time(e.Age(now))
	return resp
}

// refresh validates what is stale behind its answer.
func (b *Browsers) refresh(v *visit, at behind, link sim.Handler) {
	b.behind[at] = true
	v.behind, v.link = true, link
	v.out.Scope = &v.scope
	if v.out.Traced() {
		v.out.Trace = sim.TracedBehind
	}
	if b.Begun != nil {
		b.Begun()
	}
	if b.Timeout > 0 {
		v.timer = b.env.After(b.Timeout, v.onTimeout)
	}
	v.send(link, nil)
}

// keep puts an answer that came whole into its user's cache.
func (b *Browsers) keep(client uint64, e *cache.Entry) {
	s := b.stores[client]
	if s == nil {
		s = cache.NewSmallStore(int64(b.cfg.CacheSize), maxVariants, maxEntries, b.evict)
		b.stores[client] = s
	}
	s.Put(e)
}

// wholeSeconds is d in seconds, rounded down.
func wholeSeconds(d time.Duration) int32 {
	if d < 0 {
		d -= time.Second - 1
	}
	return int32(max(min(d/time.Second, 1<<31-1), -1<<31))
}
