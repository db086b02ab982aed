// Kinds: what can be listed, each from its registry.
package main

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/geo"
	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// kinds are all that can be listed, in the order of the help.
var kinds = []kind{
	{"scenarios", "the built-in scenarios, for run and compare", listScenarios},
	{"topics", "what 'cdnlab explain' explains", listTopics},
	{"algorithms", "how a balancer picks a server: balancer.algorithm", withDefault(entries(&balance.Policies), "balancer.algorithm")},
	{"evictions", "who leaves a full cache: edge.eviction", withDefault(entries(&cache.Evictions), "edge.eviction")},
	{"admissions", "what comes into a cache: edge.admission", withDefault(entries(&cache.Admissions), "edge.admission")},
	{"faults", "what can go wrong: fault in an [[event]]", withKeys(entries(&fault.Faults), "[[event]]", faultKeys)},
	{"events", "what somebody can do: do in an [[event]]", withKeys(entries(&fault.Actions), "[[event]]", actionKeys)},
	{"access", "the last miles that clients can be on: access in [[clients]]", listAccess},
	{"shapes", "how load changes with time: load.shape", withDefault(withKeys(entries(&load.Shapes), "[load]", shapeKeys), "load.shape")},
	{"traces", "the traces that come with the lab: load.trace", listTraces},
	{"places", "the cities that a place can be", listCities},
	{"regions", "the cloud regions that a place can be", listRegions},
	{"metrics", "what is measured: metric in an [[expect]]", listMetrics},
	{"expectations", "what an [[expect]] may say", listExpectations},
	{"costs", "what each kind of work costs a node, as calibrated: [cpu]", listCosts},
	{"keys", "the keys of a scenario file, for --set and --vary too", listKeys},
}

// named is a thing with a name and a line that says what it is.
type named struct {
	Name string `json:"name"`
	Says string `json:"says"`
}

// entries lists a registry.
func entries[T any](r *sim.Registry[T]) func() (listing, error) {
	return func() (listing, error) {
		l := listing{head: []string{"NAME", "WHAT IT DOES"}}
		for _, e := range r.All() {
			l.add(named{e.Name, e.Says}, e.Name, e.Says)
		}
		return l, nil
	}
}

func listTraces() (listing, error) {
	l := listing{head: []string{"NAME", "WHAT IT IS"}}
	for _, t := range scenarios.Traces {
		l.add(named(t), t.Name, t.Says)
	}
	return l, nil
}

func (l *listing) add(item any, row ...string) {
	l.items = append(l.items, item)
	l.rows = append(l.rows, row)
}

func listScenarios() (listing, error) {
	l := listing{head: []string{"NAME", "THE QUESTION"}}
	for _, name := range scenarios.Names() {
		x, err := open(name)
		if err != nil {
			return l, err
		}
		l.add(struct {
			Name     string   `json:"name"`
			Question string   `json:"question"`
			Variants []string `json:"variants"`
		}{name, x.Question, variantNames(x)}, name, x.Question)
	}
	return l, nil
}

func variantNames(x *scenarios.Experiment) []string {
	names := []string{}
	for _, v := range x.Base.Variants {
		names = append(names, v.Name)
	}
	return names
}

// listAccess lists the last miles, with where their numbers come from.
func listAccess() (listing, error) {
	l := listing{head: []string{"NAME", "WHAT IT IS", "RTT", "DOWN", "UP", "WHERE THE NUMBERS COME FROM"}}
	for _, e := range network.Accesses.All() {
		a := e.Value
		l.add(struct {
			Name   string        `json:"name"`
			Says   string        `json:"says"`
			RTT    time.Duration `json:"rtt_ns"`
			Down   int64         `json:"down_bits_per_second"`
			Up     int64         `json:"up_bits_per_second"`
			Source string        `json:"source"`
		}{e.Name, e.Says, a.RTT, int64(a.RateBack), int64(a.Rate), a.Source}, e.Name, e.Says, a.RTT.String(), a.RateBack.String(), a.Rate.String(), a.Source)
	}
	return l, nil
}

// place is a place as programs read it.
type place struct {
	Name      string  `json:"name"`
	Code      string  `json:"code"`
	Country   string  `json:"country"`
	ISO2      string  `json:"iso2"`
	Continent string  `json:"continent"`
	Lat       float64 `json:"lat"`
	Lon       float64 `json:"lon"`
}

func listCities() (listing, error) {
	l := listing{head: []string{"NAME", "CODE", "COUNTRY", "LATITUDE", "LONGITUDE"}}
	for _, p := range geo.Places() {
		l.add(place(p), p.Name, p.Code, p.Country, degrees(p.Lat), degrees(p.Lon))
	}
	return l, nil
}

func listRegions() (listing, error) {
	l := listing{head: []string{"NAME", "COUNTRY", "LATITUDE", "LONGITUDE"}}
	for _, p := range geo.Regions() {
		l.add(place(p), p.Name, p.Country, degrees(p.Lat), degrees(p.Lon))
	}
	return l, nil
}

func degrees(d float64) string { return fmt.Sprintf("%.2f", d) }

func listMetrics() (listing, error) {
	l := listing{head: []string{"NAME", "UNIT", "BETTER", "DEFINITION"}, more: map[string][]string{}}
	for _, e := range report.Metrics.All() {
		l.add(struct {
			Name       string `json:"name"`
			Unit       string `json:"unit"`
			Better     string `json:"better,omitempty"`
			Definition string `json:"definition"`
			More       string `json:"more,omitempty"`
		}{e.Name, string(e.Value.Unit), better(e.Value.Better), e.Says, e.Value.More}, e.Name, unit(e.Value.Unit), better(e.Value.Better), e.Says)
		if e.Value.More != "" {
			l.more[e.Name] = append(l.more[e.Name], e.Value.More)
		}
		l.more[e.Name] = append(l.more[e.Name], fmt.Sprintf("In a scenario: [[expect]] metric = %q, is = %q. "+
			"In a table: cdnlab compare NAME --columns %[1]s.", strings.NewReplacer("<node>", "app-1", "<cause>", "refused", "<group>", "users").Replace(e.Name), boundOf[e.Value.Unit]))
	}
	return l, nil
}

// boundOf is an example of a bound for each unit.
var boundOf = map[report.Unit]string{
	report.UnitTime: "< 200ms", report.UnitRatio: "> 95%", report.UnitRate: "> 500", report.UnitCount: "< 100",
	report.UnitBytes: "< 1000000", report.UnitByteRate: "> 1000000", report.UnitNone: "< 1",
}

// better is which way is good.
func better(b report.Better) string {
	switch b {
	case report.Higher:
		return "higher"
	case report.Lower:
		return "lower"
	}
	return ""
}

func listExpectations() (listing, error) {
	l := listing{head: []string{"NAME", "EXAMPLE", "MEANING"}}
	for _, r := range scenarios.Grammar() {
		l.add(struct {
			Name    string `json:"name"`
			Example string `json:"example,omitempty"`
			Says    string `json:"says"`
		}{r.Name, r.Example, r.Says}, r.Name, r.Example, r.Says)
	}
	return l, nil
}

// withKeys says of each registered thing which keys of a table it needs, and
// which it may have.
func withKeys(list func() (listing, error), table string, keys func(name string) (needs, may []string)) func() (listing, error) {
	return func() (listing, error) {
		l, err := list()
		l.more = map[string][]string{}
		for _, name := range l.names() {
			needs, may := keys(name)
			for _, part := range []struct {
				verb string
				keys []string
			}{{"needs", needs}, {"may have", may}} {
				if len(part.keys) > 0 {
					l.more[name] = append(l.more[name], fmt.Sprintf("In %s it %s: %s.", table, part.verb, strings.Join(part.keys, ", ")))
				}
			}
		}
		return l, err
	}
}

// withDefault says of the value that a key has when it is not given that it is.
func withDefault(list func() (listing, error), key string) func() (listing, error) {
	return func() (listing, error) {
		l, err := list()
		if l.more == nil {
			l.more = map[string][]string{}
		}
		if k, err := findKey(allKeys(), key); err == nil {
			name := strings.Trim(k.Default, `"`)
			l.more[name] = append(l.more[name], "The default of "+key+".")
		}
		return l, err
	}
}

func shapeKeys(name string) (needs, may []string) {
	kind, err := load.Shapes.Get(name)
	if err != nil {
		return nil, nil
	}
	return kind.Needs, kind.May
}

func actionKeys(name string) (needs, may []string) {
	kind, err := fault.Actions.Get(name)
	if err != nil {
		return nil, nil
	}
	common := []string{"at", "says"}
	if !kind.Instant {
		common = append(common, "for")
	}
	return kind.Needs, append(common, kind.May...)
}

func faultKeys(name string) (needs, may []string) {
	kind, err := fault.Faults.Get(name)
	if err != nil {
		return nil, nil
	}
	return kind.Needs, append([]string{"at", "for", "says"}, kind.May...)
}

// unit is a metric's unit as an expectation writes it: times with a unit of
// their own (10ms), shares as 0.95 or 95%.
func unit(u report.Unit) string {
	switch u {
	case report.UnitTime:
		return "time"
	case report.UnitRatio:
		return "share"
	}
	return string(u)
}

func listKeys() (listing, error) {
	l := listing{head: []string{"KEY", "TYPE", "DEFAULT", "RANGE", "WHAT IT IS"}}
	for _, k := range allKeys() {
		values := choices(k)
		if k.Type == "boolean" {
			values = nil // the type says it
		}
		says := k.Says
		if len(values) > 0 {
			says = strings.TrimSpace(says + " (" + strings.Join(values, ", ") + ")")
		}
		standard := strings.Trim(k.Default, `"`)
		fallback := standard
		if k.Required {
			fallback = "(required)"
		}
		l.add(struct {
			Key      string   `json:"key"`
			Type     string   `json:"type"`
			Default  string   `json:"default,omitempty"`
			Required bool     `json:"required,omitempty"`
			Range    string   `json:"range,omitempty"`
			Values   []string `json:"values,omitempty"`
			Says     string   `json:"says"`
		}{k.Name, k.Type, standard, k.Required, k.Range, values, k.Says}, k.Name, k.Type, fallback, k.Range, says)
	}
	return l, nil
}
