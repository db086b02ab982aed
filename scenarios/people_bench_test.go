// What people cost: bytes while they are there, and how fast they are played.
package scenarios

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"cdnlab/report"
)

// busyShop is a shop with people in it, who sign in, put things into their carts
// and come again. Only its load is left open.
const busyShop = `
name = "crowded"
duration = "%s"
[load]
%s
[[clients]]
id = "europe"
place = "Paris"
[[clients]]
id = "asia"
place = "Tokyo"
[[journey]]
name = "shopper"
think-time = "30s"
[[journey.step]]
page = "/"
assets = { "/static/app.{n}.js" = 6 }
[[journey.step]]
sign-in = true
[[journey.step]]
page = "/item/{n}"
times = 4
leave = 0.2
[[journey.step]]
add-to-cart = true
[[catalog]]
path = "/"
cache-control = "public, max-age=3"
[[catalog]]
path = "/static/app.{n}.js"
objects = 30
cache-control = "public, max-age=31536000, immutable"
[[catalog]]
path = "/item/{n}"
objects = 500
cache-control = "public, max-age=3"
[origin]
place = "Frankfurt"
servers = 2
[app]
workers = 10000
[edge.connections]
max-connections = 100000
[balancer.connections]
max-connections = 100000
[[pop]]
place = "Paris"
[[pop]]
place = "Tokyo"
`

func loadCrowded(t testing.TB, duration time.Duration, load string) *Experiment {
	t.Helper()
	x, err := Load("crowded.toml", fmt.Appendf(nil, busyShop, duration, load))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// playCrowded plays a crowded shop in virtual time and returns what lay on the
// heap at a time of the run.
func playCrowded(t testing.TB, duration time.Duration, load string, at time.Duration) (run *report.Run, heap int64) {
	t.Helper()
	x := loadCrowded(t, duration, load)
	top, err := NewTopology(x.Variants[0].Scenario)
	if err != nil {
		t.Fatal(err)
	}
	plan := report.Plan{Identity: report.Identity{Seed: 1, World: report.Virtual}, Duration: duration, Nodes: top.Kinds()}
	run, err = playVirtual(context.Background(), top, plan, func(d *driver) {
		if heap == 0 && time.Duration(d.now()) >= at {
			heap = heapNow()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return run, heap
}

func heapNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// usersLoad is a closed load of so many people who come within 30 s.
func usersLoad(n int) string {
	return fmt.Sprintf("shape = \"users\"\nusers = 1\npeak = %d\nrise = \"30s\"\nthink-time = \"60s\"", n)
}

// TestBytesPerPerson: a million people are to fit into a GiB, with what the
// collector needs beside them.
func TestBytesPerPerson(t *testing.T) {
	const few, many = 5000, 25_000 // few are enough to fill what nodes remember of the last to ask
	bytesOf := func(n int) int64 {
		run, heap := playCrowded(t, 40*time.Second, usersLoad(n), 39*time.Second)
		if came := run.Windows[0].Counts["users"]; came < int64(n)-1 {
			t.Fatalf("%d of %d people came", came, n)
		}
		return heap
	}
	each := (bytesOf(many) - bytesOf(few)) / (many - few)
	t.Logf("%d bytes for each person", each)
	if each > 900 {
		t.Errorf("a person takes %d bytes, want at most 900", each)
	}
}

// BenchmarkPeople plays a million people in virtual time: all of them there at
// the same time, and coming one after the other. It reports what each takes on
// the heap, and how many of their requests are played in a second.
func BenchmarkPeople(b *testing.B) {
	for name, load := range map[string]string{ // any order: each is a benchmark of its own
		"users":    "shape = \"users\"\nusers = 1\npeak = 1000000\nrise = \"60s\"\nthink-time = \"60s\"",
		"arrivals": "unit = \"people\"\nrate = 11111.2",
	} {
		b.Run(name, func(b *testing.B) {
			defer room([]*job{{t: must(NewTopology(loadCrowded(b, 90*time.Second, load).Base)), world: report.Virtual}}, Options{})()
			defer rarerCollections()()
			before := heapNow()
			for b.Loop() {
				started := time.Now()
				run, heap := playCrowded(b, 90*time.Second, load, 89*time.Second)
				n := run.Windows[0].Counts
				b.ReportMetric(float64(n["requests"])/time.Since(started).Seconds(), "people-requests/s")
				b.ReportMetric(float64(n["users"]), "people")
				b.ReportMetric(float64(heap-before)/float64(n["users"]), "B/person")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
