// Metrics of a fleet whose size changes: how many servers there were, and what
// they cost.
package report

import (
	"slices"
	"time"

	"cdnlab/sim"
)

// What the driver counts of a fleet that moves, under a name that is no node's: the
// time of all its servers together, those in the pool and those that are paid for,
// and how often the autoscaler added and removed some.
const (
	CounterInPool    = "in-pool-ns"
	CounterPaid      = "paid-ns"
	CounterScaledOut = "scaled-out"
	CounterScaledIn  = "scaled-in"
	Fleet            = "fleet"
)

// fleetColumns are the usual columns of runs in which a fleet moves.
var fleetColumns = []string{"servers.mean", "servers.max", "server-seconds", "scaled-out", "scaled-in", "errored-seconds"}

func init() {
	register(Metric{Name: "servers.mean", Heading: "servers mean", Unit: UnitNone,
		Definition: "app servers in the pool, in the mean over the time of the window, whether they are healthy or not",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.fleet(CounterInPool)
			return n / float64(max(v.span(), 1)), ok && v.span() > 0
		}})
	register(Metric{Name: "servers.max", Heading: "servers max", Unit: UnitNone,
		Definition: "app servers in the pool in the second of the window that had the most (of a run of more than two hours: in that point)",
		Value:      mostServers})
	register(Metric{Name: "server-seconds", Heading: "server s", Unit: UnitCount, Better: Lower,
		Definition: "seconds of all app servers together that somebody pays for: from when a server is ordered, its boot included, until its process has ended",
		Value: func(v View, _ string) (float64, bool) {
			n, ok := v.fleet(CounterPaid)
			return n / float64(time.Second), ok
		}})
	fleetCounted(CounterScaledOut, "times that the autoscaler added servers, one or several")
	fleetCounted(CounterScaledIn, "times that the autoscaler removed servers, one or several, or called off those that boot")
	register(Metric{Name: "errored-seconds", Heading: "errored s", Unit: UnitCount, Better: Lower,
		Definition: "seconds of the window in which more than 1 % of the requests failed (of a run of more than two hours: those of its points)",
		More:       "An outage of a minute and a trickle of errors all day may be as many errors. Only seconds that lie in the window whole are looked at.",
		Value:      erroredSeconds})
}

func fleetCounted(counter, definition string) {
	register(Metric{Name: counter, Heading: counter[:6] + " " + counter[7:], Unit: UnitCount, Definition: definition,
		Value: func(v View, _ string) (float64, bool) {
			return float64(v.Window.Counters[Fleet+"."+counter]), v.Run.fleetMoves()
		}})
}

// fleetMoves reports whether servers joined or left in the run, or could have.
func (r *Run) fleetMoves() bool { return r.Series[Fleet+"."+CounterInPool] != nil }

func (v View) span() time.Duration { return v.Window.To.Sub(v.Window.From) }

// fleet is a time that is summed over the servers. Of a fleet that does not move all
// are there all the time.
func (v View) fleet(counter string) (float64, bool) {
	if v.Run.fleetMoves() {
		return float64(v.Window.Counters[Fleet+"."+counter]), true
	}
	n := v.Run.servers()
	return float64(n) * float64(v.span()), n > 0
}

func (r *Run) servers() (n int) {
	for _, kind := range r.Nodes { // in any order: a sum
		if kind == KindApp {
			n++
		}
	}
	return n
}

func mostServers(v View, _ string) (float64, bool) {
	if !v.Run.fleetMoves() {
		n := v.Run.servers()
		return float64(n), n > 0
	}
	first, end := v.steps()
	series := v.Run.Series[Fleet+"."+CounterInPool]
	if series = series[min(first, len(series)):min(end, len(series))]; len(series) == 0 {
		return 0, false
	}
	return float64(slices.Max(series)) / float64(v.Run.Step), true
}

// steps are the points of series that lie in the window whole: from first to before
// end.
func (v View) steps() (first, end int) {
	step := sim.Time(v.Run.Step)
	return int((v.Window.From + step - 1) / step), int(v.Window.To / step)
}

// erroredShare is from what share of failed requests on a second counts as lost.
const erroredShare = 0.01

func erroredSeconds(v View, _ string) (float64, bool) {
	asked, failed := v.Run.Series[tickNames[tickRequests]], v.Run.Series[tickNames[tickErrors]]
	first, end := v.steps()
	bad := 0
	for i := first; i < min(end, len(asked), len(failed)); i++ {
		if float64(failed[i]) > erroredShare*float64(asked[i]) {
			bad++
		}
	}
	return float64(bad) * v.Run.Step.Seconds(), v.count(countRequests) > 0
}
