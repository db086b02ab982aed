// What somebody does during a run, in the virtual world, where every count and
// every nanosecond is known.
package scenarios

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
)

// shopTOML is a site whose every time is constant: 40 requests/s for 10 s.
const shopTOML = `name = "shop"
duration = "10s"
[cpu]
costs = "free"
[load]
rate = 40
[[clients]]
id = "users"
place = "Boston"
[[link]]
from = "Boston"
to = "New York"
rtt = "10ms"
[[catalog]]
path = "/p/{n}"
objects = 4
popularity = "uniform"
cache-control = "no-store"
[origin]
servers = 2
[app]
service-time = "1ms"
distribution = "constant"
[balancer]
algorithm = "weighted-round-robin"
health.check = "none"
max-fails = 0
`

// edgeTOML puts a PoP before it that may keep everything.
const edgeTOML = `[[pop]]
place = "Boston"
[[link]]
from = "users"
to = "boston-pop"
rtt = "2ms"
`

// playText plays a scenario in virtual time.
func playText(t testing.TB, text string, settings ...Setting) *report.Run {
	t.Helper()
	x, err := Load("test.toml", []byte(text), settings...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0]
}

// servers are the counts of requests by server in a window.
func servers(t testing.TB, run *report.Run, window string) string {
	t.Helper()
	w, err := run.Window(window)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(w.Servers), "map["), "]")
}

// story is what was noted, one line an event.
func story(run *report.Run) string {
	var b strings.Builder
	for _, e := range run.Events {
		fmt.Fprintln(&b, strings.TrimRight(strings.Join([]string{e.At.String(), e.Node, string(e.Kind), e.Subject, e.Detail}, " "), " "))
	}
	return b.String()
}

func wantStory(t *testing.T, run *report.Run, want ...string) {
	t.Helper()
	compareLines(t, "want", strings.Join(want, "\n")+"\n", "got", story(run))
}

// Weights count from the moment on, and go back to what they were.
func TestWeight(t *testing.T) {
	run := playText(t, shopTOML+`
[[server]]
name = "app-1"
weight = 3
[[event]]
at = "4s"
do = "weight"
node = "app-1"
weight = 1
for = "4s"
[[event]]
at = "4s"
do = "weight"
node = "app-2"
weight = 3
for = "4s"
`)
	for window, want := range map[string]string{ // any order will do
		"before app-1's weight becomes 1 for 4 s": "app-1:120 app-2:40",
		"during app-1's weight becomes 1 for 4 s": "app-1:40 app-2:120",
		"after app-1's weight becomes 1 for 4 s":  "app-1:60 app-2:20",
	} {
		if got := servers(t, run, window); got != want {
			t.Errorf("%s: %s, want %s", window, got, want)
		}
	}
	wantStory(t, run, "4s app-1 weighted  1", "4s app-2 weighted  3", "8s app-1 weighted  3", "8s app-2 weighted  1")
}

// A drained server gets nothing new, and answers the request it has had for 3 s.
func TestDrain(t *testing.T) {
	run := playText(t, strings.NewReplacer("rate = 40", "rate = 1", `"10s"`, `"14s"`).Replace(shopTOML)+`
[[server]]
name = "app-1"
service-time = "3s"
[[event]]
at = "1s"
do = "drain"
node = "app-1"
for = "8s"
`)
	wantValue(t, run, "errors", 0)
	if got := servers(t, run, report.All); got != "app-1:3 app-2:11" { // at 0.5 s, 10.5 s and 12.5 s
		t.Errorf("drained from 1 s to 9 s: %s", got)
	}
	// 10 ms to connect and 5 ms there, both for the balancer's own connections,
	// which take no time: the work began at 0.515 s.
	wantStory(t, run, "1s app-1 draining", "3.515s balancer drained app-1", "9s app-1 undrained")
}

// A server that is added takes its share from the moment on; one that is removed
// finishes what it has, and ends; both go back when they have a time.
func TestAddAndRemove(t *testing.T) {
	run := playText(t, shopTOML+`
[[event]]
at = "2s"
do = "add-server"
for = "6s"
[[event]]
at = "5s"
do = "remove-server"
node = "app-1"
for = "3s"
`)
	wantValue(t, run, "errors", 0)
	for window, want := range map[string]string{ // any order will do
		"before app-3 is added, leaves after 6 s":       "app-1:40 app-2:40",
		"before app-1 is removed, comes back after 3 s": "app-1:80 app-2:80 app-3:40",
		"during app-1 is removed, comes back after 3 s": "app-2:60 app-3:60",
		"after app-1 is removed, comes back after 3 s":  "app-1:40 app-2:40",
	} {
		if got := servers(t, run, window); got != want {
			t.Errorf("%s: %s, want %s", window, got, want)
		}
	}
	wantStory(t, run,
		"2s app-3 started", "2s app-3 added",
		"5s app-1 removed", "5s balancer drained app-1", "5s app-1 stopped",
		"8s app-3 removed", "8s balancer drained app-3", "8s app-1 started", "8s app-3 stopped", "8s app-1 added")
}

// A server that works when it is removed ends when it has answered, and when that
// takes too long then; one that comes back meanwhile goes on.
func TestRemoveWaits(t *testing.T) {
	for _, c := range []struct{ takes, events, want string }{
		{"3s", "", "1s app-1 removed|3.515s balancer drained app-1|3.515s app-1 stopped"},
		{"40s", "", "1s app-1 removed|31s app-1 stopped"},
		{"3s", `for = "2s"`, "1s app-1 removed|3s app-1 added"},
	} {
		run := playText(t, strings.NewReplacer("rate = 40", "rate = 1", `"10s"`, `"40s"`, `place = "Boston"`, "place = \"Boston\"\ntimeout = \"2m\"").Replace(shopTOML)+fmt.Sprintf(`
[[server]]
name = "app-1"
service-time = %q
[[event]]
at = "1s"
do = "remove-server"
node = "app-1"
%s
`, c.takes, c.events))
		if got := strings.ReplaceAll(strings.TrimSpace(story(run)), "\n", "|"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %s:\n got %s\nwant %s", c.takes, c.events, got, c.want)
		}
		errors := 0.0
		if c.takes == "40s" {
			errors = 1 // its process ended; a retry would have taken 60 s
		}
		if got := value(t, run, "errors") + value(t, run, "retries"); got != errors {
			t.Errorf("%s %s: %v errors and retries, want %v", c.takes, c.events, got, errors)
		}
	}
}

// Faults and the fleet both have a say in whether a process runs.
func TestRemoveAndFaults(t *testing.T) {
	const removed = `
[[event]]
at = "3s"
do = "remove-server"
node = "app-2"
for = "4s"
`
	for _, c := range []struct{ fault, want string }{
		{"at = \"2s\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"3s\"", // over while it is away
			"2s app-2 crashed|3s app-2 removed|3s balancer drained app-2|7s app-2 started|7s app-2 added"},
		{"at = \"2s\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"6s\"", // over when it should be back
			"2s app-2 crashed|3s app-2 removed|3s balancer drained app-2|8s app-2 started|8s app-2 added"},
		{"at = \"4s\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"1s\"", // of nobody
			"3s app-2 removed|3s balancer drained app-2|3s app-2 stopped|7s app-2 started|7s app-2 added"},
		{"at = \"4s\"\nfault = \"hang\"\nnode = \"app-2\"\nfor = \"5s\"",
			"3s app-2 removed|3s balancer drained app-2|3s app-2 stopped|7s app-2 started|7s app-2 added"},
	} {
		run := playText(t, shopTOML+removed+"[[event]]\n"+c.fault)
		if got := strings.ReplaceAll(strings.TrimSpace(story(run)), "\n", "|"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.fault, got, c.want)
		}
	}
}

// A purge takes out what its path says, and nothing else: how much is fetched anew
// shows it.
func TestPurge(t *testing.T) {
	for _, c := range []struct {
		event   string
		fetched float64 // of 4 pages asked all the time
		entries string
	}{
		{"", 4, ""},
		{`do = "purge"`, 8, "4 entries"},
		{"do = \"purge\"\npath = \"/p/*\"", 8, "4 entries"},
		{"do = \"purge\"\npath = \"/p/2\"", 5, "1 entry"},
		{"do = \"purge\"\nnode = \"boston-pop\"\npath = \"/p/3*\"", 5, "1 entry"},
		{"do = \"purge\"\npath = \"/other\"", 4, "0 entries"},
		{"do = \"purge\"\ntags = [\"nothing\", \"Product\"]", 8, "4 entries"},
		{"do = \"purge\"\ntags = [\"nothing\"]", 4, "0 entries"},
		{"do = \"purge\"\nhost = \"www.example.com\"", 8, "4 entries"},
		{"do = \"purge\"\neverything = true", 8, "4 entries"},
		{"do = \"purge\"\npath = \"/p/2\"\nsoft = true", 5, "1 entry"},
		{"do = \"purge\"\ntags = [\"product\"]\nsoft = true", 8, "4 entries"},
	} {
		text := strings.Replace(shopTOML, `cache-control = "no-store"`, "cache-control = \"max-age=60\"\nheaders = { Surrogate-Key = \"shop product\" }", 1) +
			edgeTOML + "[[catalog]]\npath = \"/other\"\nshare = 0\nheaders = { Cache-Tag = \"nothing, other\" }\n"
		if c.event != "" {
			text += "[[event]]\nat = \"5s\"\n" + c.event
		}
		run := playText(t, text)
		if got := value(t, run, "origin-requests"); got != c.fetched {
			t.Errorf("%s: %v fetches, want %v", c.event, got, c.fetched)
		}
		if c.event == "" {
			continue
		}
		// A round trip to connect and half of one to ask, of the 10 ms to New York.
		if took := value(t, run, "purge-time"); took != float64(15*time.Millisecond) {
			t.Errorf("%s took %v", c.event, time.Duration(took))
		}
		if last := run.Events[len(run.Events)-1]; last.Kind != sim.EventPurged || last.Detail != c.entries {
			t.Errorf("%s: %+v, want %s", c.event, last, c.entries)
		}
	}
}

// A purge waits for a link that is cut, and is sent again to a PoP that is down.
func TestPurgeArrives(t *testing.T) {
	text := strings.Replace(shopTOML, "no-store", "max-age=60", 1) + edgeTOML + "[[event]]\nat = \"5s\"\ndo = \"purge\"\n"
	for fault, want := range map[string]time.Duration{ // any order will do
		// Refused 10 ms after each try; the fourth, at 3.03 s, finds it up.
		"fault = \"crash\"\nnode = \"boston-pop\"\nfor = \"3s\"": 3045 * time.Millisecond,
		// SYNs go out after 0 s and 1 s; the second gets through.
		"fault = \"cut\"\nfrom = \"New York\"\nto = \"boston-pop\"\nfor = \"1s\"": 1015 * time.Millisecond,
	} {
		run := playText(t, text+"[[event]]\nat = \"4900ms\"\n"+fault)
		if took := value(t, run, "purge-time"); took != float64(want) {
			t.Errorf("%s: %v, want %v", fault, time.Duration(took), want)
		}
	}
}

// A warm-up beside the load fetches what was not asked for yet.
func TestWarm(t *testing.T) {
	text := strings.NewReplacer("no-store", "max-age=60", "rate = 40", "rate = 1", "objects = 4", "objects = 500").Replace(shopTOML) + edgeTOML
	if cold := value(t, playText(t, text), "origin-requests"); cold > 10 {
		t.Fatalf("ten users fetched %v", cold)
	}
	run := playText(t, text+"[[event]]\nat = \"5s\"\ndo = \"warm\"\n[[event]]\nat = \"8s\"\ndo = \"warm\"\npath = \"/p/1*\"\n")
	wantValue(t, run, "origin-requests", 500)
	wantValue(t, run, "requests", 10)
	wantStory(t, run, "5.351s boston-pop warmed  500 objects", "8s boston-pop warmed  111 objects")
}

// A deploy is a change of the scenario that every node is told of.
func TestDeploy(t *testing.T) {
	run := playText(t, shopTOML+"[[event]]\nat = \"1s\"\ndo = \"deploy\"\n[[event]]\nat = \"2s\"\ndo = \"deploy\"\n")
	wantStory(t, run, "1s origin deployed  version 2", "2s origin deployed  version 3")
	if _, err := run.Window("after a new version is deployed (at 2s)"); err != nil {
		t.Error(err)
	}
}
