// Rules: what the operator of a cache may decide.
package cache

import "time"

// Rules are the choices RFC 9111 leaves to whoever runs the cache. The zero
// Rules are a private cache without a heuristic; Shared are those of a CDN.
type Rules struct {
	Shared bool // many users are served from it: private, s-maxage, Authorization and Set-Cookie count

	// An answer without explicit freshness is fresh for HeuristicShare of
	// Date - Last-Modified, HeuristicMax at the most; else for DefaultTTL.
	HeuristicShare float64
	HeuristicMax   time.Duration
	DefaultTTL     time.Duration

	// Grace is how long past its lifetime an answer is used while it is fetched anew.
	Grace time.Duration

	// Targeted says that CDN-Cache-Control and Surrogate-Control are for this shared
	// cache, the latter under its Name.
	Targeted bool
	Name     string

	// Shield says that who asks are caches of the same CDN.
	Shield bool

	// ObeyRequests says that the Cache-Control of requests counts.
	ObeyRequests bool

	Override *Override // what rules for some requests say; nil: nothing
	Alike    Likeness  // of the request fields that Vary names

	StoreSetCookie bool  // store answers with Set-Cookie all the same
	MaxHeader      int64 // bytes of a stored header; 0: no limit
	MaxObject      int64 // bytes of a stored content; 0: no limit
}

// SharedRules are those of a shared cache as it comes: a tenth of the age, as
// RFC 9111 4.2.2 suggests, and never more than a day, after which RFC 7234
// 5.5.4 had people warned. A stored header has the 64 KiB that servers accept
// at the most.
func SharedRules() Rules {
	return Rules{Shared: true, HeuristicShare: 0.1, HeuristicMax: 24 * time.Hour, Targeted: true, MaxHeader: 64 << 10}
}

// PrivateRules are those of a browser's cache: the same, but one user is served from
// it.
func PrivateRules() Rules {
	r := SharedRules()
	r.Shared = false
	return r
}
