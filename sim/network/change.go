// Change: what faults do to a path.
package network

import (
	"time"

	"cdnlab/sim"
)

// Direction is a direction of travel on a path.
type Direction uint8

// The directions: Out is from who dials to who listens.
const (
	Out Direction = iota
	Back
)

// Change is what is wrong with a path. The zero Change heals it.
type Change struct {
	CutOut    bool          `json:"cut-out,omitempty"`    // nothing gets through from who dials
	CutBack   bool          `json:"cut-back,omitempty"`   // nothing gets through to who dials
	Blackhole bool          `json:"blackhole,omitempty"`  // SYNs vanish; connections that stand go on
	Reset     bool          `json:"reset,omitempty"`      // connections are reset: those that stand, and every attempt
	Loss      float64       `json:"loss,omitempty"`       // the share of packets lost, each way, beside the path's own; 0 to below 1
	Delay     time.Duration `json:"delay,omitempty"`      // added to the round-trip time: half of it each way
	Rate      sim.Rate      `json:"rate,omitempty"`       // it carries no more than that, each way; 0: as before
	SlowClose time.Duration `json:"slow-close,omitempty"` // how much later the end of a connection is seen
}

// And returns what two changes do together: either cuts, a packet must get past
// both losses, delays add up, and the lower rate holds.
func (c Change) And(d Change) Change {
	both := Change{
		CutOut: c.CutOut || d.CutOut, CutBack: c.CutBack || d.CutBack,
		Blackhole: c.Blackhole || d.Blackhole, Reset: c.Reset || d.Reset,
		Loss:  c.Loss + d.Loss - c.Loss*d.Loss, // 1-(1-a)(1-b), exact when one is 0
		Delay: c.Delay + d.Delay, SlowClose: c.SlowClose + d.SlowClose,
		Rate: min(c.Rate, d.Rate),
	}
	if c.Rate == 0 || d.Rate == 0 {
		both.Rate = max(c.Rate, d.Rate)
	}
	return both
}

// Turned returns the change as seen from the path's other end.
func (c Change) Turned() Change {
	c.CutOut, c.CutBack = c.CutBack, c.CutOut
	return c
}
