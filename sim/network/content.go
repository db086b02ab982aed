// Content: a content on its way over a flow, flight by flight.
package network

import (
	"time"

	"cdnlab/sim"
)

// Content is a content on its way. The zero Content has nothing to send.
type Content struct {
	left int64 // segments that have not left yet
	lost int64 // segments to be sent again
	held int64 // segments that have arrived behind a lost one
	roll sim.Roll
	dir  Direction

	story *story // nil: nobody is told
}

// story is what Tellers tell of a content.
type story struct {
	began   sim.Time      // when its first flight left
	gone    sim.Time      // when the last of it that has left had found room on the wire
	waited  time.Duration // between flights, for acknowledgements
	flights int32
	again   int32 // segments that were lost, and sent again
	read    bool  // some of it could be read
}

// Flight is what leaves at one time. It has no more than four words, so that it
// stays in registers.
type Flight struct {
	Ready int64 // segments that can be read when the flight has arrived, in their order
	// First and Last are when the first and the last of Ready are there. A header
	// rides with the first segment of all.
	First, Last sim.Time
	// Next is when more may leave; Never when all of the content is ready with this
	// flight.
	Next sim.Time
}

// Done reports whether all of the content is ready with this flight.
func (f Flight) Done() bool { return f.Next == sim.Never }

// Load makes c a content of so many segments of a request (Out) or of its answer
// (Back).
func (l *Link) Load(c *Content, d Direction, req *sim.Request, segments int64) {
	*c = Content{}
	c.left, c.dir, c.roll = segments, d, l.luck[d].Of(req.ID, req.Attempt)
	if req.Traced() {
		c.story = &story{}
	}
}

// Left returns how many segments have not left yet.
func (c *Content) Left() int64 { return c.left }

// Add makes a content longer whose length was not known.
func (c *Content) Add(segments int64) { c.left += segments }

// Send lets as much of a content leave as the flow's window allows: with Fresh and
// Ready 0, nothing.
func (l *Link) Send(f *Flow, c *Content, now sim.Time) Flight {
	n := min(l.Room(f, now), c.lost+c.left)
	if n == 0 {
		fl := Flight{First: max(now, f.due), Last: max(now, f.due), Next: max(now, f.next)}
		if c.lost+c.left == 0 {
			fl.Next = sim.Never
		}
		return fl
	}
	again := min(n, c.lost)
	start := max(now, f.paced)
	in := span{start, start.Add(f.pace * time.Duration(n-1))}
	f.paced = in.last.Add(f.pace)
	var p passage
	l.through(&p, f, c.dir, in, n, &c.roll)
	var gone losses
	if !l.quiet {
		gone = lose(&c.roll, n, l.chance(), l.burst()).and(overflow(n, p.dropped))
	}
	fl := Flight{First: max(p.arrives.first, f.due), Last: max(p.arrives.last, f.due)}
	l.left(f, n, &p)
	if gone.n == 0 {
		f.backoff = 0
	} else {
		l.setback(f, n, &p, gone)
	}
	fl.Ready = c.arrive(n, again, gone)
	fl.Next = f.next
	if c.left+c.lost == 0 {
		fl.Next = sim.Never
	}
	if s := c.story; s != nil {
		s.note(now, &p, gone.n)
		if fl.Ready > 0 && !s.read {
			s.read = true
			l.met = p.met
			l.met.lost, l.met.behind = now.Sub(s.began), max(0, fl.First.Sub(p.arrives.first))
		}
	}
	return fl
}

// together is how late something may be that was to leave with a flight: what a
// host that streams takes to say so.
const together = time.Millisecond

// Rides reports whether what is there to be sent now arrives with a flight that
// does at flown. A content's end that is known too late for that leaves in a packet
// of its own.
func (l *Link) Rides(now, flown sim.Time) bool { return now.Add(l.OneWay()) <= flown.Add(together) }

// note keeps what became of a flight.
func (s *story) note(now sim.Time, p *passage, lost int64) {
	if s.flights == 0 {
		s.began = now
	} else {
		s.waited += max(0, now.Sub(s.gone))
	}
	s.gone = p.leaves.last
	s.flights++
	s.again += int32(lost)
}

// Began returns when the first flight of a traced request's content left.
func (c *Content) Began() sim.Time {
	if c.story == nil {
		return 0
	}
	return c.story.began
}

// left notes that n segments of a round have left.
func (l *Link) left(f *Flow, n int64, p *passage) {
	if f.sent == 0 {
		f.first = p.leaves.first
		f.next = p.arrives.first.Add(l.OneWay())
	}
	f.sent += int32(n)
	f.spread = p.leaves.last.Sub(f.first)
	f.due = max(f.due, p.arrives.last)
}

// setback is what lost segments mean for the flow: a smaller window, and a wait
// until the sender notices. Three segments that arrive behind a lost one tell it
// with their acknowledgements (RFC 6675); at the tail a probe does, after two
// round-trip times (RFC 8985 7.2); and when nothing arrives the time-out, which
// doubles.
func (l *Link) setback(f *Flow, n int64, p *passage, gone losses) {
	f.shrink(p.leaves.last)
	arrived := n - gone.n
	switch {
	case arrived == 0:
		f.next = p.leaves.last.Add(min(l.rto()<<f.backoff, maxRTO))
		if f.backoff > 0 {
			f.window = 1 // RFC 5681 3.1, the loss window; the first time a probe has done
		}
		f.backoff = min(f.backoff+1, maxLosses)
	case arrived-gone.first < 3:
		f.next = max(f.next, p.leaves.last.Add(2*l.RTT()))
	}
	if !f.Apart {
		f.due = max(f.due, f.next.Add(l.OneWay()))
	}
}

// arrive takes in a flight of n segments, of which the first again fill holes, and
// returns how many can be read now. Of holes that are only partly filled it is not
// known where they are: nothing can be read until all are.
func (c *Content) arrive(n, again int64, gone losses) (ready int64) {
	filled := again == c.lost && (gone.n == 0 || gone.first >= again)
	c.left -= n - again
	c.lost += gone.n - again
	if !filled {
		c.held += n - gone.n
		return 0
	}
	upTo := n
	if gone.n > 0 {
		upTo = gone.first
	}
	ready = c.held + upTo
	c.held = n - upTo - gone.n
	return ready
}

// overflow says which of n segments found no room: a queue that is full lets one
// in for each that leaves, so it is every second one of the last.
func overflow(n, dropped int64) losses {
	return losses{n: dropped, first: max(0, n-2*dropped)}
}

// and returns what is lost of a flight by two causes.
func (a losses) and(b losses) losses {
	switch {
	case b.n == 0:
		return a
	case a.n == 0:
		return b
	}
	return losses{n: a.n + b.n, first: min(a.first, b.first)}
}
