// A hit's cost: one object of 1 KB, the server on one core and wrk on the other.
package peers

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	hitRounds = 5
	hitTime   = 2 * time.Second // of one server in one round
	hitConns  = 50
)

var only = flag.String("only", "", "the names of the servers and tools to measure, with commas; all when empty")

// wanted reports whether a peer is to be measured.
func wanted(name string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), name) }

// BenchmarkHit measures every server in turn, round after round, so that what
// else the machine does meets all of them, and takes each one's median.
func BenchmarkHit(b *testing.B) {
	wrk := installed("wrk")
	if wrk == "" {
		b.Skip("wrk is not installed")
	}
	s := startSite(b)
	var running []*measured
	for _, server := range servers {
		if !wanted(server.name) {
			continue
		}
		m := &measured{name: server.name, address: freeAddress(b)}
		if m.process = server.start(b, s, m.address); m.process == nil {
			b.Logf("%s: not installed", server.name)
			continue
		}
		m.process.serving(b, m.address)
		m.check(b)
		running = append(running, m)
	}
	b.ResetTimer()
	for range hitRounds {
		for _, m := range running {
			m.measure(b, wrk)
		}
	}
	reportHits(b, running)
}

// measured is a server with what was measured of it.
type measured struct {
	name    string
	address string
	process *process
	cost    []float64 // µs of CPU a hit, round by round
	rate    []float64 // hits/s
}

func (m *measured) url() string { return "http://" + m.address + "/" }

// check asks twice: the second answer is a hit, and all of it is there.
func (m *measured) check(b *testing.B) {
	b.Helper()
	for range 2 {
		r, err := http.Get(m.url())
		if err != nil {
			b.Fatalf("%s: %v", m.name, err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != 200 || len(body) != contentSize {
			b.Fatalf("%s: status %d, %d bytes, %v", m.name, r.StatusCode, len(body), err)
		}
	}
}

func (m *measured) measure(b *testing.B, wrk string) {
	b.Helper()
	before := m.process.cpu(b)
	requests, seconds := runWrk(b, wrk, m.url(), hitConns, hitTime)
	used := m.process.cpu(b) - before
	m.cost = append(m.cost, float64(used.Microseconds())/requests)
	m.rate = append(m.rate, requests/seconds)
}

var (
	wrkCount  = regexp.MustCompile(`(\d+) requests in ([\d.]+)s`)
	wrkErrors = regexp.MustCompile(`Non-2xx or 3xx responses: .*|Socket errors: .*`)
)

// runWrk returns how many requests wrk made, and in how many seconds.
func runWrk(b *testing.B, wrk, url string, conns int, d time.Duration) (requests, seconds float64) {
	b.Helper()
	said, err := exec.Command("taskset", "-c", clientCore, wrk, "-t1", "-c", strconv.Itoa(conns), "-d", fmt.Sprint(d.Seconds(), "s"), url).CombinedOutput()
	if err != nil {
		b.Fatalf("wrk: %v\n%s", err, said)
	}
	if bad := wrkErrors.Find(said); bad != nil {
		b.Fatalf("wrk: %s", bad)
	}
	found := wrkCount.FindSubmatch(said)
	if found == nil {
		b.Fatalf("wrk said:\n%s", said)
	}
	requests, _ = strconv.ParseFloat(string(found[1]), 64)
	seconds, _ = strconv.ParseFloat(string(found[2]), 64)
	return requests, seconds
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func reportHits(b *testing.B, all []*measured) {
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\n%-10s %14s %14s %12s\n", "server", "µs CPU a hit", "x first", "hits/s")
	for _, m := range all {
		cost, first := median(m.cost), median(all[0].cost)
		fmt.Printf("%-10s %14.2f %14.2f %12.0f\n", m.name, cost, cost/first, median(m.rate))
		b.ReportMetric(cost, m.name+"-µs/hit")
	}
}
