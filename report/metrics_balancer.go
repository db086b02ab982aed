// Metrics of the balancer: what it did beside picking servers.
package report

func init() {
	balancers("drain-cuts", "cut off", Lower,
		"requests that the balancer cut because their server had been drained for as long as balancer.drain-timeout allows", "drain-cuts")
}

// balancers registers a metric that is a counter of the balancers, added up.
func balancers(name, heading string, better Better, definition, counter string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindBalancer, counter)
			return float64(n), ok
		}})
}
