// What people need of a machine, and what is said of them beforehand.
package main

import (
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/scenarios"
)

// TestCrowdNeeds: people keep connections while they think, so they need more
// of them than their requests do.
func TestCrowdNeeds(t *testing.T) {
	set := func(key string, value any) scenarios.Setting { return scenarios.Setting{Key: key, Value: value} }
	for _, c := range []struct {
		settings  []scenarios.Setting
		low, high int
	}{
		{nil, 3000, 12_000}, // 1,000 a second, each there for a second or two with three connections
		{[]scenarios.Setting{set("load.peak", int64(200))}, 500, 3000},
		{[]scenarios.Setting{set("journey.0.think-time", "30s")}, 25_000, 80_000},
		{[]scenarios.Setting{set("clients.0.limits.max-connections", int64(1)), set("clients.1.limits.max-connections", int64(1)),
			set("clients.2.limits.max-connections", int64(1))}, 1000, 4000},
	} {
		v := withPeople(t, c.settings...)
		n, err := needs(v)
		if err != nil {
			t.Fatal(err)
		}
		if n.files < c.low || n.files > c.high {
			t.Errorf("%v: %d files, want %d to %d", c.settings, n.files, c.low, c.high)
		}
		if !strings.Contains(n.less, "--set load.peak=") || !strings.Contains(n.less, "max-connections") {
			t.Errorf("%v: what to do: %s", c.settings, n.less)
		}
	}
}

// withPeople is product-hunt's variant with people.
func withPeople(t *testing.T, settings ...scenarios.Setting) *scenarios.Resolved {
	t.Helper()
	x, err := open("product-hunt", settings...)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range x.Variants {
		if v.Load.People(v.Journeys) {
			if len(settings) > 0 && settings[0].Key == "load.peak" {
				v.Load.Peak = float64(settings[0].Value.(int64)) // the variant has its own
			}
			return v
		}
	}
	t.Fatal("product-hunt has no variant with people")
	return nil
}

func TestEstimateKnowsPeople(t *testing.T) {
	x, err := open("product-hunt")
	if err != nil {
		t.Fatal(err)
	}
	p := &play{x: x, world: report.Virtual, runs: 1}
	if got := p.estimate(); !strings.Contains(got, "5 variants of 13s, 1 of them with 11,020 people, in virtual time") {
		t.Errorf("estimate: %s", got)
	}
	x.Variants = x.Variants[:2]
	if got := p.estimate(); strings.Contains(got, "people") {
		t.Errorf("estimate of requests: %s", got)
	}
	x.Variants = []*scenarios.Resolved{withPeople(t)}
	if got := p.estimate(); !strings.Contains(got, "1 variant of 13s with 11,020 people") {
		t.Errorf("estimate of one: %s", got)
	}
}

// TestCrowdLater: settings change how many people come.
func TestCrowdLater(t *testing.T) {
	x, err := scenarios.Load("later.toml", []byte(`name = "later"
duration = "10s"
[load]
unit = "people"
rate = 10
[[clients]]
id = "a"
place = "Tokyo"
[[catalog]]
path = "/"
[[journey]]
name = "a"
[[journey.step]]
page = "/"
[[event]]
at = "4s"
for = "5s"
do = "set"
set = { load.rate = 100 }
`))
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := crowdOf(x.Variants[0]); c.come != 4*10+5*100+10 || c.rate != 100 {
		t.Errorf("%d people come, up to %v requests/s", c.come, c.rate)
	}
}
