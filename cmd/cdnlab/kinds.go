// Kinds: what can be listed, each from its registry.
package main

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/geo"
	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/load"
)

var kinds = []kind{
	{"scenarios", "the built-in scenarios, for run and compare", listScenarios},
	{"algorithms", "how a balancer picks a server: balancer.algorithm", entries(&balance.Policies)},
	{"evictions", "who leaves a full cache: edge.eviction", entries(&cache.Evictions)},
	{"faults", "what can go wrong: fault in an [[event]]", entries(&fault.Faults)},
	{"events", "what somebody can do: do in an [[event]]", listActions},
	{"shapes", "how load changes with time: load.shape", entries(&load.Shapes)},
	{"places", "the cities that a place can be", listCities},
	{"regions", "the cloud regions that a place can be", listRegions},
	{"metrics", "what is measured: metric in an [[expect]]", listMetrics},
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

// listActions lists what somebody can do, with the keys that it needs and, in
// brackets, those that it may have.
func listActions() (listing, error) {
	l := listing{head: []string{"NAME", "KEYS", "WHAT IT DOES"}}
	for _, e := range fault.Actions.All() {
		may := e.Value.May
		if !e.Value.Instant {
			may = append(slices.Clone(may), "for")
		}
		keys := slices.Clone(e.Value.Needs)
		for _, key := range may {
			keys = append(keys, "["+key+"]")
		}
		l.add(struct {
			named
			Needs []string `json:"needs,omitempty"`
			May   []string `json:"may,omitempty"`
		}{named{e.Name, e.Says}, e.Value.Needs, may}, e.Name, strings.Join(keys, " "), e.Says)
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
	l := listing{head: []string{"NAME", "UNIT", "DEFINITION"}}
	for _, e := range report.Metrics.All() {
		l.add(struct {
			Name       string `json:"name"`
			Unit       string `json:"unit"`
			Definition string `json:"definition"`
		}{e.Name, string(e.Value.Unit), e.Says}, e.Name, unit(e.Value.Unit), e.Says)
	}
	return l, nil
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
	l := listing{head: []string{"KEY", "TYPE", "DEFAULT", "WHAT IT IS"}}
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
			Values   []string `json:"values,omitempty"`
			Says     string   `json:"says"`
		}{k.Name, k.Type, standard, k.Required, values, k.Says}, k.Name, k.Type, fallback, says)
	}
	return l, nil
}
