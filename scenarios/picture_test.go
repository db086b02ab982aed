// Tests: drawings of the built-in scenarios and of a planet.
package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// planet has many PoPs, a place of its own, routes, and servers that differ.
func planet(t *testing.T) *Experiment {
	t.Helper()
	text := `
question = "Many PoPs, <odd> \"names\" & servers: can it be read?"
duration = "10s"
[load]
rate = 1000
[[place]]
name = "Atlantis"
lat = 30
lon = -40
[[link]]
from = "Lagos"
to = "Frankfurt"
rtt = "95ms"
[[catalog]]
path = "/"
[[catalog]]
path = "/api/{n}"
objects = 7
method = "POST"
[origin]
place = "Frankfurt"
servers = 12
[[server]]
name = "app-5"
weight = 3
workers = 4
service-time = "5ms"
[[server]]
name = "app-12"
place = "London"
pool = "api"
max-connections = 9
[[proxy.route]]
prefix = "/api/"
to = "api"
[[proxy.route]]
to = "app"
[app]
overload = "crash"
[database]
[edge]
warm = true
coalesce = "off"
default-ttl = "5s"
hit-time = "1ms"
`
	for i, place := range []string{"Tokyo", "Paris", "Lagos", "Atlantis"} {
		text += fmt.Sprintf("[[clients]]\nid = %q\nplace = %q\nconnections = \"per-user\"\nnew = 0.%d\n", strings.ToLower(place), place, i)
	}
	for _, place := range []string{"Rome", "Tokyo", "Paris", "Madrid", "Berlin", "Vienna", "Oslo", "Lagos", "Nairobi", "Cairo", "Mumbai",
		"Singapore", "Sydney", "Seattle", "Chicago", "Miami", "Bogota", "Lima"} {
		text += fmt.Sprintf("[[pop]]\nplace = %q\n", place)
	}
	x, err := Load("planet.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestPictures(t *testing.T) {
	all := map[string]*Experiment{"planet": planet(t)}
	for _, name := range Names() {
		all[name] = loadBuiltin(t, name)
	}
	for name, x := range all {
		r, err := x.Variant("")
		if err != nil {
			t.Fatal(err)
		}
		p, err := x.Picture(r)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/show-"+name+".txt", []byte(p.Text(90)))
		golden(t, "testdata/show-"+name+".mmd", []byte(p.Mermaid()))
		golden(t, "testdata/show-"+name+".svg", []byte(p.SVG()))
	}
}

// A variant has its own title and only its own layers.
func TestPictureOfAVariant(t *testing.T) {
	x := loadBuiltin(t, "product-hunt")
	for variant, layers := range map[string]int{"one server": 2, "three servers": 3, "CDN": 3} {
		r, err := x.Variant(variant)
		if err != nil {
			t.Fatal(err)
		}
		p, err := x.Picture(r)
		if err != nil || p.Title != "product-hunt: "+variant || len(p.Layers) != layers || len(p.Foot) > 0 {
			t.Errorf("%s: %d layers, foot %q (%v)", variant, len(p.Layers), p.Foot, err)
		}
	}
}

// How a round-trip time is known is said as it is known.
func TestWaysAreKnown(t *testing.T) {
	x := planet(t)
	top, err := NewTopology(x.Base)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, place, to, known string }{
		{"balancer", "Frankfurt", "app-1", sameRoom},
		{"balancer", "Frankfurt", "app-12", "measured"},
		{"lagos-pop", "Lagos", "balancer", ownLink},
		{"cairo-pop", "Cairo", "balancer", "modelled"},
		{"paris-pop", "Paris", "balancer", "measured"},
	} {
		w := top.distances.nodes(c.from, c.place, top.Node(c.to))
		if w.known != c.known {
			t.Errorf("%s to %s: %+v, want %s", c.from, c.to, w, c.known)
		}
	}
	tokyo := &x.Base.Clients[0]
	if w := top.distances.clients(tokyo, top.Node(top.Reach(tokyo))); w.known != "assumed" || w.RTT != 2*time.Millisecond {
		t.Errorf("within Tokyo: %+v", w)
	}
	if got := top.Reach(&x.Base.Clients[3]); got != "madrid-pop" {
		t.Errorf("from Atlantis to %s", got)
	}
}

// The ways that are drawn are those that are played.
func TestReachIsWhatIsPlayed(t *testing.T) {
	for _, x := range []*Experiment{planet(t), loadBuiltin(t, "product-hunt"), loadBuiltin(t, "server-crash")} {
		top, err := NewTopology(x.Base)
		if err != nil {
			t.Fatal(err)
		}
		d := &driver{t: top}
		d.target()
		for i := range top.Groups {
			g := &top.Groups[i]
			if drawn, played := top.Reach(g.Clients), d.targets[d.reach(g.Place)]; drawn != played {
				t.Errorf("%s: %s drawn, %s played", g.ID, drawn, played)
			}
		}
	}
}

// TestPictureOfPeople: of people a drawing says what they have, and what the
// site keeps of them; not shares and numbers that mean nothing to them.
func TestPictureOfPeople(t *testing.T) {
	x := peopleExperiment(t, onePerson, "", "[[journey.step]]\npage = \"/\"\nassets = { \"/asset/{n}\" = 1 }\n"+
		"[[catalog]]\npath = \"/me\"\npersonal = true\n[[catalog]]\npath = \"/news\"\nchanges = \"at deploy\"\n"+
		"[app.sessions]\nstore = \"memory\"\n[[event]]\nat = \"1s\"\ndo = \"add-server\"\n[balancer]\non = true\n")
	p, err := x.Picture(x.Variants[0])
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%+v", p)
	for _, want := range []string{"people behind 2 addresses", "6 connections each", "/ with 1 asset;", "there is /me: 10KB; personal",
		"there is /news: 10KB; new at each deploy", "sessions: in the memory of the server", "Name:app-2 Place:New York Notes:[added later]"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %s", want, said)
		}
	}
	for _, not := range []string{"a connection each", "ask for", "1,000 users"} {
		if strings.Contains(said, not) {
			t.Errorf("%q is in %s", not, said)
		}
	}
}

// What is special of content and sessions is drawn; what is not is left out.
func TestTextOfContentAndSessions(t *testing.T) {
	text := func(settings ...Setting) string {
		x := loadBuiltin(t, "server-crash", settings...)
		p, err := x.Picture(x.Variants[0])
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%+v", p)
	}
	plain, special := text(), text(Setting{"app.sessions.store", "memory"}, Setting{"catalog.0.changes", "every 2s"}, Setting{"catalog.0.personal", true})
	for _, says := range []string{"sessions: in the memory of the server that made them", "changes every 2s; personal"} {
		if strings.Contains(plain, says) || !strings.Contains(special, says) {
			t.Errorf("%q: in\n%s\nor not in\n%s", says, plain, special)
		}
	}
}
