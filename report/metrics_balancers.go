// Metrics of several balancers: what becomes of connections when one dies.
package report

import "cdnlab/sim"

func init() {
	register(Metric{Name: "reroute-after", Heading: "rerouted after", Unit: UnitTime, Better: Lower,
		Definition: "time from a balancer's crash or hang to the moment when the network sends nobody to it any more: another has its address, or its route or name is withdrawn; the longest of the window's faults",
		More:       "A name that is withdrawn is still held by resolvers until its TTL is over.",
		Value: func(v View, _ string) (float64, bool) {
			moved, some := longest(v, isFault, sim.EventTookOver)
			withdrawn, more := longest(v, isFault, sim.EventWithdrawn)
			return max(moved, withdrawn), some || more
		}})
	register(Metric{Name: "connections-moved", Heading: "conns moved", Unit: UnitCount, Better: Lower,
		Definition: "connections that the routers sent to another balancer than their last request (ECMP); of the first 65,536 of each asker",
		Value:      ofNetwork("connections-moved")})
	register(Metric{Name: "cross-zone", Heading: "cross-zone", Unit: UnitCount, Better: Lower,
		Definition: "requests that balancers sent to servers of another zone than their own, retries among them",
		Value:      crossZone(func(n, _ int64) float64 { return float64(n) })})
	register(Metric{Name: "cross-zone-share", Heading: "cross-zone", Unit: UnitRatio, Better: Lower,
		Definition: "cross-zone / requests at the balancers",
		Value:      crossZone(func(n, of int64) float64 { return float64(n) / float64(max(of, 1)) })})
	register(Metric{Name: "requests-cut", Heading: "cut", Unit: UnitCount, Better: Lower,
		Definition: "requests under way whose connection the network sent to another balancer, which knows nothing of it and resets it; those that die with their balancer are none of them",
		Value:      ofNetwork("requests-cut")})
}

// ofNetwork is a counter of those who ask several balancers: clients and caches.
func ofNetwork(counter string) func(View, string) (float64, bool) {
	return func(v View, _ string) (float64, bool) {
		var sum int64
		for _, kind := range [...]string{KindNetwork, KindPoP, KindShield} {
			n, _ := v.nodes(kind, counter)
			sum = saturatingAdd(sum, n)
		}
		balancers := 0
		for _, kind := range v.Run.Nodes { // in any order: a sum
			if kind == KindBalancer {
				balancers++
			}
		}
		return float64(sum), balancers > 1
	}
}

func crossZone(value func(n, of int64) float64) func(View, string) (float64, bool) {
	return func(v View, _ string) (float64, bool) {
		n, _ := v.nodes(KindBalancer, "cross-zone")
		of, ok := v.nodes(KindBalancer, "pool-requests")
		return value(n, of), ok && of > 0
	}
}
