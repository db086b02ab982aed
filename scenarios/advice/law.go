// Laws: a distribution of service times through two quantiles.
package advice

import (
	"fmt"
	"math"
	"time"

	"cdnlab/origin"
)

// Law is how long a request takes a worker.
type Law struct {
	Distribution string        `json:"distribution"`
	Mean         time.Duration `json:"mean_ns"`
	Spread       float64       `json:"spread"` // standard deviation / mean
}

// The tails that are another law's within what somebody can read off a graph: less
// than that is constant, and about that of an exponential is one.
const (
	constantTail   = 1.05
	exponentialFit = 0.05
)

// z99 is the 99th percentile of the normal distribution.
const z99 = 2.3263478740408408

// Law is the one whose median and 99th percentile the case has: constant when they are
// about the same, exponential when they are as far apart as an exponential's, else
// lognormal, which any two fit and which latencies of real services resemble.
func (c Case) Law() Law {
	tail, median := c.Tail(), float64(c.P50)
	switch {
	case tail <= constantTail:
		return Law{origin.Constant, c.P50, 0}
	case math.Abs(tail/exponentialTail-1) <= exponentialFit:
		return Law{origin.Exponential, round(median / math.Ln2), 1}
	}
	sigma := math.Log(tail) / z99
	return Law{origin.Lognormal, round(median * math.Exp(sigma*sigma/2)), math.Sqrt(math.Expm1(sigma * sigma))}
}

// round keeps a mean to the microsecond: the scenario's file is for people.
func round(ns float64) time.Duration {
	d := time.Duration(math.Round(ns))
	if d > time.Millisecond {
		return d.Round(time.Microsecond)
	}
	return d
}

// String says the law in words.
func (l Law) String() string {
	switch l.Distribution {
	case origin.Constant:
		return fmt.Sprintf("constant, %s", briefly(l.Mean))
	case origin.Exponential:
		return fmt.Sprintf("exponential, mean %s", briefly(l.Mean))
	}
	return fmt.Sprintf("lognormal, mean %s, standard deviation %.3g times that", briefly(l.Mean), l.Spread)
}
