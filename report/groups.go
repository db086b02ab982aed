// Runs put together for a table: a row per variant and world, a value per seed.
package report

import (
	"fmt"
	"slices"
)

// group is the runs of one variant in one world, one per seed.
type group struct {
	label string
	world string
	runs  []*Run // by ascending seed
}

// gather merges the shards and groups what is left, in the order in which the
// variants first appear.
func gather(runs []*Run) ([]*group, error) {
	var groups []*group
	for _, run := range runs {
		i := slices.IndexFunc(groups, func(g *group) bool {
			return g.runs[0].Variant == run.Variant && g.world == run.World
		})
		if i < 0 {
			groups = append(groups, &group{label: run.Label(), world: run.World, runs: []*Run{run}})
			continue
		}
		g := groups[i]
		at, same := slices.BinarySearchFunc(g.runs, run.Seed, bySeed)
		if !same {
			g.runs = slices.Insert(g.runs, at, run)
			continue
		}
		sum, err := Merge(g.runs[at], run)
		if err != nil {
			return nil, err
		}
		g.runs[at] = sum
	}
	nameWorlds(groups)
	return groups, nil
}

func bySeed(run *Run, seed uint64) int {
	switch {
	case run.Seed < seed:
		return -1
	case run.Seed > seed:
		return 1
	}
	return 0
}

// nameWorlds adds the world and what else is special to the labels, where it
// is not the same for all.
func nameWorlds(groups []*group) {
	several := slices.ContainsFunc(groups, func(g *group) bool { return g.world != groups[0].world })
	for _, g := range groups {
		if several {
			g.label = fmt.Sprintf("%s (%s)", g.label, g.world)
		}
		if slices.ContainsFunc(g.runs, func(r *Run) bool { return !r.Complete }) {
			g.label += " (partial)"
		}
	}
}

// sample is one metric of one group in one window.
type sample struct {
	bySeed   map[uint64]float64
	interval Interval
	unit     Unit
	step     float64 // that the values come in; 0 when they come in none
	warnings []Warning
	missing  bool // in every run
	withheld bool // missing because the machine could not hold the load
}

// measure reads a metric of every run of the group. A window that a run does
// not have leaves nothing to measure there.
func (g *group) measure(window, metric string) (sample, error) {
	s := sample{bySeed: map[uint64]float64{}, missing: true}
	var values []float64
	for _, run := range g.runs {
		if _, err := run.Window(window); err != nil {
			continue
		}
		r, err := Measure(run, window, metric)
		if err != nil {
			return s, err
		}
		s.unit = r.Unit
		if r.Missing {
			continue
		}
		s.missing = false
		s.step = max(s.step, r.step)
		s.bySeed[run.Seed] = r.Value
		values = append(values, r.Value)
		if len(r.Warnings) > 0 && len(s.warnings) == 0 {
			s.warnings = r.Warnings // of the first run it befalls: the others say the same
		}
	}
	if s.unit == UnitTime && !s.missing && g.untrusted() != "" {
		return sample{unit: s.unit, missing: true, withheld: true}, nil
	}
	s.interval = MeanInterval(values)
	return s, nil
}

// zero reports whether there is nothing to see in it.
func (s sample) zero() bool {
	if s.missing {
		return !s.withheld
	}
	for _, v := range s.bySeed { // in any order: all are asked
		if v != 0 {
			return false
		}
	}
	return true
}

// text prints a sample: the value, with its interval when there are more seeds.
func (s sample) text() string {
	switch {
	case s.withheld:
		return "?"
	case s.missing:
		return "-"
	}
	return s.interval.Text(s.unit)
}

// untrusted returns why the group's times must not be shown, "" when they may.
func (g *group) untrusted() string {
	for _, run := range g.runs {
		if why := Withheld(run, UnitTime); why != "" {
			return why
		}
	}
	return ""
}

// Withheld returns why a metric of that unit must not be shown or judged of a
// run, "" when it may: a wrong latency is worse than none. What is counted
// stands as it is.
func Withheld(run *Run, unit Unit) string {
	if unit != UnitTime {
		return ""
	}
	if trust, why := Fidelity(run); trust == Useless {
		return why[0]
	}
	return ""
}
