//go:build unix

// How long a world of many processes takes to start and to stop.
package scenarios

import (
	"context"
	"syscall"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim/live"
)

// BenchmarkStart starts and stops the 13 processes of product-hunt with eight
// servers, a balancer, a database and its three PoPs.
func BenchmarkStart(b *testing.B) {
	command, err := live.Self()
	if err != nil {
		b.Skip(err)
	}
	x := loadBuiltin(b, "product-hunt", Setting{"origin.servers", int64(8)}, Setting{"database.workers", int64(8)})
	t, err := NewTopology(x.Base)
	if err != nil || len(t.Nodes) != 13 {
		b.Fatal(len(t.Nodes), err)
	}
	var start, stop time.Duration
	for b.Loop() {
		p := newLivePlay(t, report.Plan{Duration: t.Scenario.Duration, Nodes: t.Kinds()}, 0)
		w, err := p.open(command, nil)
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if err := w.Start(context.Background(), p.specs()); err != nil {
			b.Fatal(err)
		}
		start += time.Since(began)
		began = time.Now()
		w.Close()
		stop += time.Since(began)
	}
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u)
	b.ReportMetric(float64(start.Milliseconds())/float64(b.N), "ms-start")
	b.ReportMetric(float64(stop.Milliseconds())/float64(b.N), "ms-stop")
	b.ReportMetric(float64(u.Utime.Nano()+u.Stime.Nano())/1e6/float64(b.N*13), "cpu-ms/node")
	b.ReportMetric(0, "ns/op")
}
