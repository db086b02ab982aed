// Tests of the warm-up: what is played in it is in no number.
package scenarios

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
)

// warming is a run with a cold cache, a crash in its first second and one later.
const warming = `
duration = "6s"
[load]
rate = 100
[[clients]]
id = "tokyo"
place = "Tokyo"
[[catalog]]
path = "/{n}"
objects = 300
cache-control = "max-age=60"
[origin]
place = "New York"
servers = 2
[balancer]
health = { interval = "100ms", timeout = "50ms", fall = 2, rise = 2 }
[[pop]]
place = "Tokyo"
[[event]]
at = "300ms"
fault = "crash"
node = "app-1"
for = "400ms"
[[event]]
at = "3s"
fault = "crash"
node = "app-2"
for = "1s"
[[expect]]
metric = "requests"
is = "= 400"
from = "2s"
[[expect]]
metric = "requests"
is = "> 0"
to = "4s"
`

// playText plays the only variant of a scenario in the virtual world.
func playSettings(t *testing.T, text string, settings ...Setting) (*report.Run, *report.Result) {
	t.Helper()
	x, err := Load("test.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0], r
}

// TestWarmupIsNotMeasured holds a run with a warm-up to the same run without:
// what it measures is what that measured from then on.
func TestWarmupIsNotMeasured(t *testing.T) {
	whole, _ := playSettings(t, warming)
	cut, result := playSettings(t, warming, Setting{"warmup", "2s"})
	rest, err := whole.Window("2s to 6s")
	if err != nil {
		t.Fatal(err)
	}
	all := cut.Windows[0]
	if cut.Warmup != 2*time.Second || cut.Duration != 6*time.Second || time.Duration(all.From) != cut.Warmup {
		t.Errorf("warm-up %v of %v, measured from %v", cut.Warmup, cut.Duration, all.From)
	}
	if all.Counts["requests"] != 400 || !reflect.DeepEqual(all.Counts, rest.Counts) || !reflect.DeepEqual(all.Histograms, rest.Histograms) {
		t.Errorf("measured %v, want %v", all.Counts, rest.Counts)
	}
	if !reflect.DeepEqual(all.Counters, rest.Counters) || !reflect.DeepEqual(all.Places, rest.Places) {
		t.Errorf("nodes counted %v, want %v", all.Counters, rest.Counters)
	}
	for name, points := range cut.Series { // in any order: each is checked
		if len(points) < 3 || points[0] != 0 || points[1] != 0 || slices.Max(points) == 0 {
			t.Errorf("series %s: %v", name, points)
		}
		was := append(slices.Clone(whole.Series[name]), 0, 0, 0, 0, 0, 0)
		if !slices.Equal(points[2:], was[2:len(points)]) {
			t.Errorf("series %s: %v, was %v", name, points, was)
		}
	}
	if w, err := cut.Window("0s to 4s"); err != nil || w.Counts["requests"] != 200 || time.Duration(w.From) != cut.Warmup {
		t.Errorf("a window that begins in the warm-up: %+v, %v", w, err)
	}
	if len(cut.Events) != len(whole.Events) {
		t.Error("events are facts, and kept")
	}
	for _, w := range cut.Windows {
		if w.Fault != "" && strings.HasPrefix(w.Fault, "app-1") && w.Phase != report.After {
			t.Errorf("a window of the warm-up: %s", w.Name)
		}
	}
	if !result.Passed() {
		t.Errorf("%+v", result.Expectations)
	}
}

// Crashes in the warm-up are nobody's reaction time.
func TestWarmupHidesItsFaults(t *testing.T) {
	parts := strings.Split(warming, "[[event]]")
	text := parts[0] + "[[event]]" + parts[1] // only the first crash
	whole, _ := playSettings(t, text)
	cut, _ := playSettings(t, text, Setting{"warmup", "1s"})
	if _, _, err := report.Value(whole, report.All, "down-after"); err != nil {
		t.Fatal(err)
	}
	if v, _, err := report.Value(cut, report.All, "down-after"); err == nil {
		t.Errorf("out of rotation after %v: the crash was in the warm-up", v)
	}
}

// A warm-up that is no number of sampling intervals is cut as exactly.
func TestWarmupOfAnyLength(t *testing.T) {
	calm := strings.Split(warming, "[[event]]")[0]
	run, _ := playSettings(t, calm, Setting{"warmup", "1234ms"}, Setting{"edge.on", false}, Setting{"load.rate", int64(1000)})
	w := run.Windows[0]
	requests, seen := w.Counts["requests"], w.Counters["app-1.requests"]+w.Counters["app-2.requests"]
	if requests != 4766 || seen < requests-3 || seen > requests+3 {
		t.Errorf("%d requests, of which the servers saw %d", requests, seen)
	}
}

// What stands in a scenario about its warm-up is checked.
func TestWarmupMistakes(t *testing.T) {
	for warmup, want := range map[string]string{
		"9s":  "",
		"10s": "warmup: 10s leaves nothing to measure of a run of 10s",
		"-1s": "warmup: must be at least 0s",
	} {
		got := strings.Join(wrongs(t, fmt.Sprintf("warmup = %q\n%s", warmup, strings.Replace(faultless, `to = "9s"`, "", 1))), "; ")
		if got != want {
			t.Errorf("%s: %q, want %q", warmup, got, want)
		}
	}
	got := wrongs(t, "warmup = \"9s\"\n"+faultless)
	if len(got) != 1 || got[0] != "expect[0].to: 2s to 9s lies within the warm-up (9s), where nothing is measured" {
		t.Errorf("%q", got)
	}
}

func TestSteady(t *testing.T) {
	base := strings.Split(warming, "[[event]]")[0]
	for _, c := range []struct {
		name     string
		settings []Setting
		want     *report.Steady
	}{
		{"misses come at random", nil, &report.Steady{Workers: map[string]int{"app-1": 16, "app-2": 16}, ArrivalSCV: 1, ServiceSCV: 1}},
		{"even requests, constant work", []Setting{{"edge.on", false}, {"app.distribution", "constant"}},
			&report.Steady{Workers: map[string]int{"app-1": 16, "app-2": 16}}},
		{"a server of its own and a database", []Setting{{"edge.on", false}, {"load.arrivals", "poisson"}, {"app.distribution", "uniform"},
			{"app.spread", 0.6}, {"app.workers", int64(4)}, {"database.workers", int64(3)}},
			&report.Steady{Workers: map[string]int{"app-1": 4, "app-2": 4, "database": 3}, ArrivalSCV: 1, ServiceSCV: 0.12}},
		{"a lognormal", []Setting{{"edge.on", false}, {"app.distribution", "lognormal"}, {"app.spread", 2.0}},
			&report.Steady{Workers: map[string]int{"app-1": 16, "app-2": 16}, ServiceSCV: 4}},
		{"a ramp", []Setting{{"load.shape", "ramp"}, {"load.peak", int64(200)}, {"load.rise", "2s"}}, nil},
		{"a spike", []Setting{{"load.shape", "spike"}, {"load.peak", int64(200)}, {"load.at", "5s"}, {"load.for", "500ms"}}, nil},
		{"a fault", []Setting{{"event", []any{map[string]any{"at": "1s", "fault": "crash", "node": "app-1"}}}}, nil},
	} {
		x, err := Load("test.toml", []byte(base), c.settings...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		topology, err := NewTopology(x.Variants[0].Scenario)
		if err != nil {
			t.Fatal(err)
		}
		got := topology.steady()
		if got != nil && c.want != nil {
			got.ServiceSCV = float64(int(got.ServiceSCV*1e6+0.5)) / 1e6
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
