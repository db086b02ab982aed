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
	rows "cdnlab/sim/network/golden"
)

// workedText is the example, with one way to the page in it.
func workedText(c rows.Visit) string {
	return fmt.Sprintf(`
duration = "10s"
[[link]]
from = "Tokyo"
to = "New York"
rtt = "%[1]v"
rate = "%[3]v"
[[link]]
from = "tokyo"
to = "tokyo-pop"
rtt = "%[2]v"
rate = "%[3]v"
[[clients]]
id = "tokyo"
place = "Tokyo"
users = 1
connections = "per-user"
new = %v
[clients.limits]
tls = "%v"
[load]
rate = 1
[[catalog]]
path = "/"
size = "%v"
cache-control = "%v"
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
`, rows.Far, rows.Near, rows.Rate, c.New, c.TLS, rows.Size, c.Cache, c.Edge)
}

// playWorked plays the example in a world, and returns when the header and the last
// byte of the last answer came.
func playWorked(t *testing.T, c rows.Visit, o Options) (header, end time.Duration) {
	t.Helper()
	x, err := Load("worked.toml", []byte(workedText(c)))
	if err != nil {
		t.Fatal(err)
	}
	l, err := x.Look("", OneRequest{Path: "/", Again: c.Times - 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := l.Play(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	last := traces.Requests[len(traces.Requests)-1]
	for _, s := range last.Steps {
		if s.Kind == sim.StepHeader && s.Depth == 0 {
			header = s.At
		}
	}
	if last.Status != 200 || last.Bytes != int64(rows.Size) {
		t.Fatalf("answered %d with %d bytes", last.Status, last.Bytes)
	}
	return header, last.Took
}

func TestWorkedExample(t *testing.T) {
	for _, c := range rows.Visits {
		t.Run(c.Name, func(t *testing.T) {
			header, end := playWorked(t, c, Options{Worlds: []string{report.Virtual}})
			for _, x := range []struct {
				what      string
				got, want time.Duration
				table     float64
			}{{"header", header, c.Header, c.First}, {"last byte", end, c.End, c.Last}} {
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
