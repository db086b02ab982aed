// Metrics of what users asked and got.
package report

import (
	"maps"
	"slices"
	"time"

	"cdnlab/sim"
)

func init() {
	counted("requests", "", Neither, "requests that users made, by their intended time", countRequests)
	counted("errors", "", Lower, "requests without a whole answer, or answered 5xx", countErrors)
	counted("lost", "", Lower, "requests that got no answer at all: refused, reset, timed out, cancelled …", countLost)
	counted("left", "", Neither, "requests whose users left in the middle of the answer, as the catalog's leave has them: no errors; what had come is not counted in bytes, nor how long it took in latency", countLeft)
	counted("not-found", "404", Lower, "requests answered 404 or 410, no errors as the server did its part", countNotFound)
	counted("retries", "", Neither, "requests for which another server was asked on the way, by a retry or a hedge, whether users noticed or not", countRetried)
	register(Metric{Name: "rate", Unit: UnitRate,
		Definition: "requests per second of the window",
		Value:      perSecond(func(v View) int64 { return v.count(countRequests) })})
	register(Metric{Name: "goodput", Unit: UnitRate, Better: Higher,
		Definition: "requests answered without error per second of the window",
		Value:      perSecond(answered)})
	register(Metric{Name: "throughput", Unit: UnitByteRate, Better: Higher,
		Definition: "bytes of content that reached users per second of the window",
		Value:      perSecond(func(v View) int64 { return v.count(countBytes) })})
	register(Metric{Name: "error-ratio", Heading: "error %", Unit: UnitRatio, Better: Lower,
		Definition: "errors / requests, as users saw them: no whole answer, or 5xx; what a retry saved is none",
		Value:      ratio(func(v View) (int64, int64) { return v.count(countErrors), v.count(countRequests) })})
	register(Metric{Name: "group-error-ratio" + perGroup, Heading: "error % of" + perGroup, Unit: UnitRatio, Better: Lower,
		Definition: "error-ratio of one group of clients",
		Knows:      groupNames,
		Value: func(v View, group string) (float64, bool) {
			n := v.Window.Groups[group]
			return float64(v.Window.GroupErrors[group]) / float64(max(n, 1)), n > 0
		}})
	register(Metric{Name: "rejected", Unit: UnitCount, Better: Lower,
		Definition: "requests that nodes turned away at a limit (sum of their counters named \"rejected\"); a retried one counts at each",
		Value: func(v View, _ string) (float64, bool) {
			var sum int64
			for node := range v.Run.Nodes { // in any order: a sum
				sum = saturatingAdd(sum, v.Window.Counters[node+".rejected"])
			}
			return float64(sum), len(v.Run.Nodes) > 0
		}})
	register(Metric{Name: "failed-by" + perCause, Unit: UnitCount, Better: Lower,
		Definition: "failed requests of one cause (refused, reset, timed-out, cancelled, unreachable, overload, no-server, truncated, malformed)",
		Knows: func(View) []string {
			var names []string
			for _, c := range sim.Causes() {
				names = append(names, c.String())
			}
			return names
		},
		Value: func(v View, cause string) (float64, bool) {
			return float64(v.Window.Counts["cause."+cause]), v.count(countRequests) > 0
		}})
}

// groupNames are the groups of clients that have asked.
func groupNames(v View) []string { return slices.Sorted(maps.Keys(v.Window.Groups)) }

// counted registers a metric that is a count of the window.
func counted(name, heading string, better Better, definition string, i int) {
	register(Metric{Name: name, Heading: heading, Unit: UnitCount, Better: better, Definition: definition,
		Value: func(v View, _ string) (float64, bool) { return float64(v.count(i)), true }})
}

// answered returns the requests that were answered without error.
func answered(v View) int64 { return max(0, v.count(countRequests)-v.count(countErrors)) }

func perSecond(n func(View) int64) func(View, string) (float64, bool) {
	return func(v View, _ string) (float64, bool) {
		span := v.Window.To.Sub(v.Window.From)
		if span < time.Millisecond { // no window is meant to be that short
			return 0, false
		}
		return float64(n(v)) / span.Seconds(), true
	}
}

// ratio is part of whole, missing when there is no whole.
func ratio(parts func(View) (part, whole int64)) func(View, string) (float64, bool) {
	return func(v View, _ string) (float64, bool) {
		part, whole := parts(v)
		if whole <= 0 {
			return 0, false
		}
		return float64(part) / float64(whole), true
	}
}
