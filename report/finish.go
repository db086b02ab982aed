// From a recorder to a run.
package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"cdnlab/sim"
)

// Finish returns what was recorded. end is when the load ended; complete says
// whether that was the planned time. The recorder may go on afterwards.
func (r *Recorder) Finish(end sim.Time, complete bool) *Run {
	run := &Run{
		Identity:      r.plan.Identity,
		Complete:      complete,
		Duration:      min(time.Duration(end), r.plan.Duration),
		Warmup:        r.plan.Warmup,
		Steady:        r.plan.Steady,
		ClosedLoop:    r.plan.ClosedLoop,
		Nodes:         maps.Clone(r.plan.Nodes),
		Shields:       maps.Clone(r.plan.Shields),
		Clusters:      maps.Clone(r.plan.Clusters),
		Step:          r.step,
		Series:        r.series(),
		Events:        sortedEvents(r.events),
		EventsDropped: r.eventsDropped,
		CountsDropped: r.countsDropped,
	}
	last := sim.Time(run.Duration)
	windows := append([]Window{{Name: All, From: r.warmup, To: last}}, r.plan.Windows...)
	for i, w := range windows {
		m := r.measure(w, i == 0)
		m.From, m.To = min(w.From, last), min(w.To, last)
		run.Windows = append(run.Windows, m)
	}
	return run
}

// sortedEvents orders events by time. Those of one time keep the order in which
// they came, so that a cause stays before its effect.
func sortedEvents(events []sim.Event) []sim.Event {
	sorted := append([]sim.Event{}, events...)
	slices.SortStableFunc(sorted, func(a, b sim.Event) int { return cmp.Compare(a.At, b.At) })
	return sorted
}

// measure adds up the segments of a window; the whole run takes what comes
// after its end too (a node's last counters).
func (r *Recorder) measure(w Window, all bool) Measured {
	sum := Measured{Window: w, Counts: map[string]int64{}, Histograms: map[string]*Histogram{}}
	for i := range r.segments {
		if s := &r.segments[i]; all || s.from >= w.From && s.to <= w.To {
			part := r.part(s)
			sum.add(&part)
		}
	}
	return sum
}

// part returns one segment in the form of a window.
func (r *Recorder) part(s *segment) Measured {
	m := Measured{
		Counts:      map[string]int64{},
		Histograms:  map[string]*Histogram{},
		Counters:    map[string]int64{},
		Servers:     r.servers.named(s.servers),
		PoPs:        r.pops.named(s.pops),
		Groups:      r.groups.named(s.groups),
		GroupErrors: r.groups.named(s.groupErrors),
		Places:      map[string]PlaceCount{},
	}
	for i, n := range s.counts {
		if n != 0 && countNames[i] != "" {
			m.Counts[countNames[i]] = n
		}
	}
	for i, name := range histNames {
		if h := s.kept(i); h != nil {
			m.Histograms[name] = h
		}
	}
	for id, n := range s.nodes {
		if n != 0 {
			m.Counters[r.counter[id].name] = n
		}
	}
	for id, p := range s.places {
		if id > 0 && p.requests > 0 {
			m.Places[r.places.list[id]] = p.count()
		}
	}
	return m
}

func (p place) count() PlaceCount {
	c := PlaceCount{Requests: p.requests, Errors: p.errors}
	if p.answered {
		c.First = &p.first
	}
	return c
}

// series returns the counts per step that are not all zero.
func (r *Recorder) series() map[string][]int64 {
	all := map[string][]int64{}
	for i, name := range tickNames {
		points, any := make([]int64, len(r.ticks)), false
		for j := range r.ticks {
			points[j] = r.ticks[j][i]
			any = any || points[j] != 0
		}
		if any {
			all[name] = points
		}
	}
	for _, c := range r.counter {
		all[c.name] = slices.Clone(c.series)
	}
	return all
}
