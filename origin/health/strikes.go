// Passive health: what becomes of real requests.
package health

import (
	"time"

	"cdnlab/sim"
)

// Strikes takes a server out after a number of failures in a row, for a time,
// and then lets one request try it: nginx's max_fails and fail_timeout, with
// failures in a row where nginx counts those within fail_timeout. The zero
// Strikes never takes anyone out.
type Strikes struct {
	max   int
	out   time.Duration
	fails int
	state strikeState
	until sim.Time
}

type strikeState uint8

const (
	strikeIn    strikeState = iota
	strikeOut               // until the time is over
	strikeTrial             // one request may try it
	strikeTried             // that request is under way
)

// NewStrikes returns Strikes that act after max failures in a row (0: never)
// for the time out.
func NewStrikes(max int, out time.Duration) Strikes { return Strikes{max: max, out: out} }

// Change makes other numbers count from the next request on. Who is out stays out
// for its time, unless nobody is to be taken out any more (max 0).
func (s *Strikes) Change(max int, out time.Duration) {
	s.max, s.out = max, out
	if max == 0 {
		s.fails, s.state = 0, strikeIn
	}
}

// Observe takes the outcome of one request and reports whether the server came
// in or went out of rotation by it.
func (s *Strikes) Observe(now sim.Time, ok bool) (changed bool) {
	switch {
	case s.max == 0:
		return false
	case ok:
		s.fails = 0
		changed = s.state == strikeTrial || s.state == strikeTried
		if changed {
			s.state = strikeIn
		}
		return changed
	case s.state == strikeOut:
		return false // begun before it went out: nothing new
	}
	s.fails++
	if s.state == strikeIn && s.fails < s.max {
		return false
	}
	changed = s.state == strikeIn
	s.state, s.until = strikeOut, now.Add(s.out)
	return changed
}

// Until returns when Expire is due; Never when the server is not out.
func (s *Strikes) Until() sim.Time {
	if s.state != strikeOut {
		return sim.Never
	}
	return s.until
}

// Expire ends the time out when it is over: one request may try the server.
func (s *Strikes) Expire(now sim.Time) {
	if s.state == strikeOut && now >= s.until {
		s.state = strikeTrial
	}
}

// Began tells that a request goes to the server.
func (s *Strikes) Began() {
	if s.state == strikeTrial {
		s.state = strikeTried
	}
}

// Void tells that a request ended without saying anything of the server, for
// example because its user left.
func (s *Strikes) Void() {
	if s.state == strikeTried {
		s.state = strikeTrial
	}
}

// In reports whether the server is fully in rotation.
func (s *Strikes) In() bool { return s.state == strikeIn }

// Admits reports whether a request may go to the server now.
func (s *Strikes) Admits() bool { return s.state == strikeIn || s.state == strikeTrial }
