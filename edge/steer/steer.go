// Package steer says which PoP a client reaches.
package steer

import (
	"cmp"
	"slices"
	"time"
)

// Steer sends clients to the nearest PoP by round-trip time among those that
// are up; of two equally near, to the one that comes first in the scenario.
// The order is worked out once for each place. It is a decider: not safe for
// concurrent use, and it never looks at a clock.
type Steer struct {
	pops  []string // their places
	rtt   func(a, b string) time.Duration
	down  []bool
	order map[string][]int // PoPs by nearness, for each place asked about
}

// None is the index when every PoP is down.
const None = -1

// New returns a Steer for PoPs at these places, all up. rtt is the round-trip
// time between two places.
func New(pops []string, rtt func(a, b string) time.Duration) *Steer {
	return &Steer{pops: slices.Clone(pops), rtt: rtt, down: make([]bool, len(pops)), order: map[string][]int{}}
}

// Prepare works out the order for places, so that no Pick has to.
func (s *Steer) Prepare(places ...string) {
	for _, place := range places {
		s.nearest(place)
	}
}

// Pick returns the index of the PoP that clients of a place reach, or None.
func (s *Steer) Pick(place string) int {
	for _, i := range s.nearest(place) {
		if !s.down[i] {
			return i
		}
	}
	return None
}

// SetUp tells whether a PoP takes clients.
func (s *Steer) SetUp(index int, up bool) { s.down[index] = !up }

func (s *Steer) nearest(place string) []int {
	if order, known := s.order[place]; known {
		return order
	}
	order := make([]int, len(s.pops))
	away := make([]time.Duration, len(s.pops))
	for i, pop := range s.pops {
		order[i], away[i] = i, s.rtt(place, pop)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(away[a], away[b]) })
	s.order[place] = order
	return order
}
