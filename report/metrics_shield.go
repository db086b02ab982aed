// Metrics of the shields: the caches between PoPs and origin. No user's answer
// says what a shield did for the others that share it, so these are made of the
// shields' own counters.
package report

// pastShield is how the names of PoPs' counters end that count of what went past a
// shield, to the origin.
const pastShield = "-past-shield"

func init() {
	register(Metric{Name: "past-shield", Heading: "past shield", Unit: UnitCount, Better: Lower,
		Definition: "requests that PoPs sent to the origin because their shield was down, and their backup shield too if they have one (sum of their counters \"fetches-past-shield\")",
		More: "They are in fetches too. The first of them had found the shield dead and waited for that: refused at once, or after connections.connect-timeout. " +
			"While edge.failover.fail-timeout lasts the next go to the origin straight; then one tries the shield.",
		Value: func(v View, _ string) (float64, bool) {
			n, _ := v.nodes(KindPoP, "fetches"+pastShield)
			return float64(n), len(v.Run.Shields) > 0
		}})
	register(Metric{Name: "shield-requests", Heading: "to shield", Unit: UnitCount, Better: Lower,
		Definition: "requests that reached the shields (sum of their counters \"requests\"): what PoPs asked of them",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindShield, requestsCounter)
			return float64(n), ok
		}})
	register(Metric{Name: "shield-hit-ratio", Heading: "shield hit %", Unit: UnitRatio, Better: Higher,
		Definition: "answers from a shield's store (fresh, stale or revalidated) / answers of the shields; joined and bypass are answers but no hits",
		More: "The second tier's hit-ratio, which is that of the PoPs: what a PoP has a shield never hears of, so the two do not add up. " +
			"It is over all that PoPs fetched, warm-up within the window and refreshes behind an answer included. " +
			"A request that joined another PoP's fetch at the shield is no hit, though it spared the origin one: for that see fetches and shield-requests.",
		Value: ratio(shieldHits)})
}

// shieldHits are the shields' answers from their stores, and all of them.
func shieldHits(v View) (hits, all int64) {
	for _, counter := range []string{"hits", "stale", "revalidated"} {
		n, _ := v.nodes(KindShield, counter)
		hits = saturatingAdd(hits, n)
	}
	all = hits
	for _, counter := range []string{"misses", "joined", "bypass"} {
		n, _ := v.nodes(KindShield, counter)
		all = saturatingAdd(all, n)
	}
	return hits, all
}
