// Tests: a variant written out with all its defaults is the same variant.
package scenarios

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/sim/load"
)

// crowded has what the built-in scenarios leave out.
const crowded = `
duration = "2s"
[load]
shape = "users"
users = 20
think-time = "100ms"
[[place]]
name = "Atlantis"
lat = 0
lon = -40
[[link]]
from = "Atlantis"
to = "Tokyo"
rtt = "1ms"
rate = "10Mbit"
rate-back = "1Mbit"
[[clients]]
id = "a"
place = "Atlantis"
users = 3
connections = "per-user"
new = 0.5
[[catalog]]
path = "/{n}"
objects = 5
popularity = "uniform"
size-law = "pareto"
headers = { Vary = "Accept-Encoding", "X-A" = "a \"b\"" }
expires = "-1h"
etag = false
[[catalog]]
path = "/empty"
share = 0
status = 204
database = true
[origin]
place = "Tokyo"
[[server]]
name = "web-a"
weight = 3
[[server]]
name = "web-b"
pool = "api"
workers = 2
[[proxy.route]]
to = "web"
prefix = "/"
[proxy]
trusted = ["10.0.0.0/8"]
[database]
[balancer]
retries = 0
retry-on = [502, 503]
[[event]]
at = "1s"
fault = "slow"
node = "web-a"
factor = 2.5
[[expect]]
metric = "requests"
is = "> 0"
from = "1s"
[lesson]
short = "Two\nlines."
answer = "{requests}"
topics = ["a-b"]
`

// everyVariant calls f with each variant of each scenario, and with each as
// written.
func everyVariant(t *testing.T, f func(x *Experiment, r *Resolved)) {
	t.Helper()
	own, err := Load("crowded.toml", []byte(strings.Replace(crowded, `to = "web"`, `to = "api"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := Load("scaled.toml", []byte(lineTOML+"[origin]\nservers = 2\n[[server]]\nname = \"app-3\"\nweight = 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	named, err := Load("named.toml", []byte(lineTOML+"[[server]]\nname = \"one\"\n[[server]]\nname = \"app-2\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := []*Experiment{own, scaled, named}
	for _, name := range Names() {
		all = append(all, loadBuiltin(t, name))
	}
	for _, x := range all {
		f(x, &Resolved{Scenario: x.Base})
		for _, r := range x.Variants {
			f(x, r)
		}
	}
}

func TestTOMLResolvesToTheSame(t *testing.T) {
	n := 0
	everyVariant(t, func(x *Experiment, r *Resolved) {
		n++
		for _, comments := range [][]bool{{false, true}, {false}, {true}, {false}}[n%4] { // both ways of a few
			text, err := x.TOML(r, comments)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Load("again.toml", text)
			if err != nil {
				t.Fatalf("%s %q: %v\n%s", x.Name, r.Variant, err, text)
			}
			if got, want := again.Base.hash(), entire(x, r).hash(); got != want {
				t.Errorf("%s %q: resolves to %s, want %s\n%s", x.Name, r.Variant, got, want, text)
			}
			if twice, err := again.TOML(&Resolved{Scenario: again.Base}, comments); err != nil || !bytes.Equal(text, twice) {
				t.Errorf("%s %q: written again it differs (%v)", x.Name, r.Variant, err)
			}
		}
	})
}

// entire is the scenario of a variant as its TOML should resolve: with the
// catalog's defaults in it, and without the other variants.
func entire(x *Experiment, r *Resolved) *Scenario {
	s := *r.Scenario
	s.Name, s.Catalog = x.Name, slices.Clone(s.Catalog)
	for i := range s.Catalog {
		s.Catalog[i] = s.Catalog[i].Filled()
	}
	s.Journeys = slices.Clone(s.Journeys)
	for i := range s.Journeys {
		s.Journeys[i] = s.Journeys[i].Filled()
	}
	if len(s.Variants) > 0 {
		s.Variants, s.Expect = nil, x.expects(r)
	}
	return &s
}

// Every default that the schema states is there.
func TestTOMLHasEveryDefault(t *testing.T) {
	x := loadBuiltin(t, "tokyo-new-york")
	text, err := x.TOML(x.Variants[2], false)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`cache-size = "256MiB"`, `coalesce = "lock"`, `hit-time = "0s"`, `warm = true`, `algorithm = "round-robin"`, `retries = 1`,
		`fall = 3`, `workers = 16`, `queue = 512`, `name = "tokyo-pop"`, `alpha = 0.8`, `timeout = "30s"`, `arrivals = "even"`,
	} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, key := range []string{"think-time", "peak =", "[[variant]]", "[lesson]", "[[event]]"} {
		if strings.Contains(string(text), key) {
			t.Errorf("%s means nothing there", key)
		}
	}
}

// It plays the same, request by request.
func TestTOMLPlaysTheSame(t *testing.T) {
	x := loadBuiltin(t, "server-crash", Setting{"duration", "4s"})
	for _, r := range x.Variants {
		text, err := x.TOML(r, false)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load("again.toml", text)
		if err != nil {
			t.Fatal(err)
		}
		first, second := compareOne(t, x, r), compareOne(t, again, again.Variants[0])
		if first != second {
			t.Errorf("%s: %s\nand %s", r.Variant, first, second)
		}
	}
}

// compareOne is a comparison of one variant, without its name.
func compareOne(t *testing.T, x *Experiment, r *Resolved) string {
	t.Helper()
	alone := *x
	alone.Variants = []*Resolved{r}
	result, err := Run(context.Background(), &alone, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	result.Runs[0].Variant = ""
	var out bytes.Buffer
	if err := report.Comparison(&out, result, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestVariantIsFound(t *testing.T) {
	x := loadBuiltin(t, "tokyo-new-york")
	if r, err := x.Variant("CDN warm"); err != nil || r.Variant != "CDN warm" || !r.Edge.Warm {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := x.Variant(""); err != nil || r.Scenario != x.Base {
		t.Errorf("as written: %v", err)
	}
	if _, err := x.Variant("CDN wram"); err == nil || !strings.Contains(err.Error(), `did you mean "CDN warm"?`) {
		t.Errorf("%v", err)
	}
}

// Filled changes nothing about what is played.
func TestFilledIsTheSame(t *testing.T) {
	for _, r := range loadBuiltin(t, "product-hunt").Variants {
		for i, e := range r.Catalog {
			a, b := load.NewCatalog([]load.Entry{e}), load.NewCatalog([]load.Entry{e.Filled()})
			o := load.Object{Entry: 0, Number: 1}
			if a.Path(o) != b.Path(o) || a.Size(o) != b.Size(o) || a.Status(o) != b.Status(o) || a.Header(o).Get("Etag") != b.Header(o).Get("Etag") {
				t.Errorf("entry %d differs", i)
			}
		}
	}
}
