// The live world: real processes, held to counts that no noise can move.
package scenarios

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// TestMain lets the test's own program be the node's.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
		if err := live.RunNode(os.Stdin, os.Stdout, BlueprintOf); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or a node under the race detector takes a second to end
	os.Exit(m.Run())
}

// playOne plays one variant of a built-in by real processes.
func playOne(t testing.TB, name, variant string, settings ...Setting) *report.Run {
	t.Helper()
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	x := only(t, loadBuiltin(t, name, settings...), variant)
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0]
}

func only(t testing.TB, x *Experiment, variant string) *Experiment {
	t.Helper()
	for _, v := range x.Variants {
		if v.Variant == variant {
			x.Variants = []*Resolved{v}
			return x
		}
	}
	t.Fatalf("no variant %q", variant)
	return nil
}

func value(t testing.TB, run *report.Run, metric string) float64 {
	t.Helper()
	v, _, err := report.Value(run, "", metric)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantValue(t *testing.T, run *report.Run, metric string, want float64) {
	t.Helper()
	if got := value(t, run, metric); got != want {
		t.Errorf("%s is %v, want %v", metric, got, want)
	}
}

// TestLiveColdCDN: 21 objects, so 21 fetches, however many users come at once:
// the flights join them. By then all have been asked for.
func TestLiveColdCDN(t *testing.T) {
	run := playOne(t, "tokyo-new-york", "CDN cold", Setting{"duration", "3s"})
	wantValue(t, run, "requests", 450)
	wantValue(t, run, "errors", 0)
	wantValue(t, run, "origin-requests", 21)
	if first := time.Duration(value(t, run, "first-ttfb")); first < 304*time.Millisecond {
		t.Errorf("the first user waited %v: less than two round trips to New York and two to the PoP", first)
	}
}

// TestLiveCrash: a server is killed and comes back on its old port, and with a
// retry nobody sees it. Twice the speed leaves a process time enough to start.
func TestLiveCrash(t *testing.T) {
	run := playOne(t, "server-crash", "check every 1s and retry", Setting{"speed", 2})
	wantValue(t, run, "requests", 3000)
	wantValue(t, run, "errors", 0)
	kinds := map[sim.EventKind]int{}
	for _, e := range run.Events {
		if e.Node == "app-2" || e.Subject == "app-2" {
			kinds[e.Kind]++
		}
	}
	for _, kind := range []sim.EventKind{sim.EventCrashed, sim.EventStarted, sim.EventDown, sim.EventUp} {
		if kinds[kind] != 1 {
			t.Errorf("app-2: %d times %s, want once; all: %v", kinds[kind], kind, run.Events)
		}
	}
	after, err := run.Window("after app-2 crashes, restarts after 4 s")
	if err != nil {
		t.Fatal(err)
	}
	if after.Servers["app-2"] == 0 {
		t.Error("app-2 answered nobody after its return")
	}
}

// TestLiveInterrupted: what was measured is kept.
func TestLiveInterrupted(t *testing.T) {
	x := only(t, loadBuiltin(t, "tokyo-new-york"), "without CDN")
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	r, err := Run(ctx, x, Options{Worlds: []string{report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if run := r.Runs[0]; run.Complete || value(t, run, "requests") == 0 {
		t.Errorf("complete %v with %v requests; want a part", run.Complete, value(t, run, "requests"))
	}
}
