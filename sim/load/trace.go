// The shape trace: load as it once was.
package load

import (
	"math"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// The rate over time, of counts of each interval; Total grows by each of them:
//
//	|     ▄█          count i over its interval, which takes
//	|  ▂▅▂██▆         every/trace-speed of the run; each times
//	|▃▁██████▄▃▃      trace-scale
//	+------------ t
//
// Where the trace says which request came when, the counts are of those, and the
// shape is only what is said of the load beforehand: they come when they came.
func init() {
	Shapes.Add("trace", "load as it was recorded: requests, or how many came in each interval (load.trace)", Kind{
		Needs: []string{"trace"}, May: []string{"trace-from", "trace-speed", "trace-scale", "arrivals"},
		Make: makeTrace, Check: checkTrace,
	})
}

// Curve is how many requests of a trace came in each interval, from where the
// load begins in it. It is immutable.
type Curve struct {
	Every  time.Duration // how long an interval is, in the trace's time
	Skip   time.Duration // the part of the first that lies before the load begins
	Counts []float64
	// Each reports whether the trace says of each request when it came and what it
	// was for.
	Each bool
}

// Length is how long the curve is, in the trace's time.
func (c *Curve) Length() time.Duration { return time.Duration(len(c.Counts))*c.Every - c.Skip }

// Limits of a trace's keys.
const (
	maxTraceSpeed = 1e6
	maxTraceScale = 1e6
)

// makeTrace returns a shape of lines without a slope. The end of each interval is
// counted from the beginning, so no rounding adds up.
func makeTrace(c Config, _ time.Duration) Shape {
	if c.Curve == nil { // the trace could not be read, which is said
		return join(0)
	}
	end := func(i int) time.Duration {
		return time.Duration(math.Round(max(0, float64(i)*float64(c.Curve.Every)-float64(c.Curve.Skip)) / c.TraceSpeed))
	}
	lines := make([]line, len(c.Curve.Counts))
	for i, n := range c.Curve.Counts {
		takes := end(i+1) - end(i)
		if i == 0 {
			n *= 1 - float64(c.Curve.Skip)/float64(c.Curve.Every)
		}
		rate := n * c.TraceScale / takes.Seconds()
		lines[i] = line{takes, rate, rate}
	}
	return join(0, lines...)
}

func checkTrace(c Config, run time.Duration, l *check.List) {
	if c.Curve == nil {
		return
	}
	if c.Curve.Each && c.Arrivals == "poisson" {
		l.Add("arrivals", "must not be poisson: the trace says when each request comes")
	}
	if c.Curve.Each && c.Unit == "people" {
		l.Add("unit", "must not be people: the trace says what is asked for, and people go along a [[journey]]")
	}
	if c.Curve.Each && c.TraceScale > 1 {
		l.Add("trace-scale", "must not be above 1: there are no more requests than the trace has")
	}
	shape := makeTrace(c, run).(pieces)
	peak := 0.0
	for _, p := range shape {
		if p.from < sim.Time(run) {
			peak = max(peak, p.rate)
		}
	}
	switch {
	case peak > MaxRate:
		l.Add("trace-scale", "%g would be up to %.0f requests/s at trace-speed %g; the limit is %d", c.TraceScale, peak, c.TraceSpeed, MaxRate)
	case peak == 0:
		l.Add("trace-from", "nobody asks for anything in the time of the trace that is played")
	}
}
