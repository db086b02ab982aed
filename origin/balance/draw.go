// Draws: the few servers that a policy of d choices looks at.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

// The ways to draw some servers of many.
const (
	SamplingDistinct    = "distinct"
	SamplingReplacement = "replacement"
)

// Samplings lists the ways to draw.
func Samplings() []string { return []string{SamplingDistinct, SamplingReplacement} }

// maxChoices bounds d: beyond ten or so there is nothing to be gained.
const maxChoices = 32

// drawn draws servers and keeps the best of them. Each is drawn in proportion to its
// weight, as nginx (random two) and HAProxy (random) do.
type drawn struct {
	servers  *Servers
	dice     *rand.Rand
	choices  int
	distinct bool

	last [maxChoices]*Server // of the last pick, for who asks why
	n    int
}

func newDrawn(cfg Config, t Tools) drawn {
	return drawn{servers: t.Servers, dice: t.Dice, choices: cfg.Choices, distinct: cfg.Sampling == SamplingDistinct}
}

// better says which of two servers a policy would rather have.
type better interface {
	better(now sim.Time, a, b *Server) bool
}

// best returns the best of the draws, of equals the one drawn first; nil when nobody
// is eligible. It takes O(d log n).
func (d *drawn) best(now sim.Time, by better) *Server {
	d.n = 0
	if d.servers.eligible == 0 {
		return nil
	}
	if d.distinct && d.servers.eligible <= d.choices {
		d.all()
	} else {
		d.some()
	}
	best := d.last[0]
	for _, s := range d.last[1:d.n] {
		if by.better(now, s, best) {
			best = s
		}
	}
	return best
}

// all takes every eligible server, from a random one on: there are no more than
// choices, and nobody may win all ties.
func (d *drawn) all() {
	s := d.servers.Nth(d.dice.IntN(d.servers.eligible))
	for range d.servers.eligible {
		d.last[d.n] = s
		d.n++
		s = d.servers.Next(s.index + 1)
	}
}

// maxRedraws bounds the draws for one more server that is not drawn yet. When most of
// the weight is one server's, the next in order is as good.
const maxRedraws = 32

// some draws choices servers.
func (d *drawn) some() {
	for d.n < d.choices {
		s := d.draw()
		for tries := 0; d.distinct && d.has(s); tries++ {
			if tries < maxRedraws {
				s = d.draw()
			} else {
				s = d.servers.Next(s.index + 1)
			}
		}
		d.last[d.n] = s
		d.n++
	}
}

// draw draws one: AtShare, without the call that it would take here.
func (d *drawn) draw() *Server {
	s := d.servers
	return s.all[s.shares.find(d.dice.Int64N(s.shares.total))]
}

func (d *drawn) has(s *Server) bool {
	for _, other := range d.last[:d.n] {
		if other == s {
			return true
		}
	}
	return false
}

// words lists what the draws were, by what each has.
func (d *drawn) words(of func(*Server) string) string {
	names := make([]string, d.n)
	for i, s := range d.last[:d.n] {
		names[i] = s.Name + " (" + of(s) + ")"
	}
	return fmt.Sprintf("the better of %d drawn: %s", d.n, listed(names))
}
