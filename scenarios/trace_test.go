// Tests: a load that is a trace, and what can be wrong with it.
package scenarios

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim"
	"cdnlab/sim/load"
	"cdnlab/testdata/traces"
)

// withTrace is a scenario in a folder with these files beside it, its load as given.
func withTrace(t *testing.T, load string, files map[string]string) (file, text string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files { // in any order: each is another file
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "my.toml"), load + `
[cpu]
costs = "free"
[[clients]]
id = "tokyo"
place = "Tokyo"
[[pop]]
place = "Tokyo"
`
}

const (
	aPage  = "[[catalog]]\npath = \"/\"\ncache-control = \"max-age=60\"\n"
	counts = "utc_minute,requests\n1998-07-07 21:40:00,600\n1998-07-07 21:41:00,1200\n1998-07-07 21:43:00,60\n"
)

func replayed(t *testing.T, x *Experiment) *report.Run {
	t.Helper()
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: progress.New(nil, progress.Quiet)})
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0]
}

// TestTraceOfCounts: the run is as long as what is left of the trace, and has as
// many requests as that has, at its own pace or another.
func TestTraceOfCounts(t *testing.T) {
	for _, c := range []struct {
		name, load string
		lasts      time.Duration
		requests   float64
	}{
		{"as it was", `trace = "a.csv"`, 4 * time.Minute, 1860},
		{"faster", `trace = "a.csv"` + "\ntrace-speed = 30", 8 * time.Second, 1860},
		{"fewer", `trace = "a.csv"` + "\ntrace-scale = 0.5", 4 * time.Minute, 930},
		{"from a moment", `trace = "a.csv"` + "\ntrace-from = \"1998-07-07T21:41:30Z\"", 150 * time.Second, 660},
		{"from somewhere", `trace = "a.csv"` + "\ntrace-from = \"2m\"", 2 * time.Minute, 60},
		{"at random", `trace = "a.csv"` + "\narrivals = \"poisson\"\ntrace-speed = 30", 8 * time.Second, 1860},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, text := withTrace(t, "[load]\n"+c.load+"\n"+aPage, map[string]string{"a.csv": counts})
			x, err := Load(file, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := value(t, replayed(t, x), "requests")
			off := 0.0
			if x.Base.Load.Arrivals == "poisson" {
				off = 5 * math.Sqrt(c.requests)
			}
			if x.Base.Duration != c.lasts || math.Abs(got-c.requests) > off {
				t.Errorf("%v with %g requests, want %v with %g", x.Base.Duration, got, c.lasts, c.requests)
			}
			if got := x.Base.Arrivals(); got != c.requests {
				t.Errorf("%g requests are expected", got)
			}
		})
	}
}

// A run of a given duration plays so much of its trace.
func TestTraceOfCountsAndDuration(t *testing.T) {
	file, text := withTrace(t, "duration = \"90s\"\n[load]\ntrace = \"a.csv\"\n"+aPage, map[string]string{"a.csv": counts})
	x, err := Load(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, replayed(t, x), "requests"); got != 1200 || len(x.Base.Load.Curve.Counts) != 2 {
		t.Errorf("%g requests of %d intervals", got, len(x.Base.Load.Curve.Counts))
	}
}

// TestTracesOfTheLab: they are found by their name alone, and all are described.
func TestTracesOfTheLab(t *testing.T) {
	files, err := traces.Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("../testdata/traces/SOURCE.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		if len(Traces) != len(files) || Traces[i].Name != f.Name() || !strings.Contains(string(source), "| `"+f.Name()+"` |") {
			t.Errorf("%s is not described", f.Name())
		}
	}
	x := mustLoad(t, []byte("[load]\ntrace = \"worldcup98-per-minute.csv.zst\"\ntrace-from = \"1998-07-07 21:41\"\n"+
		aPage+"[[clients]]\nid = \"u\"\nplace = \"Tokyo\"\n"), Setting{"duration", "60s"})
	if got := x.Base.Arrivals(); got != 229_426 {
		t.Errorf("%g requests in the minute of the shoot-out", got)
	}
}

// What a trace holds is a part of what a variant is, and where its file lies is not.
func TestTraceInHash(t *testing.T) {
	hash := func(text string) string {
		file, toml := withTrace(t, "[load]\ntrace = \"a.csv\"\n"+aPage, map[string]string{"a.csv": text})
		x, err := Load(file, []byte(toml))
		if err != nil {
			t.Fatal(err)
		}
		return x.Variants[0].Hash
	}
	if a, again, b := hash(counts), hash(counts), hash(counts+"1998-07-07 21:44:00,1\n"); a != again || a == b {
		t.Errorf("the same trace: %s and %s, another: %s", a, again, b)
	}
}

// TestTraceShared: all variants, and all moments of a run, share what was read.
func TestTraceShared(t *testing.T) {
	file, text := withTrace(t, "[load]\ntrace = \"a.csv\"\n"+aPage+"[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { edge.coalesce = \"off\" }\n"+
		"[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\nset = { load.trace-scale = 0.5 }\n", map[string]string{"a.csv": counts})
	x, err := Load(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a, b := x.Variants[0].Scenario, x.Variants[1].Scenario
	if a.trace != b.trace || a.trace != a.clone().trace || a.moments[0].s.trace != a.trace || a.clone().Load.Curve != a.trace.curve {
		t.Error("they do not")
	}
	if got := value(t, replayed(t, x), "requests"); got != 1860 {
		t.Errorf("%g requests beside an event", got)
	}
}

func TestWrongTraces(t *testing.T) {
	for _, c := range []struct{ name, load, want string }{
		{"no file", `trace = "b.csv"`, "load.trace: there is no file "},
		{"no trace", `trace = "my.txt"`, "load.trace: "},
		{"a bad line", `trace = "bad.csv"`, `load.trace: line 3: "x" is no count of requests`},
		{"from when", `trace = "a.csv"` + "\ntrace-from = \"noon\"", "load.trace-from: must be how long after the trace's beginning such as 90m"},
		{"from too late", `trace = "a.csv"` + "\ntrace-from = \"4m\"", "load.trace-from: is not in the trace, which lasts 4m0s: as moments 1998-07-07 21:40:00 to 1998-07-07 21:44:00 UTC"},
		{"from too early", `trace = "a.csv"` + "\ntrace-from = \"1998-07-07\"", "load.trace-from: is not in the trace"},
		{"too short", `trace = "a.csv"` + "\ntrace-speed = 1000", "load.trace: takes 0.24 s at a trace-speed of 1000"},
		{"too long", `trace = "a.csv"` + "\ntrace-speed = 0.001\n", ""},
		{"another shape", `trace = "a.csv"` + "\nshape = \"constant\"\nrate = 1", "load.trace: means nothing to the shape constant"},
		{"a key of another shape", `trace = "a.csv"` + "\nrate = 1", "load.rate: means nothing to the shape trace"},
		{"not a word", `trace = 5`, "load.trace: must be a string"},
		{"a folder", `trace = "."`, "load.trace: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, text := withTrace(t, "[load]\n"+c.load+"\n"+aPage, map[string]string{"a.csv": counts, "bad.csv": "time,requests\n1,2\n2,x\n", "my.txt": "nothing\n"})
			_, err := Load(file, []byte(text))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) || strings.Count(got, "\n") > 1 {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// The load's other keys that a trace has stay as they are while it is played.
func TestTraceStays(t *testing.T) {
	for _, key := range []string{"load.trace", "load.trace-from", "load.trace-speed"} {
		if says, _ := refusal(key); says == "" {
			t.Errorf("%s can change", key)
		}
	}
	file, text := withTrace(t, "[load]\ntrace = \"a.csv\"\n"+aPage+"[[event]]\nat = \"60s\"\ndo = \"set\"\nset = { load.trace-scale = 0.5 }\n", map[string]string{"a.csv": counts})
	x, err := Load(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, replayed(t, x), "requests"); got != 600+600+30 || x.Base.Arrivals() != got {
		t.Errorf("%g requests", got)
	}
}

// TestCurveOfShape: what the world plays comes when the shape says.
func TestCurveOfShape(t *testing.T) {
	c := load.Config{Trace: "a", Curve: &load.Curve{Every: time.Minute, Counts: []float64{2, 0, 1}}}
	a := c.NewArrivals(3*time.Minute, 1)
	var got []sim.Time
	for at := a.Next(); at != sim.Never; at = a.Next() {
		got = append(got, at)
	}
	if want := []sim.Time{15e9, 45e9, 150e9}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
