// The worked example end to end, in virtual time: Tokyo to New York, 150 ms, 1 MB
// at 100 Mbit/s, direct and over an edge 2 ms away, against the formulas.
package scenarios

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// worked is the example: the share of new connections, the version of TLS, what may be
// of the page.
const worked = `
duration = "10s"
[[link]]
from = "Tokyo"
to = "New York"
rtt = "150ms"
rate = "100Mbit"
[[link]]
from = "tokyo"
to = "tokyo-pop"
rtt = "2ms"
rate = "100Mbit"
[[clients]]
id = "tokyo"
place = "Tokyo"
users = 1
connections = "per-user"
new = %v
[clients.limits]
tls = "%s"
[load]
rate = 1
[[catalog]]
path = "/"
size = "1MB"
cache-control = "%s"
[app]
service-time = "1ns" # nothing, but 0 would be the default
distribution = "constant"
[cpu]
costs = "free"
[edge]
on = %v
[edge.connections]
tls = "1.3"
[[pop]]
place = "Tokyo"
`

// playWorked plays the page so many times, one after the other, and returns when the
// header and the last byte of the last one came.
func playWorked(t *testing.T, text string, times int) (header, end time.Duration) {
	t.Helper()
	x, err := Load("worked.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	l, err := x.Look("", OneRequest{Path: "/", Again: times - 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := l.Play(context.Background(), Options{Worlds: []string{report.Virtual}})
	if err != nil {
		t.Fatal(err)
	}
	last := traces.Requests[len(traces.Requests)-1]
	for _, s := range last.Steps {
		if s.Kind == sim.StepHeader && s.Depth == 0 {
			header = s.At
		}
	}
	if last.Status != 200 || last.Bytes != 1e6 {
		t.Fatalf("answered %d with %d bytes", last.Status, last.Bytes)
	}
	return header, last.Took
}

// slowStart is the way of N segments, each t long, over a new connection with round
// trips of R, from the request to the last byte: k R + (N - 10 (2^(k-1) - 1)) t.
func slowStart(n int64, rtt, t time.Duration) time.Duration {
	k, before, window := int64(1), int64(0), int64(10)
	for window < n-before && time.Duration(window)*t < rtt {
		k, before, window = k+1, before+window, 2*window
	}
	return time.Duration(k)*rtt + time.Duration(n-before)*t
}

func TestWorkedExample(t *testing.T) {
	const ms = time.Millisecond
	const segment = 120 * time.Microsecond // 1500 bytes at 100 Mbit/s
	const far, near = 150 * ms, 2 * ms
	n := network.Segments(1e6, true)
	wire := time.Duration(n) * segment
	direct, edge := slowStart(n, far, segment), slowStart(n, near, segment)
	for _, c := range []struct {
		name         string
		tls          string
		fresh        int // share of requests on a new connection
		cdn          bool
		cache        string
		times        int
		header, end  time.Duration
		table, total float64 // ms, of the reference's table
	}{
		{"direct, TLS 1.3, cold", "1.3", 1, false, "no-store", 1, 3 * far, 2*far + direct, 450, 1358.9},
		{"direct, TLS 1.2, cold", "1.2", 1, false, "no-store", 1, 4 * far, 3*far + direct, 600, 1508.9},
		{"direct, warm, window open", "1.3", 0, false, "no-store", 4, far, far + wire, 150, 234.5},
		{"edge, hit, cold", "1.3", 1, true, "max-age=60", 2, 3 * near, 2*near + edge, 6, 91.3},
		{"edge, hit, warm", "1.3", 0, true, "max-age=60", 5, near, near + wire, 2, 86.5},
		{"edge, miss, warm pool to the origin, streamed", "1.3", 1, true, "no-store", 4, 3*near + far, 2*near + far + edge, 156, 241},
		{"edge, miss, cold to the origin", "1.3", 1, true, "no-store", 1, 3*near + 3*far, 3*near + 2*far + direct, 456, 1365},
	} {
		t.Run(c.name, func(t *testing.T) {
			header, end := playWorked(t, fmt.Sprintf(worked, c.fresh, c.tls, c.cache, c.cdn), c.times)
			for _, x := range []struct {
				what      string
				got, want time.Duration
				table     float64
			}{{"header", header, c.header, c.table}, {"last byte", end, c.end, c.total}} {
				if off := x.got - x.want; off.Abs() > time.Microsecond {
					t.Errorf("%s after %v, the formula says %v", x.what, x.got, x.want)
				}
				if off := float64(x.got)/1e6 - x.table; off < -0.6 || off > 0.6 {
					t.Errorf("%s after %v, the table says %v ms", x.what, x.got, x.table)
				}
			}
		})
	}
}
