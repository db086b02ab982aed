// What a scenario may say about a PoP.
package edge

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Config is how a PoP caches. The zero Config, with its defaults, is that of a
// CDN as it comes.
type Config struct {
	Cache     *bool     `toml:"cache" jsonschema:"default=true,description=whether the PoP caches; without it is a plain proxy"`
	CacheSize sim.Bytes `toml:"cache-size" jsonschema:"default=256MiB,description=what the cache may hold; contents and headers"`
	MaxObject sim.Bytes `toml:"max-object" jsonschema:"default=512MiB,description=larger contents are not cached"`
	Eviction  string    `toml:"eviction" jsonschema:"default=lru,description=who leaves the cache when it is full"`
	Admitting
	// Coalesce is off, lock or stale.
	Coalesce string         `toml:"coalesce" jsonschema:"enum=off,enum=lock,enum=stale,default=lock,description=who asks for what another is fetching: off fetches for itself; lock waits for the other; stale gets a copy that has expired\\, within grace\\, and waits where there is none"`
	Grace    *time.Duration `toml:"grace" jsonschema:"default=0s,description=how long past its lifetime a copy is served while one request fetches it anew\\, unless its own directives forbid it; if not given 10s with coalesce = stale\\, else 0s"`

	Targeted *bool `toml:"targeted" jsonschema:"default=true,description=whether CDN-Cache-Control and Surrogate-Control are obeyed before Cache-Control"`

	ObeyRequests bool `toml:"obey-requests" jsonschema:"default=false,description=whether the Cache-Control of requests is obeyed (no-cache\\, max-age\\, only-if-cached ...): anybody can then make the PoP ask its parent"`

	Slice      sim.Bytes `toml:"slice" jsonschema:"default=0B,description=the size of the slices in which larger contents are fetched and stored\\, each by a range request of its own (slice; segmented caching); 0 is whole"`
	SliceAhead *int      `toml:"slice-ahead" jsonschema:"default=1,minimum=0,maximum=64,description=how many slices are fetched ahead of the one that is coming; who takes slowly has no more than one and these lie ready"`

	BackgroundFill *sim.Bytes `toml:"background-fill" jsonschema:"description=contents up to this size are fetched to their end\\, to be stored\\, when everybody who asked for them has left; larger ones are given up; as max-object if not given\\, which is: all"`

	HitTime          time.Duration `toml:"hit-time" jsonschema:"default=0s,description=what an answer from the cache costs in time"`
	ParentTimeout    time.Duration `toml:"parent-timeout" jsonschema:"default=30s,description=how long the header of a fetch may take; then 504"`
	DefaultTTL       time.Duration `toml:"default-ttl" jsonschema:"default=0s,description=lifetime of answers that say nothing about theirs; 0 is none"`
	StoreCookies     bool          `toml:"store-set-cookie" jsonschema:"default=false,description=whether answers that set cookies are cached: one user's cookie goes to all"`
	ForwardOverrides bool          `toml:"forward-overrides" jsonschema:"default=false,description=whether X-Forwarded-Host\\, X-Original-URL\\, X-HTTP-Method-Override and their like go on to the origin: only behind a proxy that sets them itself\\, as no key has them and one request's answer goes to all"`
	StatusKey        bool          `toml:"status-key" jsonschema:"default=false,description=whether Cache-Status tells the key (RFC 9211 2.7): for debugging\\, as it shows what is not in the key"`
	KeepTags         bool          `toml:"keep-tags" jsonschema:"default=false,description=whether Surrogate-Key and Cache-Tag go on to who asked: for a PoP that another cache asks"`
	Warm             bool          `toml:"warm" jsonschema:"default=false,description=whether everything is asked for once before the clock starts"`

	EarlyRefresh float64 `toml:"early-refresh" jsonschema:"default=0,minimum=0,maximum=100,description=how early what is hot is fetched anew before it expires\\, in times of a fetch: 1 is XFetch's optimum; 0 is not at all"`

	HitForMiss  *time.Duration `toml:"hit-for-miss" jsonschema:"default=2m,description=how long requests for what was not fit to share ask by themselves and wait for nobody; 0 is not at all"`
	WaitLimit   time.Duration  `toml:"wait-limit" jsonschema:"default=0s,description=how long a request waits for another's fetch; then 504; 0 is as long as the fetch takes"`
	MaxWaiters  int            `toml:"max-waiters" jsonschema:"default=65536,minimum=0,description=requests that may wait for one fetch; more get 503"`
	MaxFlights  int            `toml:"max-flights" jsonschema:"default=65536,minimum=0,description=shared fetches at a time; more get 503"`
	MaxVariants int            `toml:"max-variants" jsonschema:"default=64,minimum=0,description=stored variants of one URL (Vary)"`
	// Rules are what holds for some requests, in the place of what stands above.
	Rules []Rule `toml:"rule" jsonschema:"description=what holds for some requests\\, whatever the origin says: all that match hold\\, and of what several give the last counts"`

	// Vary is meaning, text or reduced.
	Vary      string    `toml:"vary" jsonschema:"enum=meaning,enum=text,enum=reduced,default=meaning,description=when two requests are alike in a field that Vary names: meaning takes no note of order\\, letter case and white space where they say nothing; text compares letter by letter; reduced makes br\\, gzip or nothing of Accept-Encoding\\, asks the origin for that\\, and compares the others by meaning"`
	MaxHeader sim.Bytes `toml:"max-header" jsonschema:"default=64KiB,description=answers with larger headers are not cached"`
}

// WithDefaults fills in what is not said.
//
// Cache and Targeted on, Coalesce lock: that is what a CDN is. Grace 10 s where
// stale is wanted: Varnish's default_grace, longer than a fetch and not so long that
// anyone sees yesterday's page. CacheSize 256 MiB: small enough
// for many PoPs on one machine, large enough for a site's hot set. MaxObject
// 512 MiB: what the largest public CDN keeps for a site of its free plan. LRU:
// what the others are compared with. ParentTimeout 30 s: between the 60 s of
// nginx and the 15 s of Fastly's first byte. HitForMiss 2 min: Varnish's. MaxWaiters 65,536: 10,000
// requests/s may wait 6 s, and their memory stays below 100 MiB. MaxFlights
// 65,536: as many as the ports to one parent. MaxVariants 64: beyond that Vary
// names something nearly unique, and the oldest leave. Vary meaning: it is right for
// every origin, where reduced is for one that knows no coding but br and gzip. EarlyRefresh 0: no CDN does it
// unasked. ObeyRequests false: no CDN does, as whoever reloads in a loop would reach the
// origin each time. ForwardOverrides false: nobody stands before a PoP who may say
// what a request is for, and such fields are how caches are poisoned. StatusKey
// false: it tells attackers what is not in the key. KeepTags false: tags are
// for purging, and Fastly and Cloudflare take them off before users too.
// MaxHeader 64 KiB: what servers accept at the most. Slice 0: nginx, CloudFront and Fastly
// slice where they are told to. SliceAhead 1: the next slice's round trip is over when the
// one before it has been sent, and who leaves wastes no more than two. BackgroundFill
// MaxObject: Varnish and Fastly go on always, and so does ATS unless told else; nginx and
// Squid give up what is far from its end.
func (c Config) WithDefaults() Config {
	fill(&c.Cache, new(true))
	fill(&c.Coalesce, CoalesceLock)
	fill(&c.Grace, new(usualGrace(c.Coalesce)))
	fill(&c.Targeted, new(true))
	fill(&c.SliceAhead, new(1))
	fill(&c.CacheSize, 256<<20)
	fill(&c.MaxObject, 512<<20)
	fill(&c.BackgroundFill, new(c.MaxObject))
	fill(&c.Eviction, "lru")
	c.Admitting = c.Admitting.WithDefaults()
	fill(&c.ParentTimeout, 30*time.Second)
	fill(&c.HitForMiss, new(2*time.Minute))
	fill(&c.MaxWaiters, 65536)
	fill(&c.MaxFlights, 65536)
	fill(&c.MaxVariants, 64)
	fill(&c.MaxHeader, 64<<10)
	fill(&c.Vary, "meaning")
	return c
}

// What Coalesce may be.
const (
	CoalesceOff   = "off"
	CoalesceLock  = "lock"
	CoalesceStale = "stale"
)

var coalescing = []string{CoalesceOff, CoalesceLock, CoalesceStale}

// likeness is what Vary may be.
var likeness = map[string]cache.Likeness{"meaning": cache.ByMeaning, "text": cache.ByText, "reduced": cache.Reduced}

// usualGrace is Grace where none is given.
func usualGrace(coalesce string) time.Duration {
	if coalesce == CoalesceStale {
		return 10 * time.Second
	}
	return 0
}

func fill[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

// Check returns what is wrong with a Config, every mistake of it.
func (c Config) Check() []error {
	var bad []error
	if _, err := cache.Evictions.Get(c.WithDefaults().Eviction); err != nil {
		bad = append(bad, fmt.Errorf("eviction: %w", err))
	}
	bad = append(bad, c.Admitting.Check()...)
	for _, d := range []struct {
		key   string
		value int64
	}{
		{"cache-size", int64(c.CacheSize)}, {"max-object", int64(c.MaxObject)}, {"max-header", int64(c.MaxHeader)},
		{"slice", int64(c.Slice)}, {"hit-time", int64(c.HitTime)}, {"parent-timeout", int64(c.ParentTimeout)}, {"default-ttl", int64(c.DefaultTTL)},
		{"wait-limit", int64(c.WaitLimit)}, {"max-waiters", int64(c.MaxWaiters)}, {"max-flights", int64(c.MaxFlights)},
		{"max-variants", int64(c.MaxVariants)}, {"early-refresh", int64(math.Floor(c.EarlyRefresh))},
	} {
		if d.value < 0 {
			bad = append(bad, errors.New(d.key+": must not be negative"))
		}
	}
	if !slices.Contains(coalescing, c.WithDefaults().Coalesce) {
		bad = append(bad, fmt.Errorf("coalesce: unknown %q; known: %s", c.Coalesce, strings.Join(coalescing, ", ")))
	}
	if _, ok := likeness[c.WithDefaults().Vary]; !ok {
		bad = append(bad, fmt.Errorf("vary: unknown %q; known: meaning, text, reduced", c.Vary))
	}
	if d := c.Grace; d != nil && *d < 0 {
		bad = append(bad, errors.New("grace: must not be negative"))
	}
	if n := c.BackgroundFill; n != nil && *n < 0 {
		bad = append(bad, errors.New("background-fill: must not be negative"))
	}
	if n := c.SliceAhead; n != nil && *n < 0 {
		bad = append(bad, errors.New("slice-ahead: must not be negative"))
	}
	if most := min(c.WithDefaults().MaxObject, c.WithDefaults().CacheSize); c.Slice > most {
		bad = append(bad, fmt.Errorf("slice: %v is more than the cache keeps of one content (max-object, cache-size): %v", c.Slice, most))
	}
	bad = append(bad, checkRules(c.Rules)...)
	if d := c.HitForMiss; d != nil && *d < 0 {
		bad = append(bad, errors.New("hit-for-miss: must not be negative"))
	}
	return bad
}

// rules returns what the cache's decisions need of it, in a PoP of that name.
func (c Config) rules(name string) cache.Rules {
	r := cache.SharedRules()
	r.Name, r.Targeted, r.ObeyRequests = name, *c.Targeted, c.ObeyRequests
	r.DefaultTTL, r.Grace, r.StoreSetCookie = c.DefaultTTL, *c.Grace, c.StoreCookies
	r.Alike = likeness[c.Vary]
	r.MaxHeader, r.MaxObject = int64(c.MaxHeader), int64(c.MaxObject)
	return r
}
