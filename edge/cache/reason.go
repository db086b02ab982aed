// Reasons: which rule decided, in words and with its section.
package cache

// Reason is the rule behind a decision, the section first, so that it can be
// shown to people and looked up.
type Reason string

// Why something was stored or not.
const (
	WhyMethod        Reason = "RFC 9111 3: only answers to GET are stored, and those to POST that say they are one (RFC 9110 9.3.3)"
	WhyStatus        Reason = "RFC 9111 3: not a final status this cache stores"
	WhyMustUnderst   Reason = "RFC 9111 5.2.2.3: must-understand, and the status is not understood"
	WhyNoStore       Reason = "RFC 9111 5.2.2.5: no-store"
	WhyPrivate       Reason = "RFC 9111 5.2.2.7: private, and this cache is shared"
	WhyAuthorization Reason = "RFC 9111 3.5: the request had Authorization, and nothing allows sharing"
	WhySetCookie     Reason = "RFC 9111 7.3: Set-Cookie is one user's; no rule says otherwise"
	WhyVaryStar      Reason = "RFC 9111 4.1: Vary: * never matches"
	WhyNoFreshness   Reason = "RFC 9111 3: no explicit freshness, and the status is not heuristically cacheable"
	WhyUseless       Reason = "RFC 9111 4.2: neither fresh nor possible to validate"
	WhyContentRange  Reason = "RFC 9111 3.3: a part that does not say of what it is which"
	WhyTooLarge      Reason = "limit: larger than the cache keeps"
	WhyDeceives      Reason = "rule: deception-armor, and the content is not what the path ends in"
	WhyStorable      Reason = "RFC 9111 3: storable"
)

// Why what could be stored was not admitted.
const (
	WhyOverSize     Reason = "edge.admission = size: it is larger than edge.admission-size"
	WhySizeChance   Reason = "edge.admission = size-chance: the dice would not have it, at its size"
	WhyChance       Reason = "edge.admission = chance: the dice would not have it"
	WhyFirstRequest Reason = "edge.admission = second-request: the first request for it lately"
	WhyNotOftener   Reason = "edge.admission = tiny-lfu: it came no more often lately than what would leave for it"
)

// Where a freshness lifetime comes from.
const (
	WhySMaxAge    Reason = "RFC 9111 5.2.2.10: s-maxage"
	WhyMaxAge     Reason = "RFC 9111 5.2.2.1: max-age"
	WhyExpires    Reason = "RFC 9111 5.3: Expires - Date"
	WhyCDN        Reason = "RFC 9213 2.2: CDN-Cache-Control"
	WhySurrogate  Reason = "Edge Architecture 2.3: Surrogate-Control"
	WhyHeuristic  Reason = "RFC 9111 4.2.2: a tenth of Date - Last-Modified"
	WhyDefaultTTL Reason = "rule: default-ttl"
	WhyRuleTTL    Reason = "rule: ttl"
	WhyStatusTTL  Reason = "rule: status-ttl"
	WhyNoLifetime Reason = "RFC 9111 4.2.1: no lifetime given"
	WhyPurged     Reason = "rule: marked stale by a purge"
)

// Why a request was answered so.
const (
	WhyFresh        Reason = "RFC 9111 4.2: fresh"
	WhyNotStored    Reason = "RFC 9111 4: nothing stored for this URI"
	WhyVaryMismatch Reason = "RFC 9111 4.1: nothing stored for these header fields"
	WhySearch       Reason = "No-Vary-Search: what is stored is not for this query"
	WhySentBefore   Reason = "rule: it was asked for before a purge that this request came after"
	WhyNoCache      Reason = "RFC 9111 5.2.2.4: no-cache is validated each time"
	WhyStale        Reason = "RFC 9111 4.2.4: stale, and nothing allows it"
	WhyMustRevalid  Reason = "RFC 9111 5.2.2.2: stale, and must-revalidate forbids it"
	WhyProxyRevalid Reason = "RFC 9111 5.2.2.8: stale, and proxy-revalidate forbids it"
	WhySMaxAgeStale Reason = "RFC 9111 5.2.2.10: stale, and s-maxage forbids it"
	WhyStaleBehind  Reason = "RFC 5861 3: stale-while-revalidate"
	WhyGrace        Reason = "rule: stale, and within grace"
	WhyStaleError   Reason = "RFC 5861 4: stale-if-error"
	WhyUnsliced     Reason = "rule: it cannot be had in slices that could be put together"
	WhyEarly        Reason = "rule: fresh, and fetched anew before it expires (early-refresh)"
	WhyReload       Reason = "RFC 9111 5.2.1.1: fresh, but the user reloads: max-age=0"
	WhyForcedReload Reason = "RFC 9111 5.2.1.4: the user forces a reload: no-cache"
	WhyImmutable    Reason = "RFC 8246 2: fresh, and immutable: a reload does not ask"
	WhyPageWaits    Reason = "RFC 5861 3: stale-while-revalidate, but browsers validate the page itself first"
	WhyRuleBypass   Reason = "rule: cache = bypass"
	WhyOff          Reason = "rule: cache = false"
	WhyHost         Reason = "RFC 9112 3.2: what Host says is the host of no URI"
	WhyLoop         Reason = "RFC 8586 2: it has been through this cache before"
	WhyUnsafe       Reason = "RFC 9111 4: the method is written through"
	WhyPartial      Reason = "RFC 9111 3.3: stored, but not these bytes"
	WhyRange        Reason = "RFC 9110 14.2: what is not one range of bytes passes by"
	WhyContent      Reason = "RFC 9110 9.3.1: a GET with content passes by"
	WhyUpgrade      Reason = "RFC 9110 7.8: an upgrade passes by"
	WhyAskedMaxAge  Reason = "RFC 9111 5.2.1.1: the request's max-age wants none so old, and none that is stale"
	WhyMaxStale     Reason = "RFC 9111 5.2.1.2: stale, and the request's max-stale takes it so"
	WhyTooStale     Reason = "RFC 9111 5.2.1.2: more stale than the request's max-stale"
	WhyMinFresh     Reason = "RFC 9111 5.2.1.3: fresh for less than the request's min-fresh"
	WhyAskedNoCache Reason = "RFC 9111 5.2.1.4: the request's no-cache wants a validation"
	WhyAskedNoStore Reason = "RFC 9111 5.2.1.5: the request's no-store passes by"
	WhyOnlyIfCached Reason = "RFC 9111 5.2.1.7: the request is only-if-cached"
	WhyPrecondition Reason = "RFC 9110 13.1.1: preconditions for changes are the origin's"
)
