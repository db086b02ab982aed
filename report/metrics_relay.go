// Metrics of L4 balancers: connections, and what servers know of who asks.
package report

func init() {
	register(Metric{Name: "connections", Unit: UnitCount, Better: Neither,
		Definition: "TCP connections that came to L4 balancers, which pick a server for each; of balancers that read requests there are none",
		Value: func(v View, _ string) (float64, bool) {
			n, _ := v.nodes(KindBalancer, "connections")
			return float64(n), n > 0
		}})
	register(Metric{Name: "address-unknown", Heading: "address unknown", Unit: UnitRatio, Better: Lower,
		Definition: "requests at app servers of which neither their connection nor X-Forwarded-For tells the user's address / requests at app servers",
		More:       "Behind an L4 balancer all connections come from the balancer, unless it says by the PROXY protocol whose they are (balancer.proxy-protocol).",
		Value: func(v View, _ string) (float64, bool) {
			n, _ := v.nodes(KindApp, "address-unknown")
			all, ok := v.nodes(KindApp, requestsCounter)
			return float64(n) / float64(max(all, 1)), ok && all > 0
		}})
}
