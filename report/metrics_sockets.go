// Metrics of connections that users keep: who lost theirs, and what came of their
// messages.
package report

// Sockets is what the driver counts of users' connections by, a name that is no
// node's.
const Sockets = "sockets"

func init() {
	socketCount("sockets-opened", "opened", "sockets opened", Neither, "connections that users opened for messages (WebSocket), anew ones among them")
	socketCount("sockets-cut", "cut", "sockets cut", Lower, "of them those that ended against their user's will")
	socketCount("reconnects", "attempts", "reconnects", Lower, "attempts to connect anew of users who had lost their connection or could not open it")
	socketCount("messages", "messages", "messages", Neither, "messages that users sent over connections that they keep")
	socketCount("messages-lost", "lost", "lost", Lower, "of them those without an answer: their connection ended, or the answer was an error")
	socketMean("message.mean", "answered-ns", "answered", "message mean", "mean time from a message to its answer, over the answered ones")
	socketMean("away.mean", "away-ns", "reconnected", "away mean", "mean time from the loss of a connection until its user has another")
	register(Metric{Name: "reconnect-peak", Heading: "reconnect peak", Unit: UnitRate, Better: Lower,
		Definition: "reconnects per second in the busiest second of the window (of a run of more than two hours: in its busiest point); only seconds that lie in it whole",
		Value: func(v View, _ string) (float64, bool) {
			first, end := v.steps()
			series, peak := v.Run.Series[Sockets+".attempts"], int64(0)
			for i := first; i < min(end, len(series)); i++ {
				peak = max(peak, series[i])
			}
			return float64(peak) / v.Run.Step.Seconds(), v.sockets() && v.Run.Step > 0
		}})
	register(Metric{Name: "message-share" + perNode, Heading: "messages" + perNode, Unit: UnitRatio,
		Definition: "messages that reached one app server / messages that reached all",
		Knows:      nodeNames,
		Value: func(v View, node string) (float64, bool) {
			all, ok := v.nodes(v.Run.Nodes[node], "messages")
			return float64(v.Window.Counters[node+".messages"]) / float64(max(all, 1)), ok && all > 0
		}})
}

// sockets reports whether users of the run kept connections.
func (v View) sockets() bool { return v.Run.Series[Sockets+".opened"] != nil }

func socketCount(name, counter, heading string, better Better, definition string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			return float64(v.Window.Counters[Sockets+"."+counter]), v.sockets()
		}})
}

func socketMean(name, sum, of, heading, definition string) {
	register(Metric{Name: name, Heading: heading, Unit: UnitTime, Better: Lower, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			n := v.Window.Counters[Sockets+"."+of]
			return float64(v.Window.Counters[Sockets+"."+sum]) / float64(max(n, 1)), n > 0
		}})
}
