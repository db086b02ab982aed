// Metrics of the balancer: what it did beside picking servers.
package report

func init() {
	register(Metric{Name: "amplification", Unit: UnitNone, Better: Lower,
		Definition: "requests that reached the app servers / requests that users made: 1 without retries, hedges and caches",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindApp, requestsCounter)
			asked := v.count(countRequests)
			return float64(n) / float64(max(asked, 1)), ok && asked > 0
		}})
	balancers("retries-denied", "no retry", Neither,
		"failed tries that were not repeated because balancer.retry-budget was used up or limits.retries reached", "retry-budget-empty", "retry-limit")
	balancers("hedges", "", Neither,
		"requests that the balancer sent to a second server as the first one had not answered yet (balancer.hedge)", "hedges")
	balancers("hedges-won", "hedges won", Neither,
		"hedges whose server answered before the first one", "hedges-won")
	balancers("queued", "", Lower,
		"requests that waited in the balancer for a server with room (balancer.queue)", "queued")
	register(Metric{Name: "balancer-queue.mean", Heading: "in line mean", Unit: UnitTime, Better: Lower,
		Definition: "mean time that they waited there, over those that did",
		Value: ratio(func(v View) (int64, int64) {
			waited, _ := v.nodes(KindBalancer, "queued-ns")
			n, _ := v.nodes(KindBalancer, "queued")
			return waited, n
		})})
	balancers("drain-cuts", "cut off", Lower,
		"requests that the balancer cut because their server had been drained for as long as balancer.drain-timeout allows", "drain-cuts")
}

// balancers registers a metric that is a counter of the balancers, or some, added up.
func balancers(name, heading string, better Better, definition string, counters ...string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			sum, any := int64(0), false
			for _, counter := range counters {
				n, ok := v.nodes(KindBalancer, counter)
				sum, any = saturatingAdd(sum, n), any || ok
			}
			return float64(sum), any
		}})
}
