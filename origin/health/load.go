// Load reports: how much servers say that they have to do.
package health

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// LoadPath is where servers say how much they have to do: under that of health, whose
// checks no fault hits unasked.
const LoadPath = "/health/load"

// loadField and the metrics are those of ORCA's reports in a header (Open Request Cost
// Aggregation, xds.data.orca.v3), in its form as text. Requests in flight and latency have no name of
// their own there.
const (
	loadField     = "Endpoint-Load-Metrics"
	loadMetric    = "named_metrics.in_flight="
	latencyMetric = "named_metrics.latency="
)

// Load is what a server says of itself.
type Load struct {
	InFlight int           // requests that are there
	Latency  time.Duration // what one more would take, as it looks; 0: not known
}

// LoadHeader is the header of a report, which says the latency in seconds.
func LoadHeader(l Load) http.Header {
	text := "TEXT " + loadMetric + strconv.Itoa(l.InFlight)
	if l.Latency > 0 {
		text += "," + latencyMetric + strconv.FormatFloat(l.Latency.Seconds(), 'f', -1, 64)
	}
	return http.Header{loadField: {text}, "Cache-Control": {"no-store"}}
}

// longestLatency bounds what is believed, and keeps it in the range of a Duration.
const longestLatency = 24 * time.Hour

// ReadLoad returns what a report says; false when it does not say the requests in flight.
func ReadLoad(h http.Header) (l Load, ok bool) {
	for _, line := range h[loadField] {
		for part := range strings.SplitSeq(strings.TrimPrefix(line, "TEXT "), ",") {
			part = strings.TrimSpace(part)
			if text, found := strings.CutPrefix(part, loadMetric); found && !ok {
				n, err := strconv.Atoi(text)
				if err == nil && n >= 0 {
					l.InFlight, ok = n, true
				}
			}
			if text, found := strings.CutPrefix(part, latencyMetric); found {
				seconds, err := strconv.ParseFloat(text, 64)
				if err == nil && seconds >= 0 && seconds <= longestLatency.Seconds() {
					l.Latency = time.Duration(math.Round(seconds * float64(time.Second)))
				}
			}
		}
	}
	return l, ok
}

// Reports asks one server again and again how much it has to do: the first time at a
// phase of its own within the interval, so that a fleet's reports do not come in one
// beat. One that fails, or takes longer than an interval, tells nothing.
type Reports struct {
	env      *sim.Env
	interval time.Duration
	name     string
	server   sim.Handler
	told     func(inFlight int)
	asked    *sim.Counter

	id    uint64
	next  sim.Timer
	scope *sim.Scope // of the one under way
}

// NewReports returns the Reports of the server of that name, which tells what it is
// told.
func NewReports(env *sim.Env, interval time.Duration, name string, server sim.Handler, told func(inFlight int)) *Reports {
	r := &Reports{env: env, interval: interval, name: name, server: server, told: told, asked: env.Counter("load-reports")}
	dice := env.Stream("load reports of " + name)
	r.next = env.After(time.Duration(dice.Int64N(int64(interval))), r.ask)
	r.id = dice.Uint64() | probeID
	return r
}

// Stop ends them; the one under way is cancelled and tells nothing.
func (r *Reports) Stop() {
	r.next.Stop()
	if scope := r.scope; scope != nil {
		r.scope = nil
		scope.Cancel(sim.Cancelled)
	}
}

func (r *Reports) ask() {
	if scope := r.scope; scope != nil {
		r.scope = nil
		scope.Cancel(sim.TimedOut)
	}
	r.next = r.env.After(r.interval, r.ask)
	r.id++
	r.asked.Add(1)
	scope := &sim.Scope{}
	r.scope = scope
	r.server.Serve(&sim.Request{ID: r.id, Method: http.MethodGet, Scheme: "http", Host: r.name, Path: LoadPath, Header: probeHeader, Scope: scope},
		func(resp *sim.Response) {
			if resp.Body != nil {
				resp.Body.Abandon(sim.Cancelled) // the header says it all
			}
			if r.scope != scope {
				return
			}
			r.scope = nil
			if l, ok := ReadLoad(resp.Header); ok {
				r.told(l.InFlight)
			}
		})
}
