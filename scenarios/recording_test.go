// Tests: a load that is the requests of a trace.
package scenarios

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// log has ten seconds of a site: times are whole seconds, a line is late, another is
// no request for a content.
const log = `time,client,path,size
100,ann,/a.png,5000
100,bob,/,3000
101,ann,/b.png,700
101,ann,/,3000
100,cid,/a.png,5000
101,bob,/a.png,0
104,bob,/page?x=1,900
109,ann,/a.png,9999
`

const anyPage = "[[catalog]]\npath = \"/*.png\"\ncache-control = \"max-age=60\"\n[[catalog]]\npath = \"/*\"\ncache-control = \"max-age=2\"\n"

func loadLog(t *testing.T, load string, settings ...Setting) *Experiment {
	t.Helper()
	file, text := withTrace(t, "[load]\ntrace = \"log.csv\"\n"+load+"\n"+anyPage, map[string]string{"log.csv": log})
	x, err := Load(file, []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// whatIsAsked plays the driver alone and tells what it asks for, when and for whom.
func whatIsAsked(t *testing.T, x *Experiment) (lines []string, clients []uint64) {
	t.Helper()
	s := x.Variants[0].Scenario
	a := &act{e: sim.NewEngine(), took: time.Millisecond, answer: func(*sim.Request) *sim.Response { return sim.Answer(200, nil, 10) }}
	plan := report.Plan{Identity: report.Identity{Seed: s.Seed, World: report.Virtual}, Duration: s.Duration}
	a.d = newDriver(must(NewTopology(s)), a, report.NewRecorder(plan), s.Seed)
	a.play(t)
	for i, r := range a.asked {
		lines = append(lines, fmt.Sprintf("%v %s", time.Duration(a.at[i]-a.d.start), r.Path))
		clients = append(clients, r.Client)
	}
	return lines, clients
}

var perUser = Setting{"clients.0.connections", "per-user"}

// TestRecording: requests come in the trace's order and at its times, those of one
// second spread over it, each client is always the same user.
func TestRecording(t *testing.T) {
	second := []string{"250ms /a.png", "750ms /", "1.166666667s /b.png", "1.5s /", "1.833333333s /a.png", "4.5s /page?x=1", "9.5s /a.png"}
	for _, c := range []struct {
		name, load string
		lasts      time.Duration
		want       []string
	}{
		{"as it was", "", 10 * time.Second, second},
		{"from a second", `trace-from = "1s"`, 9 * time.Second, []string{"166.666667ms /b.png", "500ms /", "833.333333ms /a.png", "3.5s /page?x=1", "8.5s /a.png"}},
		{"from a moment", `trace-from = "1970-01-01 00:01:42"`, 8 * time.Second, []string{"2.5s /page?x=1", "7.5s /a.png"}},
		{"faster", "trace-speed = 4", 2500 * time.Millisecond, []string{"62.5ms /a.png", "187.5ms /", "291.666667ms /b.png", "375ms /", "458.333333ms /a.png", "1.125s /page?x=1", "2.375s /a.png"}},
		{"slower", "trace-speed = 0.5", 20 * time.Second, []string{"500ms /a.png", "1.5s /", "2.333333333s /b.png", "3s /", "3.666666667s /a.png", "9s /page?x=1", "19s /a.png"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := loadLog(t, c.load, perUser)
			got, clients := whatIsAsked(t, x)
			if x.Base.Duration != c.lasts || !slices.Equal(got, c.want) {
				t.Errorf("%v: %q\nwant %v: %q", x.Base.Duration, got, c.lasts, c.want)
			}
			if c.load != "" {
				return
			}
			ann, bob, cid := clients[0], clients[1], clients[4]
			if want := []uint64{ann, bob, ann, ann, cid, bob, ann}; !slices.Equal(clients, want) || ann == bob || bob == cid {
				t.Errorf("clients %v", clients)
			}
		})
	}
}

// A given duration is as much of the trace, and no object after it is content.
func TestRecordingAndDuration(t *testing.T) {
	x := loadLog(t, "", perUser, Setting{"duration", "2s"})
	got, _ := whatIsAsked(t, x)
	if known := x.Base.trace.recorded; len(got) != 5 || known.objects.Len() != 3 || known.asked != 5 || x.Base.Arrivals() != 5 {
		t.Errorf("%q of %d objects, %d asked, %v expected", got, known.objects.Len(), known.asked, x.Base.Arrivals())
	}
}

// Fewer requests are some of all, at the times that those have, and by the seed which.
func TestRecordingThinned(t *testing.T) {
	all, _ := whatIsAsked(t, loadLog(t, "", perUser))
	some := map[string]bool{}
	for seed := range 20 {
		got, _ := whatIsAsked(t, loadLog(t, "trace-scale = 0.5", perUser, Setting{"seed", int64(seed + 1)}))
		for _, one := range got {
			if !slices.Contains(all, one) {
				t.Errorf("%s is none of the trace's", one)
			}
			some[one] = true
		}
		if len(got) == 0 || len(got) == len(all) && seed == 0 {
			t.Errorf("seed %d has %d of %d", seed+1, len(got), len(all))
		}
	}
	if len(some) != len(all) {
		t.Errorf("20 seeds have %d of %d", len(some), len(all))
	}
}

// Times that are finer than a second are kept.
func TestRecordingOfFineTimes(t *testing.T) {
	file, text := withTrace(t, "duration = \"5s\"\n[load]\ntrace = \"log.csv\"\n"+anyPage, map[string]string{"log.csv": "time,id\n3.25,7\n3.5,8\n3.5,7\n5,9\n"})
	x, err := Load(file, []byte(text), perUser)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := whatIsAsked(t, x); !slices.Equal(got, []string{"0s /7", "250ms /8", "250ms /7", "1.75s /9"}) {
		t.Errorf("%q", got)
	}
}

// TestRecordedContent: sizes are the trace's, lifetimes the catalog's: two objects of
// the four are fetched again after 2 s.
func TestRecordedContent(t *testing.T) {
	run := replayed(t, loadLog(t, ""))
	wantValue(t, run, "requests", 7)
	wantValue(t, run, "errors", 0)
	wantValue(t, run, "not-found", 0)
	wantValue(t, run, "fetches", 4) // the next / is within 2 s
	wantValue(t, run, "fetched-bytes", 5000+3000+700+900)
	wantValue(t, run, "hits", 3)
}

// TestRecordedToOneAsWritten: the TOML of a variant, with every default in it, plays
// the same.
func TestRecordedToOneAsWritten(t *testing.T) {
	x := loadLog(t, "trace-scale = 0.75")
	text, err := x.TOML(x.Variants[0], false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(x.File, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if a, b := x.Base.Duration, again.Base.Duration; a != b {
		t.Errorf("%v and %v", a, b)
	}
	a, b := replayed(t, x), replayed(t, again)
	for _, metric := range []string{"requests", "fetches", "hits", "latency.max"} {
		wantValue(t, b, metric, value(t, a, metric))
	}
}

func TestWrongRecordings(t *testing.T) {
	for _, c := range []struct{ name, load, catalog, want string }{
		{"nothing to ask for", `trace = "log.csv"`, "", `catalog: there is nothing to ask for; add a [[catalog]] with path = "/*"`},
		{"not all is covered", `trace = "log.csv"`, "[[catalog]]\npath = \"/*.png\"\n", "catalog: says nothing of 2 objects in the load's trace, such as /; the last entry may have path = \"/*\""},
		{"what the trace says", `trace = "log.csv"`, "[[catalog]]\npath = \"/*\"\nsize = \"1KB\"\n", "catalog[0].size: means nothing here: the load's trace says it"},
		{"numbers", `trace = "log.csv"`, "[[catalog]]\npath = \"/{n}\"\n[[catalog]]\npath = \"/*\"\n", "catalog[0].path: may have no braces"},
		{"more than there are", `trace = "log.csv"` + "\ntrace-scale = 2", anyPage, "load.trace-scale: must not be above 1"},
		{"people", `trace = "log.csv"` + "\nunit = \"people\"", anyPage + "[[journey]]\nname = \"j\"\n[[journey.step]]\npage = \"/*\"\n", "load.unit: must not be people"},
		{"at random", `trace = "log.csv"` + "\narrivals = \"poisson\"", anyPage, "load.arrivals: must not be poisson"},
		{"from too late", `trace = "log.csv"` + "\ntrace-from = \"10s\"", anyPage, "load.trace-from: is not in the trace, which lasts 9s"},
		{"from too early", `trace = "log.csv"` + "\ntrace-from = \"1970-01-01\"", anyPage, "load.trace-from: is not in the trace"},
		{"a pause", "trace = \"log.csv\"\ntrace-from = \"5s\"", anyPage, "load.trace-from: nobody asks for anything in the 1s of the trace from there on: the next request is at 1970-01-01 00:01:49 UTC"},
		{"no times", `trace = "id.csv"`, anyPage, "load.trace: does not say when its requests came"},
		{"nothing in it", `trace = "none.csv"`, anyPage, "load.trace: has no request that could be played"},
		{"unreadable", `trace = "bad.csv"`, anyPage, `load.trace: 1 of 2 lines cannot be read, the first is line 2: "x" is no size in bytes`},
		{"a part that is unreadable", `trace = "half.csv"` + "\n[app]\n", anyPage, `load.trace: 1 of 4 lines cannot be read, the first is line 2: "x" is no size in bytes`},
		{"changed meanwhile", `trace = "log.csv"`, anyPage + "[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { load.trace-scale = 0.5 }\n", "cannot change while a run lasts: its trace says what comes when"},
		{"a purge of nothing", `trace = "log.csv"`, anyPage + "[[event]]\nat = \"1s\"\ndo = \"purge\"\npaths = [\"/b.gif\"]\n", "nothing in the catalog is at /b.gif"},
		{"a purge", `trace = "log.csv"`, anyPage + "[[event]]\nat = \"1s\"\ndo = \"purge\"\npaths = [\"/b.png\"]\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			duration := ""
			if strings.Contains(c.load, "half") || c.name == "a pause" {
				duration = "duration = \"1s\"\n"
			}
			file, text := withTrace(t, duration+"[load]\n"+c.load+"\n"+c.catalog, map[string]string{
				"log.csv": log, "id.csv": "id\n7\n", "none.csv": "time,id,size\n1,2,0\n", "bad.csv": "time,id,size\n1,7,x\n",
				"half.csv": "time,id,size\n1,7,x\n1,7,1\n9,7,1\n"})
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

// A run whose trace is gone cannot be done, and says why.
func TestRecordingGone(t *testing.T) {
	x := loadLog(t, "")
	if err := os.Remove(x.Base.trace.at); err != nil {
		t.Fatal(err)
	}
	_, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err == nil || !strings.Contains(err.Error(), "log.csv") {
		t.Errorf("%v", err)
	}
}

// A long trace's curve has fewer and longer bins, and as many requests.
func TestBins(t *testing.T) {
	b := bins{every: 1}
	sum := 0.0
	for i := range 5000 {
		b.count(float64(i * 17))
	}
	for _, n := range b.counts {
		sum += n
	}
	if b.every != 8 || sum != 5000 || len(b.counts) != 4999*17/8+1 {
		t.Errorf("%d bins of %d s with %g", len(b.counts), b.every, sum)
	}
}

// TestLiveTrace: real processes ask for the same at the same intended times as virtual
// ones, and the app servers have the trace's content.
func TestLiveTrace(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	x := loadLog(t, "trace-speed = 5", Setting{"origin.servers", int64(2)}, Setting{"clients.0.timeout", "5m"})
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual, report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	virtual, real := r.Runs[0], r.Runs[1]
	for _, metric := range []string{"requests", "errors", "not-found", "origin-requests", "fetched-bytes"} {
		wantValue(t, real, metric, value(t, virtual, metric))
	}
	if a, b := virtual.Series["requests"], real.Series["requests"]; !slices.Equal(a, b) || len(a) < 2 {
		t.Errorf("requests by the second: %v, real ones %v", a, b)
	}
}
