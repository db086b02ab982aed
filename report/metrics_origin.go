// Metrics of the origin: what reached it, and how it was spread.
package report

import "slices"

// requestsCounter is the counter of requests that every node has. Health checks
// are counted apart, by the nodes.
const requestsCounter = "requests"

func init() {
	register(Metric{Name: "origin-requests", Heading: "to origin", Unit: UnitCount, Better: Lower,
		Definition: "requests that reached the app servers (sum of their counters \"requests\"), retries counted at each; health checks left out",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindApp, requestsCounter)
			return float64(n), ok
		}})
	register(Metric{Name: "origin-peak", Heading: "origin peak", Unit: UnitRate, Better: Lower,
		Definition: "origin-requests per second in the busiest second of the window (of a run of more than two hours: in its busiest point); only seconds that lie in it whole",
		More:       "In the live world nodes tell their counters every 100 ms of wall time, so a burst may stand a moment later than it was and be shared by two seconds.",
		Value:      originPeak})
	register(Metric{Name: "offload", Unit: UnitRatio, Better: Higher,
		Definition: "1 - origin requests / client requests: the share of the work that the origin was spared; below 0 when it got more than users asked; without a PoP there is none",
		More: "Hits, joined answers and stale ones spare the origin a request; misses, bypasses and revalidations (304) do not, nor does a refresh behind a stale answer. " +
			"That is why it differs from hit-ratio: joined answers count here and not there, revalidated ones there and not here. What users' own browsers answer spares the origin a request, too, and counts (browser-cache of [[clients]]); hit-ratio is of what reaches the PoP. Retries of the balancer count at each server. By bytes it is byte-offload.",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindApp, requestsCounter)
			_, cdn := v.nodes(KindPoP, requestsCounter)
			asked := v.count(countRequests)
			return 1 - float64(n)/float64(max(asked, 1)), ok && cdn && asked > 0
		}})
	register(Metric{Name: "requests" + perNode, Unit: UnitCount,
		Definition: "requests that reached one node (its counter \"requests\"), health checks left out",
		Knows:      nodeNames,
		Value: func(v View, node string) (float64, bool) {
			return float64(v.Window.Counters[node+"."+requestsCounter]), true
		}})
	register(Metric{Name: "share" + perNode, Unit: UnitRatio,
		Definition: "requests of one node / requests of all nodes of its kind",
		Knows:      nodeNames,
		Value: func(v View, node string) (float64, bool) {
			all, ok := v.nodes(v.Run.Nodes[node], requestsCounter)
			return float64(v.Window.Counters[node+"."+requestsCounter]) / float64(max(all, 1)), ok && all > 0
		}})
	register(Metric{Name: "fairness", Unit: UnitRatio, Better: Higher,
		Definition: "Jain's index of the app servers' requests: 1 when all got the same, 1/n when one got all; weights are not considered",
		Value:      fairness})
	register(Metric{Name: "queue.mean", Heading: "queue mean", Unit: UnitTime, Better: Lower,
		Definition: "mean time that requests waited at the server before its work began, over the answers that name their server",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countQueueNanos), v.count(countServed) })})
	register(Metric{Name: "server.mean", Heading: "server mean", Unit: UnitTime, Better: Lower,
		Definition: "mean time from arrival at the server to the answer's header, waiting included, over the answers that name their server",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countServerNanos), v.count(countServed) })})
}

// originPeak looks through the series of the app servers.
func originPeak(v View, _ string) (float64, bool) {
	if v.Run.Step <= 0 {
		return 0, false
	}
	first, end := v.steps()
	peak, found := int64(0), false
	for i := first; i < end; i++ {
		sum := int64(0)
		for node, kind := range v.Run.Nodes { // in any order: a sum
			if series := v.Run.Series[node+"."+requestsCounter]; kind == KindApp && i < len(series) {
				sum = saturatingAdd(sum, series[i])
			}
		}
		peak, found = max(peak, sum), true
	}
	_, apps := v.nodes(KindApp, requestsCounter)
	return float64(peak) / v.Run.Step.Seconds(), found && apps
}

// fairness is Jain, Chiu, Hawe: A Quantitative Measure of Fairness (1984).
func fairness(v View, _ string) (float64, bool) {
	var n, sum, squares float64
	for _, node := range nodeNames(v) { // sorted: floats add up the same way each time
		if v.Run.Nodes[node] == KindApp {
			x := float64(v.Window.Counters[node+"."+requestsCounter])
			n, sum, squares = n+1, sum+x, squares+x*x
		}
	}
	if squares == 0 {
		return 0, false
	}
	return sum * sum / (n * squares), true
}

func nodeNames(v View) []string {
	names := make([]string, 0, len(v.Run.Nodes))
	for node := range v.Run.Nodes { // in any order: sorted below
		names = append(names, node)
	}
	slices.Sort(names)
	return names
}
