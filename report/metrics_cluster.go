// Metrics of PoPs with several cache servers: how the work is shared.
package report

func init() {
	register(Metric{Name: "imbalance", Unit: UnitNone, Better: Lower,
		Definition: "requests of a PoP's busiest cache server / mean of its servers; of the PoP where that is highest: 1 is even; PoPs with one server have none",
		More: "Counted are the requests that reached each server (its counter \"requests\"), retries counted at each; health checks are left out. " +
			"A server that was down within the window counts with what it got, so look at a window without that. For Jain's index, of app servers, see fairness.",
		Value: imbalance})
}

func imbalance(v View, _ string) (worst float64, found bool) {
	type sums struct{ all, most, servers int64 }
	of := map[string]sums{}
	for server, pop := range v.Run.Clusters { // in any order: sums and a maximum
		n, s := v.Window.Counters[server+"."+requestsCounter], of[pop]
		of[pop] = sums{saturatingAdd(s.all, n), max(s.most, n), s.servers + 1}
	}
	for _, s := range of { // in any order: a maximum
		if s.all > 0 {
			worst, found = max(worst, float64(s.most)*float64(s.servers)/float64(s.all)), true
		}
	}
	return worst, found
}
