// The shape ramp.
package load

import "time"

// The rate over time, and Total:
//
//	peak |        ▄▆█████   Total = rate t               until at,
//	     |    ▂▄▆████████         + slope (t-at)^2 / 2   while it rises,
//	rate |███████████████         and peak t beyond
//	     +---at---rise--- t
func init() {
	Shapes.Add("ramp", "from rate to peak in a straight line, then peak", Kind{
		Needs: []string{"peak"}, May: []string{"rate", "at", "rise", "arrivals"},
		Make: makeRamp,
	})
}

// makeRamp takes the rest of the run for the rise when none is given.
func makeRamp(c Config, run time.Duration) Shape {
	if c.Rise == 0 {
		c.Rise = run - c.At
	}
	return join(c.Peak, line{c.At, c.Rate, c.Rate}, line{c.Rise, c.Rate, c.Peak})
}
