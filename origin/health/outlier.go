// Outlier detection: servers that do worse than the others are ejected for a time.
package health

import (
	"fmt"
	"math"
	"slices"
	"time"

	"cdnlab/sim"
)

// The signs of an outlier.
const (
	DetectConsecutive       = "consecutive"
	DetectSuccessRate       = "success-rate"
	DetectFailurePercentage = "failure-percentage"
)

// Detections lists them.
func Detections() []string {
	return []string{DetectConsecutive, DetectSuccessRate, DetectFailurePercentage}
}

// OutlierConfig says who is ejected, as Envoy's outlier_detection. What has failed is an
// answer of 500 or more, and a try without an answer.
type OutlierConfig struct {
	Detect      []string      `toml:"detect" json:"detect,omitempty" jsonschema:"description=what ejects a server: consecutive (failures in a row)\\, success-rate (far below the others' mean)\\, failure-percentage; if not given nothing"`
	Consecutive int           `toml:"consecutive" json:"consecutive,omitempty" jsonschema:"default=5,minimum=1,description=of consecutive: failures in a row"`
	Deviations  float64       `toml:"deviations" json:"deviations,omitempty" jsonschema:"default=1.9,minimum=0,description=of success-rate: how many standard deviations below the mean of all"`
	Percentage  float64       `toml:"failure-percentage" json:"failure-percentage,omitempty" jsonschema:"default=0.85,minimum=0,maximum=1,description=of failure-percentage: that share of failures or more"`
	Servers     int           `toml:"minimum-servers" json:"minimum-servers,omitempty" jsonschema:"default=5,minimum=1,description=of success-rate and failure-percentage: with fewer that had enough requests nobody is judged"`
	Volume      int           `toml:"request-volume" json:"request-volume,omitempty" jsonschema:"default=100,minimum=1,description=of success-rate and failure-percentage: requests in an interval below which a server is not judged"`
	Interval    time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=10s,description=how often success-rate and failure-percentage look\\, and who is out may come back"`
	Ejection    time.Duration `toml:"ejection" json:"ejection,omitempty" jsonschema:"default=30s,description=how long the first ejection lasts; the n-th n times as long"`
	Longest     time.Duration `toml:"max-ejection" json:"max-ejection,omitempty" jsonschema:"default=300s,description=the longest ejection"`
	Share       float64       `toml:"max-ejected" json:"max-ejected,omitempty" jsonschema:"default=0.1,minimum=0,maximum=1,description=the share of the servers that may be out so; one may always be"`
}

// WithDefaults fills in what was not given, all with Envoy's numbers. That one server may
// always be ejected is what its documentation says; its code wants an option for that,
// without which fewer than ten servers never lose one.
func (c OutlierConfig) WithDefaults() OutlierConfig {
	fill(&c.Consecutive, 5)
	fill(&c.Deviations, 1.9)
	fill(&c.Percentage, 0.85)
	fill(&c.Servers, 5)
	fill(&c.Volume, 100)
	fill(&c.Interval, 10*time.Second)
	fill(&c.Ejection, 30*time.Second)
	fill(&c.Longest, 300*time.Second)
	fill(&c.Share, 0.1)
	return c
}

func fill[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

// On reports whether anybody is ever ejected.
func (c OutlierConfig) On() bool { return len(c.Detect) > 0 }

// Check returns what is wrong with a config.
func (c OutlierConfig) Check() error {
	for _, d := range c.Detect {
		if !slices.Contains(Detections(), d) {
			return fmt.Errorf("outlier.detect: unknown %q; known: %v", d, Detections())
		}
	}
	if c.Interval < 0 || c.Ejection < 0 || c.Longest < 0 {
		return fmt.Errorf("outlier: interval, ejection and max-ejection must not be negative")
	}
	return nil
}

// Outliers judges the servers of a pool against each other. It reads no clock and holds
// no timer: Sweep is to be called each Interval.
type Outliers struct {
	cfg     OutlierConfig
	servers []outlier
	ejected int
}

// outlier is what is known of one server.
type outlier struct {
	row         int // failures in a row
	good, total int // in the interval
	out         bool
	until       sim.Time
	times       int // ejections, less the intervals in which it was well
}

// NewOutliers returns a judge without servers. cfg has its defaults.
func NewOutliers(cfg OutlierConfig) *Outliers { return &Outliers{cfg: cfg} }

// Grow makes room for servers up to a number.
func (o *Outliers) Grow(n int) {
	for len(o.servers) < n {
		o.servers = append(o.servers, outlier{})
	}
}

// Out reports whether a server is ejected.
func (o *Outliers) Out(i int) bool { return o.servers[i].out }

// Observe takes the outcome of a request to server i, and returns why it is ejected by
// that, "" when it is not.
func (o *Outliers) Observe(now sim.Time, i int, ok bool) (why string) {
	s := &o.servers[i]
	s.total++
	if ok {
		s.good++
		s.row = 0
		return ""
	}
	s.row++
	if s.row < o.cfg.Consecutive || !slices.Contains(o.cfg.Detect, DetectConsecutive) {
		return ""
	}
	row := s.row
	if s.row = 0; !o.eject(now, s) {
		return ""
	}
	return fmt.Sprintf("ejected: %d failures in a row", row)
}

// eject takes a server out, if it may be.
func (o *Outliers) eject(now sim.Time, s *outlier) bool {
	if s.out || o.ejected > 0 && float64(o.ejected+1) > o.cfg.Share*float64(len(o.servers)) {
		return false
	}
	s.times++
	s.out, s.until = true, now.Add(min(time.Duration(s.times)*o.cfg.Ejection, o.cfg.Longest))
	o.ejected++
	return true
}

// Swept is one server whose state an interval's end has changed.
type Swept struct {
	Server int
	Out    bool
	Why    string
}

// Sweep ends an interval: who has been out long enough comes back, then the others are
// judged by the interval.
func (o *Outliers) Sweep(now sim.Time) (changed []Swept) {
	for i := range o.servers {
		s := &o.servers[i]
		switch {
		case s.out && now >= s.until:
			s.out, s.row = false, 0
			o.ejected--
			changed = append(changed, Swept{i, false, "its ejection is over"})
		case !s.out && s.times > 0:
			s.times--
		}
	}
	for _, i := range o.judge() {
		s := &o.servers[i.Server]
		if o.eject(now, s) {
			changed = append(changed, i)
		}
	}
	for i := range o.servers {
		o.servers[i].good, o.servers[i].total = 0, 0
	}
	return changed
}

// judge returns who is to be ejected by the interval, in the order of the servers.
func (o *Outliers) judge() (bad []Swept) {
	var rates []float64 // of those with enough requests, who is out too: its requests are of before
	for i := range o.servers {
		if s := &o.servers[i]; s.total >= o.cfg.Volume {
			rates = append(rates, float64(s.good)/float64(s.total))
		}
	}
	if len(rates) < o.cfg.Servers {
		return nil
	}
	mean, deviation := moments(rates)
	least := mean - o.cfg.Deviations*deviation
	for i := range o.servers {
		s := &o.servers[i]
		if s.total < o.cfg.Volume || s.out {
			continue
		}
		rate := float64(s.good) / float64(s.total)
		switch {
		case rate < least && slices.Contains(o.cfg.Detect, DetectSuccessRate):
			bad = append(bad, Swept{i, true, fmt.Sprintf("ejected: %.1f %% of its answers are good, below %.1f %% (the mean less %g deviations)", 100*rate, 100*least, o.cfg.Deviations)})
		case 1-rate >= o.cfg.Percentage && slices.Contains(o.cfg.Detect, DetectFailurePercentage):
			bad = append(bad, Swept{i, true, fmt.Sprintf("ejected: %.1f %% of its answers failed", 100*(1-rate))})
		}
	}
	return bad
}

// moments returns the mean and the standard deviation of all there are.
func moments(xs []float64) (mean, deviation float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		deviation += (x - mean) * (x - mean) / float64(len(xs))
	}
	return mean, math.Sqrt(deviation)
}
