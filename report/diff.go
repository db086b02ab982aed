// Diffs: two results of one scenario, before and after a change.
package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// DiffOptions say what is compared and what must not happen.
type DiffOptions struct {
	OldName, NewName string      // of the files, for messages
	Alpha            float64     // of the test; 0 is 0.05
	Thresholds       []Threshold // beside the new result's own
	Metrics          []string    // the rows; nil are the usual ones
	Window           string      // "" is the whole run
	Force            bool        // compare scenarios that were played differently too
}

// Diff is a comparison of two results.
type Diff struct {
	Scenario         string
	Rows             []DiffRow
	OnlyOld, OnlyNew []string // variants that one result lacks
	LeftOut          []string // runs that are not compared, and why
	Settings         []SettingsChange
	Judged           []Judged
	NoLonger         []Expectation // held before, and do not now

	o    DiffOptions
	lone []string // the variants of OnlyOld and OnlyNew, by their bare names
}

// DiffRow is a variant in a world that both results have.
type DiffRow struct {
	Label, Variant, World string
	// Seeds are those of paired runs; nil when they are not paired.
	Seeds []uint64
	// Identical is how many of them gave the same numbers throughout, whether a
	// metric looks at them or not.
	Identical int
	Deltas    []Delta

	old, new *group
	ttfb     bool // left out, being the latency
}

// SettingsChange is how one variant was played differently.
type SettingsChange struct {
	Variant string
	Keys    []KeyChange // none: they differ, but a result does not say how
}

// defaultAlpha is the usual level, benchstat's too.
const defaultAlpha = 0.05

// NewDiff compares two results. What cannot be compared is an error that says
// why.
func NewDiff(before, after *Result, o DiffOptions) (*Diff, error) {
	if o.Alpha == 0 {
		o.Alpha = defaultAlpha
	}
	if o.Window == "" {
		o.Window = All
	}
	if before.Scenario != after.Scenario {
		return nil, fmt.Errorf("%s is of the scenario %q, %s of %q: there is nothing to compare", o.OldName, before.Scenario, o.NewName, after.Scenario)
	}
	d := &Diff{Scenario: after.Scenario, o: o}
	if err := d.match(before, after); err != nil {
		return nil, err
	}
	if d.Settings = settingsChanges(d.Rows, before, after); len(d.Settings) > 0 && !o.Force {
		return nil, d.refusal()
	}
	if err := d.measure(); err != nil {
		return nil, err
	}
	if err := d.judge(after.Regressions); err != nil {
		return nil, err
	}
	d.NoLonger = noLonger(before.Expectations, after.Expectations)
	return d, nil
}

// match finds the variants that both results have.
func (d *Diff) match(before, after *Result) error {
	was, err := d.whole(before.Runs, d.o.OldName)
	if err != nil {
		return err
	}
	is, err := d.whole(after.Runs, d.o.NewName)
	if err != nil {
		return err
	}
	for _, g := range is {
		i := slices.IndexFunc(was, g.alike)
		if i < 0 {
			d.OnlyNew, d.lone = append(d.OnlyNew, g.label), append(d.lone, g.runs[0].Variant)
			continue
		}
		row := DiffRow{Label: g.label, Variant: g.runs[0].Variant, World: g.world, old: was[i], new: g}
		row.pair()
		d.Rows = append(d.Rows, row)
	}
	for _, g := range was {
		if !slices.ContainsFunc(is, g.alike) {
			d.OnlyOld, d.lone = append(d.OnlyOld, g.label), append(d.lone, g.runs[0].Variant)
		}
	}
	if len(d.Rows) == 0 {
		return fmt.Errorf("%s and %s have no variant and world in common: %s; %s", d.o.OldName, d.o.NewName, list(d.OnlyOld), list(d.OnlyNew))
	}
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "no whole run"
	}
	return strings.Join(names, ", ")
}

// whole groups the runs that reached their end.
func (d *Diff) whole(runs []*Run, file string) ([]*group, error) {
	groups, err := gather(runs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var kept []*group
	for _, g := range groups {
		g.label = fmt.Sprintf("%s (%s)", g.runs[0].Label(), g.world)
		g.runs = slices.DeleteFunc(g.runs, func(r *Run) bool {
			if !r.Complete {
				d.LeftOut = append(d.LeftOut, fmt.Sprintf("%s of %s with seed %d was interrupted", g.label, file, r.Seed))
			}
			return !r.Complete
		})
		if len(g.runs) > 0 {
			kept = append(kept, g)
		}
	}
	return kept, nil
}

// alike reports whether two groups are of one variant and world.
func (g *group) alike(other *group) bool {
	return g.world == other.world && g.runs[0].Variant == other.runs[0].Variant
}

// pair pairs the runs of equal seeds in virtual time. Live runs of one seed
// have the same users, but not the same machine: they are no pairs.
func (row *DiffRow) pair() {
	if row.World != Virtual {
		return
	}
	for _, is := range row.new.runs {
		if at, found := slices.BinarySearchFunc(row.old.runs, is.Seed, bySeed); found {
			row.Seeds = append(row.Seeds, is.Seed)
			if identical(row.old.runs[at], is) {
				row.Identical++
			}
		}
	}
}

// identical reports whether two runs came to the same, in all that is kept of
// them but the windows, which depend on what is asked of a run.
func identical(a, b *Run) bool {
	encode := func(r *Run) string {
		text, err := marshalRun(&Run{Duration: r.Duration, Windows: r.Windows[:1], Series: r.Series, Events: r.Events})
		if err != nil {
			panic("report: a run that was read cannot be written: " + err.Error())
		}
		return string(text)
	}
	return encode(a) == encode(b)
}

// settingsChanges are the variants that were played differently. Equal hashes
// are equal scenarios; unequal ones may be so for what plays no part.
func settingsChanges(rows []DiffRow, before, after *Result) []SettingsChange {
	var all []SettingsChange
	for _, row := range rows {
		was, is := row.old.runs[0].Hash, row.new.runs[0].Hash
		if was == is || slices.ContainsFunc(all, func(c SettingsChange) bool { return c.Variant == row.Variant }) {
			continue
		}
		change := SettingsChange{Variant: row.Variant}
		a, b := before.Settings[was], after.Settings[is]
		if a != nil && b != nil {
			if change.Keys = settingsDiffer(a, b); len(change.Keys) == 0 {
				continue
			}
		}
		all = append(all, change)
	}
	return all
}

// refusal says why the two are not compared unasked.
func (d *Diff) refusal() error {
	lines := []string{fmt.Sprintf("%s and %s were played from different scenarios of the name %q:", d.o.OldName, d.o.NewName, d.Scenario)}
	for _, line := range d.settingsLines() {
		lines = append(lines, "  "+line)
	}
	return errors.New(strings.Join(append(lines, "--force compares them nevertheless"), "\n"))
}

// maxKeysShown bounds the keys that are named; the number of the others is said.
const maxKeysShown = 12

// settingsLines says what differs. What is the same for all variants stands
// there once.
func (d *Diff) settingsLines() []string {
	var lines []string
	say := func(who string, keys []KeyChange) {
		for i, k := range keys {
			if i == maxKeysShown {
				lines = append(lines, fmt.Sprintf("%sand %d more keys", who, len(keys)-i))
				return
			}
			lines = append(lines, who+k.String())
		}
	}
	common := d.commonKeys()
	say("", common)
	for _, c := range d.Settings {
		who := (&Run{Identity: Identity{Variant: c.Variant}}).Label() + ": "
		if len(c.Keys) == 0 {
			lines = append(lines, who+"their hashes differ, and one of the files does not say what was played")
		}
		say(who, slices.DeleteFunc(slices.Clone(c.Keys), func(k KeyChange) bool { return slices.Contains(common, k) }))
	}
	return lines
}

// commonKeys are the changes of every variant, when there are several.
func (d *Diff) commonKeys() []KeyChange {
	if len(d.Settings) < 2 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Settings[0].Keys), func(k KeyChange) bool {
		return slices.ContainsFunc(d.Settings, func(c SettingsChange) bool { return !slices.Contains(c.Keys, k) })
	})
}
