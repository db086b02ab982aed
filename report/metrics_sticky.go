// Metrics of stickiness and sessions: who stayed with their server, what was lost, how even the load is.
package report

func init() {
	register(Metric{Name: "sessions-evicted", Unit: UnitCount, Better: Lower,
		Definition: "sessions that made room for others before their time, in servers' memories, the database and the session store (app.sessions.limit)",
		Value: func(v View, _ string) (float64, bool) {
			var sum int64
			for node := range v.Run.Nodes { // in any order: a sum
				sum = saturatingAdd(sum, v.Window.Counters[node+".sessions-evicted"])
			}
			return float64(sum), len(v.Run.Nodes) > 0
		}})
	register(Metric{Name: "sessions-unasked", Unit: UnitCount, Better: Lower,
		Definition: "requests about a session of which the database or the session store could not be asked, retries counted at each server",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindApp, "sessions-unasked")
			return float64(n), ok
		}})
	pins("pins-kept", Neither, "requests that a sticky balancer sent to the server that their user was pinned to")
	pins("pins-made", Neither, "users who were pinned to a server, each time that one was who was pinned to none: at the first answer, or after a forged cookie")
	pins("pins-moved", Lower, "users who were pinned to another server than before, as theirs could not be asked or failed: what lived in that server alone is lost to them")
	pins("pins-forged", Neither, "requests with a balancer's cookie that no balancer of the run has signed")
	register(Metric{Name: "skew", Unit: UnitNone, Better: Lower,
		Definition: "requests of the busiest app server / mean of the app servers: 1 is even",
		More: "Counted are the requests that reached each server (its counter \"requests\"), retries counted at each; health checks are left out. Weights are not considered: " +
			"unequal servers should have unequal shares. Of the cache servers of a PoP it is imbalance; Jain's index is fairness.",
		Value: skew})
}

// pins registers a counter of the balancers, where there is one.
func pins(name string, better Better, definition string) {
	register(Metric{Name: name, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.nodes(KindBalancer, name)
			return float64(n), ok
		}})
}

func skew(v View, _ string) (float64, bool) {
	var all, most, servers int64
	for node, kind := range v.Run.Nodes { // in any order: a sum and a maximum
		if kind == KindApp {
			n := v.Window.Counters[node+"."+requestsCounter]
			all, most, servers = saturatingAdd(all, n), max(most, n), servers+1
		}
	}
	return float64(most) * float64(servers) / float64(max(all, 1)), all > 0
}
