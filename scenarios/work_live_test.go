//go:build unix

// Work that burns a processor, by real processes.
package scenarios

import (
	"syscall"
	"testing"
	"time"
)

// TestLiveWork: 100 requests of 5 ms on a processor are half a second of it, in
// the app server's process, and the receipt says how long each took.
func TestLiveWork(t *testing.T) {
	before := childrenTime(t)
	run := seeLiveOf(t, site(2*time.Second, 50, `cache-control = "no-store"`), 100, unwatched,
		Setting{"app.service-time", "5ms"}, Setting{"app.work", "cpu"})
	if used := childrenTime(t) - before; used < 500*time.Millisecond {
		t.Errorf("the nodes had %v of a processor, want half a second and more", used)
	}
	if len(run.Receipt.Work) != 1 {
		t.Fatalf("work of %d nodes, want one", len(run.Receipt.Work))
	}
	w := run.Receipt.Work[0]
	if w.Node != "app-1" || w.N != 100 || !w.CPU || w.Configured != 5*time.Millisecond || w.Measured < w.Configured || w.P99 < w.Median {
		t.Errorf("%+v", w)
	}
}

func childrenTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
