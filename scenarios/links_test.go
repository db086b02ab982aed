// Tests: what a scenario says of paths, last miles and connections.
package scenarios

import (
	"strings"
	"testing"
	"time"
)

// wired has links between places, between names, and a last mile.
const wired = `duration = "4s"
[load]
rate = 50
[[clients]]
id = "tokyo"
place = "Tokyo"
access = "4g"
[[clients]]
id = "paris"
place = "Paris"
connections = "per-user"
[clients.limits]
http = "2"
[[catalog]]
path = "/"
size = "20KB"
cache-control = "max-age=60"
[origin]
place = "New York"
[[pop]]
place = "Tokyo"
[[link]]
from = "New York"
to = "Tokyo"
rtt = "150ms"
rate = "50Mbit"
rate-back = "20Mbit"
[[link]]
from = "tokyo-pop"
to = "app-1"
loss = 0.02
loss-burst = 3
[[link]]
from = "paris"
to = "app-1"
jitter = "3ms"
jitter-shape = "pareto"
`

func layout(t *testing.T, text string, settings ...Setting) *Topology {
	t.Helper()
	x, err := Load("wired.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	top, err := NewTopology(x.Base)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// A link is turned for who dials from its far end; the nearest link decides, and
// what it leaves out of the round-trip time another says, or the atlas.
func TestLinksAsDialled(t *testing.T) {
	const ms = time.Millisecond
	top := layout(t, wired)
	tokyo, paris := &top.Scenario.Clients[0], &top.Scenario.Clients[1]
	p := top.ClientPath(tokyo, "app-1")
	if p.RTT != 150*ms || p.Rate != 20e6 || p.RateBack != 50e6 || p.Access == nil || p.Access.Name != "4g" {
		t.Errorf("Tokyo to New York: %+v", p)
	}
	if total := p.Total(); total != 150*ms+p.Access.RTT || top.ClientRTT(tokyo, "app-1") != total {
		t.Errorf("the whole way takes %v", total)
	}
	pop := top.Node("tokyo-pop").Peers[0].Path
	if pop.RTT != 150*ms || pop.Loss != 0.02 || pop.Burst != 3 || pop.Rate != 0 || pop.Access != nil {
		t.Errorf("the PoP to its origin: %+v", pop)
	}
	p = top.ClientPath(paris, "app-1")
	if atlas := top.RTT("Paris", "New York"); p.RTT != atlas || atlas == 0 || p.Jitter != 3*ms || p.JitterShape != "pareto" {
		t.Errorf("Paris to New York: %+v", p)
	}
	if got := p.Says(); got != "jitter 3 ms (pareto)" {
		t.Errorf("it is said to be %q", got)
	}
}

// The defaults of connections are those of browsers.
func TestConnectionDefaults(t *testing.T) {
	for _, c := range []struct {
		set     []Setting
		limit   int
		tls     string
		scheme  string
		virtual bool
	}{
		{nil, 1, "1.3", "https", false},
		{[]Setting{{"clients.1.limits.http", "1.1"}}, 6, "none", "http", false},
		{[]Setting{{"clients.1.limits.http", "1.1"}, {"clients.1.limits.tls", "1.2"}}, 6, "1.2", "https", false},
		{[]Setting{{"clients.1.limits.http", "3"}}, 1, "1.3", "https", true},
		{[]Setting{{"clients.1.limits.max-connections", int64(4)}}, 4, "1.3", "https", false},
		{[]Setting{{"clients.1.connections", "pooled"}}, 256, "1.3", "https", false},
	} {
		top := layout(t, wired, c.set...)
		paris, scheme := &top.Scenario.Clients[1], top.Scenario.scheme()
		if got := paris.Conns; got.Limit != c.limit || got.TLS != c.tls || scheme != c.scheme || top.Scenario.VirtualOnly() != c.virtual {
			t.Errorf("%v: %+v, %s, virtual only %v", c.set, got, scheme, top.Scenario.VirtualOnly())
		}
	}
}

// Every mistake of a link is said with its key and line, once.
func TestWrongLinks(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`rtt = "150ms"`, `rtt = "-1ms"`, `:25:1: link[0].rtt: must be above 0s`},
		{`rtt = "150ms"`, `rtt = "0s"`, `:25:1: link[0].rtt: must be above 0s`},
		{`rtt = "150ms"`, `rtt = "11m"`, `:25:1: link[0].rtt: must be at most 10m`},
		{`rate = "50Mbit"`, `rate = "0Mbit"`, `:26:1: link[0].rate: not a rate of at least 1bit: "0Mbit"`},
		{`rate = "50Mbit"` + "\n", ``, `:26:1: link[0].rate-back: needs rate beside it`},
		{`rate = "50Mbit"`, "rate = \"50Mbit\"\nqueue = \"100B\"", `:27:1: link[0].queue: must be between one packet (1500B) and 1GiB`},
		{`loss = 0.02`, `loss = 1`, `:31:1: link[1].loss: must be below 1`},
		{`loss-burst = 3`, `loss-burst = 0.5`, `:32:1: link[1].loss-burst: must be at least 1`},
		{"loss = 0.02\nloss-burst = 3\n", ``, `:28:3: link[1]: says nothing of its path`},
		{`jitter = "3ms"`, `jitter = "2m"`, `:36:1: link[2].jitter: must be at most 1m`},
		{`jitter-shape = "pareto"`, `jitter-shape = "paretto"`, `:37:1: link[2].jitter-shape: unknown "paretto"; did you mean "pareto"?`},
		{`jitter-shape = "pareto"`, `jitter-correlation = 2`, `:37:1: link[2].jitter-correlation: must be at most 1`},
		{`access = "4g"`, `access = "fiber"`, `:7:1: clients[0].access: unknown access "fiber"; did you mean "fibre"?`},
		{`http = "2"`, "http = \"2\"\ntls = \"none\"", `:14:1: clients[1].limits.tls: is none, but HTTP/2 needs it`},
		{`http = "2"`, "early-data = true", `:13:1: clients[1].limits.early-data: needs http = "3"`},
		{`http = "2"`, "http = \"3\"\ntls = \"1.2\"", `:14:1: clients[1].limits.tls: must be 1.3 with HTTP/3`},
	} {
		_, err := Load("f.toml", []byte(strings.Replace(wired, c.old, c.new, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), "f.toml"+c.want) || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s -> %s:\n got %v\nwant f.toml%s", c.old, c.new, err, c.want)
		}
	}
	// A value that is none is written all the same: --vary link.1.loss=0,0.02.
	if _, err := Load("f.toml", []byte(wired), Setting{"link.1.loss", 0.0}, Setting{"link.1.loss-burst", 1.0}); err != nil {
		t.Error(err)
	}
}

// lone has one user who asks ten times a second for 30 KB, over one connection:
// 21 segments, in two rounds at first and then in one.
const lone = `duration = "10s"
[load]
rate = 10
[[clients]]
id = "users"
place = "Boston"
users = 1
timeout = "20s"
[clients.limits]
connect-timeout = "15s"
[[link]]
from = "Boston"
to = "New York"
rtt = "10ms"
[[catalog]]
path = "/"
size = "30KB"
cache-control = "no-store"
[origin]
place = "New York"
[app]
service-time = "1ms"
distribution = "constant"
[cpu]
costs = "free"
`

// Every key of a link can change during a run, to the nanosecond, and what is set
// out with goes on.
func TestSetLinks(t *testing.T) {
	const usual = 11 * time.Millisecond
	for keys, during := range map[string]time.Duration{ // any order: each is its own
		`link.0.rtt = "20ms"`: 21 * time.Millisecond,
		// 21 segments of 1500 bytes take 1.2 ms each at 10 Mbit/s.
		`link.0.rate = "10Mbit"`:                                usual + 21*1200*time.Microsecond,
		`link.0.rate = "1Gbit", link.0.rate-back = "20Mbit"`:    usual + 21*600*time.Microsecond,
		`link.0.jitter = "1ms", link.0.jitter-shape = "normal"`: 0,
		`link.0.loss = 0.2`:                                     0,
	} {
		run := playText(t, lone+set("4s", keys, `for = "4s"`, `says = "change"`))
		wantValue(t, run, "errors", 0)
		if during > 0 {
			exactly(t, run, "after change", "latency", 20, usual)
			exactly(t, run, "during change", "latency", 40, during)
			continue
		}
		w, err := run.Window("during change")
		if err != nil {
			t.Fatal(err)
		}
		if h := w.Histograms["latency"]; h.Max == h.Min {
			t.Errorf("%s changed nothing", keys)
		}
	}
}

// The faults of links, each with what it does to the one user's requests.
func TestLinkFaults(t *testing.T) {
	const usual = 11 * time.Millisecond
	event := func(keys string) string {
		return "[[event]]\nat = \"4050ms\"\nfrom = \"users\"\nto = \"app-1\"\nsays = \"it\"\n" + keys + "\n"
	}
	for _, c := range []struct {
		name, keys string
		errors     float64
		longest    time.Duration // of the whole run
	}{
		// A request sent at 4.1 s goes out again RTT + 200 ms, then twice that later:
		// 4.31, 4.73, 5.57 s. After such a pause the window is small again.
		{"cut out", "fault = \"cut\"\ndirection = \"out\"\nfor = \"1s\"", 0, 1470*time.Millisecond + 21*time.Millisecond},
		// The answer is at the origin's end at 4.106 s.
		{"cut back", "fault = \"cut\"\ndirection = \"back\"\nfor = \"1s\"", 0, 1470*time.Millisecond + 21*time.Millisecond},
		{"throttle", "fault = \"throttle\"\nrate = \"10Mbit\"\nfor = \"1s\"", 0, usual + 21*1200*time.Microsecond},
		// Nothing is under way at 4.05 s; ten attempts are refused with a reset.
		{"reset", "fault = \"reset\"\nfor = \"1s\"", 10, 31 * time.Millisecond},
		{"slow close", "fault = \"slow-close\"\ndelay = \"1s\"\nfor = \"1s\"", 0, 31 * time.Millisecond},
		// One connection stands and goes on.
		{"blackhole", "fault = \"blackhole\"\nfor = \"1s\"", 0, 31 * time.Millisecond},
	} {
		run := playText(t, lone+event(c.keys))
		if got := value(t, run, "errors"); got != c.errors {
			t.Errorf("%s: %v errors, want %v", c.name, got, c.errors)
		}
		if got := time.Duration(run.Windows[0].Histograms["latency"].Max); got != c.longest {
			t.Errorf("%s: the longest took %v, want %v", c.name, got, c.longest)
		}
	}
	// New connections in a black hole: the SYN goes out again after 1 s, and 2 s more.
	run := playText(t, lone+event("fault = \"blackhole\"\nfor = \"2500ms\""), Setting{"clients.0.connections", "per-user"}, Setting{"clients.0.new", 1.0})
	if got := time.Duration(run.Windows[0].Histograms["latency"].Max); got != 3*time.Second+31*time.Millisecond {
		t.Errorf("in a black hole the longest took %v", got)
	}
}

// A site of which anybody asks over TLS is warmed, asked and purged as such.
func TestSchemes(t *testing.T) {
	both := strings.Replace(lone, "no-store", "max-age=60", 1) + edgeTOML +
		"[[clients]]\nid = \"secure\"\nplace = \"Boston\"\n[clients.limits]\ntls = \"1.3\"\n[[event]]\nat = \"5s\"\ndo = \"purge\"\nsays = \"purge\"\n"
	run := playText(t, both, Setting{"edge.warm", true})
	before, err := run.Window("before purge")
	if err != nil {
		t.Fatal(err)
	}
	if hits, all := before.Counts["verdict.hit"], before.Counts["requests"]; hits != all || all != 50 {
		t.Errorf("%d of %d were hits before the purge", hits, all)
	}
	after, err := run.Window("after purge")
	if err != nil {
		t.Fatal(err)
	}
	if hits, all := after.Counts["verdict.hit"], after.Counts["requests"]; hits != all-1 {
		t.Errorf("%d of %d were hits after the purge, want all but one", hits, all)
	}
}
