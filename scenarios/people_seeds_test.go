// Random people in the virtual world, of whom nobody is lost and no page is
// counted twice; and the same people by real processes.
package scenarios

import (
	"context"
	"testing"

	"cdnlab/report"
	"cdnlab/sim/live"
)

// crowdOfPeople writes a load of people in the place of requests.
func (g *randomTOML) crowdOfPeople() {
	if g.closed = g.IntN(3) == 0; g.closed {
		g.line("[load]\nshape = \"users\"\nusers = %d\nthink-time = \"500ms\"", 1+g.IntN(40))
		g.maybe(2, "peak = %d\nat = \"1s\"\nrise = \"500ms\"", 50+g.IntN(50))
		return
	}
	g.line("[load]\nunit = \"people\"\nrate = %d", 1+g.IntN(30))
	g.maybe(2, "arrivals = \"poisson\"")
}

func (g *randomTOML) journeys() {
	for i := range 1 + g.IntN(3) {
		g.line("[[journey]]\nname = \"journey-%d\"\nshare = %d\nthink-time = %q", i, 1+g.IntN(5), g.one("1ms", "100ms", "1s"))
		for range 1 + g.IntN(4) {
			g.journeyStep()
		}
	}
}

func (g *randomTOML) journeyStep() {
	g.line("[[journey.step]]")
	switch g.IntN(5) {
	case 0:
		g.line("sign-in = true")
	case 1:
		g.line("add-to-cart = true")
	default:
		g.line("page = \"/0/{n}\"")
		g.maybe(2, "assets = { \"/0/{n}\" = %d }", 1+g.IntN(12))
		g.maybe(2, "times = %d", 1+g.IntN(4))
	}
	g.maybe(2, "leave = %.1f", g.Float64())
}

// checkPeople holds the counts of people to each other.
func checkPeople(t *testing.T, x *Experiment, run *report.Run) {
	t.Helper()
	n, pages := run.Windows[0].Counts, int64(0)
	if h := run.Windows[0].Histograms["page-load"]; h != nil {
		pages = h.N
	}
	if !run.Complete || pages+n["page-errors"] != n["pages"] {
		t.Errorf("complete %v; %d pages were timed and %d failed, of %d", run.Complete, pages, n["page-errors"], n["pages"])
	}
	if n["users"] > n["pages"] || n["pages"] > n["requests"] || n["users-with-errors"] > min(n["users"], n["page-errors"]) {
		t.Errorf("%d users, %d with errors, %d pages, %d page errors, %d requests",
			n["users"], n["users-with-errors"], n["pages"], n["page-errors"], n["requests"])
	}
	if x.Base.Load.Closed() {
		return
	}
	if want := arrivals(x, run.Seed); n["users"] != want {
		t.Errorf("%d users, want the %d who arrive", n["users"], want)
	}
}

// thirty people come within a second, and all have left before the end.
const thirty = `
name = "thirty"
duration = "6s"
[load]
unit = "people"
shape = "spike"
peak = 30
for = "1s"
[[clients]]
id = "tokyo"
place = "Tokyo"
[[clients]]
id = "boston"
place = "Boston"
[[catalog]]
path = "/"
cache-control = "max-age=60"
[[catalog]]
path = "/app.{n}.js"
objects = 20
cache-control = "max-age=60"
[[catalog]]
path = "/item/{n}"
objects = 50
cache-control = "no-store"
[[journey]]
name = "shopper"
think-time = "300ms"
[[journey.step]]
page = "/"
assets = { "/app.{n}.js" = 8 }
[[journey.step]]
sign-in = true
[[journey.step]]
page = "/item/{n}"
times = 3
leave = 0.3
[[journey.step]]
add-to-cart = true
[[journey.step]]
page = "/nowhere"
[[catalog]]
path = "/nowhere"
status = 404
[origin]
place = "New York"
servers = 2
[[pop]]
place = "Tokyo"
`

// TestLivePeople: thirty people do the same by real processes as in
// virtual time, to the last page.
func TestLivePeople(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	x, err := Load("thirty.toml", []byte(thirty), Setting{"speed", 2})
	if err != nil {
		t.Fatal(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual, report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	virtual, live := r.Runs[0].Windows[0].Counts, r.Runs[1].Windows[0].Counts
	for _, name := range []string{"requests", "errors", "pages", "page-errors", "users", "users-with-errors", "sign-ins", "sessions-lost", "status.2xx", "status.4xx", "bytes"} {
		if virtual[name] != live[name] {
			t.Errorf("%s: %d in virtual time, %d by real processes", name, virtual[name], live[name])
		}
	}
	if live["users"] != 30 || live["sign-ins"] != 30 || live["page-errors"] == 0 || live["pages"] < 4*30 {
		t.Errorf("thirty people: %v", live)
	}
}
