// Jitter: how travel times scatter.
package network

import (
	"math"
	"time"

	"cdnlab/sim"
)

var jitterShapes = []string{"normal", "uniform", "exponential", "pareto"}

// weatherSlot is how long what packets share of their jitter stays the same: on
// the order of the queues that build up and drain on a busy path.
const weatherSlot = 100 * time.Millisecond

var luckWeather = sim.NewLuck("link: weather")

// jitter returns what is added to a packet's travel at a time in one direction;
// it may be negative. The part that packets share depends on the time alone, so
// it is the same in both worlds, in whatever order packets come.
func (g *Leg) jitter(seed uint64, d Direction, now sim.Time, roll *sim.Roll) time.Duration {
	if g.Jitter == 0 {
		return 0
	}
	z := roll.Norm()
	if rho := g.Correlation; rho > 0 {
		shared := sim.Draw(seed, luckWeather, uint64(now)/uint64(weatherSlot)<<1|uint64(d), 0)
		z = rho*shared.Norm() + math.Sqrt(1-rho*rho)*z
	}
	return time.Duration(float64(g.Jitter) * shaped(g.JitterShape, z))
}

// shaped turns a standard normal number into one of another distribution whose
// standard deviation is 1 as well, by its rank.
func shaped(shape string, z float64) float64 {
	switch shape {
	case "uniform":
		return math.Sqrt(12) * (rank(z) - 0.5)
	case "exponential":
		return -math.Log(1 - rank(z))
	case "pareto":
		// Lomax with the exponent 3, the least whole one with a finite variance:
		// scale s has the variance 3/4 s².
		return 2 / math.Sqrt(3) * (math.Pow(1-rank(z), -1.0/3) - 1)
	default:
		return z
	}
}

// rank is the share of a standard normal distribution below z, kept below 1.
func rank(z float64) float64 { return min(0.5*math.Erfc(-z/math.Sqrt2), 1-1e-12) }
