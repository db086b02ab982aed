// One request under the glass: goldens of what is shown of it, and what must hold
// of every one.
package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// glassScenario has every node, every kind of answer, and faults that follow one
// another.
const glassScenario = `
name = "glass"
duration = "20s"
[cpu]
costs = "free"
[load]
rate = 200
[[clients]]
id = "europe"
place = "Paris"
timeout = "3s"
[[clients]]
id = "asia"
place = "Tokyo"
share = 0.1
connections = "per-user"
[[catalog]]
path = "/page"
share = 10
size = "8KB"
cache-control = "max-age=1"
[[catalog]]
path = "/swr"
size = "3KB"
cache-control = "max-age=1, stale-while-revalidate=30"
[[catalog]]
path = "/basket"
size = "60KB"
cache-control = "private, no-store"
database = true
[[catalog]]
path = "/item/{n}"
objects = 100
share = 0
size = "1KB"
cache-control = "max-age=600"
headers = { Vary = "Accept-Language" }
[origin]
place = "New York"
servers = 3
[app]
workers = 4
service-time = "5ms"
[database]
service-time = "2ms"
[proxy]
route = [{ prefix = "/", to = "app" }, { prefix = "/basket", to = "app", host = "shop.example.com" }]
[balancer]
algorithm = "least-connections"
per-try-timeout = "500ms"
health = { check = "none" }
max-fails = 2
[[pop]]
place = "Paris"
[[pop]]
place = "Tokyo"
[[event]]
at = "3s"
fault = "crash"
node = "app-2"
for = "3s"
[[event]]
at = "8s"
fault = "hang"
node = "app-3"
for = "2s"
[[event]]
at = "12s"
fault = "cut"
from = "paris-pop"
to = "balancer"
for = "1s"
[[event]]
at = "15s"
fault = "loss"
from = "Paris"
to = "New York"
loss = 0.3
for = "5s"
[[event]]
at = "15s"
fault = "slow"
node = "app-1"
factor = 5
for = "5s"
`

// browsing gives each user of glass's first group a cache.
var browsing = Setting{"clients.0.browser-cache", true}

func glass(t testing.TB, settings ...Setting) *Experiment {
	t.Helper()
	x, err := Load("glass.toml", []byte(glassScenario), settings...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// looked plays a request in virtual time and holds what came to what always holds.
func looked(t testing.TB, x *Experiment, variant string, one OneRequest) *report.Traces {
	t.Helper()
	l, err := x.Look(variant, one, 0)
	if err != nil {
		t.Fatal(err)
	}
	traces, err := l.Play(context.Background(), Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if len(traces.Requests) != 1+one.Again {
		t.Fatalf("%d requests, want %d", len(traces.Requests), 1+one.Again)
	}
	for _, r := range traces.Requests {
		addsUp(t, r)
	}
	return traces
}

// addsUp holds the parts of a request's time to the whole, which was measured
// apart from them.
func addsUp(t testing.TB, r *report.Trace) {
	t.Helper()
	var sum time.Duration
	for _, p := range r.Parts {
		if p.Took < 0 {
			t.Errorf("%s %s took %v", p.Where, p.Part, p.Took)
		}
		sum += p.Took
	}
	if sum != r.Took {
		t.Errorf("the parts of %s %s add up to %v, and it took %v: %v", r.Method, r.Path, sum, r.Took, r.Parts)
	}
	least := 4
	if !slices.ContainsFunc(r.Hops, func(h *report.TraceHop) bool { return !h.Behind }) {
		least = 1 // the user's own cache answered
	}
	if r.Status == 0 && r.Cause == "" || len(r.Steps) < least || r.Steps[0].At != 0 {
		t.Errorf("%s %s: status %d, cause %q, steps %+v", r.Method, r.Path, r.Status, r.Cause, r.Steps)
	}
}

// eventful is glass with one app server and one event on it, or a purge, from 1s
// on.
func eventful(t *testing.T, fault, key string, value any) *Experiment {
	event := map[string]any{"at": "1s", key: value}
	if fault != "" {
		event["fault"], event["node"] = fault, "app-1"
	}
	return glass(t, Setting{"event", []any{event}}, Setting{"origin.servers", int64(1)})
}

// after is the same with a pause before it comes again.
func (one OneRequest) after(pause time.Duration) OneRequest {
	one.Pause = pause
	return one
}

func TestRequestGoldens(t *testing.T) {
	at := func(d time.Duration, path string, again int) OneRequest {
		return OneRequest{Path: path, Loaded: true, At: d, Again: again}
	}
	japanese := http.Header{"Accept-Language": {"ja"}, "If-None-Match": {`"x"`}}
	busy := func(queue int64, service string) []Setting {
		return []Setting{{"app.queue", queue}, {"app.service-time", service}, {"app.workers", int64(1)}}
	}
	noRoute := []any{map[string]any{"prefix": "/api", "to": "app"}}
	for name, c := range map[string]struct { // each is a test of its own
		x       *Experiment
		variant string
		one     OneRequest
	}{
		"miss-and-hit":   {loadBuiltin(t, "tokyo-new-york"), "", OneRequest{Path: "/", Again: 1}},
		"no-cdn":         {loadBuiltin(t, "tokyo-new-york"), "without CDN", OneRequest{Path: "/static/app.3.js", From: "Nairobi"}},
		"revalidated":    {glass(t), "", OneRequest{Path: "/page", Again: 1, Pause: 2 * time.Second}},
		"stale-behind":   {glass(t), "", OneRequest{Path: "/swr", Again: 1, Pause: 2 * time.Second}},
		"joined":         {glass(t), "", at(2010*time.Millisecond, "/page", 0)},
		"not-its-answer": {glass(t), "", at(2040*time.Millisecond, "/basket", 0)},
		"retry":          {glass(t, Setting{"balancer.max-fails", int64(0)}), "", at(3020*time.Millisecond, "/item/9", 0)},
		"out":            {glass(t), "", at(4*time.Second, "/item/9", 0)},
		"hang":           {glass(t, Setting{"balancer.algorithm", "round-robin"}), "", at(8025*time.Millisecond, "/item/9", 0)},
		"cut":            {glass(t), "", at(12100*time.Millisecond, "/item/9", 0)},
		"lost":           {glass(t), "", at(15200*time.Millisecond, "/item/9", 0)},
		"no-retry":       {glass(t, Setting{"balancer.max-fails", int64(0)}, Setting{"balancer.retries", int64(0)}), "", at(3050*time.Millisecond, "/item/9", 0)},
		"no-database":    {glass(t, Setting{"event.0.node", "database"}), "", at(3500*time.Millisecond, "/basket", 0)},
		"stale-if-error": {glass(t, Setting{"event.0.node", "balancer"}, Setting{"catalog.3.cache-control", "max-age=1, stale-if-error=60"}), "",
			OneRequest{Path: "/item/9", Loaded: true, At: 2500 * time.Millisecond, Again: 1, Pause: 2 * time.Second}},
		"no-route":     {glass(t, Setting{"proxy.route", noRoute}), "", OneRequest{Path: "/page"}},
		"not-there":    {glass(t), "", OneRequest{Path: "/pagf", Method: "GET"}},
		"vary":         {glass(t), "", OneRequest{Path: "/item/7", From: "asia", Header: japanese, Again: 1}},
		"unsafe":       {glass(t), "", OneRequest{Path: "/page", Method: "POST"}},
		"gives-up":     {glass(t, Setting{"clients.0.timeout", "100ms"}), "", OneRequest{Path: "/page"}},
		"overload":     {glass(t, busy(0, "80ms")...), "", at(2*time.Second, "/item/9", 0)},
		"queue":        {glass(t, busy(50, "30ms")...), "", at(2090*time.Millisecond, "/item/9", 0)},
		"fault-status": {eventful(t, "fail-first", "count", int64(1000)), "", at(2*time.Second, "/item/9", 0)},
		"fault-held":   {eventful(t, "slow-header", "delay", "100ms"), "", at(2*time.Second, "/item/9", 0)},
		"fault-drips":  {eventful(t, "slow-body", "rate", "10KB"), "", at(2*time.Second, "/item/9", 0)},
		"fault-cut":    {eventful(t, "truncate", "bytes", "100B"), "", at(2*time.Second, "/item/9", 0)},
		"purged":       {eventful(t, "", "do", "purge"), "", OneRequest{Path: "/item/9", Loaded: true, At: 700 * time.Millisecond, Again: 1, Pause: time.Second}},
		"outdated":     {glass(t, Setting{"catalog.3.changes", "every 1s"}), "", at(500*time.Millisecond, "/item/9", 1).after(2 * time.Second)},
		"anothers":     {glass(t, Setting{"catalog.0.personal", true}), "", at(2300*time.Millisecond, "/page", 0)},
		"session-lost": {glass(t, Setting{"app.sessions.store", "memory"}), "",
			OneRequest{Path: "/cart", Method: "POST", Header: http.Header{"Cookie": {"session=of-another-server"}}}},
		"shield": {glass(t, Setting{"shield", []any{map[string]any{"place": "London"}}}), "",
			OneRequest{Path: "/page", From: "Tokyo", Again: 1, Pause: 2 * time.Second}},
		"browser":        {glass(t, browsing), "", OneRequest{Path: "/page", Again: 2, Pause: 700 * time.Millisecond}},
		"browser-stale":  {glass(t, browsing), "", OneRequest{Path: "/swr", Again: 1, Pause: 2 * time.Second}},
		"browser-reload": {glass(t, browsing), "", OneRequest{Path: "/item/9", Again: 1, Header: http.Header{"Cache-Control": {"max-age=0"}}}},
		"not-coalescing": {glass(t, Setting{"edge.coalesce", "off"}), "", at(2260*time.Millisecond, "/page", 0)},
	} {
		t.Run(name, func(t *testing.T) {
			traces := looked(t, c.x, c.variant, c.one)
			var text bytes.Buffer
			if err := report.PrintTraces(&text, traces, report.Options{}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(text.String()) {
				if n := len([]rune(strings.TrimRight(line, "\n"))); n > 100 {
					t.Errorf("%d columns: %s", n, line)
				}
			}
			golden(t, "testdata/request-"+name+".golden", text.Bytes())
		})
	}
}

// TestRequestAddsUp looks at requests at any moment, under load and faults.
func TestRequestAddsUp(t *testing.T) {
	x := glass(t)
	dice := rand.New(rand.NewPCG(1, 2))
	paths := []string{"/page", "/swr", "/basket", "/item/3", "/nowhere"}
	seen := map[sim.StepKind]bool{}
	for range 12 {
		one := OneRequest{Path: paths[dice.IntN(len(paths))], Loaded: true, At: time.Duration(dice.Int64N(int64(18 * time.Second))),
			Again: 12, Pause: time.Duration(dice.Int64N(int64(300 * time.Millisecond))), From: []string{"", "Tokyo", "Lima"}[dice.IntN(3)]}
		for _, r := range looked(t, x, "", one).Requests {
			for _, s := range r.Steps {
				seen[s.Kind] = true
				if s.Took < 0 {
					t.Errorf("step %+v", s)
				}
			}
		}
	}
	for _, kind := range []sim.StepKind{sim.StepReuse, sim.StepConnect, sim.StepCache, sim.StepStore, sim.StepServer, sim.StepService} {
		if !seen[kind] {
			t.Errorf("no step %q in any of them: the test is weaker than it was", kind)
		}
	}
}

// TestRequestIsReproducible: the same seed gives the same bytes, as JSON too, and
// another seed another luck.
func TestRequestIsReproducible(t *testing.T) {
	play := func(seed uint64) []byte {
		l, err := glass(t).Look("", OneRequest{Path: "/basket", Loaded: true, At: time.Second}, seed)
		if err != nil {
			t.Fatal(err)
		}
		traces, err := l.Play(context.Background(), Options{Worlds: []string{report.Virtual}, Progress: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(traces)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := play(7)
	if !bytes.Equal(first, play(7)) {
		t.Error("seed 7 gives two traces")
	}
	if bytes.Equal(first, play(8)) {
		t.Error("seeds 7 and 8 give one trace")
	}
}

// TestRequestFrom: a request comes from a group where there is one, and else from a
// user on whom the load does not count.
func TestRequestFrom(t *testing.T) {
	x := glass(t)
	for from, want := range map[string]string{"": "Paris", "asia": "Tokyo", "tokyo": "Tokyo", "NRT": "Tokyo", "Lima": "Lima"} { // any order
		l, err := x.Look("", OneRequest{Path: "/page", From: from}, 0)
		if err != nil {
			t.Fatal(err)
		}
		g := l.t.Groups[l.group]
		if g.Place != want || len(l.t.Groups) > 2 && g.Share != 0 {
			t.Errorf("from %q: group %s in %s with a share of %v", from, g.ID, g.Place, g.Share)
		}
	}
	if len(x.Base.Clients) != 2 {
		t.Errorf("the scenario has %d groups now", len(x.Base.Clients))
	}
}

// TestRequestByOtherProtocols: what users ask for without HTTP is said to be so.
func TestRequestByOtherProtocols(t *testing.T) {
	x := loadBuiltin(t, "datagrams")
	for path, want := range map[string]string{"/state": "by a datagram of UDP", "/state-by-tcp": "TCP without HTTP"} { // any order
		l, err := x.Look("", OneRequest{Path: path}, 0)
		if err != nil || !strings.Contains(strings.Join(l.traces.Notes, " "), want) {
			t.Errorf("%s: %v, notes %q", path, err, l.traces.Notes)
		}
	}
}

// TestRequestMistakes: every mistake says what was probably meant.
func TestRequestMistakes(t *testing.T) {
	x := loadBuiltin(t, "tokyo-new-york")
	for _, c := range []struct {
		variant string
		one     OneRequest
		want    string
	}{
		{"CDN colt", OneRequest{Path: "/"}, `did you mean "CDN cold"?`},
		{"", OneRequest{Path: "static"}, "must begin with /"},
		{"", OneRequest{Path: "/", From: "Tokio"}, `did you mean "Tokyo"?`},
		{"", OneRequest{Path: "/", From: "tokyooo"}, `did you mean`},
		{"", OneRequest{Path: "/", Loaded: true, At: 11 * time.Second}, "the load lasts from 0s to 10s"},
	} {
		_, err := x.Look(c.variant, c.one, 0)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.one, err, c.want)
		}
	}
}

// TestLiveRequest: real processes take the same steps in the same order, and each
// part takes at least as long as in the model. A node that a busy machine wakes late
// may read a header after the way back that follows, whose time its lateness is taken
// off: that is tried again.
func TestLiveRequest(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	x := glass(t)
	l, err := x.Look("", OneRequest{Path: "/page", From: "Tokyo", Again: 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	const tries = 5
	for try := 1; ; try++ {
		traces, err := l.Play(context.Background(), Options{Worlds: []string{report.Virtual, report.Live}, Command: command, Progress: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		order := ""
		for i := 0; i < len(traces.Requests); i += 2 {
			virtual, live := traces.Requests[i], traces.Requests[i+1]
			if a, b := outline(virtual), outline(live); a != b {
				order += fmt.Sprintf("virtual:\n%s\nlive:\n%s\n", a, b)
			}
			if live.World != report.Live || live.Took < virtual.Took || live.Status != virtual.Status {
				t.Errorf("live %d after %v, virtual %d after %v", live.Status, live.Took, virtual.Status, virtual.Took)
			}
			addsUp(t, live)
		}
		if order == "" {
			return
		}
		if try == tries {
			t.Fatal(order)
		}
	}
}

// outline lists the kinds of a trace's steps, but for the ends of contents between
// nodes, which stream in one world and not in the other.
func outline(r *report.Trace) string {
	var text strings.Builder
	for _, s := range r.Steps {
		if s.Kind != sim.StepEnd || s.Depth == 0 {
			fmt.Fprintf(&text, "%s>%s %s\n", s.Node, s.Peer, s.Kind)
		}
	}
	return text.String()
}
