// What a PoP counts.
package edge

import "cdnlab/sim"

// counters are a PoP's counters. Every request counts once in requests and, if
// it gets an answer, once in one of the answers below it.
type counters struct {
	requests *sim.Counter

	verdicts [sim.VerdictBypass + 1]*sim.Counter // answers by verdict
	refused  *sim.Counter                        // ... by the guard
	failed   *sim.Counter                        // ... 502, 503 and 504 of the PoP's own making
	gone     *sim.Counter                        // ... none, as the client had left

	fetches      *sim.Counter // requests sent to the parent
	failures     *sim.Counter // ... that got no answer, or 500, 502, 503, 504
	stored       *sim.Counter // answers that were stored, or freshened
	notAdmitted  *sim.Counter // answers that could have been stored, but for the admission policy
	evicted      *sim.Counter // answers that had to leave for want of room
	bytesServed  *sim.Counter // contents sent to clients
	bytesFetched *sim.Counter // contents that came from the parent
	bytesStored  *sim.Counter // contents that were written into the store
}

func newCounters(env *sim.Env) counters {
	c := counters{requests: env.Counter("requests")}
	for v, name := range []string{sim.VerdictHit: "hits", sim.VerdictStale: "stale", sim.VerdictRevalidated: "revalidated",
		sim.VerdictMiss: "misses", sim.VerdictJoined: "joined", sim.VerdictBypass: "bypass"} {
		if name != "" {
			c.verdicts[v] = env.Counter(name)
		}
	}
	c.refused, c.failed, c.gone = env.Counter("refused"), env.Counter("failed"), env.Counter("gone")
	c.fetches, c.failures = env.Counter("fetches"), env.Counter("fetch-failures")
	c.stored, c.evicted = env.Counter("stored"), env.Counter("evicted")
	c.notAdmitted, c.bytesStored = env.Counter("not-admitted"), env.Counter("bytes-stored")
	c.bytesServed, c.bytesFetched = env.Counter("bytes-served"), env.Counter("bytes-fetched")
	return c
}
