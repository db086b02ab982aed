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
	"strings"
	"testing"

	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/report/progress"
)

// randomTOML writes scenarios within what a user may sensibly say.
type randomTOML struct {
	*rand.Rand
	text    strings.Builder
	nodes   []string // that can crash and hang
	workers []string // that can be slow
	places  []string
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

func (g *randomTOML) scenario() string {
	g.line("name = \"seed\"\nduration = \"%ds\"", seedSeconds)
	g.line("[load]\nrate = %d", seedRate)
	g.maybe(2, "arrivals = \"poisson\"")
	g.clients()
	g.content()
	g.origin()
	g.edge()
	for range g.IntN(4) {
		g.event()
	}
	return g.text.String()
}

func (g *randomTOML) clients() {
	for i := range 1 + g.IntN(2) {
		place := g.one(seedPlaces...)
		g.places = append(g.places, place)
		g.line("[[clients]]\nid = \"group-%d\"\nplace = %q\nusers = %d\naddresses = 2", i, place, 2+g.IntN(50))
		g.line("timeout = %q", g.one("200ms", "1s", "5s"))
		if g.IntN(3) == 0 {
			g.line("connections = \"per-user\"\nnew = 0.3")
		}
		g.maybe(3, "limits = { max-connections = %d, max-waiting = %d, connect-timeout = \"1s\" }", 1+g.IntN(4), 1+g.IntN(20))
	}
}

func (g *randomTOML) content() {
	for i := range 1 + g.IntN(3) {
		g.line("[[catalog]]\npath = \"/%d/{n}\"\nobjects = %d", i, 2+g.IntN(30))
		g.line("size = %q", g.one("500B", "10KB", "2MB"))
		g.maybe(4, "status = %d", 200+g.IntN(2)*304)
		g.maybe(4, "database = true")
		g.maybe(3, "changes = %q", g.one("every 300ms", "random 200ms", "at deploy"))
		g.maybe(5, "personal = true")
		g.line("cache-control = %q", g.one("no-store", "max-age=1", "public, max-age=60", "max-age=1, stale-while-revalidate=1, stale-if-error=5", "no-cache"))
	}
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
	if g.IntN(2) == 0 {
		g.workers = append(g.workers, nameDatabase)
		g.line("[database]\nworkers = %d\nservice-time = \"5ms\"", 1+g.IntN(3))
	}
	g.nodes = append(g.nodes, g.workers...)
	if servers == 1 && g.IntN(2) == 0 {
		return
	}
	g.nodes = append(g.nodes, nameBalancer)
	g.line("[balancer]\non = true\nalgorithm = %q\nretries = %d", g.one(balance.Policies.Names()...), g.IntN(3))
	g.maybe(2, "per-try-timeout = \"300ms\"")
	g.maybe(2, "health = { check = \"none\" }")
	g.maybe(3, "connections = { max-connections = %d, max-waiting = 5 }", 1+g.IntN(4))
}

func (g *randomTOML) edge() {
	for _, place := range seedPlaces[:g.IntN(4)] {
		g.line("[[pop]]\nplace = %q", place)
		g.nodes = append(g.nodes, popName(place))
	}
	g.line("[edge]")
	g.maybe(2, "coalesce = false")
	g.maybe(3, "wait-limit = \"100ms\"")
	g.maybe(3, "parent-timeout = \"400ms\"")
	g.maybe(4, "warm = true")
	g.maybe(4, "cache-size = \"100KB\"")
	g.maybe(3, "connections = { max-connections = %d, max-waiting = 8 }", 1+g.IntN(4))
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

func TestSeeds(t *testing.T) {
	for seed := range uint64(40) {
		g := &randomTOML{Rand: rand.New(rand.NewPCG(seed, 2))}
		text := g.scenario()
		x, err := Load("seed.toml", []byte(text))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		first, r := playSeeds(t, x, 1)
		if second, _ := playSeeds(t, x, 2); !bytes.Equal(first, second) {
			t.Errorf("seed %d gives two results:\n%s", seed, text)
		}
		for _, run := range r.Runs {
			checkArrivals(t, seed, x, run)
		}
		if t.Failed() {
			t.Fatal(text)
		}
	}
}

// checkArrivals wants each arrival of the load to be recorded once.
func checkArrivals(t *testing.T, seed uint64, x *Experiment, run *report.Run) {
	t.Helper()
	want := int64(0)
	arrivals := x.Base.Load.NewArrivals(x.Base.Duration, run.Seed)
	for arrivals.Next().Seconds() < seedSeconds {
		want++
	}
	if got := run.Windows[0].Counts["requests"]; got != want || !run.Complete {
		t.Errorf("seed %d: %d requests recorded, %d arrived; complete: %v", seed, got, want, run.Complete)
	}
}
