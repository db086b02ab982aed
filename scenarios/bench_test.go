// How fast the virtual world is.
package scenarios

import (
	"context"
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

func BenchmarkVirtualFullRequests(b *testing.B) {
	x, err := Load("full-requests.toml", []byte(fullRequests))
	if err != nil {
		b.Fatal(err)
	}
	defer rarerCollections()()
	b.ReportAllocs()
	var requests int64
	started := time.Now()
	for b.Loop() {
		t, err := NewTopology(x.Variants[0].Scenario)
		if err != nil {
			b.Fatal(err)
		}
		plan := report.Plan{Identity: report.Identity{Seed: 1, World: report.Virtual}, Duration: t.Scenario.Duration, Nodes: t.Kinds()}
		run, err := playVirtual(context.Background(), t, plan, func(*driver) {})
		if err != nil {
			b.Fatal(err)
		}
		requests += run.Windows[0].Counts["requests"]
		hits, _, err := report.Value(run, "", "hit-ratio")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(hits, "hit-ratio")
	}
	b.ReportMetric(float64(requests)/time.Since(started).Seconds(), "requests/s")
	b.ReportMetric(0, "ns/op")
}
