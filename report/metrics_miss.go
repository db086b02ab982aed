// Metrics of why PoPs turned to their parents, and of the bytes that cost.
package report

import "cdnlab/sim"

// whatIsAHit is the whole of what counts as one.
const whatIsAHit = "Numerator: fresh answers from the store; stale ones that a rule allowed (stale-while-revalidate, stale-if-error); " +
	"and revalidated ones, for which the origin was asked and said 304: the content came from the store. " +
	"Denominator: those, and misses, joined and bypass; refused and failed requests are no answers. " +
	"A joined answer (collapsed into another's fetch) is no hit: its user waited for the origin. " +
	"What a user's own browser answers does not reach the PoP and has no part in it (browser.hit-ratio). " +
	"For what the origin was spared see offload (requests) and byte-offload (bytes); the ratio by bytes is byte-hit-ratio."

// missReasons say each reason of Cache-Status (RFC 9211 2.2) as this cache has
// it. The RFC's miss (not told apart) has no use here: this cache tells.
var missReasons = []struct {
	fwd  sim.Fwd
	says string
}{
	{sim.FwdURIMiss, "nothing was stored under the URL: never asked before, evicted, purged, or not allowed to be stored"},
	{sim.FwdVaryMiss, "something was stored under the URL, but for other values of the request headers that Vary names"},
	{sim.FwdStale, "a stored copy had expired or may only be used after validation (no-cache)"},
	{sim.FwdMethod, "the method's meaning requires it (POST, PUT, DELETE …)"},
	{sim.FwdBypass, "the cache is not to handle it: cache = false, ranges, a GET with content, upgrades"},
	{sim.FwdRequest, "a fresh copy was stored, but the request's own directives forbade it"},
	{sim.FwdPartial, "only a part of the content was stored"},
}

const moreOfMisses = "Counted are all answers for which the PoP turned to its parent, whatever came of it: misses, joined ones (the reason is their own), " +
	"bypasses, and revalidated ones (reason stale; a 304 came back, so they count as hits in hit-ratio). " +
	"A refresh behind a stale answer is none: nobody waited for it. The lab's own PoPs never say request: they do not let a request's Cache-Control overrule a fresh copy, as CDNs do not. Partial are ranges of what is stored in part, and answers of slices that are not all stored. The tokens are those of the header Cache-Status (RFC 9211 2.2), which live nodes send."

func init() {
	for _, r := range missReasons {
		register(Metric{Name: "miss." + r.fwd.String(), Heading: "miss " + r.fwd.String(), Unit: UnitCount, Better: Lower,
			Definition: "answers that the PoP needed its parent for because " + r.says + " (Cache-Status fwd=" + r.fwd.String() + ")",
			More:       moreOfMisses,
			Value: func(v View, _ string) (float64, bool) {
				return float64(v.count(countFwd + int(r.fwd))), popAnswers(v) > 0
			}})
	}
	register(Metric{Name: "fetched-bytes", Heading: "fetched", Unit: UnitBytes, Better: Lower,
		Definition: "bytes of content that the CDN fetched from the origin (sum of the counters \"bytes-fetched\" of its last tier: the shields, and the PoPs without one)",
		More:       "What the origin sends, and what its traffic costs. Of a fetch that was given up in the middle it is what is known to have come.",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.lastTier("bytes-fetched")
			return float64(n), ok
		}})
	register(Metric{Name: "byte-offload", Heading: "byte offload", Unit: UnitRatio, Better: Higher,
		Definition: "1 - bytes of content that the CDN fetched from the origin / bytes of content that reached users; without a PoP there is none",
		More: "Offload by bytes, where offload is by requests: what the origin's bill for traffic is spared. " +
			"A 304 costs a request and no bytes, so revalidation lowers offload but not byte-offload. " +
			"Below 0 when more was fetched than users got: fetches whose users had left, refreshes, warm-up within the window. " +
			"What PoPs fetched from shields costs the origin nothing and is not counted.",
		Value: func(v View, _ string) (float64, bool) {
			fetched, cdn := v.lastTier("bytes-fetched")
			sent := v.count(countBytes)
			return 1 - float64(fetched)/float64(max(sent, 1)), cdn && sent > 0
		}})
}
