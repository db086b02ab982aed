// What a scenario says about its load: the keys of [load].
package load

import (
	"cmp"
	"math/rand/v2"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// MaxRate is the highest rate in requests per second: twenty times what one
// core plays in virtual time, so more is a slip of the pen.
const MaxRate = 10_000_000

// MaxUsers bounds a closed loop, which keeps some bytes for each user.
const MaxUsers = 10_000_000

const standardThinkTime = 7 * time.Second

// Problem is one thing that is wrong with a part of a scenario.
type Problem = check.Problem

// Config is a load. A key that is not given is zero; each shape says which
// keys it needs and which it may have.
type Config struct {
	Shape    string        `toml:"shape" jsonschema:"default=constant,description=how the rate changes with time"`
	Unit     string        `toml:"unit" jsonschema:"enum=requests,enum=people,default=requests,description=what rate and peak count per second: requests\\, or people who come\\, follow a [[journey]] and leave for good"`
	Rate     float64       `toml:"rate" jsonschema:"minimum=0,maximum=10000000,description=requests (or people) per second; where the rate changes the one it starts from"`
	Peak     float64       `toml:"peak" jsonschema:"minimum=0,maximum=10000000,description=requests (or people) per second that the rate goes to; of users how many they become"`
	At       time.Duration `toml:"at" jsonschema:"minimum=0s,description=when the change begins; of a sine when its rate is lowest"`
	Rise     time.Duration `toml:"rise" jsonschema:"minimum=0s,description=how long the rate takes from rate to peak; of users how long they (or with a peak the rest of them) take to arrive"`
	For      time.Duration `toml:"for" jsonschema:"minimum=0s,description=how long the peak lasts; of steps how long each lasts"`
	Fall     time.Duration `toml:"fall" jsonschema:"minimum=0s,description=how long the rate takes back from peak to rate"`
	Period   time.Duration `toml:"period" jsonschema:"minimum=1ms,description=from one low to the next"`
	Steps    int           `toml:"steps" jsonschema:"minimum=1,maximum=1000,default=1,description=how many equal steps lead from rate to peak"`
	Arrivals string        `toml:"arrivals" jsonschema:"enum=even,enum=poisson,description=evenly spaced (the default) or at random with the same mean"`

	Trace      string  `toml:"trace" json:",omitempty" jsonschema:"description=a file to take the load from\\, beside the scenario's or a trace that comes with the lab ('cdnlab list traces'): requests as 'cdnlab trace' reads them\\, or a CSV of a time and how many requests came in the interval from it on; gzip and zstd are taken off"`
	TraceFrom  string  `toml:"trace-from" json:",omitempty" jsonschema:"description=where in the trace the load begins: so long after its beginning such as 90m\\, or a moment such as 1998-07-07 21:41; if not given at its beginning"`
	TraceSpeed float64 `toml:"trace-speed" json:",omitempty" jsonschema:"minimum=0.001,maximum=1000000,default=1,description=seconds of the trace that pass in one of the scenario; all else (max-age\\, distances\\, work) stays in the scenario's own"`
	TraceScale float64 `toml:"trace-scale" json:",omitempty" jsonschema:"minimum=0.000001,maximum=1000000,default=1,description=how many requests come for each of the trace: of 0.1 each comes with a chance of a tenth\\, where the trace says which they were; more than 1 only where it says no more than how many"`

	Users     int           `toml:"users" jsonschema:"minimum=1,maximum=10000000,description=how many users ask\\, wait for the answer\\, think and ask again; with a [[journey]] each time is a visit along it"`
	ThinkTime time.Duration `toml:"think-time" jsonschema:"minimum=1ms,maximum=24h,default=7s,description=mean time from an answer to the same user's next request; with a [[journey]] from a visit to the next"`
	ThinkLaw  string        `toml:"think-law" jsonschema:"enum=exponential,enum=constant,default=exponential,description=how think times scatter"`

	// Curve is what is in the trace, once it was read: no key.
	Curve *Curve `toml:"-" json:"-"`
}

// WithDefaults fills in what is not said and does not depend on the run.
//
// Shape constant: what `rate = 500` alone means to everyone; trace where there is
// one. Trace-speed and trace-scale 1: as it was. Arrivals even: the
// least noise, so that a difference between variants is not luck of arrivals.
// Unit requests: what a rate means where nothing is said of people.
// Times 0: a change without `at` begins at once, one without `rise` or `fall`
// takes no time. Steps 1: the plain step. Think-time 7 s, exponential: the
// think time of a web user in TPC-W 1.8 (clause 5).
func (c Config) WithDefaults() Config {
	if c.Shape == "" {
		c.Shape = "constant"
		if c.Trace != "" {
			c.Shape = "trace"
		}
	}
	if c.Trace != "" {
		c.TraceSpeed, c.TraceScale = cmp.Or(c.TraceSpeed, 1), cmp.Or(c.TraceScale, 1)
	}
	if c.Unit == "" {
		c.Unit = "requests"
	}
	if c.Arrivals == "" {
		c.Arrivals = "even"
	}
	if c.Steps == 0 {
		c.Steps = 1
	}
	if c.ThinkTime == 0 {
		c.ThinkTime = standardThinkTime
	}
	if c.ThinkLaw == "" {
		c.ThinkLaw = "exponential"
	}
	return c
}

// Check returns everything that is wrong with the load of a run of that length.
func (c Config) Check(run time.Duration) []Problem {
	var l check.List
	name := c.WithDefaults().Shape
	kind, err := Shapes.Get(name)
	if err != nil {
		l.Add("shape", "%v", err)
		return l.Problems
	}
	given := c
	given.Shape = "" // belongs to all
	if !kind.Closed {
		given.Unit = "" // belongs to all that have a rate
	}
	l.Keys(given, "the shape "+name, kind.Needs, kind.May)
	c.checkRanges(&l, run)
	if kind.Check != nil && len(l.Problems) == 0 {
		kind.Check(c.WithDefaults(), run, &l)
	}
	return l.Problems
}

func (c Config) checkRanges(l *check.List, run time.Duration) {
	l.Number("rate", c.Rate, 0, MaxRate)
	l.Number("peak", c.Peak, 0, MaxRate)
	if c.TraceSpeed != 0 {
		l.Number("trace-speed", c.TraceSpeed, 0.001, maxTraceSpeed)
	}
	if c.TraceScale != 0 {
		l.Number("trace-scale", c.TraceScale, 1e-6, maxTraceScale)
	}
	l.Number("users", float64(c.Users), 0, MaxUsers)
	l.Number("steps", float64(c.Steps), 0, maxSteps)
	l.OneOf("unit", c.Unit, "requests", "people")
	l.OneOf("arrivals", c.Arrivals, "even", "poisson")
	l.OneOf("think-law", c.ThinkLaw, "exponential", "constant")
	for _, d := range []struct {
		key string
		is  time.Duration
	}{{"at", c.At}, {"rise", c.Rise}, {"for", c.For}, {"fall", c.Fall}, {"period", c.Period}, {"think-time", c.ThinkTime}} {
		if d.is < 0 {
			l.Add(d.key, "must not be negative, but is %v", d.is)
		}
	}
	if c.At > 0 && c.At >= run {
		l.Add("at", "%v is not before the end of the run (%v)", c.At, run)
	}
}

// New returns the shape of a load that Check found no fault with.
func New(c Config, run time.Duration) Shape {
	c = c.WithDefaults()
	kind, err := Shapes.Get(c.Shape)
	if err != nil {
		panic("load: " + err.Error())
	}
	return kind.Make(c, run)
}

// Closed reports whether the load is a closed loop: then NewUsers plays it, and
// the rate of its Shape is what the users would ask of an instant server.
func (c Config) Closed() bool {
	kind, err := Shapes.Get(c.WithDefaults().Shape)
	return err == nil && kind.Closed
}

// People reports whether the load is people, each with a way of their own along
// one of the journeys, rather than requests.
func (c Config) People(journeys []Journey) bool {
	if c.Closed() {
		return len(journeys) > 0
	}
	return c.Unit == "people"
}

// Says returns what a table must say beside the results of this load, "" when
// there is nothing.
func (c Config) Says() string {
	if c.Closed() {
		return ClosedLoop
	}
	return ""
}

// poisson reports whether arrivals scatter.
func (c Config) poisson() bool { return c.Arrivals == "poisson" || c.Shape == "poisson" }

// NewArrivals returns the arrivals of an open load over a run, with dice of
// their own.
func (c Config) NewArrivals(run time.Duration, seed uint64) *Arrivals {
	var dice *rand.Rand
	if c.poisson() {
		dice = arrivalDice(seed)
	}
	return NewArrivals(New(c, run), sim.Time(run), dice)
}

func arrivalDice(seed uint64) *rand.Rand { return sim.Stream(seed, "load", "arrivals") }
