// How long a piece of work takes: the distributions of service times.
package origin

import (
	"fmt"
	"math"
	"time"

	"cdnlab/sim"
)

// The distributions of service times.
const (
	Constant    = "constant"
	Exponential = "exponential"
	Lognormal   = "lognormal"
	Uniform     = "uniform"
)

// ServiceConfig describes service times.
type ServiceConfig struct {
	ServiceTime  time.Duration `toml:"service-time" json:"service-time,omitempty" jsonschema:"description=Mean time a worker needs for a request; 20ms for an app and 2ms for a database by default."`
	Distribution string        `toml:"distribution" json:"distribution" jsonschema:"enum=constant,enum=exponential,enum=lognormal,enum=uniform,default=exponential,description=How service times vary around their mean."`
	Spread       *float64      `toml:"spread" json:"spread,omitempty" jsonschema:"minimum=0,description=lognormal: standard deviation over mean (default 1). uniform: half width over mean; at most 1 (default 0.5)."`
}

// withDefaults fills in what was not given. Exponential is what the textbook's
// formulas hold for; a lognormal of spread 1 has the same variance and a
// heavier tail; a uniform of 0.5 runs from half the mean to one and a half.
func (c ServiceConfig) withDefaults(mean time.Duration, distribution string) ServiceConfig {
	c.ServiceTime = orElse(c.ServiceTime, mean)
	c.Distribution = orElse(c.Distribution, distribution)
	if c.Spread == nil {
		c.Spread = new(1.0)
		if c.Distribution == Uniform {
			c.Spread = new(0.5)
		}
	}
	return c
}

func (c ServiceConfig) validate() (errs []error) {
	if c.ServiceTime < 0 {
		errs = append(errs, fmt.Errorf("origin: service-time %v is negative", c.ServiceTime))
	}
	switch c.Distribution {
	case Constant, Exponential, Lognormal:
	case Uniform:
		if *c.Spread > 1 {
			errs = append(errs, fmt.Errorf("origin: spread %v of a uniform distribution is above 1", *c.Spread))
		}
	default:
		errs = append(errs, fmt.Errorf("origin: unknown distribution %q; known: constant, exponential, lognormal, uniform", c.Distribution))
	}
	if *c.Spread < 0 {
		errs = append(errs, fmt.Errorf("origin: spread %v is negative", *c.Spread))
	}
	return errs
}

// law draws service times.
type law struct {
	mean         float64 // ns
	distribution string
	spread       float64
	mu, sigma    float64 // of the lognormal's logarithm
}

// newLaw returns the law of a valid ServiceConfig with its defaults.
func newLaw(c ServiceConfig) law {
	l := law{mean: float64(c.ServiceTime), distribution: c.Distribution, spread: *c.Spread}
	variance := math.Log(1 + l.spread*l.spread)
	l.mu, l.sigma = -variance/2, math.Sqrt(variance)
	return l
}

// draw returns a service time, stretched by factor.
func (l *law) draw(dice sim.Roll, factor float64) time.Duration {
	x := 1.0
	switch l.distribution {
	case Exponential:
		x = dice.Exp()
	case Lognormal:
		x = math.Exp(l.mu + l.sigma*dice.Norm())
	case Uniform:
		x = 1 + l.spread*(2*dice.Float64()-1)
	}
	return time.Duration(math.Min(l.mean*x*factor, math.MaxInt64/2))
}
