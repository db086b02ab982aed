// How fast the virtual world is.
package scenarios

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
)

// fullRequests is the figure's scenario: clients, steering, a PoP with a cache
// and nine hits in ten, a pool, an app.
const fullRequests = `
name = "full-requests"
duration = "100s"
[load]
rate = 10000
[[clients]]
id = "users"
place = "Tokyo"
users = 100000
limits = { max-connections = 100000 }
[[catalog]]
path = "/static/{n}"
objects = 1000
share = 9
size = "4KB"
cache-control = "public, max-age=86400"
[[catalog]]
path = "/api/{n}"
objects = 1000
share = 1
size = "1KB"
cache-control = "no-store"
[origin]
place = "New York"
servers = 3
[app]
workers = 1000
service-time = "5ms"
[edge.connections]
max-connections = 100000
[[pop]]
place = "Tokyo"
`

// onlyHits is the same without what the cache may not keep: all but the first
// request for each object are hits.
var onlyHits = strings.Replace(fullRequests, "share = 1\n", "share = 0\n", 1)

func BenchmarkVirtualFullRequests(b *testing.B) { benchmarkVirtual(b, fullRequests) }

func BenchmarkVirtualHits(b *testing.B) { benchmarkVirtual(b, onlyHits) }

// BenchmarkVirtualBalanced is one of the runs that a comparison of algorithms is made
// of: clients, a balancer, ten app servers.
func BenchmarkVirtualBalanced(b *testing.B) {
	text, err := builtin.ReadFile("builtin/balancing.toml")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkVirtual(b, strings.Replace(string(text), `duration = "4s"`, `duration = "400s"`, 1))
}

func benchmarkVirtual(b *testing.B, text string) {
	t := playable(b, text)
	defer rarerCollections()()
	var sum cost
	started := time.Now()
	for b.Loop() {
		run, c := playCounted(b, t)
		sum.requests += c.requests
		sum.events += c.events
		sum.allocs += c.allocs
		sum.bytes += c.bytes
		if hits, _, err := report.Value(run, "", "hit-ratio"); err == nil {
			b.ReportMetric(hits, "hit-ratio")
		}
	}
	n := float64(sum.requests)
	b.ReportMetric(n/time.Since(started).Seconds(), "requests/s")
	b.ReportMetric(float64(sum.events)/n, "events/request")
	b.ReportMetric(float64(sum.allocs)/n, "allocs/request")
	b.ReportMetric(float64(sum.bytes)/n, "B/request")
	b.ReportMetric(0, "ns/op")
}

// cost is what a play took, counted.
type cost struct {
	requests int64
	events   uint64
	allocs   uint64
	bytes    uint64
}

func playable(t testing.TB, text string) *Topology {
	x, err := Load("counted.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	top, err := NewTopology(x.Variants[0].Scenario)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// playCounted plays a variant and counts what it took.
func playCounted(t testing.TB, top *Topology) (*report.Run, cost) {
	plan := report.Plan{Identity: report.Identity{Seed: 1, World: report.Virtual}, Duration: top.Scenario.Duration, Nodes: top.Kinds()}
	var c cost
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run, err := playVirtual(context.Background(), top, plan, func(d *driver) { c.events = d.e.Fired() })
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	c.requests = run.Windows[0].Counts["requests"]
	c.allocs, c.bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return run, c
}
