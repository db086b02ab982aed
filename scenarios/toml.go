// TOML: a resolved variant as a file of its own, every default in it.
package scenarios

import (
	"reflect"
	"slices"

	"cdnlab/scenarios/strict"
	"cdnlab/sim/load"
)

// Variant returns one variant; "" is the scenario as written. The error names
// the nearest.
func (x *Experiment) Variant(name string) (*Resolved, error) {
	if name == "" {
		return &Resolved{Hash: x.Base.hash(), Scenario: x.Base}, nil
	}
	var known []string
	for _, r := range x.Variants {
		if r.Variant == name {
			return r, nil
		}
		known = append(known, r.Variant)
	}
	return nil, unknown("variant", name, known)
}

// TOML writes a variant as a scenario of its own, with every default filled in:
// it resolves to the same again. Of what is expected it keeps what can be judged
// without the other variants.
func (x *Experiment) TOML(r *Resolved, comments bool) ([]byte, error) {
	s := x.alone(r)
	for i := range s.Catalog {
		if s.recorded() {
			s.Catalog[i] = s.Catalog[i].FilledRecorded()
			continue
		}
		s.Catalog[i] = s.Catalog[i].Filled()
	}
	s.Journeys = slices.Clone(s.Journeys)
	for i := range s.Journeys {
		s.Journeys[i] = s.Journeys[i].Filled()
	}
	return strict.Write(s, strict.WriteOptions{Defaults: true, Comments: comments})
}

// alone returns a variant without the others, ready to be written.
func (x *Experiment) alone(r *Resolved) *Scenario {
	s := *r.Scenario
	s.Name = x.Name
	s.Load = meant(s.Load)
	s.listServers()
	s.Catalog = slices.Clone(s.Catalog)
	if len(s.Variants) > 0 {
		s.Variants, s.Lesson = nil, nil // the lesson is about their differences
		s.Expect = x.expects(r)
	}
	return &s
}

// listServers has the servers listed, as they may have names of their own. Those that
// the autoscaler may add are listed when a number says how many there are before:
// else none of them is described.
func (s *Scenario) listServers() {
	n := s.Origin.Servers
	s.Origin.Servers = 0
	if !s.autoscales() {
		return
	}
	for _, v := range s.Servers[:n] {
		if k, numbered := appNumber(v.Name); !numbered || k > n {
			s.Servers = s.Servers[:n]
			return
		}
	}
	s.Origin.Servers = n
}

// expects are the expectations of one variant that need no other.
func (x *Experiment) expects(r *Resolved) []Expect {
	var known []string
	for _, v := range x.Base.Variants {
		known = append(known, v.Name)
	}
	var kept []Expect
	for _, e := range x.Base.Expect {
		b, err := parseExpect(e, known)
		if err == nil && b.variant == "" && (e.Variant == "" || e.Variant == r.Variant) {
			e.Variant = ""
			kept = append(kept, e)
		}
	}
	return kept
}

// meant returns a load with only the keys that mean something to its shape: the
// others have defaults too, but may not be given.
func meant(c load.Config) load.Config {
	kind, err := load.Shapes.Get(c.Shape)
	if err != nil {
		return c
	}
	always := []string{"shape"}
	if !kind.Closed {
		always = append(always, "unit")
	}
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("toml")
		if !slices.Contains(always, key) && !slices.Contains(kind.Needs, key) && !slices.Contains(kind.May, key) {
			v.Field(i).SetZero()
		}
	}
	return c
}
