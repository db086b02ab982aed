// Tests: HTTP faults in both worlds.
package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/inject"
	"cdnlab/sim/live"
)

// faultyScript asks for what faultyRules spoil.
var faultyScript = []scripted{
	{1 * time.Millisecond, "GET", "/private", 0}, // fail-first at app-1
	{340 * time.Millisecond, "GET", "/private", 0},
	{363 * time.Millisecond, "POST", "/private", 0}, // not tried again
	{686 * time.Millisecond, "GET", "/private", 0},
	{500 * time.Millisecond, "GET", "/app.js", 0}, // 100 KB at 200 KB/s, and once more while they come
	{900 * time.Millisecond, "GET", "/app.js", 0},
	{1501 * time.Millisecond, "GET", "/app.js", 0},                   // a hit, whole
	{2000 * time.Millisecond, "HEAD", "/app.js", 0},                  // no content to slow down
	{2100 * time.Millisecond, "GET", "/page", 0},                     // breaks off, slowly, and is not stored
	{2600 * time.Millisecond, "GET", "/page", 0},                     // so it is fetched again
	{3107 * time.Millisecond, "GET", "/swr", 0},                      // the PoP is late
	{3900 * time.Millisecond, "GET", "/swr", 100 * time.Millisecond}, // the user does not wait that long
	{4500 * time.Millisecond, "GET", "/expires", 0},                  // slow, broken off and late at once
	{7000 * time.Millisecond, "GET", "/empty", 0},                    // nothing to break off
	{7500 * time.Millisecond, "GET", "/missing?1", 0},                // half of these are 500s at the balancer
	{7700 * time.Millisecond, "GET", "/missing?2", 0},
	{7900 * time.Millisecond, "GET", "/missing?3", 0},
	{8100 * time.Millisecond, "GET", "/missing?4", 0},
	{8300 * time.Millisecond, "GET", "/teapot", 0}, // at the PoP
	{8400 * time.Millisecond, "HEAD", "/teapot", 0},
	{9000 * time.Millisecond, "GET", "/health", 0},                    // no rule's path names it
	{9700 * time.Millisecond, "GET", "/page", 200 * time.Millisecond}, // the user leaves in the middle of the content
	{10100 * time.Millisecond, "GET", "/page", 40 * time.Millisecond}, // ... before the header
	{10900 * time.Millisecond, "GET", "/private", 0},                  // the first two have been
}

var faultyRules = func() (rules []inject.Rule) {
	for _, r := range []inject.Rule{
		{Node: "app-1", Kind: inject.FailFirst, Status: 503, Count: 2, Path: "/private"},
		{Node: "app-1", Kind: inject.SlowBody, Rate: 200e3, Path: "/app.js"},
		{Node: "app-3", Kind: inject.SlowBody, Rate: 200e3, Path: "/app.js"},
		{Node: "app-1", Kind: inject.Truncate, Bytes: 5000, Path: "/page"},
		{Node: "app-3", Kind: inject.Truncate, Bytes: 5000, Path: "/page"},
		{Node: "tokyo-pop", Kind: inject.SlowHeader, Delay: 350 * time.Millisecond, Path: "/swr"},
		{Node: "balancer", Kind: inject.SlowHeader, Delay: 111 * time.Millisecond, Path: "/expires"},
		{Node: "balancer", Kind: inject.SlowBody, Rate: 150, Path: "/expires"},
		{Node: "balancer", Kind: inject.Truncate, Bytes: 200, Path: "/e*"},
		{Node: "balancer", Kind: inject.Status, Status: 500, Share: 0.5, Path: "/missing", Method: "GET"},
		{Node: "tokyo-pop", Kind: inject.Status, Status: 418, Path: "/teapot"},
		{Node: "tokyo-pop", Kind: inject.SlowBody, Rate: 50e3, Path: "/page"},
	} {
		r.Event = len(rules)
		rules = append(rules, r)
	}
	return rules
}()

func TestParityFaulty(t *testing.T) {
	holdParity(t, "parity-faulty", badly{rules: faultyRules, script: faultyScript})
}

// faultyText is two servers behind a balancer; every request meets one of them,
// and the first 200 requests/s come in a row.
const faultyText = `name = "faulty"
duration = "10s"
[load]
rate = 200
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/page/{n}"
objects = 500
size = "20KB"
cache-control = "max-age=60"
[[catalog]]
path = "/api"
size = "1KB"
cache-control = "no-store"
[origin]
place = "Tokyo"
servers = 2
[app]
service-time = "2ms"
[balancer]
retries = 0
max-fails = 0
health = { interval = "500ms" }
`

// play plays a text's one run in virtual time.
func playFaulty(t *testing.T, text string, worlds ...string) *report.Run {
	t.Helper()
	x, err := Load("faulty.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Worlds: []string{report.Virtual}, Progress: quiet()}
	if len(worlds) > 0 {
		command, err := live.Self()
		if err != nil {
			t.Fatal(err)
		}
		o.Worlds, o.Command = worlds, command
	}
	r, err := Run(context.Background(), x, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0]
}

func event(lines string) string { return "[[event]]\nat = \"2s\"\n" + lines + "\n" }

// TestFailFirstIsCounted: the first requests of that path and method, and after
// a restart once more.
func TestFailFirstIsCounted(t *testing.T) {
	fails := event(`fault = "fail-first"` + "\n" + `count = 25` + "\n" + `node = "app-1"` + "\n" + `path = "/api"`)
	for _, c := range []struct {
		name, more string
		errors     float64
	}{
		{"once", "", 25},
		{"at both", strings.Replace(fails, "app-1", "app-2", 1), 50},
		{"and another method", strings.Replace(fails, `path = "/api"`, `method = "POST"`, 1), 25},
		{"and all paths", strings.Replace(fails, `path = "/api"`, "", 1), 50},
	} {
		run := playFaulty(t, faultyText+fails+c.more)
		wantValue(t, run, "errors", c.errors)
		wantValue(t, run, "injected", c.errors)
		wantValue(t, run, "origin-requests", 2000)
		if t.Failed() {
			t.Fatal(c.name)
		}
	}
	crash := "[[event]]\nat = \"5s\"\nfault = \"crash\"\nnode = \"app-1\"\nfor = \"1s\"\n"
	wantValue(t, playFaulty(t, faultyText+fails+crash), "injected", 50)
}

// TestFailFirstIsRetried: with another try at the other server nobody sees it.
func TestFailFirstIsRetried(t *testing.T) {
	text := strings.Replace(faultyText, "retries = 0", "retries = 1\nretry-on = [503]", 1)
	run := playFaulty(t, text+event(`fault = "fail-first"`+"\n"+`count = 25`+"\n"+`node = "app-1"`))
	wantValue(t, run, "injected", 25)
	wantValue(t, run, "retries", 25)
	wantValue(t, run, "errors", 0)
}

// TestStatusShare: the same requests are hit in every run and with every share,
// the health checks are not, and the notes say when.
func TestStatusShare(t *testing.T) {
	status := event(`fault = "status"` + "\n" + `status = 500` + "\n" + `node = "app-1"` + "\n" + `for = "4s"` + "\n" + `share = 0.3`)
	run := playFaulty(t, faultyText+status)
	if n := value(t, run, "errors"); n < 90 || n > 150 { // 400 requests reach app-1 in 4 s
		t.Errorf("%v of 400 requests failed, want about 120", n)
	}
	wantValue(t, run, "injected", value(t, run, "errors"))
	window, err := run.Window("during app-1 answers 500 to 30 % of requests for 4 s")
	if err != nil || window.Counts["errors"] != int64(value(t, run, "errors")) {
		t.Errorf("%v: not all errors fall into the fault's time", err)
	}
	var notes []string
	for _, e := range run.Events {
		if e.Kind == sim.EventInjected || e.Kind == sim.EventCleared || e.Kind == sim.EventDown {
			notes = append(notes, fmt.Sprintf("%v %s %s %s", e.At, e.Node, e.Kind, e.Detail))
		}
	}
	want := "2s app-1 injected answers 500 to 30 % of requests, 6s app-1 cleared answers 500 to 30 % of requests"
	if got := strings.Join(notes, ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	checks := strings.Replace(status, "share = 0.3", `path = "/health"`, 1)
	run = playFaulty(t, faultyText+checks)
	wantValue(t, run, "errors", 0)
	if value(t, run, "injected") == 0 || value(t, run, "requests.app-1") > 700 { // 1000, had it stayed in rotation
		t.Errorf("a server that fails its checks got %v requests", value(t, run, "requests.app-1"))
	}
}

// TestTruncatedIsNotStored: whatever breaks off at the server is fetched again.
func TestTruncatedIsNotStored(t *testing.T) {
	pop := "[[pop]]\nplace = \"Tokyo\"\n"
	cut := "[[event]]\nat = \"0s\"\nfault = \"truncate\"\nbytes = \"5KB\"\nnode = \"balancer\"\npath = \"/page/*\"\n"
	run := playFaulty(t, faultyText+pop+cut)
	if hits, stored := value(t, run, "hits"), run.Windows[0].Counters["tokyo-pop.stored"]; hits != 0 || stored != 0 {
		t.Errorf("%v hits, %d stored", hits, stored)
	}
	run = playFaulty(t, faultyText+pop+strings.Replace(cut, "5KB", "20KB", 1))
	if value(t, run, "hits") == 0 || value(t, run, "errors") != 0 {
		t.Errorf("%v hits, %v errors of contents that are no longer than the cut", value(t, run, "hits"), value(t, run, "errors"))
	}
}

// TestLiveInjected: real processes hit the same requests.
func TestLiveInjected(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	text := strings.NewReplacer(`duration = "10s"`, `duration = "3s"`, "rate = 200", "rate = 100").Replace(faultyText)
	text += event(`fault = "fail-first"`+"\n"+`count = 7`+"\n"+`node = "app-1"`) +
		strings.Replace(event(`fault = "truncate"`+"\n"+`bytes = "100B"`+"\n"+`node = "app-2"`+"\n"+`path = "/api"`), "2s", "0s", 1)
	virtual, real := playFaulty(t, text), playFaulty(t, text, report.Live)
	wantValue(t, virtual, "errors", value(t, virtual, "injected"))
	if a, b := value(t, virtual, "failed-by.truncated"), value(t, real, "failed-by.truncated"); a == 0 || b < 0.8*a || b > 1.2*a {
		t.Errorf("%v contents broke off, want about %v", b, a)
	}
	if got := value(t, real, "errors") - value(t, real, "failed-by.truncated"); got != 7 {
		t.Errorf("%v requests failed of the first 7", got)
	}
}

// TestInjectedChecks: what the parts cannot know.
func TestInjectedChecks(t *testing.T) {
	database := "[database]\n"
	holdWrongs(t, wrongs(t, faultyText+database+event(`fault = "status"`+"\n"+`status = 503`+"\n"+`node = "database"`)),
		"event[0].node: the database answers queries, not requests")
	holdWrongs(t, wrongs(t, faultyText+event(`fault = "status"`+"\n"+`status = 99`+"\n"+`node = "app-1"`+"\n"+`share = 2`+"\n"+`bytes = "1KB"`)),
		"event[0].status: must be at least 200",
		"event[0].share: must be at most 1",
		"event[0].bytes: means nothing to the fault status")
}

// TestInjectedTravels: a rule survives the way to a node's process.
func TestInjectedTravels(t *testing.T) {
	s := parityTopology(t, "").Scenario
	s.Injected = faultyRules
	if got := s.clone().Injected; !slices.Equal(got, faultyRules) {
		t.Errorf("%+v\nwant %+v", got, faultyRules)
	}
}

// httpFault writes an HTTP fault at some node, beside whatever else goes wrong.
func (g *randomTOML) httpFault() {
	node := nameDatabase
	for isBehind(node) {
		node = g.one(g.nodes...)
	}
	g.line("[[event]]\nat = \"%dms\"\nnode = %q", g.IntN(1000*seedSeconds), node)
	g.maybe(2, "for = \"%dms\"", 1+g.IntN(1500))
	g.maybe(2, "path = %q", g.one("/0/*", "/1/1", "/health*"))
	fault := g.one("status", "fail-first", "slow-header", "slow-body", "truncate")
	g.line("fault = %q", fault)
	switch fault {
	case "status":
		g.line("status = %s", g.one("200", "304", "404", "500", "503"))
	case "fail-first":
		g.line("count = %d", 1+g.IntN(50))
		return
	case "slow-header":
		g.line("delay = \"%dms\"", 1+g.IntN(2000))
	case "slow-body":
		g.line("rate = %q", g.one("1KB", "50KB", "2MB"))
	case "truncate":
		g.maybe(2, "bytes = %q", g.one("1KB", "50KB"))
	}
	g.maybe(2, "share = %.2f", 0.01+0.9*g.Float64())
}
