// Package autoscale decides how many servers a fleet should have: from a metric of
// its load, by a timetable, or both. It starts and ends none itself.
//
// Nothing here is safe for concurrent use.
package autoscale

import (
	"fmt"
	"time"

	"cdnlab/sim/check"
)

// What is measured of the servers.
const (
	Utilization = "utilization"
	Requests    = "requests"
)

// Config describes an autoscaler. Where zero means something, the field is a pointer
// and nil means the default.
type Config struct {
	On  *bool `toml:"on" json:"on,omitempty" jsonschema:"default=true,description=whether it is used at all; without this table there is none"`
	Min int   `toml:"min" json:"min,omitempty" jsonschema:"minimum=1,maximum=1000,description=the fewest servers; if not given as many as there are at the start"`
	Max int   `toml:"max" json:"max,omitempty" jsonschema:"minimum=1,maximum=1000,description=the most servers; must be given"`

	Metric    string        `toml:"metric" json:"metric,omitempty" jsonschema:"enum=utilization,enum=requests,default=utilization,description=what is measured of each server: the share of its workers' time that is work; or its requests in a second\\, those that it turns away among them"`
	Target    float64       `toml:"target" json:"target,omitempty" jsonschema:"exclusiveMinimum=0,description=what the metric should be in the mean of all servers: 0.8 is 80 % of the workers' time (the default of utilization); of requests a number in a second; must be given then"`
	Tolerance *float64      `toml:"tolerance" json:"tolerance,omitempty" jsonschema:"default=0.1,minimum=0,maximum=1,description=how far the metric may be from its target before anything is done: a share of it"`
	Interval  time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=15s,minimum=100ms,description=time from one look at the metric to the next; the first is one after the load's begin"`
	Window    time.Duration `toml:"window" json:"window,omitempty" jsonschema:"minimum=100ms,description=how far back a look goes; if not given the interval"`

	BootDelay     *time.Duration `toml:"boot-delay" json:"boot-delay,omitempty" jsonschema:"default=30s,minimum=0s,description=how long a new server takes until its process starts: a machine is found and booted and the image fetched"`
	Step          int            `toml:"step" json:"step,omitempty" jsonschema:"minimum=1,maximum=1000,description=how many servers one look adds or removes at the most; if not given it adds as many as there are or 4 and removes any number"`
	CooldownOut   time.Duration  `toml:"cooldown-out" json:"cooldown-out,omitempty" jsonschema:"default=0s,minimum=0s,description=how long nothing is added by the metric after something was; 0s is as Kubernetes does it: servers that boot count as without load"`
	CooldownIn    time.Duration  `toml:"cooldown-in" json:"cooldown-in,omitempty" jsonschema:"default=0s,minimum=0s,description=how long nothing is removed after something was added or removed"`
	Stabilization *time.Duration `toml:"stabilization" json:"stabilization,omitempty" jsonschema:"default=5m,minimum=0s,description=what is removed leaves as many servers as the highest of all looks of so long a time wanted"`

	Schedule []Schedule `toml:"schedule" json:"schedule,omitempty" jsonschema:"description=times at which there are to be more servers than the metric asks for: scheduled scaling"`
}

// Schedule raises the least number of servers for some time.
type Schedule struct {
	At  time.Duration `toml:"at" json:"at" jsonschema:"minimum=0s,default=0s,description=from when on\\, counted from the load's begin"`
	For time.Duration `toml:"for" json:"for,omitempty" jsonschema:"minimum=0s,description=how long; if not given to the end of the run"`
	Min int           `toml:"min" json:"min" jsonschema:"required,minimum=1,maximum=1000,description=how many servers there are to be at least"`
}

// WithDefaults fills in what was not given, as Kubernetes' HorizontalPodAutoscaler
// has it, whose rule this follows:
//
//   - Metric utilization with a Target of 0.8, its CPU utilization; a fleet that
//     must take the loss of a server or wait for slow boots wants less.
//   - Tolerance 0.1, Interval 15 s and Stabilization 5 min are those of its
//     controller manager: quick out, slow in, as too few servers hurt users and
//     too many cost money.
//   - Step is its scaling policy: up by 100 % or 4 pods, whichever is more, down
//     by any number.
//   - No cooldowns: they are Amazon's, whose target tracking has 300 s.
//   - BootDelay 30 s: a container whose image must be fetched, on a machine that is
//     there. A virtual machine takes one to five minutes.
//
// servers is how many there are at the start: Min is not above that unless it is
// said to be.
func (c Config) WithDefaults(servers int) Config {
	c.On = orElse(c.On, true)
	if c.Min == 0 {
		c.Min = servers
	}
	if c.Metric == "" {
		c.Metric = Utilization
	}
	if c.Target == 0 && c.Metric == Utilization {
		c.Target = 0.8
	}
	c.Tolerance = orElse(c.Tolerance, 0.1)
	if c.Interval == 0 {
		c.Interval = 15 * time.Second
	}
	if c.Window == 0 {
		c.Window = c.Interval
	}
	c.BootDelay = orElse(c.BootDelay, 30*time.Second)
	c.Stabilization = orElse(c.Stabilization, 5*time.Minute)
	return c
}

func orElse[T any](v *T, d T) *T {
	if v != nil {
		return v
	}
	return &d
}

// maxSchedules bounds the timetable: one entry for each half hour of a week.
const maxSchedules = 336

// Check returns everything that is wrong with c, which has its defaults, in a run of
// that length that begins with so many servers.
func (c Config) Check(run time.Duration, servers int) []check.Problem {
	var l check.List
	switch {
	case c.Max == 0:
		l.Add("max", "is missing: how many servers may there be?")
		return l.Problems
	case c.Max < c.Min:
		l.Add("max", "must not be below min (%d), but is %d", c.Min, c.Max)
	case c.Max < servers:
		l.Add("max", "must not be below the number of servers at the start (%d), but is %d", servers, c.Max)
	case c.Min > servers:
		l.Add("min", "must not be above the number of servers at the start (%d), but is %d", servers, c.Min)
	}
	switch {
	case c.Target == 0:
		l.Add("target", "is missing: how many requests in a second should a server have?")
	case c.Metric == Utilization && c.Target > 1:
		l.Add("target", "must be above 0 and at most 1 (0.8 is 80 %% of the workers' time), not %g", c.Target)
	}
	if c.Window < c.Interval {
		l.Add("window", "must not be shorter than the interval (%v), but is %v", c.Interval, c.Window)
	}
	if c.Interval >= run && len(c.Schedule) == 0 {
		l.Add("interval", "of %v: the run is over after %v, before the first look", c.Interval, run)
	}
	if len(c.Schedule) > maxSchedules {
		l.Add("schedule", "has %d entries; at most %d", len(c.Schedule), maxSchedules)
	}
	for i, s := range c.Schedule {
		key := func(name string) string { return fmt.Sprintf("schedule.%d.%s", i, name) }
		if s.At < 0 || s.At >= run {
			l.Add(key("at"), "%v is not within the run (0s to %v)", s.At, run)
		}
		if s.Min < 1 || s.Min > c.Max {
			l.Add(key("min"), "must be between 1 and max (%d), not %d", c.Max, s.Min)
		}
	}
	return l.Problems
}
