// Crowds: how many people a scenario has, and what that means for a live run.
package main

import (
	"fmt"
	"math"
	"slices"
	"time"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim/load"
)

// crowd is what the people of a variant come to, roughly.
type crowd struct {
	come    int           // in all
	present int           // at a time, at the most, those between two visits among them
	rate    float64       // requests per second at the peak
	conns   int           // of each, as many as their largest page asks for at once
	stay    time.Duration // for a visit
	away    time.Duration // between two visits; 0: they do not come back
}

// perPage is what a page takes beside thinking, in an estimate of how long
// people stay.
const perPage = 500 * time.Millisecond

// crowdOf returns the people of a variant; false when its load is requests.
func crowdOf(v *scenarios.Resolved) (crowd, bool) {
	if !v.Load.People(v.Journeys) {
		return crowd{}, false
	}
	m := load.MeansOf(v.Journeys)
	c := crowd{conns: m.AtOnce, stay: m.Thinking + time.Duration(m.Pages*float64(perPage))}
	if v.Load.Closed() {
		c.come = max(v.Load.Users, int(v.Load.Peak))
		c.present, c.away = c.come, v.Load.ThinkTime
		c.rate = float64(c.come) * m.Requests / (c.stay + c.away).Seconds()
		return c, true
	}
	peak := peakRate(v.Scenario)
	c.come = int(v.Arrivals())
	c.present = min(c.come, int(peak*c.stay.Seconds())+1)
	c.rate = peak * m.Requests
	return c, true
}

// connections is how many those in a group have open at a time: they keep them
// while they think, and for a while after a visit.
func (c crowd) connections(g scenarios.Group, share float64) int {
	kept := float64(c.stay+min(c.away, g.Conns.Idle)) / float64(c.stay+c.away)
	return int(math.Ceil(float64(c.present) * share * kept * float64(min(c.conns, g.Conns.Limit))))
}

// less says what may be done where a crowd needs too much.
func (c crowd) less(v *scenarios.Resolved) string {
	return fmt.Sprintf("have fewer people (--set %s=…), give each fewer connections (--set clients.0.limits.max-connections=1)", loadKey(v))
}

// people says how many people come in the variants that have any; "" when none
// has.
func (p *play) people() string {
	var come []int
	for _, v := range p.x.Variants {
		if c, ok := crowdOf(v); ok {
			come = append(come, c.come)
		}
	}
	if len(come) == 0 {
		return ""
	}
	who := count(slices.Min(come))
	if most := count(slices.Max(come)); most != who {
		who += " to " + most
	}
	if len(come) < len(p.x.Variants) {
		return fmt.Sprintf(", %d of them with %s people", len(come), who)
	}
	return fmt.Sprintf(" with %s people", who)
}

// count writes a number as the tables do: 11,020.
func count(n int) string { return report.FormatValue(float64(n), report.UnitCount) }
