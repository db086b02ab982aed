// What a scenario says about its faults: the keys of [[event]].
package fault

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Config is one event: a fault, or what somebody does. A key that is not given
// is zero; each fault and action says which keys it needs.
type Config struct {
	At     time.Duration `toml:"at" jsonschema:"minimum=0s,description=when it begins"`
	Fault  string        `toml:"fault" jsonschema:"description=what goes wrong"`
	Do     string        `toml:"do" json:",omitempty" jsonschema:"description=what somebody does; an event has a fault or a do"`
	Node   string        `toml:"node" jsonschema:"description=the node it happens to; if not given every PoP for warm\\, and every PoP and shield for purge; for add-server the next app-N"`
	Zone   string        `toml:"zone" json:",omitempty" jsonschema:"description=of zone-outage: the zone"`
	From   string        `toml:"from" jsonschema:"description=one end of the link it happens to: a node\\, or a place for all clients there"`
	To     string        `toml:"to" jsonschema:"description=the other end of the link"`
	For    time.Duration `toml:"for" jsonschema:"minimum=0s,description=how long it lasts; if not given to the end of the run"`
	Factor float64       `toml:"factor" jsonschema:"exclusiveMinimum=1,maximum=1000,description=how many times as long the node's work takes"`
	Loss   float64       `toml:"loss" jsonschema:"exclusiveMinimum=0,exclusiveMaximum=1,description=share of packets lost in each direction: 0.01 is one in a hundred"`
	Delay  time.Duration `toml:"delay" jsonschema:"minimum=0s,maximum=1m,description=added to a link's round-trip time\\, half of it in each direction; of slow-header: how much later the header comes; of slow-close: how much later the end of a connection is seen"`

	Direction string `toml:"direction" json:",omitempty" jsonschema:"enum=both,enum=out,enum=back,description=of cut: out is from from to to and back the other way; if not given both"`

	Status int            `toml:"status" jsonschema:"minimum=200,maximum=599,description=of status and fail-first: what the node answers; fail-first answers 503 if not given"`
	Count  int            `toml:"count" jsonschema:"minimum=1,maximum=1000000,description=of fail-first: how many requests fail"`
	Rate   sim.Rate       `toml:"rate" json:",omitempty" jsonschema:"description=of throttle: what the link then carries at most each way: 1Mbit; of slow-body: how much of the content comes in a second: 10KB"`
	Bytes  sim.Bytes      `toml:"bytes" jsonschema:"description=of truncate: how much of the content comes; if not given nothing but the header"`
	Share  float64        `toml:"share" jsonschema:"exclusiveMinimum=0,maximum=1,description=of HTTP faults: the part of the requests that they hit; if not given all"`
	Path   string         `toml:"path" jsonschema:"description=of HTTP faults\\, purge and warm: the path\\, without its query\\, or with a * at its end all that begin so; if not given every path\\, but of HTTP faults none of health checks\\, which only a path of /health hits"`
	Method string         `toml:"method" jsonschema:"description=of HTTP faults: the method that they hit; if not given every one"`
	Paths  []string       `toml:"paths" json:",omitempty" jsonschema:"description=of purge: many paths\\, each as path has it\\, in one purge"`
	Tags   []string       `toml:"tags" json:",omitempty" jsonschema:"description=of purge: what carries one of them in Surrogate-Key or Cache-Tag\\, instead of a path"`
	Host   string         `toml:"host" json:",omitempty" jsonschema:"description=of purge: everything of that host\\, instead of a path"`
	All    bool           `toml:"everything" json:",omitempty" jsonschema:"default=false,description=of purge: everything of every host\\, instead of a path"`
	Soft   bool           `toml:"soft" json:",omitempty" jsonschema:"default=false,description=of purge: what is purged is stale at once instead of gone\\, and may be used as its own directives allow"`
	Weight int            `toml:"weight" json:",omitempty" jsonschema:"minimum=1,maximum=65535,description=the server's new part of the work in weighted algorithms"`
	Nodes  []string       `toml:"nodes" json:",omitempty" jsonschema:"description=of rolling-restart: the app servers\\, in this order; if not given all\\, in that of their numbers"`
	AtOnce int            `toml:"at-once" json:",omitempty" jsonschema:"minimum=1,maximum=1000,description=of rolling-restart: how many are away at a time; if not given 1"`
	Drain  time.Duration  `toml:"drain" json:",omitempty" jsonschema:"minimum=0s,maximum=1h,description=of restart and rolling-restart: a server first gets no new requests\\, and ends when it has none left or after so long; if not given it ends at once"`
	Boot   time.Duration  `toml:"boot" json:",omitempty" jsonschema:"minimum=0s,maximum=1h,description=of restart and rolling-restart: how long it takes from the end of a server to the start of its new process; if not given no time"`
	Pause  time.Duration  `toml:"pause" json:",omitempty" jsonschema:"minimum=0s,maximum=1h,description=of rolling-restart: how long the next waits when a server is in rotation again; if not given not at all"`
	Set    map[string]any `toml:"set" json:",omitempty" jsonschema:"description=the keys that change and what they become; for example { app.service-time = '50ms' }"`

	Says string `toml:"says" jsonschema:"description=what tables and plots call it\\, in place of the words made from the other keys"`
}

// No key has a default that Config could hide: a fault without `for` lasts (a
// crash nobody mends), one without `at` begins with the run. The HTTP faults hit
// everything that is not left out, and fail-first answers as an overloaded or
// starting server does.

// Limits of one fault. A node a thousand times slower has stopped; a round trip
// of a minute more is longer than any time-out; no part of a restart takes an hour.
const (
	maxFactor  = 1000
	maxDelay   = time.Minute
	maxRestart = time.Hour
)

// maxEvents bounds the events of a scenario.
const maxEvents = 1000

// common are the keys of every fault, and of every action that lasts.
var common = []string{"at", "for", "says"}

// Check returns everything that is wrong with an event in a run of that length.
// Whether there are such nodes, places and keys is for others to say.
func (c Config) Check(run time.Duration) []Problem {
	var l check.List
	kind, what, ok := c.kind(&l)
	if !ok {
		return l.Problems
	}
	given := c
	given.Fault, given.Do = "", "" // belong to all
	also := common
	if kind.Instant {
		also = []string{"at", "says"}
	}
	l.Keys(given, what, kind.Needs, append(kind.May[:len(kind.May):len(kind.May)], also...))
	c.checkRanges(&l, run)
	c.checkAction(&l)
	return l.Problems
}

func (c Config) checkRanges(l *check.List, run time.Duration) {
	if c.At < 0 || c.At >= run {
		l.Add("at", "%v is not within the run (0s to %v)", c.At, run)
	}
	if c.For < 0 {
		l.Add("for", "must not be negative, but is %v", c.For)
	}
	if c.Factor != 0 && !(c.Factor > 1 && c.Factor <= maxFactor) {
		l.Add("factor", "must be above 1 (twice as long is 2) and at most %d, not %g", maxFactor, c.Factor)
	}
	if !(c.Loss >= 0 && c.Loss < 1) {
		l.Add("loss", "must be above 0 and below 1 (0.01 is one packet in a hundred), not %g; to lose all use the fault cut", c.Loss)
	}
	l.Duration("delay", c.Delay, 0, maxDelay)
	l.Duration("drain", c.Drain, 0, maxRestart)
	l.Duration("boot", c.Boot, 0, maxRestart)
	l.Duration("pause", c.Pause, 0, maxRestart)
	l.OneOf("direction", c.Direction, both, out, back)
	c.checkHTTP(l)
	if c.From != "" && c.From == c.To {
		l.Add("to", "is the same as from (%q): a link has two ends", c.To)
	}
}

// Check returns everything that is wrong with the events of a run of that
// length.
func Check(events []Config, run time.Duration) []Problem {
	if len(events) > maxEvents {
		return []Problem{{Item: maxEvents, Key: "event", Says: "is too many: at most 1000 can be told apart in a result"}}
	}
	var all []Problem
	for i, c := range events {
		for _, p := range c.Check(run) {
			p.Item = i
			all = append(all, p)
		}
	}
	return all
}

// New returns the fault or action of a Config that Check found no mistake in.
func New(c Config) Fault { return kindOf(c).Make(c) }

func kindOf(c Config) Kind {
	var l check.List
	kind, _, ok := c.kind(&l)
	if !ok {
		panic("fault: " + l.Problems[0].String())
	}
	return kind
}
