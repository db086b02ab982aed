// Metrics of datagrams: what was lost, and what became of their flows.
package report

// Datagrams is what the driver counts of users' datagrams by, a name that is no
// node's.
const Datagrams = "datagrams"

func init() {
	datagramCount("datagrams", "sent", "datagrams", Neither, "datagrams that users sent (UDP), repeated ones among them")
	datagramCount("datagrams-lost", "lost", "lost", Lower, "of them those without an answer in the time that a user waits")
	datagramCount("datagrams-late", "late", "late", Lower, "answers to datagrams that came when nobody waited for them any more")
	datagramCount("datagrams-repeated", "repeated", "repeated", Lower, "datagrams that users sent as the one before had no answer (udp.retries)")
	datagramCount("flows", "flows", "flows", Neither, "users of datagrams who got their first answer: their flows, as each has one port")
	register(Metric{Name: "flows-moved", Heading: "flows moved", Unit: UnitCount, Better: Lower,
		Definition: "how often a flow was answered by another server than the time before",
		More:       "Whatever its server knew of the user, such as a game or a call, the next one does not know. It is counted where users are, whoever has caused it: a server that died, a table that was lost, or a hash that points elsewhere.",
		Value: func(v View, _ string) (float64, bool) {
			return float64(v.Window.Counters[Datagrams+".moved"]), v.datagrams()
		}})
	register(Metric{Name: "datagram-loss", Heading: "loss", Unit: UnitRatio, Better: Lower,
		Definition: "datagrams-lost / datagrams",
		Value: func(v View, _ string) (float64, bool) {
			n := v.Window.Counters[Datagrams+".sent"]
			return float64(v.Window.Counters[Datagrams+".lost"]) / float64(max(n, 1)), n > 0
		}})
	flowCount("flows-remembered", "remembered", Neither, "flows that L4 balancers took into their tables (balancer.flows)", "flows-opened")
	register(Metric{Name: "flow-table.mean", Heading: "in table mean", Unit: UnitCount, Better: Neither,
		Definition: "flows that an L4 balancer remembers, in the mean over the time that it remembers any",
		Value: func(v View, _ string) (float64, bool) {
			held, _ := v.nodes(KindBalancer, "flow-looks-held")
			looks, _ := v.nodes(KindBalancer, "flow-looks")
			return float64(held) / float64(max(looks, 1)), looks > 0
		}})
	flowCount("flows-evicted", "evicted", Lower, "flows that they forgot to make room for others", "flows-evicted")
	flowCount("flows-repicked", "repicked", Neither, "flows in their tables for which they picked another server, as the one before was out or had drained", "flows-moved")
	flowCount("datagrams-dropped", "dropped", Lower, "datagrams that they dropped: of new flows while the table was full (when-full = \"drop\"), or as there was no server", "flows-dropped", "datagrams-nobody")
}

// datagrams reports whether users of the run sent some.
func (v View) datagrams() bool { return v.Run.Series[Datagrams+".sent"] != nil }

func datagramCount(name, counter, heading string, better Better, definition string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			return float64(v.Window.Counters[Datagrams+"."+counter]), v.datagrams()
		}})
}

// flowCount registers a metric that is a counter of the L4 balancers, or some, added up.
func flowCount(name, heading string, better Better, definition string, counters ...string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			sum := int64(0)
			for _, counter := range counters {
				n, _ := v.nodes(KindBalancer, counter)
				sum = saturatingAdd(sum, n)
			}
			return float64(sum), v.datagrams()
		}})
}
