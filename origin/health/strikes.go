// Passive health: what becomes of real requests.
package health

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// StrikesConfig says when Strikes act.
type StrikesConfig struct {
	Max int           // failures in a row; 0: they do not matter
	Out time.Duration // how long nobody gets through then

	Ratio  float64       // of failures to requests; 0: it does not matter
	Window time.Duration // in which they are counted
	Least  int           // requests in it, below which nothing is concluded

	Trials int // requests that try it behind that, all of which must pass
}

// Strikes is closed, open or half-open, as a circuit breaker is: it lets nobody through
// after a number of failures in a row (nginx's max_fails, with failures in a row where
// nginx counts those within fail_timeout) or when too great a share of the requests in a
// window failed (Hystrix, Traefik, sony/gobreaker), for a time, and then lets a few
// requests try. Before one server it takes that out of rotation; before a service it spares
// that the requests. The zero Strikes lets everybody through.
type Strikes struct {
	cfg    StrikesConfig
	fails  int // in a row
	ratio  ratio
	state  strikeState
	until  sim.Time
	begun  int // trials
	passed int // of them
	why    string
}

type strikeState uint8

const (
	strikeIn    strikeState = iota
	strikeOut               // until the time is over
	strikeTrial             // a few requests may try it
)

// NewStrikes returns Strikes that let everybody through until they act.
func NewStrikes(cfg StrikesConfig) Strikes {
	cfg.Trials = max(cfg.Trials, 1)
	return Strikes{cfg: cfg, ratio: ratio{window: cfg.Window}}
}

// Change makes other numbers count from the next request on. Who is out stays out
// for its time, unless nobody is to be taken out any more.
func (s *Strikes) Change(cfg StrikesConfig) {
	cfg.Trials = max(cfg.Trials, 1)
	if cfg.Window != s.cfg.Window {
		s.ratio = ratio{window: cfg.Window}
	}
	s.cfg = cfg
	if !s.On() {
		s.fails, s.state = 0, strikeIn
	}
}

// On reports whether they ever act.
func (s *Strikes) On() bool { return s.cfg.Max > 0 || s.cfg.Ratio > 0 }

// Observe takes the outcome of one request and reports whether everybody gets through
// by it, or no longer does.
func (s *Strikes) Observe(now sim.Time, ok bool) (changed bool) {
	switch {
	case !s.On():
		return false
	case s.state == strikeOut:
		return false // begun before it went out: nothing new
	case s.state == strikeTrial:
		return s.tried(now, ok)
	}
	if s.cfg.Ratio > 0 {
		s.ratio.add(now, ok)
	}
	if ok {
		s.fails = 0
		return false
	}
	s.fails++
	r := &s.ratio
	switch {
	case s.cfg.Max > 0 && s.fails >= s.cfg.Max:
		s.why = "requests failed in a row"
	case s.cfg.Ratio > 0 && r.all >= s.cfg.Least && float64(r.failed) >= s.cfg.Ratio*float64(r.all):
		s.why = fmt.Sprintf("%d of %d requests in %s failed", r.failed, r.all, sim.Briefly(s.cfg.Window))
	default:
		return false
	}
	s.open(now)
	return true
}

// tried takes the outcome of a trial.
func (s *Strikes) tried(now sim.Time, ok bool) (changed bool) {
	if !ok {
		s.open(now)
		return false
	}
	s.passed++
	if s.passed < s.cfg.Trials {
		return false
	}
	s.state, s.fails = strikeIn, 0
	s.ratio.forget()
	return true
}

func (s *Strikes) open(now sim.Time) { s.state, s.until = strikeOut, now.Add(s.cfg.Out) }

// Why says what they acted on last.
func (s *Strikes) Why() string { return s.why }

// Until returns when Expire is due; Never when nothing is out.
func (s *Strikes) Until() sim.Time {
	if s.state != strikeOut {
		return sim.Never
	}
	return s.until
}

// Expire ends the time out when it is over: some requests may try.
func (s *Strikes) Expire(now sim.Time) {
	if s.state == strikeOut && now >= s.until {
		s.state, s.begun, s.passed = strikeTrial, 0, 0
	}
}

// Began tells that a request got through.
func (s *Strikes) Began() {
	if s.state == strikeTrial {
		s.begun++
	}
}

// Void tells that a request ended without saying anything, for example because its user
// left.
func (s *Strikes) Void() {
	if s.state == strikeTrial {
		s.begun = max(0, s.begun-1)
	}
}

// In reports whether everybody gets through.
func (s *Strikes) In() bool { return s.state == strikeIn }

// Admits reports whether a request may get through now.
func (s *Strikes) Admits() bool {
	return s.state == strikeIn || s.state == strikeTrial && s.begun < s.cfg.Trials
}
