// The shape spike: a flash crowd.
package load

import (
	"time"

	"cdnlab/sim/check"
)

// The rate over time, and Total:
//
//	peak |      ▂██████▂         Total grows by
//	     |     ▂████████▂        rate*at, (rate+peak)/2*rise, peak*for,
//	rate |███████████████████    (rate+peak)/2*fall, then rate again
//	     +---at-rise-for-fall-- t
func init() {
	Shapes.Add("spike", "a flash crowd: from rate up to peak, for a while, and back", Kind{
		Needs: []string{"peak"}, May: []string{"rate", "at", "rise", "for", "fall", "arrivals"},
		Make: makeSpike, Check: checkSpike,
	})
}

// makeSpike holds the peak to the end of the run when no time is given for it.
func makeSpike(c Config, run time.Duration) Shape {
	if c.For == 0 {
		c.For = max(run-c.At-c.Rise, 0)
	}
	return join(c.Rate,
		line{c.At, c.Rate, c.Rate}, line{c.Rise, c.Rate, c.Peak},
		line{c.For, c.Peak, c.Peak}, line{c.Fall, c.Peak, c.Rate})
}

func checkSpike(c Config, run time.Duration, l *check.List) {
	if c.Peak <= c.Rate {
		l.Add("peak", "%g must be above the rate before it (%g)", c.Peak, c.Rate)
	}
	if c.For == 0 && c.Fall > 0 {
		l.Add("for", "is missing: without it the peak lasts to the end of the run and never falls")
	}
	if c.At+c.Rise > run {
		l.Add("rise", "the peak would be reached at %v, after the end of the run (%v)", c.At+c.Rise, run)
	}
}
