// Joining results: shards of one run add up, seeds stand side by side.
package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Join puts results of one scenario together, under the names of their files.
// Shards of one variant, seed and world are added. The expectations are left
// out: they were judged of the parts.
func Join(results []*Result, names []string) (*Result, error) {
	if len(results) == 1 {
		return results[0], nil
	}
	sum := *results[0]
	sum.Runs, sum.Expectations, sum.Settings = nil, nil, maps.Clone(sum.Settings)
	for i, r := range results {
		if r.Scenario != sum.Scenario || r.Hash != sum.Hash {
			return nil, fmt.Errorf("%s is of the scenario %q (%s), %s of %q (%s): they do not add up",
				names[0], sum.Scenario, sum.Hash, names[i], r.Scenario, r.Hash)
		}
		if sum.Settings == nil && r.Settings != nil {
			sum.Settings = map[string]json.RawMessage{}
		}
		maps.Copy(sum.Settings, r.Settings)
		for _, run := range r.Runs {
			if err := sum.enter(run); err != nil {
				return nil, fmt.Errorf("%s: %w", names[i], err)
			}
		}
	}
	return &sum, sum.Validate()
}

// enter adds a run to the one that it is a shard of, or behind the others.
func (r *Result) enter(run *Run) error {
	for _, o := range r.Runs {
		if o.Variant == run.Variant && o.Hash != run.Hash {
			return fmt.Errorf("%s was played differently there (hash %s, not %s)", run.Label(), run.Hash, o.Hash)
		}
	}
	at := slices.IndexFunc(r.Runs, func(o *Run) bool {
		return o.Variant == run.Variant && o.Seed == run.Seed && o.World == run.World
	})
	if at < 0 {
		r.Runs = append(r.Runs, run)
		return nil
	}
	whole, err := Merge(r.Runs[at], run)
	if err != nil {
		return err
	}
	r.Runs[at] = whole
	return nil
}
