// Metrics of HTTP faults.
package report

func init() {
	register(Metric{Name: "injected", Unit: UnitCount,
		Definition: "requests that an HTTP fault struck (sum of the nodes' counters \"injected\"); a retried one counts at each",
		Value: func(v View, _ string) (float64, bool) {
			var sum int64
			for node := range v.Run.Nodes { // in any order: a sum
				sum = saturatingAdd(sum, v.Window.Counters[node+".injected"])
			}
			return float64(sum), len(v.Run.Nodes) > 0
		}})
}
