// Keys that change during a run: what is checked beforehand, and what comes of it.
package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/report"
	"cdnlab/scenarios/strict"
	"cdnlab/sim/fault"
)

// set is an event that sets keys.
func set(at, keys string, more ...string) string {
	return fmt.Sprintf("[[event]]\nat = %q\ndo = \"set\"\nset = { %s }\n%s\n", at, keys, strings.Join(more, "\n"))
}

// exactly wants a histogram of a window to hold n times and nothing else.
func exactly(t *testing.T, run *report.Run, window, histogram string, n int64, d time.Duration) {
	t.Helper()
	w, err := run.Window(window)
	if err != nil {
		t.Fatal(err)
	}
	h := w.Histograms[histogram]
	if h == nil || h.N != n || time.Duration(h.Min) != d || time.Duration(h.Max) != d {
		t.Errorf("%s %s: %+v, want %d times %v", window, histogram, h, n, d)
	}
}

// oneUser asks once in 100 ms, always over the same connection.
var oneUser = strings.NewReplacer("rate = 40", "rate = 10", `place = "Boston"`, "place = \"Boston\"\nusers = 1").Replace(shopTOML)

// A link's round trip changes to the nanosecond, for what sets out from then on,
// and back; so does what stands on its way in the PoP and the app.
func TestSetTimes(t *testing.T) {
	hits := strings.Replace(oneUser, "no-store", "max-age=60", 1) + edgeTOML
	for _, c := range []struct {
		text, keys    string
		during, after time.Duration
	}{
		{oneUser, `link.0.rtt = "30000002ns"`, 31_000_002, 11 * time.Millisecond},
		{oneUser, `app.service-time = "7ms"`, 17 * time.Millisecond, 11 * time.Millisecond},
		{oneUser, `server.app-1.service-time = "7ms", server.app-2.service-time = "7ms"`, 17 * time.Millisecond, 11 * time.Millisecond},
		{hits, `edge.hit-time = "5ms", link.1.rtt = "20ms"`, 25 * time.Millisecond, 2 * time.Millisecond},
		{hits, `edge.cache = false`, 13 * time.Millisecond, 2 * time.Millisecond}, // what was stored is still there
		{hits, `edge.cache = false, link.0.rtt = "20ms"`, 23 * time.Millisecond, 2 * time.Millisecond},
	} {
		run := playText(t, c.text+set("4s", c.keys, `for = "4s"`, `says = "change"`))
		exactly(t, run, "during change", "latency", 40, c.during)
		exactly(t, run, "after change", "latency", 20, c.after)
		wantValue(t, run, "errors", 0)
	}
}

// The load changes to the request.
func TestSetLoad(t *testing.T) {
	for keys, want := range map[string]float64{ // any order will do
		`load.rate = 100`: 5*40 + 5*100,
		`load = { shape = "ramp", rate = 0, peak = 100, rise = "10s" }`: 5*40 + 50*7.5,
	} {
		if got := value(t, playText(t, shopTOML+set("5s", keys)), "requests"); got != want {
			t.Errorf("%s: %v requests, want %v", keys, got, want)
		}
	}
	run := playText(t, shopTOML+set("5s", `load.rate = 100`, `for = "2s"`))
	wantValue(t, run, "requests", 5*40+2*100+3*40)
	closed := strings.Replace(shopTOML, "rate = 40", "shape = \"users\"\nusers = 10\nthink-time = \"989ms\"\nthink-law = \"constant\"", 1)
	before := value(t, playText(t, closed), "requests")
	if got := value(t, playText(t, closed+set("5s", `load.think-time = "89ms"`)), "requests"); before < 95 || before > 100 || got < 490 || got > 510 {
		t.Errorf("10 users who think 0.989 s made %v requests, and %v if they think 0.089 s from 5 s on", before, got)
	}
}

// Users change: whom the requests are of, and how long they wait.
func TestSetClients(t *testing.T) {
	two := shopTOML + "[[clients]]\nid = \"others\"\nplace = \"London\"\nshare = 0.000001\n"
	run := playText(t, two+set("5s", `clients.0.share = 0.000001, clients.1.share = 1`, `says = "change"`))
	for window, want := range map[string]string{"before change": "map[users:200]", "during change": "map[others:200]"} { // any order will do
		if w, _ := run.Window(window); fmt.Sprint(w.Groups) != want {
			t.Errorf("%s: %v, want %s", window, w.Groups, want)
		}
	}
	// Answers take 511 ms; from 5 s on nobody waits that long, though those before
	// still do.
	slow := strings.Replace(shopTOML, `service-time = "1ms"`, "service-time = \"501ms\"\nworkers = 100", 1)
	run = playText(t, slow+set("5s", `clients.0.timeout = "100ms"`, `for = "2s"`, `says = "change"`))
	for window, want := range map[string]float64{"before change": 0, "during change": 80, "after change": 0} { // any order will do
		if got, _, _ := report.Value(run, window, "errors"); got != want {
			t.Errorf("%s: %v gave up, want %v", window, got, want)
		}
	}
}

// Content changes for who asks and who answers alike.
func TestSetContent(t *testing.T) {
	run := playText(t, shopTOML+set("5s", `catalog.0.size = "3KB"`, `says = "change"`))
	for window, want := range map[string]int64{"before change": 200 * 10_000, "during change": 200 * 3_000} { // any order will do
		if w, _ := run.Window(window); w.Counts["bytes"] != want {
			t.Errorf("%s: %d bytes, want %d", window, w.Counts["bytes"], want)
		}
	}
	run = playText(t, strings.Replace(shopTOML, "no-store", "max-age=1000", 1)+edgeTOML+
		"[[event]]\nat = \"4s\"\ndo = \"purge\"\n"+set("3s", `catalog.0.cache-control = "no-store"`, `for = "3s"`))
	wantValue(t, run, "origin-requests", 4+2*40-1+4) // from the purge, 15 ms after 4 s, to 6 s nothing is stored
	run = playText(t, strings.Replace(shopTOML, "no-store", "no-cache", 1)+edgeTOML+set("5s", `catalog.0.size = "3KB"`, `says = "change"`))
	for window, want := range map[string]int64{"before change": 200 * 10_000, "during change": 200 * 3_000} { // any order will do
		if w, _ := run.Window(window); w.Counts["bytes"] != want {
			t.Errorf("revalidated, %s: %d bytes, want %d", window, w.Counts["bytes"], want)
		}
	}
	wantValue(t, run, "revalidated", 400-4-4) // each object is fetched anew once
}

// A limit on connections counts at once.
func TestSetConnections(t *testing.T) {
	slow := strings.Replace(shopTOML, `service-time = "1ms"`, "service-time = \"500ms\"\nworkers = 100", 1)
	run := playText(t, slow+set("5s", `balancer.connections = { max-connections = 1, max-waiting = 1 }`, `for = "2s"`, `says = "change"`))
	for window, least := range map[string]float64{"before change": 0, "during change": 60, "after change": 0} { // any order will do
		if got, _, _ := report.Value(run, window, "errors"); got < least || least == 0 && got != 0 {
			t.Errorf("%s: %v errors, want %v or, of a limit, more", window, got, least)
		}
	}
}

// Of settings of one key that hold at the same time the one that began last
// decides; each goes back to what the rest says. What other events have done
// stays.
func TestSetsOverlap(t *testing.T) {
	text := shopTOML +
		set("1s", `app.service-time = "3ms", app.workers = 9`, `for = "8s"`) +
		set("2s", `app.service-time = "5ms"`, `for = "4s"`) +
		set("3s", `app.service-time = "3ms"`) +
		"[[event]]\nat = \"2500ms\"\ndo = \"drain\"\nnode = \"app-2\"\n"
	x, err := Load("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range x.Base.moments {
		got = append(got, fmt.Sprintf("%v %v %d", m.at, m.s.App.ServiceTime, m.s.App.Workers))
	}
	want := "1s 3ms 9, 2s 5ms 9, 3s 3ms 9, 6s 3ms 9, 9s 3ms 16"
	if strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
	run := playText(t, text)
	exactly(t, run, "after app.service-time becomes 5ms for 4 s", "latency", 160, 13*time.Millisecond)
	if got := servers(t, run, "after app.service-time becomes 5ms for 4 s"); got != "app-1:160" {
		t.Errorf("app-2 was drained at 2.5 s: %s", got)
	}
}

// A setting is of the variant that is played, and beats the command line, which is
// about how the run begins.
func TestSetOfVariants(t *testing.T) {
	text := shopTOML + set("5s", `app.workers = 3`) + "[[variant]]\nname = \"a\"\n[[variant]]\nname = \"b\"\nset = { app.service-time = \"2ms\" }\n"
	x, err := Load("test.toml", []byte(text), Setting{"app.workers", int64(7)})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"7 1ms, 3 1ms", "7 2ms, 3 2ms"} {
		s := x.Variants[i].Scenario
		m := s.moments[0].s
		if got := fmt.Sprintf("%d %v, %d %v", s.App.Workers, s.App.ServiceTime, m.App.Workers, m.App.ServiceTime); got != want {
			t.Errorf("%s: %s, want %s", x.Variants[i].Variant, got, want)
		}
	}
	if x.Variants[0].Hash == x.Variants[1].Hash {
		t.Error("two variants of one hash")
	}
	other, err := Load("test.toml", []byte(strings.Replace(text, "workers = 3", "workers = 4", 1)))
	if err != nil || other.Variants[0].Hash == x.Variants[0].Hash {
		t.Error("two settings of one hash", err)
	}
}

// The rules about what can change are about keys that there are.
func TestChangeableKeys(t *testing.T) {
	for _, f := range fixed {
		if !hasKey(f.key) {
			t.Errorf("%s is fixed, but there is no such key", f.key)
		}
	}
	for _, table := range changing {
		if !slices.Contains(topKeys(), table) {
			t.Errorf("%s can change, but there is no such table", table)
		}
	}
	for _, l := range lists {
		if says, _ := refusal(l.example); says != "" || !slices.Contains(changing, l.key) {
			t.Errorf("the example %s %s", l.example, says)
		}
	}
}

func hasKey(pattern string) bool {
	for _, k := range strict.Keys(&Scenario{}) {
		if within(strings.Split(k.Name, "."), strings.Split(pattern, ".")) {
			return true
		}
	}
	return false
}

// merge puts upon a scenario what differs between two, whatever these are.
func TestMerge(t *testing.T) {
	x, err := Load("test.toml", []byte(shopTOML+"[[event]]\nat = \"1s\"\ndo = \"add-server\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	text := func(s *Scenario) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for range 200 {
		from, to := x.Base.clone(), x.Base.clone()
		for _, s := range []*Scenario{from, to} {
			s.App.Workers, s.Load.Rate = 1+dice.IntN(3), float64(dice.IntN(3))
			s.Servers[dice.IntN(3)].Weight = 1 + dice.IntN(3)
			s.Proxy.Routes = s.Proxy.Routes[:0]
			for range dice.IntN(3) {
				s.Proxy.Routes = append(s.Proxy.Routes, origin.Route{Prefix: "/", To: "app"})
			}
		}
		got := from.clone()
		if merge(got, from, to); text(got) != text(to) {
			t.Fatalf("from\n%s\nto\n%s\nis\n%s", text(from), text(to), text(got))
		}
		done := from.clone()
		done.Servers[2].Drained, done.Seed = true, 1<<63+1
		want := to.clone()
		want.Servers[2].Drained, want.Seed = true, 1<<63+1
		if merge(done, from, to); text(done) != text(want) {
			t.Fatalf("from\n%s\nto\n%s\nis\n%s", text(from), text(to), text(done))
		}
	}
}

// What is wrong with an event is said where it stands, with the rest.
func TestWrongActions(t *testing.T) {
	base := strings.Replace(shopTOML, "[balancer]", "[[pop]]\nplace = \"Boston\"\n[balancer]", 1)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"do = \"deploi\"", []string{`event[0].do: unknown action "deploi"; did you mean "deploy"?`}},
		{"do = \"drain\"\nnode = \"app-7\"", []string{`event[0].node: unknown node "app-7"`}},
		{"do = \"drain\"\nnode = \"boston-pop\"", []string{`event[0].node: boston-pop is no app server`}},
		{"do = \"purge\"\nnode = \"app-1\"", []string{`event[0].node: app-1 is no PoP: only PoPs and shields have a cache to purge`}},
		{"do = \"purge\"\npath = \"/q/*\"", []string{`event[0].path: nothing in the catalog is at /q/*`}},
		{"do = \"purge\"\ntags = [\"none\"]", []string{`event[0].tags: nothing in the catalog is tagged none`}},
		{"do = \"purge\"\nhost = \"other.example\"", []string{`event[0].host: nothing is of the host other.example`}},
		{"do = \"purge\"\npath = \"/p/x\"", []string{`event[0].path: nothing in the catalog is at /p/x`}},
		{"do = \"weight\"\nnode = \"app-1\"\nweight = 70000", []string{`event[0].weight: must be at most 65535`}},
		{"do = \"add-server\"\nnode = \"app-2\"", []string{`event[0].node: at 1s app-2 is in the pool already; give the new one a name of its own, or none`}},
		{"do = \"add-server\"\nnode = \"boston-pop\"", []string{`event[0].node: a second node "boston-pop"`}},
		{"do = \"add-server\"\nnode = \"9\"", []string{`event[0].node: "9" is no name`}},
		{"do = \"remove-server\"\nnode = \"app-1\"\n[[event]]\nat = \"2s\"\ndo = \"remove-server\"\nnode = \"app-2\"",
			[]string{`event[1].node: at 2s app-2 is the last server: nobody would be left to answer`}},
		{"do = \"remove-server\"\nnode = \"app-1\"\n[[event]]\nat = \"2s\"\ndo = \"remove-server\"\nnode = \"app-1\"",
			[]string{`event[1].node: at 2s app-1 is not in the pool`}},
		{"do = \"add-server\"\nnode = \"x\"\nfor = \"3s\"\n[[event]]\nat = \"2s\"\ndo = \"remove-server\"\nnode = \"x\"",
			[]string{`event[0].node: at 4s, when this is over, x is not in the pool`}},
		{"do = \"set\"\nset = { app.workers = -1, balancer.algoritm = \"random\" }\n[[event]]\nat = \"2s\"\ndo = \"set\"\nset = { balancer.algorithm = \"randm\" }", []string{
			`event[0].set.app.workers: must be at least 1`,
			`event[0].set.balancer.algoritm: unknown key; did you mean "algorithm"?`,
			`event[1].set.balancer.algorithm: unknown algorithm "randm"; did you mean "random"?`}},
		{"do = \"set\"\nset = { seed = 3, edge.on = false, catalog = [], pop.0.place = \"Paris\", database.workers = 3 }", []string{
			`event[0].set.seed: cannot change while a run lasts`,
			`event[0].set.edge.on: cannot change while a run lasts: a run has a CDN or has none; give each a [[variant]]`,
			`event[0].set.catalog: cannot be replaced as a whole; change one key of one of them, such as catalog.0.size`,
			`event[0].set.pop.0.place: cannot change while a run lasts`,
			`event[0].set.database.workers: cannot change: there is no database in this run`}},
		{"do = \"set\"\nset = { load = { shape = \"users\", users = 3 } }", []string{
			`load.rate: means nothing to the shape users, whose keys are: users, think-time, think-law, rise, peak, at; from 1s on, when "load.shape becomes users, load.users becomes 3" begins`,
			`event[0].set.load.shape: cannot change while a run lasts between an open and a closed loop`}},
		{"do = \"set\"\nset = { load.shape = \"spike\", load.peak = 100 }\nfor = \"3s\"\n[[event]]\nat = \"2s\"\ndo = \"set\"\nset = { load.peak = 200 }", []string{
			`event[1].set.load.peak: means nothing to the shape constant, whose keys are: rate, arrivals; from 4s on, when "load.peak becomes 100, load.shape becomes spike for 3 s" is over`}},
		{"do = \"set\"\nset = { server.app-3.weight = 2 }", []string{`event[0].set.server.app-3.weight: unknown server "app-3"; did you mean "app-1"?`}},
		{"do = \"set\"\nset = { server.0.weight = 2 }", []string{`event[0].set.server.0.weight: unknown server "0"; known: app-1, app-2`}},
		{"do = \"set\"\nset = { load.rate = nan }", []string{`event[0].set.load.rate: `}},
	} {
		t.Run(c.text, func(t *testing.T) {
			holdWrongs(t, wrongs(t, base+"[[event]]\nat = \"1s\"\n"+c.text+"\n"), c.want...)
		})
	}
	alone := strings.Replace(strings.Replace(shopTOML, "servers = 2", "servers = 1", 1), "[balancer]\nalgorithm = \"weighted-round-robin\"", "[balancer]", 1)
	holdWrongs(t, wrongs(t, alone+"[[event]]\nat = \"1s\"\ndo = \"drain\"\nnode = \"app-1\"\n[[event]]\nat = \"1s\"\ndo = \"warm\"\n"),
		`event[0].do: there is no balancer that would heed it; write on = true in [balancer]`,
		`event[1].do: there is no PoP to warm; add a [[pop]] with a place`)
	holdWrongs(t, wrongs(t, alone+"[[event]]\nat = \"1s\"\ndo = \"remove-server\"\nnode = \"app-1\"\n"),
		`event[0].node: at 1s app-1 is the last server: nobody would be left to answer`)
}

// What is wrong with the file and with a setting is said at once, and nothing
// twice, however many variants and moments repeat it.
func TestWrongAtOnce(t *testing.T) {
	text := strings.Replace(shopTOML, `service-time = "1ms"`, `service-time = "1ms"`+"\nspread = -1", 1) +
		set("1s", `app.workers = 0, edge.eviction = "lru2"`, `for = "1s"`) + set("3s", `app.workers = 5`) +
		"[[variant]]\nname = \"a\"\nset = { balancer.retries = 99 }\n[[variant]]\nname = \"b\"\nset = { proxy.timeout = \"1s\" }\n"
	got := wrongs(t, text)
	holdWrongs(t, got,
		`app.spread: must be at least 0`,
		`event[0].set.app.workers: must be at least 1`,
		`event[0].set.edge.eviction: unknown eviction "lru2"`,
		`variant[0].set.balancer.retries: must be at most 16`,
	)
}

// The fleet is laid out before the run: addresses and dice of all others stay when
// somebody is added.
func TestLateServers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "app-1 app-2"},
		{"do = \"add-server\"", "app-1 app-2 app-3?"},
		{"do = \"add-server\"\n[[event]]\nat = \"500ms\"\ndo = \"add-server\"\nfor = \"1s\"", "app-1 app-2 app-3? app-4?"},
		{"do = \"add-server\"\nnode = \"app-9\"\n[[event]]\nat = \"5s\"\ndo = \"add-server\"", "app-1 app-2 app-9? app-10?"},
		{"do = \"add-server\"\nnode = \"canary\"\n[[server]]\nname = \"canary\"\nweight = 7", "app-1 app-2 canary?7"},
		{"do = \"remove-server\"\nnode = \"app-2\"\n[[event]]\nat = \"5s\"\ndo = \"add-server\"\nnode = \"app-2\"", "app-1 app-2"},
	} {
		text := shopTOML
		if c.text != "" {
			text += "[[event]]\nat = \"1s\"\n" + c.text
		}
		x, err := Load("test.toml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var got []string
		for _, v := range x.Base.Servers {
			word := v.Name
			if v.Absent {
				word += "?"
			}
			if v.Weight != 1 {
				word += fmt.Sprint(v.Weight)
			}
			got = append(got, word)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.text, got, c.want)
		}
	}
	only := strings.Replace(shopTOML, "servers = 2", "", 1) + "[[server]]\nname = \"canary\"\n[[event]]\nat = \"1s\"\ndo = \"add-server\"\nnode = \"canary\"\n"
	x, err := Load("test.toml", []byte(only))
	if err != nil || len(x.Base.Servers) != 2 || !*x.Base.Balancer.On || x.Base.Origin.Servers != 1 {
		t.Errorf("%v: %+v", err, x.Base.Servers)
	}
}

// A weight set on a server that is added without a name does not make it another.
func TestLateServersStay(t *testing.T) {
	for _, fleet := range []string{"servers = 2", ""} {
		text := strings.Replace(shopTOML, "servers = 2", fleet, 1) + "[[server]]\nname = \"a\"\n[[event]]\nat = \"2s\"\ndo = \"add-server\"\n" +
			set("3s", "app.workers = 3")
		x, err := Load("test.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		late := x.Base.Servers[len(x.Base.Servers)-1]
		x, err = Load("test.toml", []byte(text+fmt.Sprintf("[[event]]\nat = \"1s\"\ndo = \"weight\"\nnode = %q\nweight = 5\n", late.Name)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range x.Base.moments {
			want := slices.Clone(x.Base.Servers)
			want[len(want)-1].Weight = 5
			if !slices.Equal(m.s.Servers, want) {
				t.Errorf("%q at %v: %+v, want %+v", fleet, m.at, m.s.Servers, want)
			}
		}
	}
}

// A run's own scenario is not that of the experiment: two runs of one do not meet.
func TestRunsDoNotMeet(t *testing.T) {
	x, err := Load("test.toml", []byte(shopTOML+set("2s", `app.workers = 3`)+"[[event]]\nat = \"3s\"\ndo = \"add-server\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(x.Base)
	first, _ := playSeeds(t, x, 1)
	second, _ := playSeeds(t, x, 2)
	after, _ := json.Marshal(x.Base)
	if !bytes.Equal(first, second) || !bytes.Equal(before, after) {
		t.Error("a run left something behind")
	}
}

// The node's process gets what an event set says as JSON, whatever TOML had.
func TestSetSurvives(t *testing.T) {
	c := fault.Config{Do: "set", Set: map[string]any{"a": map[string]any{"b": int64(3), "c": 0.5, "d": true, "e": []any{"x"}}}}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back fault.Config
	if err := json.Unmarshal(text, &back); err != nil || fault.Describe(back) != fault.Describe(c) {
		t.Errorf("%v: %s is not %s", err, fault.Describe(back), fault.Describe(c))
	}
}

// everyTOML has something of every table whose keys can change.
const everyTOML = `duration = "3s"
[load]
rate = 60
[[clients]]
id = "users"
place = "Boston"
connections = "per-user"
users = 5
addresses = 2
[[catalog]]
path = "/p/{n}"
objects = 9
size-law = "lognormal"
cache-control = "max-age=1"
database = true
[[link]]
from = "Boston"
to = "New York"
rtt = "10ms"
rate = "50Mbit"
[origin]
servers = 2
[[server]]
name = "app-1"
[app]
service-time = "3ms"
distribution = "uniform"
[[app.shed]]
path = "/low"
header = "X-Priority"
[app.sessions]
store = "store"
[session-store]
distribution = "lognormal"
[database]
distribution = "lognormal"
[balancer]
algorithm = "least-connections"
health = { interval = "100ms" }
[[proxy.route]]
prefix = "/"
to = "app"
[[pop]]
place = "Boston"
[[edge.rule]]
path = "/p/*"
ttl = "1s"
default-text = "later"
`

// ofType is a value to set a key to, by its name or its type.
func ofType(k strict.Key) []string {
	if k.Name == "app.limit.algorithm" { // not that of a balancer
		return []string{`"aimd"`, `"gradient"`}
	}
	last := k.Name[strings.LastIndexByte(k.Name, '.')+1:]
	if word := map[string]string{"algorithm": "random", "eviction": "lru", "admission": "second-request", "shape": "poisson", "path": "/health", "prefix": "/p", "to": "app",
		"host": "example.org", "method": "HEAD", "cache-control": "no-store", "spread": "0.3", "alpha": "0.1", "status": "503",
		"rate-back": "20Mbit", "factor": "3", "expect-status": "200-204", "health-failure-status": "200", "header": "X-Priority", "after": "p90", "loss-burst": "3", "access": "cable", "balance-factor": "1.5",
		"default-status": "503", "default-type": "text/plain"}[last]; word != "" {
		if strings.Trim(word, "0.123456789") == "" {
			return []string{word}
		}
		return []string{fmt.Sprintf("%q", word)}
	}
	switch {
	case k.Values != nil:
		var all []string
		for _, v := range k.Values {
			all = append(all, fmt.Sprintf("%q", v))
		}
		return all
	case k.Type == "boolean":
		return []string{"true", "false"}
	case k.Type == "duration":
		return []string{`"70ms"`}
	case k.Type == "integer":
		return []string{"1", "3"}
	case k.Type == "number":
		return []string{"0.5"}
	case k.Type == "string": // a size
		return []string{`"3KB"`}
	case k.Type == "array of integers":
		return []string{"[503]"}
	case strings.HasSuffix(k.Name, ".health-checks"):
		return []string{`["queue"]`}
	case strings.HasSuffix(k.Name, ".detect"):
		return []string{`["consecutive", "success-rate"]`}
	case k.Type == "array of strings":
		return []string{`["127.0.0.0/8"]`}
	case k.Type == "table of strings":
		return []string{`{ X-Test = "1" }`}
	}
	return nil
}

// Any key that can change does so while requests are under way, and back, without
// losing one.
func TestAnyKey(t *testing.T) {
	played, refused := 0, []string{}
	for _, k := range strict.Keys(&Scenario{}) {
		key := strings.ReplaceAll(k.Name, "*", "0")
		table, _, _ := strings.Cut(key, ".")
		if says, _ := refusal(key); says != "" || !slices.Contains(changing, table) {
			continue
		}
		for _, value := range ofType(k) {
			text := everyTOML + set("1s", key+" = "+value, `for = "1s"`)
			if _, err := Load("test.toml", []byte(text)); err != nil {
				refused = append(refused, key+" = "+value)
				continue
			}
			played++
			t.Run(key+" = "+value, func(t *testing.T) {
				t.Parallel()
				run := playText(t, text)
				if n := run.Windows[0].Counts["requests"]; !run.Complete || n == 0 || table != "load" && n != 180 {
					t.Errorf("%d requests, complete: %v", n, run.Complete)
				}
			})
		}
	}
	// What stands alone may not be valid: a peak without a shape that has one, early
	// data without HTTP/3.
	for _, r := range refused {
		if strings.HasPrefix(r, "balancer.flows.") || r == `balancer.hash-by = "flow"` {
			continue // TestFlowKeys has an L4 balancer
		}
		if !strings.HasSuffix(r, ".early-data = true") && !slices.Contains([]string{"load", "clients", "catalog"}, r[:strings.IndexByte(r, '.')]) {
			t.Errorf("%s is refused", r)
		}
	}
	if played < 90 || len(refused) > 55 {
		t.Errorf("%d played, refused: %q", played, refused)
	}
}
