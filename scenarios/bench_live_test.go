// How well the live world keeps time. These are figures, not conditions: a
// benchmark prints them with the machine's noise in them.
package scenarios

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/report"
)

// BenchmarkLive plays product-hunt at 10,000 requests/s by real processes, and
// a steady 1,000 requests/s over four round-trip times.
func BenchmarkLive(b *testing.B) {
	for _, variant := range []string{"CDN", "three servers"} {
		b.Run("product-hunt/"+variant, func(b *testing.B) {
			for b.Loop() {
				report10k(b, playOne(b, "product-hunt", variant))
			}
		})
	}
	for _, rtt := range []string{"2ms", "10ms", "70ms", "150ms"} {
		b.Run("rtt/"+rtt, func(b *testing.B) {
			for b.Loop() {
				reportRTT(b, playOne(b, "tokyo-new-york", "without CDN", Setting{"load.rate", int64(1000)}, Setting{"link.0.rtt", rtt}))
			}
		})
		for _, conns := range []int64{100, 1000} { // one for each user, who asks now and then
			b.Run(fmt.Sprintf("rtt/%s/%d-connections", rtt, conns), func(b *testing.B) {
				for b.Loop() {
					reportRTT(b, playOne(b, "tokyo-new-york", "without CDN", Setting{"load.rate", int64(1000)}, Setting{"link.0.rtt", rtt},
						Setting{"clients.0.users", conns}, Setting{"clients.0.connections", "per-user"}, Setting{"warmup", "5s"})) // by then nearly all are connected
				}
			})
		}
	}
}

func report10k(b *testing.B, run *report.Run) {
	g := run.Receipt.Generator
	b.ReportMetric(100*g.OnTime(), "%on-time")
	b.ReportMetric(float64(g.Median)/1e6, "ms-late-p50")
	b.ReportMetric(float64(g.P99)/1e6, "ms-late-p99")
	b.ReportMetric(value(b, run, "errors"), "errors")
	b.ReportMetric(value(b, run, "latency.p50")/1e6, "ms-p50")
	b.ReportMetric(value(b, run, "latency.p99")/1e6, "ms-p99")
	b.ReportMetric(0, "ns/op")
}

func reportRTT(b *testing.B, run *report.Run) {
	for _, r := range run.Receipt.RTTs {
		b.ReportMetric(float64(r.Measured-r.Configured)/float64(time.Millisecond), "ms-off")
		b.ReportMetric(float64(r.P99-r.Configured)/float64(time.Millisecond), "ms-off-p99")
	}
	b.ReportMetric(float64(run.Receipt.Generator.P99)/1e6, "ms-late-p99")
	b.ReportMetric(0, "ns/op")
}
