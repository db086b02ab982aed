// The shape sine.
package load

import (
	"math"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// The rate over time, and Total:
//
//	peak |     ▄██▄             Rate  = mid - swing cos w(t-at)
//	mid  |   ▄██████▄           Total = mid t - swing/w (sin w(t-at) + sin w at)
//	rate |▄▄██████████▄▄        with mid, swing = (peak ± rate)/2, w = 2π/period
//	     at---period---at+period  t
func init() {
	Shapes.Add("sine", "swings between rate and peak, lowest at `at`", Kind{
		Needs: []string{"peak", "period"}, May: []string{"rate", "at", "arrivals"},
		Make: makeSine, Check: checkSine,
	})
}

// minPeriod keeps the time between two lows well above the nanosecond in which
// time is counted.
const minPeriod = time.Millisecond

func makeSine(c Config, _ time.Duration) Shape {
	s := sine{at: sim.Time(c.At), period: sim.Time(c.Period), mid: (c.Peak + c.Rate) / 2, swing: (c.Peak - c.Rate) / 2}
	s.cycle = s.mid * s.period.Seconds()
	s.e = s.swing / s.mid
	s.start = s.since(-s.at)
	return s
}

func checkSine(c Config, run time.Duration, l *check.List) {
	if c.Period < minPeriod {
		l.Add("period", "must be at least %v, not %v", minPeriod, c.Period)
	}
	checkPeak(c, run, l)
}

func checkPeak(c Config, _ time.Duration, l *check.List) {
	if c.Peak < c.Rate {
		l.Add("peak", "%g must not be below the lowest rate (%g)", c.Peak, c.Rate)
	}
}

type sine struct {
	at, period sim.Time
	mid, swing float64 // per second
	cycle      float64 // expected in a period
	e          float64 // swing/mid, 0 to 1: Kepler's eccentricity
	start      float64 // since at time 0
}

var _ Shape = sine{}

// Rate implements Shape.
func (s sine) Rate(t sim.Time) float64 { return s.mid - s.swing*math.Cos(s.angle(t-s.at)) }

// Total implements Shape.
func (s sine) Total(t sim.Time) float64 { return s.since(t-s.at) - s.start }

// since is the integral from the low at `at` to x later, or earlier.
func (s sine) since(x sim.Time) float64 {
	return s.mid*x.Seconds() - s.cycle/(2*math.Pi)*s.e*math.Sin(s.angle(x))
}

// angle takes whole periods away in integers, which keep them exact however
// long the run.
func (s sine) angle(x sim.Time) float64 {
	return 2 * math.Pi * float64(x%s.period) / float64(s.period)
}

// When implements Shape: the angle whose integral is given is Kepler's
// equation. Angles are taken from the nearest low, to both sides.
func (s sine) When(total float64) sim.Time {
	if total <= 0 {
		return 0
	}
	cycles := (total + s.start) / s.cycle
	whole := math.RoundToEven(cycles)
	angle := kepler(2*math.Pi*(cycles-whole), s.e)
	ns := whole*float64(s.period) + math.Round(angle/(2*math.Pi)*float64(s.period))
	if !(ns < float64(sim.Never-s.at)) {
		return sim.Never
	}
	return max(s.at+sim.Time(ns), 0)
}

// kepler solves E - e sin E = m for E, with m in [-π, π] and e in [0, 1], after
// Markley (Celestial Mechanics 63, 1995): a cubic that is near everywhere, then
// one correction of the fifth order.
func kepler(m, e float64) float64 {
	if m == 0 {
		return 0
	}
	x := keplerCubic(m, e)
	sin, cos := math.Sincos(x)
	f0, f1, f2, f3 := x-e*sin-m, 1-e*cos, e*sin, e*cos
	d := -f0 / (f1 - f0*f2/(2*f1))
	d = -f0 / (f1 + d*f2/2 + d*d*f3/6)
	d = -f0 / (f1 + d*f2/2 + d*d*f3/6 - d*d*d*f2/24)
	return x + d
}

// keplerCubic puts a Padé approximation in place of the sine.
func keplerCubic(m, e float64) float64 {
	a := (3*math.Pi*math.Pi + 1.6*math.Pi*(math.Pi-math.Abs(m))/(1+e)) / (math.Pi*math.Pi - 6)
	d := 3*(1-e) + a*e
	q := 2*a*d*(1-e) - m*m
	r := 3*a*d*(d-1+e)*m + m*m*m
	w := math.Cbrt(math.Abs(r) + math.Sqrt(q*q*q+r*r))
	w *= w
	return (2*r*w/(w*w+w*q+q*q) + m) / d
}
