// Shards of one variant and seed add up to one run.
package report

import (
	"fmt"
	"maps"
	"slices"

	"cdnlab/sim"
)

// Merge returns the sum of two shards of one (scenario, variant, seed, world).
// Neither is changed. Whatever is no such pair is refused with the reason.
func Merge(a, b *Run) (*Run, error) {
	if err := mergeable(a, b); err != nil {
		return nil, fmt.Errorf("cannot add %s: %w", a.Label(), err)
	}
	sum := *a
	sum.Shards = append(slices.Clone(a.Shards), b.Shards...)
	slices.Sort(sum.Shards)
	sum.Complete = a.Complete && b.Complete
	sum.ClosedLoop = a.ClosedLoop || b.ClosedLoop
	sum.Nodes, sum.Shields, sum.Clusters = union(a.Nodes, b.Nodes), union(a.Shields, b.Shields), union(a.Clusters, b.Clusters)
	sum.Series = addSeries(a.Series, b.Series)
	sum.Events, sum.EventsDropped = addEvents(a, b)
	sum.CountsDropped = saturatingAdd(a.CountsDropped, b.CountsDropped)
	sum.Windows = nil
	for i := range a.Windows {
		m := Measured{Window: a.Windows[i].Window, Counts: map[string]int64{}, Histograms: map[string]*Histogram{}}
		m.add(&a.Windows[i])
		m.add(&b.Windows[i])
		sum.Windows = append(sum.Windows, m)
	}
	sum.Receipt = worseReceipt(a.Receipt, b.Receipt)
	return &sum, nil
}

// union has what either has; nil when neither has anything.
func union(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil && b != nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
}

func mergeable(a, b *Run) error {
	switch {
	case a.Hash != b.Hash:
		return fmt.Errorf("the runs are of different scenarios (%s, %s)", a.Hash, b.Hash)
	case a.Variant != b.Variant:
		return fmt.Errorf("the runs are of different variants (%q, %q)", a.Variant, b.Variant)
	case a.Seed != b.Seed:
		return fmt.Errorf("the runs have different seeds (%d, %d): seeds stay apart", a.Seed, b.Seed)
	case a.World != b.World:
		return fmt.Errorf("the runs are of different worlds (%s, %s)", a.World, b.World)
	case a.Duration != b.Duration || a.Step != b.Step:
		return fmt.Errorf("the runs are of different length (%v, %v)", a.Duration, b.Duration)
	case a.Warmup != b.Warmup:
		return fmt.Errorf("the runs have different warm-ups (%v, %v)", a.Warmup, b.Warmup)
	case len(a.Windows) != len(b.Windows):
		return fmt.Errorf("the runs have different windows")
	}
	for _, s := range a.Shards {
		if slices.Contains(b.Shards, s) {
			return fmt.Errorf("shard %d is in both", s)
		}
	}
	for i := range a.Windows {
		if a.Windows[i].Window != b.Windows[i].Window {
			return fmt.Errorf("the runs have different windows (%q, %q)", a.Windows[i].Name, b.Windows[i].Name)
		}
	}
	return nil
}

// add adds the other window's numbers; its name and span stay.
func (m *Measured) add(other *Measured) {
	addCounts(&m.Counts, other.Counts)
	addCounts(&m.Counters, other.Counters)
	addCounts(&m.Servers, other.Servers)
	addCounts(&m.PoPs, other.PoPs)
	addCounts(&m.Groups, other.Groups)
	addCounts(&m.GroupErrors, other.GroupErrors)
	for name, h := range other.Histograms { // in any order: sums
		if m.Histograms[name] == nil {
			m.Histograms[name] = &Histogram{}
		}
		m.Histograms[name].Add(h)
	}
	for name, p := range other.Places { // in any order: sums
		if m.Places == nil {
			m.Places = map[string]PlaceCount{}
		}
		m.Places[name] = m.Places[name].add(p)
	}
}

func (p PlaceCount) add(q PlaceCount) PlaceCount {
	sum := PlaceCount{
		Requests: saturatingAdd(p.Requests, q.Requests),
		Errors:   saturatingAdd(p.Errors, q.Errors),
		First:    p.First,
	}
	if p.First == nil || q.First != nil && q.First.before(*p.First) {
		sum.First = q.First
	}
	return sum
}

func addCounts(to *map[string]int64, from map[string]int64) {
	for name, n := range from { // in any order: sums
		if *to == nil {
			*to = map[string]int64{}
		}
		(*to)[name] = saturatingAdd((*to)[name], n)
	}
}

func addSeries(a, b map[string][]int64) map[string][]int64 {
	sum := map[string][]int64{}
	for _, series := range []map[string][]int64{a, b} {
		for name, points := range series { // in any order: sums
			for len(sum[name]) < len(points) {
				sum[name] = append(sum[name], 0)
			}
			for i, n := range points {
				sum[name][i] = saturatingAdd(sum[name][i], n)
			}
		}
	}
	return sum
}

// addEvents joins both lists, the lower shard first among events of one time,
// so that the order of merging does not show, and keeps the limit.
func addEvents(a, b *Run) ([]sim.Event, int64) {
	if slices.Min(b.Shards) < slices.Min(a.Shards) {
		a, b = b, a
	}
	events := sortedEvents(append(slices.Clone(a.Events), b.Events...))
	dropped := saturatingAdd(a.EventsDropped, b.EventsDropped)
	if extra := len(events) - maxEvents; extra > 0 {
		events, dropped = events[:maxEvents], dropped+int64(extra)
	}
	return events, dropped
}
