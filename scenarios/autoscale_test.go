// Autoscaling in the virtual world, where every count is known.
package scenarios

import (
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/sim"
)

// lineTOML has one server of one worker that is 80 % busy with 8 requests a second, and
// from 4 s to 12 s would be 160 %.
const lineTOML = `name = "line"
duration = "20s"
[cpu]
costs = "free"
[load]
shape = "spike"
rate = 4
peak = 16
at = "4s"
rise = "0s"
for = "8s"
[[clients]]
id = "users"
place = "New York"
[[catalog]]
path = "/"
cache-control = "no-store"
[app]
workers = 1
service-time = "100ms"
distribution = "constant"
[balancer]
health.check = "none"
[autoscale]
max = 4
target = 0.5
interval = "1s"
boot-delay = "1500ms"
stabilization = "3s"
`

// moved is the story of who came and went, without the starts.
func moved(run *report.Run) []string {
	var all []string
	for _, e := range run.Events {
		if e.Kind != sim.EventStarted && e.Kind != sim.EventDrained {
			all = append(all, strings.TrimSpace(e.At.String()+" "+e.Node+" "+string(e.Kind)+" "+e.Detail))
		}
	}
	return all
}

func wantMoves(t *testing.T, run *report.Run, want ...string) {
	t.Helper()
	compareLines(t, "want", strings.Join(want, "\n"), "got", strings.Join(moved(run), "\n"))
}

// TestAutoscale: out when the load comes, a boot later; in when nothing for so long
// has wanted as many; who came last goes first.
func TestAutoscale(t *testing.T) {
	run := playText(t, lineTOML)
	// A job counts when it is done: 90 % at 5 s.
	wantMoves(t, run,
		"5s autoscaler scaled-out 1 to 2 servers: utilization 90 %, the target is 50 %",
		"6.5s app-2 added",
		"7s autoscaler scaled-out 2 to 4 servers: utilization 80 %, the target is 50 %",
		"8.5s app-3 added", "8.5s app-4 added",
		"15s autoscaler scaled-in 4 to 2 servers: utilization 10 %, the target is 50 %",
		"15s app-4 removed", "15s app-3 removed", "15s app-4 stopped", "15s app-3 stopped",
		"16s autoscaler scaled-in 2 to 1 servers: utilization 20 %, the target is 50 %",
		"16s app-2 removed", "16s app-2 stopped")
	wantValue(t, run, "scaled-out", 2)
	wantValue(t, run, "scaled-in", 2)
	wantValue(t, run, "servers.max", 4)
	// In the pool: app-1 20 s, app-2 9.5 s, app-3 and app-4 6.5 s. Paid for from
	// the order on: 1.5 s more each.
	wantValue(t, run, "servers.mean", (20+9.5+6.5+6.5)/20)
	wantValue(t, run, "server-seconds", 20+11+8+8)
}

// TestAutoscaleByRequests: what is turned away counts, so one look is enough.
func TestAutoscaleByRequests(t *testing.T) {
	run := playText(t, lineTOML, Setting{"autoscale.metric", "requests"}, Setting{"autoscale.target", 4.0}, Setting{"app.queue", int64(0)})
	wantMoves(t, run,
		"5s autoscaler scaled-out 1 to 4 servers: 16.0 requests/s a server, the target is 4",
		"6.5s app-2 added", "6.5s app-3 added", "6.5s app-4 added",
		"15s autoscaler scaled-in 4 to 1 servers: 1.0 requests/s a server, the target is 4",
		"15s app-4 removed", "15s app-3 removed", "15s app-2 removed", "15s app-4 stopped", "15s app-3 stopped", "15s app-2 stopped")
	// From 4 s to 6.5 s one of 16 requests a second in each 100 ms finds no worker.
	wantValue(t, run, "errored-seconds", 3)
}

// TestAutoscaleSchedule: servers of the timetable are there before the load, when
// they are ordered a boot earlier; one that is to go before it has booted never comes.
func TestAutoscaleSchedule(t *testing.T) {
	run := playText(t, lineTOML+"[[autoscale.schedule]]\nat = \"2500ms\"\nmin = 4\nfor = \"11s\"\n", Setting{"autoscale.stabilization", "0s"}, Setting{"autoscale.interval", "2s"})
	wantMoves(t, run,
		"2.5s autoscaler scaled-out 1 to 4 servers: at least 4",
		"4s app-2 added", "4s app-3 added", "4s app-4 added",
		"14s autoscaler scaled-in 4 to 1 servers: utilization 12 %, the target is 50 %",
		"14s app-4 removed", "14s app-3 removed", "14s app-2 removed", "14s app-4 stopped", "14s app-3 stopped", "14s app-2 stopped")
	for boot, want := range map[string][]string{ // each alone: any order will do
		"1600ms": {},
		"1500ms": {"2s app-2 stopped", "2s app-3 stopped", "2s app-4 stopped"}, // their processes just start
	} {
		run = playText(t, lineTOML+"[[autoscale.schedule]]\nat = \"500ms\"\nmin = 4\nfor = \"1s\"\n",
			Setting{"autoscale.stabilization", "0s"}, Setting{"load.peak", 4.1}, Setting{"autoscale.interval", "2s"}, Setting{"autoscale.boot-delay", boot})
		wantMoves(t, run, append([]string{"500ms autoscaler scaled-out 1 to 4 servers: at least 4",
			"2s autoscaler scaled-in 4 to 1 servers: utilization 40 %, the target is 50 %"}, want...)...)
		wantValue(t, run, "server-seconds", 20+3*1.5)
	}
}

// TestAutoscaleCrash: a server that has crashed is silent, not idle: it is neither taken
// for one without work nor given back for one that works.
func TestAutoscaleCrash(t *testing.T) {
	text := strings.Replace(lineTOML, "[app]", "[origin]\nservers = 2\n[app]", 1) + "[[event]]\nat = \"500ms\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"3s\"\n"
	run := playText(t, text, Setting{"load.peak", 4.1}, Setting{"autoscale.min", int64(1)}, Setting{"balancer.max-fails", int64(0)})
	// Until 3 s two servers are wanted, which counts for 3 s.
	wantMoves(t, run, "500ms app-2 crashed",
		"6s autoscaler scaled-in 2 to 1 servers: utilization 20 %, the target is 50 %", "6s app-2 removed", "6s app-2 stopped")
}

// TestFixedFleet: where nobody comes or goes all are there all the time.
func TestFixedFleet(t *testing.T) {
	run := playText(t, shopTOML)
	wantValue(t, run, "servers.mean", 2)
	wantValue(t, run, "servers.max", 2)
	wantValue(t, run, "server-seconds", 20)
}

func TestAutoscaleMistakes(t *testing.T) {
	scaled := faultless + "[autoscale]\nmin = 4\nmax = 6\n[[event]]\nat = \"1s\"\ndo = \"add-server\"\n"
	holdWrongs(t, wrongs(t, scaled),
		"autoscale.interval: of 15s: the run is over after 10s, before the first look",
		"autoscale.min: must not be above the number of servers at the start (3), but is 4",
		"event[1].do: the autoscaler decides which servers there are; give each a [[variant]]: autoscale.on = false")
}
