// Spec: what a path is like when nothing is wrong with it.
package network

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Leg is a stretch of a path. Out is the direction in which connections are
// opened, from who dials to who listens; back is the other.
type Leg struct {
	RTT time.Duration `toml:"rtt" json:"rtt,omitempty" jsonschema:"exclusiveMinimum=0s,maximum=10m,description=round-trip time; if not given as the atlas has it"`

	Jitter      time.Duration `toml:"jitter" json:"jitter,omitempty" jsonschema:"minimum=0s,maximum=1m,default=0s,description=standard deviation of a packet's travel time in one direction; packets of a connection never overtake each other"`
	JitterShape string        `toml:"jitter-shape" json:"jitter-shape,omitempty" jsonschema:"enum=normal,enum=uniform,enum=exponential,enum=pareto,default=normal,description=how travel times scatter: normal and uniform around the mean; exponential and pareto (heavy tail) only add to it"`
	Correlation float64       `toml:"jitter-correlation" json:"jitter-correlation,omitempty" jsonschema:"minimum=0,maximum=1,default=0,description=how much packets within the same tenth of a second share their jitter: 0 nothing and 1 all of it"`

	Rate     sim.Rate  `toml:"rate" json:"rate,omitempty" jsonschema:"description=what it carries: 100Mbit; if not given without limit"`
	RateBack sim.Rate  `toml:"rate-back" json:"rate-back,omitempty" jsonschema:"description=what it carries from to towards from; if not given as rate"`
	Queue    sim.Bytes `toml:"queue" json:"queue,omitempty" jsonschema:"description=what may wait before each end of it; more is dropped; if not given 1500000B (1000 packets\\, as Linux's interfaces)"`

	Loss  float64 `toml:"loss" json:"loss,omitempty" jsonschema:"minimum=0,exclusiveMaximum=1,default=0,description=share of packets lost in each direction: 0.01 is one in a hundred"`
	Burst float64 `toml:"loss-burst" json:"loss-burst,omitempty" jsonschema:"minimum=1,maximum=1000,default=1,description=how many packets of a flight are lost in a row\\, in the mean"`
}

// Limits on a leg. Ten minutes are a round trip beyond Mars; a jitter of a minute
// and a queue of a gigabyte are no links but mistakes.
const (
	maxRTT    = 10 * time.Minute
	maxJitter = time.Minute
	maxQueue  = 1 << 30
	maxBurst  = 1000
)

// defaultQueue is the txqueuelen of a Linux interface, 1000 packets.
const defaultQueue = 1000 * packet

// Check adds what is wrong with a leg.
func (g *Leg) Check(l *check.List) {
	l.Duration("rtt", g.RTT, 0, maxRTT)
	l.Duration("jitter", g.Jitter, 0, maxJitter)
	l.OneOf("jitter-shape", g.JitterShape, jitterShapes...)
	l.Number("jitter-correlation", g.Correlation, 0, 1)
	for key, r := range map[string]sim.Rate{"rate": g.Rate, "rate-back": g.RateBack} { // each on its own: any order will do
		if r < 0 {
			l.Add(key, "must not be negative, but is %d bit/s", int64(r))
		}
	}
	if g.RateBack > 0 && g.Rate == 0 {
		l.Add("rate-back", "needs rate beside it: what the path carries from from to to")
	}
	if g.Queue < 0 || g.Queue > maxQueue || g.Queue > 0 && g.Queue < packet {
		l.Add("queue", "must be between one packet (%dB) and 1GiB, not %v", packet, g.Queue)
	}
	if !(g.Loss >= 0 && g.Loss < 1) {
		l.Add("loss", "must be at least 0 and below 1 (0.01 is one packet in a hundred), not %g", g.Loss)
	}
	if g.Burst != 0 {
		l.Number("loss-burst", g.Burst, 1, maxBurst)
	}
}

// rate returns what the leg carries in a direction; 0 has no limit.
func (g *Leg) rate(d Direction) sim.Rate {
	if d == Back && g.RateBack != 0 {
		return g.RateBack
	}
	return g.Rate
}

// queue returns what may wait before it, in packets.
func (g *Leg) queue() int64 {
	if g.Queue == 0 {
		return defaultQueue / packet
	}
	return max(1, int64(g.Queue)/packet)
}

// quiet reports whether a leg is a round-trip time and nothing else.
func (g *Leg) quiet() bool {
	return g.Rate == 0 && g.RateBack == 0 && g.Loss == 0 && g.Jitter == 0
}

// Turned returns the leg as seen from its other end.
func (g Leg) Turned() Leg {
	if g.RateBack != 0 {
		g.Rate, g.RateBack = g.RateBack, g.Rate
	}
	return g
}

// Spec is a whole path: the last mile of who dials, if it has one, and the way
// from there.
type Spec struct {
	Leg
	Access *Access `json:"access,omitempty"`
}

// Access is a last mile: what each user has for themselves, before the way that
// all users of a place share.
type Access struct {
	Name   string `json:"name"`
	Source string `json:"-"` // of its numbers
	Leg
}

// Plain returns a path that is a round-trip time and nothing else.
func Plain(rtt time.Duration) Spec { return Spec{Leg: Leg{RTT: rtt}} }

// Total is the round-trip time of the whole path.
func (s *Spec) Total() time.Duration {
	if s.Access == nil {
		return s.RTT
	}
	return s.RTT + s.Access.RTT
}

// RateOf is what the whole path carries in a direction, LossOf the share of packets
// that it loses, and QueueOf how many wait before its narrowest place: for those who
// know one place only.
func (s *Spec) RateOf(d Direction) sim.Rate {
	if s.Access == nil {
		return s.rate(d)
	}
	return lower(s.rate(d), s.Access.rate(d))
}

// LossOf is described at RateOf.
func (s *Spec) LossOf() float64 {
	if s.Access == nil {
		return s.Loss
	}
	return s.Loss + s.Access.Loss - s.Loss*s.Access.Loss
}

// QueueOf is described at RateOf.
func (s *Spec) QueueOf() int64 {
	if a := s.Access; a != nil && a.rate(Back) != 0 && lower(s.rate(Back), a.rate(Back)) == a.rate(Back) {
		return a.queue()
	}
	return s.queue()
}
