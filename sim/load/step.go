// The shape step: one step, or stairs.
package load

import (
	"time"

	"cdnlab/sim/check"
)

// maxSteps bounds the pieces that every arrival is searched in.
const maxSteps = 1000

// The rate over time, and Total:
//
//	peak |          █████   Total grows by the rate of each step
//	     |     ██████████   times its length
//	rate |███████████████
//	     +---at--for----- t    (two steps)
func init() {
	Shapes.Add("step", "from rate to peak at once, or in equal steps: where is the limit?", Kind{
		Needs: []string{"peak"}, May: []string{"rate", "at", "steps", "for", "arrivals"},
		Make: makeStep, Check: checkStep,
	})
}

// makeStep shares what the run has left among the steps when they are given no
// time.
func makeStep(c Config, run time.Duration) Shape {
	if c.For == 0 {
		c.For = (run - c.At) / time.Duration(c.Steps)
	}
	lines := []line{{c.At, c.Rate, c.Rate}}
	for i := 1; i < c.Steps; i++ {
		r := c.Rate + (c.Peak-c.Rate)*float64(i)/float64(c.Steps)
		lines = append(lines, line{c.For, r, r})
	}
	return join(c.Peak, lines...)
}

func checkStep(c Config, run time.Duration, l *check.List) {
	if c.For > 0 && c.Steps == 1 {
		l.Add("for", "means nothing to a single step, which lasts; give steps, or use the shape spike")
	}
	if last := c.At + c.For*time.Duration(c.Steps-1); c.Steps > 1 && (last >= run || c.For > run) {
		l.Add("for", "the last step would begin at %v, not before the end of the run (%v)", last, run)
	}
}
