// Paced: a content that comes slowly or breaks off, as a fault makes it.
package sim

import "time"

// Pace says how a content comes.
type Pace struct {
	Rate  int64 // bytes per second; 0: as they are there
	Cut   bool  // it breaks off after Limit bytes, when it has more
	Limit int64
}

// Paced is another content at a Pace: its bytes wait for their time, and what
// lies behind the limit never comes. The end of a content that breaks off comes
// when that of the whole one would have: it is taken in to its end. A virtual
// world sees the end alone; a live one lets the bytes out by Due.
type Paced struct {
	source Body // nil: only the size is known
	pace   Pace
	clock  Clock
	start  Time
	end    *Transfer
	timer  Timer
}

var _ Body = (*Paced)(nil)

// NewPaced returns a content of size bytes (-1: nobody knows) that begins now.
// source is what is behind it, nil when that is whole or of filler.
func NewPaced(clock Clock, source Body, size int64, pace Pace) *Paced {
	p := &Paced{source: source, pace: pace, clock: clock, start: clock.Now(), end: &Transfer{Length: size}}
	p.end.Abandoned = p.abandoned
	if source != nil {
		source.OnEnd(p.sourceEnded)
	} else {
		p.sourceEnded(OK, max(size, 0))
	}
	return p
}

// Source returns the content behind it, nil when only the size is known.
func (p *Paced) Source() Body { return p.source }

// Pace returns the Pace.
func (p *Paced) Pace() Pace { return p.pace }

// mostSeconds keeps the due time of a byte within a Time: a hundred years.
const mostSeconds = 3_000_000_000

// Due returns when the first n bytes may have been sent. A rate is at most 1e9.
func (p *Paced) Due(n int64) Time {
	r := p.pace.Rate
	if r == 0 {
		return p.start
	}
	seconds := min(n/r, mostSeconds) // apart from the rest, or the product would overflow
	return p.start.Add(time.Duration(seconds)*time.Second + time.Duration(n%r*int64(time.Second)/r))
}

// sourceEnded schedules the end: the last byte that is sent may still have to
// wait for its time.
func (p *Paced) sourceEnded(c Cause, n int64) {
	if p.pace.Cut && n > p.pace.Limit {
		c, n = Truncated, p.pace.Limit
	}
	now := p.clock.Now()
	wait := p.Due(n).Sub(now)
	if wait <= 0 {
		p.end.End(c, n)
		return
	}
	p.timer = p.clock.After(wait, func() { p.end.End(c, n) })
}

// Size returns the declared length: of the whole, also when it breaks off.
func (p *Paced) Size() int64 { return p.end.Length }

// OnEnd implements Body.
func (p *Paced) OnEnd(f func(Cause, int64)) { p.end.OnEnd(f) }

// Share implements Body.
func (p *Paced) Share() Body {
	other := *p
	p.end.Share()
	if p.source != nil {
		other.source = p.source.Share()
	}
	return &other
}

// Abandon implements Body.
func (p *Paced) Abandon(c Cause) {
	if p.source != nil {
		p.source.Abandon(c)
	}
	p.end.Abandon(c)
}

// abandoned ends it when nobody wants it any more.
func (p *Paced) abandoned(c Cause) {
	p.timer.Stop()
	p.end.End(c, 0)
}
