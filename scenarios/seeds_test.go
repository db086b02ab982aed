// Seeds: random small scenarios in the virtual world. None may panic, lose a
// request or give two results.
package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim"
	"cdnlab/sim/fault"
)

// randomTOML writes scenarios within what a user may sensibly say.
type randomTOML struct {
	*rand.Rand
	text    strings.Builder
	nodes   []string // that can crash and hang
	workers []string // that can be slow
	places  []string
	servers int  // with a balancer before them; 0: none
	scaled  bool // somebody adds and removes servers by the load
	pops    bool // there are some
	people  bool // the load is people
	closed  bool // ... who come again and again
}

func (g *randomTOML) line(format string, args ...any) { fmt.Fprintf(&g.text, format+"\n", args...) }

// maybe writes a line once in n times.
func (g *randomTOML) maybe(n int, format string, args ...any) {
	if g.IntN(n) == 0 {
		g.line(format, args...)
	}
}

func (g *randomTOML) one(words ...string) string { return words[g.IntN(len(words))] }

var seedPlaces = []string{"Tokyo", "London", "New York", "San Francisco", "Boston"}

const (
	seedSeconds = 3
	seedRate    = 60
)

// scenario is one with all that can come together: requests or people, whom they
// have signed in to, content that changes, faults at every layer, and what
// somebody does meanwhile.
func (g *randomTOML) scenario() string {
	g.line("name = \"seed\"\nduration = \"%ds\"", seedSeconds)
	if g.people {
		g.crowdOfPeople()
	} else {
		g.line("[load]\nrate = %d", seedRate)
		g.maybe(2, "arrivals = \"poisson\"")
	}
	g.clients()
	g.content()
	g.origin()
	g.edge()
	g.strength()
	for range g.IntN(4) {
		g.event()
	}
	for range g.IntN(6) {
		g.action()
	}
	for range g.IntN(4) {
		g.httpFault()
	}
	if g.people || g.IntN(4) == 0 { // others make the journeys of no one
		g.journeys()
	}
	return g.text.String()
}

func (g *randomTOML) clients() {
	for i := range 1 + g.IntN(2) {
		place := g.one(seedPlaces...)
		g.places = append(g.places, place)
		g.line("[[clients]]\nid = \"group-%d\"\nplace = %q\nusers = %d\naddresses = 2", i, place, 2+g.IntN(50))
		g.line("timeout = %q\ncookies = %v", g.one("200ms", "1s", "5s"), g.IntN(2) == 0)
		if g.IntN(3) == 0 && !g.people {
			g.line("connections = \"per-user\"\nnew = 0.3")
		}
		g.maybe(3, "limits = { max-connections = %d, max-waiting = %d, connect-timeout = \"1s\" }", 1+g.IntN(4), 1+g.IntN(20))
		g.maybe(3, "browser-cache = true\nbrowser-cache-size = %q", g.one("20KB", "1MB", "50MB"))
		g.maybe(3, "reload = 0.2\nforce-reload = 0.1\nreload-validates = %q", g.one("page", "all"))
	}
}

func (g *randomTOML) content() {
	for i := range 1 + g.IntN(3) {
		g.line("[[catalog]]\npath = \"/%d/{n}\"\nobjects = %d", i, 2+g.IntN(30))
		g.line("size = %q", g.one("500B", "10KB", "2MB"))
		g.maybe(4, "popular-for = %q", g.one("100ms", "1s"))
		g.maybe(4, "size-law = %q\nlargest = \"5MB\"\nsize-correlation = %v", g.one("lognormal", "pareto"), g.one("-0.5", "0.8"))
		g.maybe(4, "status = %d", 200+g.IntN(2)*304)
		g.maybe(4, "database = true")
		g.maybe(3, "changes = %q", g.one("every 300ms", "random 200ms", "at deploy"))
		g.maybe(5, "personal = true")
		g.line("cache-control = %q", g.one("no-store", "max-age=1", "public, max-age=60", "max-age=1, stale-while-revalidate=1, stale-if-error=5", "no-cache"))
	}
	if g.IntN(4) == 0 {
		g.line("[[catalog]]\npath = \"/once/{n}\"\npopularity = \"once\"\ncache-control = \"max-age=60\"")
	}
	if g.IntN(3) == 0 { // names made of the content
		g.line("[[catalog]]\npath = \"/static/{n}.{hash}.js\"\nobjects = %d\nchanges = %q\nkeep-old = %v", 2+g.IntN(9), g.one("at deploy", "never"), g.IntN(2) == 0)
		g.line("cache-control = \"public, max-age=31536000, immutable\"")
	}
}

// strength is of the nodes: from weak ones, whose cores are a queue, to none that
// counts.
func (g *randomTOML) strength() {
	g.line("[cpu]\ncores = %d\ncosts = %q", 1+g.IntN(8), g.one("calibrated", "free"))
	g.maybe(2, "serve = \"%dus\"\naccept = \"%dus\"", 1+g.IntN(40_000), 1+g.IntN(40_000))
	g.maybe(2, "forward-mb = \"%dms\"", 1+g.IntN(1000))
}

func (g *randomTOML) origin() {
	servers := 1 + g.IntN(4)
	for i := range servers {
		g.workers = append(g.workers, fmt.Sprintf("app-%d", i+1))
	}
	g.line("[origin]\nplace = %q\nservers = %d", g.one(seedPlaces...), servers)
	g.line("[app]\nworkers = %d\nservice-time = %q", 1+g.IntN(4), g.one("1ms", "20ms", "100ms"))
	switch g.IntN(3) {
	case 0:
		g.line("overload = \"crash\"\nmemory-limit = \"8MB\"\nrestart-after = \"500ms\"")
	case 1:
		g.line("overload = \"reject\"\nqueue = %d", g.IntN(5))
	}
	g.underLoad()
	if g.IntN(2) == 0 {
		g.workers = append(g.workers, nameDatabase)
		g.line("[database]\nworkers = %d\nservice-time = \"5ms\"", 1+g.IntN(3))
	}
	database := len(g.workers) > servers
	store := g.IntN(2) == 0
	if store {
		g.workers = append(g.workers, nameStore)
		g.line("[session-store]\nservice-time = \"%dms\"\nqueue = %d", 1+g.IntN(30), g.IntN(9))
	}
	switch kept := g.one("cookie", "memory", "database", "store"); {
	case kept == "memory", kept == "database" && database, kept == "store" && store:
		g.line("[app.sessions]\nstore = %q\nlimit = %d\nidle = %q", kept, 1+g.IntN(50), g.one("300ms", "30m"))
		g.line("timeout = %q\nwhen-store-fails = %q", g.one("50ms", "2s"), g.one("error", "anonymous"))
	default:
		g.maybe(2, "[app.sessions]\nidle = \"300ms\"")
	}
	g.nodes = append(g.nodes, g.workers...)
	if servers == 1 && g.IntN(2) == 0 {
		return
	}
	g.nodes = append(g.nodes, nameBalancer)
	g.servers = servers
	g.line("[balancer]\non = true\nalgorithm = %q\nretries = %d", g.one(balance.Policies.Names()...), g.IntN(3))
	g.maybe(2, "sticky = { by = %q, when-down = %q, when-drained = %q, limit = %d }", g.one("cookie", "header", "address"), g.one("repick", "fail"), g.one("stay", "move"), 1+g.IntN(50))
	g.maybe(2, "per-try-timeout = \"300ms\"")
	g.maybe(2, "health = { check = \"none\" }")
	g.maybe(3, "connections = { max-connections = %d, max-waiting = 5 }", 1+g.IntN(4))
	g.maybe(3, "queue = %d\nqueue-timeout = \"200ms\"\nlimits = { connections = %d, requests = 20, retries = 2 }", g.IntN(9), 1+g.IntN(8))
	g.maybe(3, "failure-ratio = 0.%d\nfailure-minimum = 5\nfail-timeout = \"300ms\"\ntrial-requests = 2", 1+g.IntN(9))
	g.maybe(4, "breaker = { failure-ratio = 0.%d, minimum = 5, open-for = \"200ms\" }", 1+g.IntN(9))
	g.maybe(3, "hedge.after = %q", g.one("p50", "15ms"))
	g.maybe(3, "retry-backoff = \"20ms\"\ndrain-timeout = \"%dms\"", 1+g.IntN(200))
	if g.IntN(2) == 0 {
		g.balancers(2 + g.IntN(3))
	}
	if g.scaled = g.IntN(4) == 0; g.scaled {
		g.autoscale()
	}
}

// autoscale never comes to rest: it looks often, at a target that is never met.
func (g *randomTOML) autoscale() {
	g.line("[autoscale]\nmin = 1\nmax = %d\ninterval = \"100ms\"\ntolerance = 0", g.servers+1+g.IntN(3))
	g.line("%s", g.one("target = 0.1", "target = 0.5", "target = 0.9", "metric = \"requests\"\ntarget = 20"))
	g.line("boot-delay = \"%dms\"\nstabilization = \"%dms\"", g.IntN(300), g.IntN(400))
	g.maybe(2, "cooldown-in = \"200ms\"\nstep = 1")
	g.maybe(2, "schedule = [{ at = \"%dms\", for = \"%dms\", min = %d }]", g.IntN(1000*seedSeconds), 1+g.IntN(900), 1+g.servers)
}

// underLoad is what an app server does with more than it can carry, and when it is ill.
func (g *randomTOML) underLoad() {
	switch g.IntN(4) {
	case 0:
		g.line("discipline = \"processor-sharing\"")
	case 1:
		g.line("discipline = %q\ncodel = { target = \"%dms\" }", g.one("fifo", "lifo", "adaptive-lifo"), 1+g.IntN(30))
	}
	g.maybe(3, "limit = { algorithm = %q, initial = 5, window = \"50ms\" }", g.one("aimd", "gradient"))
	g.maybe(3, "shed = [{ path = \"/1\", above = 0.%d }]\nretry-after = \"1s\"", g.IntN(10))
	g.maybe(3, "warm-up = { time = \"%dms\" }", 1+g.IntN(2000))
	g.maybe(3, "health-checks = [%s]", g.one(`"none"`, `"queue"`))
	g.maybe(3, "liveness = { check = \"http\", path = %q, interval = \"200ms\", timeout = \"50ms\", fall = 2 }", g.one("/health", "/health/live"))
}

// balancers are several, which find out quickly who is gone.
func (g *randomTOML) balancers(n int) {
	g.line("count = %d\nstandby = %q\nspread = %q", n, g.one("active-passive", "active-active"), g.one("dns", "ecmp"))
	g.line("vrrp = { interval = \"100ms\", preempt = %v }", g.IntN(2) == 0)
	g.line("dns = { ttl = \"300ms\", interval = \"100ms\", fall = 2, try-next = %v }", g.IntN(2) == 0)
	g.line("ecmp = { interval = \"100ms\", resilient = %v }", g.IntN(2) == 0)
	for i := range n {
		g.nodes = append(g.nodes, fmt.Sprintf("%s-%d", nameBalancer, i+1))
	}
	if g.IntN(2) == 0 {
		return
	}
	g.line("zones = [%s]", (`"a", "b", "a", "b", `)[:5*n-2])
	g.line("zone-aware = { on = %v, min-servers = %d }", g.IntN(4) > 0, 1+g.IntN(6))
	for i := range g.servers {
		g.line("[[server]]\nname = \"app-%d\"\nzone = %q", i+1, g.one("a", "b", "c"))
	}
}

func (g *randomTOML) edge() {
	for _, place := range seedPlaces[:g.IntN(4)] {
		g.line("[[pop]]\nplace = %q", place)
		g.nodes = append(g.nodes, nameAt(place, "pop"))
		g.pops = true
	}
	shielded := g.pops && g.IntN(2) == 0
	if shielded {
		for _, place := range seedPlaces[:1+g.IntN(2)] {
			g.line("[[shield]]\nplace = %q", place)
			g.maybe(3, "cache-size = \"50KB\"")
			g.nodes = append(g.nodes, nameAt(place, "shield"))
		}
	}
	g.line("[edge]")
	g.line("coalesce = %q", g.one("off", "lock", "stale"))
	g.maybe(3, "wait-limit = \"100ms\"")
	g.maybe(3, "parent-timeout = \"400ms\"")
	g.maybe(4, "warm = true")
	g.maybe(4, "cache-size = \"100KB\"")
	g.maybe(3, "connections = { max-connections = %d, max-waiting = 8 }", 1+g.IntN(4))
	if shielded && g.IntN(2) == 0 {
		g.line("[edge.failover]\non = %v\nmax-fails = %d\nfail-timeout = \"200ms\"", g.IntN(4) > 0, 1+g.IntN(3))
		g.maybe(2, "timeout = \"150ms\"")
	}
	if g.pops && g.IntN(2) == 0 {
		g.cluster(2 + g.IntN(3))
	}
	for range g.IntN(3) {
		g.rule()
	}
}

// rule is one that takes nothing from what users must be able to rely on.
func (g *randomTOML) rule() {
	g.line("[[edge.rule]]")
	g.maybe(2, "path = %q", g.one("/0/*", "*1", "/1/*"))
	g.maybe(3, "ttl = \"%dms\"", g.IntN(2000))
	g.maybe(3, "browser-ttl = \"1s\"")
	g.maybe(3, "status-ttl = { 404 = \"1s\", 5xx = \"%dms\" }", g.IntN(500))
	g.maybe(3, "grace = \"%dms\"", g.IntN(2000))
	g.maybe(3, "stale-if-error = \"5s\"")
	g.maybe(4, "query = %q", g.one("none", "sorted"))
	g.maybe(4, "key-headers = [\"Accept\"]")
	g.maybe(4, "key-cookies = [\"user\"]")
	g.maybe(4, "cookies = \"strip\"")
	g.maybe(5, "cache = \"bypass\"")
	g.maybe(5, "default-text = \"We are back soon.\"")
}

// cluster makes every PoP one of several servers.
func (g *randomTOML) cluster(servers int) {
	for _, node := range slices.Clone(g.nodes) {
		for i := range servers {
			if strings.HasSuffix(node, "-pop") {
				g.nodes = append(g.nodes, fmt.Sprintf("%s-%d", node, i+1))
			}
		}
	}
	g.line("[edge.cluster]\nservers = %d\nsharding = %q\nmax-fails = %d\nfail-timeout = \"200ms\"",
		servers, g.one(ShardingNone, ShardingConsistent, ShardingBounded), 1+g.IntN(3))
	g.maybe(2, "hot-share = 0.2\nhot-window = \"100ms\"\nhot-copies = %d", 1+g.IntN(3))
	g.line("%s", g.one("", "health = { check = \"none\" }", "health = { interval = \"100ms\", timeout = \"50ms\" }"))
}

func (g *randomTOML) event() {
	g.line("[[event]]\nat = \"%dms\"", g.IntN(1000*seedSeconds))
	g.maybe(2, "for = \"%dms\"", 1+g.IntN(1500))
	switch fault := g.one("crash", "hang", "slow", "cut", "loss", "delay"); fault {
	case "crash", "hang":
		g.line("fault = %q\nnode = %q", fault, g.one(g.nodes...))
	case "slow":
		g.line("fault = \"slow\"\nnode = %q\nfactor = %d", g.one(g.workers...), 2+g.IntN(10))
	default:
		g.line("fault = %q\nfrom = %q\nto = %q", fault, g.one(g.places...), g.one(g.nodes...))
		switch fault {
		case "loss":
			g.line("loss = %.2f", 0.01+0.5*g.Float64())
		case "delay":
			g.line("delay = \"%dms\"", 1+g.IntN(500))
		}
	}
}

// action writes what somebody does, if there is what it needs.
func (g *randomTOML) action() {
	var known []string
	if g.pops {
		known = append(known, "purge", "warm")
	}
	if g.servers > 0 {
		known = append(known, "drain", "weight")
	}
	if g.servers > 0 && !g.scaled {
		known = append(known, "add-server")
	}
	if g.servers > 1 && !g.scaled {
		known = append(known, "remove-server")
	}
	do := g.one(append(known, "deploy", "release", "rolling-restart", "set", "set")...)
	g.line("[[event]]\nat = \"%dms\"\ndo = %q", g.IntN(1000*seedSeconds), do)
	switch do {
	case "purge":
		g.line("%s", g.one("", `path = "/0/*"`, `path = "/0/1"`, `path = "/*"`, "everything = true", `host = "www.example.com"`))
		g.maybe(2, "soft = true")
	case "warm":
		g.maybe(2, "path = %q", g.one("/0/*", "/0/1", "/*"))
	case "drain":
		g.line("node = \"app-%d\"", 1+g.IntN(g.servers))
	case "weight":
		g.line("node = \"app-%d\"\nweight = %d", 1+g.IntN(g.servers), 1+g.IntN(5))
	case "remove-server":
		g.line("node = \"app-%d\"", g.servers)
		g.servers-- // or it would be removed again
	case "rolling-restart":
		g.line("boot = \"%dms\"\npause = \"%dms\"\nat-once = %d", g.IntN(200), g.IntN(100), 1+g.IntN(3))
		g.maybe(2, "drain = \"%dms\"", 1+g.IntN(300))
	case "set":
		g.line("set = { %s }", g.setting())
	}
	if kind, _ := fault.Actions.Get(do); !kind.Instant {
		g.maybe(2, "for = \"%dms\"", 1+g.IntN(1500))
	}
}

func (g *randomTOML) setting() string {
	load := fmt.Sprintf("load.rate = %d", 10+g.IntN(100))
	if g.closed {
		load = fmt.Sprintf("load.think-time = \"%dms\"", 1+g.IntN(900))
	}
	return g.one(
		load,
		fmt.Sprintf("app = { workers = %d, service-time = \"%dms\" }", 1+g.IntN(4), 1+g.IntN(50)),
		fmt.Sprintf("app.overload = \"reject\", app.queue = %d", g.IntN(4)),
		fmt.Sprintf("app = { limit.algorithm = %q, warm-up.time = \"%dms\" }", g.one("none", "aimd", "gradient"), g.IntN(900)),
		fmt.Sprintf("edge.cache-size = \"%dKB\", edge.coalesce = %q", 1+g.IntN(200), g.one("off", "lock", "stale")),
		fmt.Sprintf("edge.cache = %v, edge.hit-time = \"%dms\"", g.IntN(2) == 0, g.IntN(9)),
		fmt.Sprintf("balancer = { algorithm = %q, retries = %d }", g.one(balance.Policies.Names()...), g.IntN(3)),
		fmt.Sprintf("balancer.health = { check = %q, interval = \"%dms\" }", g.one("http", "none", "tcp"), 50+g.IntN(500)),
		fmt.Sprintf("balancer.connections = { max-connections = %d }", 1+g.IntN(9)),
		fmt.Sprintf("balancer = { hedge.after = %q, queue = %d, limits.connections = %d }", g.one("p90", "5ms"), g.IntN(5), g.IntN(9)),
		fmt.Sprintf("edge.connections.max-connections = %d", 1+g.IntN(9)),
		fmt.Sprintf("clients.0 = { share = %d, timeout = \"%dms\", limits.max-connections = %d }", g.IntN(3)+1, 20+g.IntN(900), 1+g.IntN(9)),
		fmt.Sprintf("catalog.0 = { size = \"%dKB\", cache-control = %q }", 1+g.IntN(99), g.one("no-store", "max-age=9")),
		fmt.Sprintf("catalog.0 = { changes = %q, personal = %v }", g.one("never", "every 70ms", "at deploy"), g.IntN(2) == 0),
		fmt.Sprintf("catalog.0 = { objects = %d, method = %q, alpha = %d }", 2+g.IntN(40), g.one("GET", "POST"), g.IntN(3)),
		"proxy.timeout = \"80ms\"",
		fmt.Sprintf("edge.cluster = { sharding = %q, hot-share = 0.1 }", g.one(ShardingNone, ShardingConsistent, ShardingBounded)),
	)
}

// playSeeds plays an experiment with two seeds and returns the result's bytes.
func playSeeds(t *testing.T, x *Experiment, parallel int) ([]byte, *report.Result) {
	t.Helper()
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Runs: 2, Parallel: parallel,
		Progress: progress.New(os.Stderr, progress.Quiet)})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return text, r
}

// TestSeeds: whatever comes together, every request and every person is counted
// once, and a seed has one result.
func TestSeeds(t *testing.T) {
	met := map[string]float64{}
	for seed := range uint64(120) {
		g := &randomTOML{Rand: rand.New(rand.NewPCG(seed, 2)), people: seed%2 == 1}
		text := g.scenario()
		x, err := Load("seed.toml", []byte(text))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		first, r := playSeeds(t, x, 1)
		if second, _ := playSeeds(t, x, 2); !bytes.Equal(first, second) {
			t.Errorf("seed %d gives two results", seed)
		}
		for _, run := range r.Runs {
			for _, metric := range []string{"injected", "outdated", "wrong-user", "sessions-lost", "page-errors", "purge-time", "browser.hits", "browser.stale", "browser.validations", "imbalance", "past-shield", "scaled-out", "scaled-in"} {
				v, _, _ := report.Value(run, "", metric) // 0 where there is none
				met[metric] += v
			}
			if g.people {
				checkPeople(t, x, run)
			} else {
				checkArrivals(t, x, run)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, text)
		}
	}
	for metric, sum := range met { // in any order
		if sum == 0 {
			t.Errorf("no seed has any %s", metric)
		}
	}
}

// checkArrivals wants each arrival of the load to be recorded once.
func checkArrivals(t *testing.T, x *Experiment, run *report.Run) {
	t.Helper()
	want := arrivals(x, run.Seed)
	if got := run.Windows[0].Counts["requests"]; got != want || !run.Complete {
		t.Errorf("%d requests recorded, %d arrived; complete: %v", got, want, run.Complete)
	}
}

// arrivals counts those of an open load, as its settings change it.
func arrivals(x *Experiment, seed uint64) (n int64) {
	now, duration, moments := 0, x.Base.Duration, x.Base.moments
	config := x.Base.Load
	arrivals := config.NewArrivals(duration, seed)
	for at := arrivals.Next(); ; at = arrivals.Next() {
		for now < len(moments) && at >= sim.Time(moments[now].at) {
			if next := moments[now].s.Load; next != config {
				config = next
				arrivals.Change(config, duration, seed, sim.Time(moments[now].at))
				at = arrivals.Next()
			}
			now++
		}
		if at >= sim.Time(duration) {
			return n
		}
		n++
	}
}
