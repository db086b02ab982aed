// Metrics of the caches in users' browsers.
package report

import "cdnlab/sim"

const moreOfBrowsers = "Only users who have a cache of their own count (browser-cache of [[clients]]). An answer from there reaches no PoP: it has no part in hit-ratio, " +
	"but it is a request that its user made, so it counts in requests, latency and offload. It costs no time and no bytes. No purge reaches it: see outdated and staleness."

func init() {
	browsed("browser.hits", "browser hits", Higher,
		"answers from the user's own browser for which nothing was asked: fresh, or stale by stale-while-revalidate",
		func(v View) int64 { return browserHits(v) })
	browsed("browser.stale", "browser stale", Neither,
		"those of browser.hits that were stale: stale-while-revalidate allowed it, and the browser validated behind the answer",
		func(v View) int64 { return browser(v, sim.VerdictStale) })
	browsed("browser.validations", "browser 304s", Neither,
		"answers from the user's own browser after the site said 304: a round trip, but no content",
		func(v View) int64 { return browser(v, sim.VerdictRevalidated) })
	register(Metric{Name: "pop-requests", Heading: "to PoP", Unit: UnitCount, Better: Neither,
		Definition: "requests that reached the PoPs (sum of their counters \"requests\"): those of users that their browsers did not answer, and validations behind an answer",
		Value: func(v View, _ string) (float64, bool) {
			n, cdn := v.nodes(KindPoP, requestsCounter)
			return float64(n), cdn
		}})
	register(Metric{Name: "browser.hit-ratio", Heading: "browser hit %", Unit: UnitRatio, Better: Higher,
		Definition: "browser.hits / answers to users who have a cache of their own: the share of requests that never left the browser",
		More:       moreOfBrowsers,
		Value:      ratio(func(v View) (int64, int64) { return browserHits(v), browserAnswers(v) })})
}

func browser(v View, k sim.Verdict) int64 { return v.count(countBrowser + int(k)) }

func browserHits(v View) int64 { return browser(v, sim.VerdictHit) + browser(v, sim.VerdictStale) }

// browserAnswers are the answers to users who have a cache.
func browserAnswers(v View) int64 {
	n := int64(0)
	for k := sim.VerdictHit; k <= sim.VerdictBypass; k++ {
		n += browser(v, k)
	}
	return n
}

func browsed(name, heading string, better Better, definition string, n func(View) int64) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition, More: moreOfBrowsers,
		Value: func(v View, _ string) (float64, bool) { return float64(n(v)), browserAnswers(v) > 0 }})
}
