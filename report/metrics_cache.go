// Metrics of the caches at the PoPs.
package report

import "cdnlab/sim"

func init() {
	register(Metric{Name: "hit-ratio", Heading: "hit %", Unit: UnitRatio, Better: Higher,
		Definition: "answers from the store (fresh, stale or revalidated) / answers at the PoP; joined and bypass are answers but no hits",
		More:       whatIsAHit,
		Value:      ratio(func(v View) (int64, int64) { return hits(v), popAnswers(v) })})
	register(Metric{Name: "byte-hit-ratio", Heading: "byte hit ratio", Unit: UnitRatio, Better: Higher,
		Definition: "bytes of answers from the store / bytes of answers at the PoP",
		More:       "The same answers count as in hit-ratio, each with the bytes of content that reached the user (a 304 to the user has none). Large objects weigh more than in hit-ratio: a cache that keeps many small ones has a higher ratio by requests than by bytes.",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countHitBytes), v.count(countPoPBytes) })})
	register(Metric{Name: "joined-ratio", Heading: "joined", Unit: UnitRatio, Better: Neither,
		Definition: "answers that shared the fetch of another's miss / answers at the PoP",
		Value:      ratio(func(v View) (int64, int64) { return verdict(v, sim.VerdictJoined), popAnswers(v) })})
	verdictCount("hits", "answers fresh from the store of the PoP (verdict hit)", Higher, sim.VerdictHit)
	verdictCount("stale", "answers from the store that were stale, because a rule allowed it", Neither, sim.VerdictStale)
	verdictCount("revalidated", "answers from the store after the origin said 304", Neither, sim.VerdictRevalidated)
	verdictCount("misses", "answers fetched for this request", Lower, sim.VerdictMiss)
	verdictCount("joined", "answers that shared the fetch of another's miss", Neither, sim.VerdictJoined)
	verdictCount("bypass", "answers that were no matter for the cache: method, rule, private", Neither, sim.VerdictBypass)
	register(Metric{Name: "fetches", Unit: UnitCount, Better: Lower,
		Definition: "requests of the CDN to the origin (sum of the counters \"fetches\" of its last tier: the shields, the PoPs without one, and those whose shield is down): misses, revalidations, refreshes, bypasses",
		More:       "What PoPs ask of a shield is none of them: that is shield-requests.",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.lastTier("fetches")
			return float64(n), ok
		}})
	register(Metric{Name: "not-admitted", Heading: "not admitted", Unit: UnitCount, Better: Neither,
		Definition: "answers that caches (of PoPs and shields) could have stored and did not, as their admission policy would not have them (edge.admission)",
		More:       "They are delivered all the same, also to who waited for the same fetch. Cache-Status says detail=not-admitted.",
		Value:      ofCaches("not-admitted")})
	register(Metric{Name: "stored-bytes", Heading: "stored", Unit: UnitBytes, Better: Lower,
		Definition: "bytes of content that caches (of PoPs and shields) wrote into their stores",
		More:       "What a cache costs its disk. A new version in the place of an old one is written, too; a 304 writes nothing.",
		Value:      ofCaches("bytes-stored")})
}

// ofCaches adds up a counter over all PoPs and shields.
func ofCaches(counter string) func(v View, _ string) (float64, bool) {
	return func(v View, _ string) (float64, bool) {
		pops, ok := v.nodes(KindPoP, counter)
		shields, _ := v.nodes(KindShield, counter)
		return float64(saturatingAdd(pops, shields)), ok
	}
}

func verdictCount(name, definition string, better Better, verdicts ...sim.Verdict) {
	register(Metric{Name: name, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			var n int64
			for _, k := range verdicts {
				n += verdict(v, k)
			}
			return float64(n), popAnswers(v) > 0
		}})
}

func verdict(v View, k sim.Verdict) int64 { return v.count(countVerdict + int(k)) }

// hits are the answers from a store, whether fresh, stale or revalidated.
func hits(v View) int64 {
	return verdict(v, sim.VerdictHit) + verdict(v, sim.VerdictStale) + verdict(v, sim.VerdictRevalidated)
}

// popAnswers are the answers that passed a PoP, errors left out.
func popAnswers(v View) int64 {
	return hits(v) + verdict(v, sim.VerdictMiss) + verdict(v, sim.VerdictJoined) + verdict(v, sim.VerdictBypass)
}
