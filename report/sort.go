// The order of a comparison's rows.
package report

import (
	"cmp"
	"slices"
)

// order puts the groups in the order of o.Sort, the best first; where no way is better,
// the least. Those without a value come last, and ties stay as they were. What is
// marked as noise beside the first row is then as good as the best, as far as is known.
func order(groups []*group, o Options) error {
	if o.Sort == "" {
		return nil
	}
	m, _, err := Find(o.Sort)
	if err != nil {
		return err
	}
	samples := map[*group]sample{}
	var unknown error
	for _, g := range groups {
		s, err := g.measure(o.Window, o.Sort)
		if err != nil { // a node that this variant does not have
			unknown, s = err, sample{missing: true}
		}
		samples[g] = s
	}
	if len(groups) > 0 && unknown != nil && !slices.ContainsFunc(groups, func(g *group) bool { return !samples[g].missing }) {
		return unknown
	}
	slices.SortStableFunc(groups, func(x, y *group) int {
		a, b := samples[x], samples[y]
		switch {
		case a.missing && b.missing:
			return 0
		case a.missing:
			return 1
		case b.missing:
			return -1
		case m.Better == Higher:
			return cmp.Compare(b.interval.Mean, a.interval.Mean)
		}
		return cmp.Compare(a.interval.Mean, b.interval.Mean)
	})
	return nil
}
