// Package advice says which algorithm suits a fleet: it plays all of them against the
// numbers of somebody's own, in virtual time, and says who is first, why, and what
// would have to change for another to be.
package advice

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Case is a fleet and what is asked of it. Zero is not given: Filled fills it in.
type Case struct {
	Servers   int           `json:"servers"`
	Workers   int           `json:"workers"` // requests that a server of weight 1 works on at a time
	Weights   []int         `json:"weights"` // the servers' sizes: one each, or one for each equal part of them
	Untold    bool          `json:"weights_untold,omitempty"`
	Rate      float64       `json:"rate"` // requests/s
	P50       time.Duration `json:"p50_ns"`
	P99       time.Duration `json:"p99_ns"`
	Balancers int           `json:"balancers"` // all at work, each with counts of its own
	Sticky    bool          `json:"sticky"`    // a user must stay with a server
	Users     int           `json:"users"`
	Networks  int           `json:"networks"` // that they come from
	Requests  int           `json:"requests"` // of a run, the warm-up included
}

// The defaults, with their reasons: a fleet that a company has; few users and networks
// would be another question; so many requests tell p99s a tenth apart with five seeds.
// The load is what people plan for. A request's time varies as M/M/1 has it.
const (
	defaultServers  = 8
	defaultP50      = 20 * time.Millisecond
	defaultUsers    = 1000
	defaultNetworks = 100
	defaultRequests = 20_000
	defaultLoad     = 0.8
)

// The bounds. More servers, users or requests take minutes; of a tail beyond that no
// run of such length shows enough; nothing is learnt from a fleet that is never busy.
const (
	maxServers   = 500
	maxWorkers   = 10_000
	maxUsers     = 1_000_000
	maxNetworks  = 200
	minRequests  = 1000
	maxRequests  = 1_000_000
	maxBalancers = 16     // of a scenario
	maxTail      = 1000.0 // P99/P50
	maxWeight    = 100
)

// exponentialTail is P99/P50 of an exponential: ln 100 / ln 2.
var exponentialTail = math.Log(100) / math.Log(2)

// Filled is the case with what was not given, and words for each thing that was
// filled in. Workers: as many as it takes to stay at the load that people plan for,
// or one when it is the rate that is not given.
func (c Case) Filled() (Case, []string) {
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if c.Servers == 0 {
		c.Servers = max(defaultServers, len(c.Weights))
		say("%d servers", c.Servers)
	}
	if len(c.Weights) == 0 {
		c.Weights = []int{1}
	}
	if c.P50 == 0 {
		c.P50 = defaultP50
		if c.P99 > 0 {
			c.P50 = min(c.P50, c.P99)
		}
		say("a median of %v", c.P50)
	}
	if c.P99 == 0 {
		c.P99 = round(float64(c.P50) * exponentialTail)
		say("times as an exponential has them")
	}
	if c.Workers == 0 {
		c.Workers = 1
		if one := c.Capacity(); c.Rate > 0 && one > 0 {
			c.Workers = int(min(max(1, math.Ceil(c.Rate/one/defaultLoad-1e-9)), maxWorkers+1))
		}
		say("%s for each server%s, as many as keep the fleet below %.0f %%", many(c.Workers, "worker"), c.perWeight(), 100*defaultLoad)
		if c.Rate == 0 {
			said[len(said)-1] = fmt.Sprintf("one worker for each server%s", c.perWeight())
		}
	}
	if c.Rate == 0 {
		c.Rate = digits(c.AtLoad(defaultLoad).Rate)
		say("%s requests/s, %s of what they carry", number(c.Rate), percent(c.Load()))
	}
	c.Balancers = max(c.Balancers, 1)
	if c.Users == 0 {
		c.Users = max(defaultUsers, c.Networks)
	}
	if c.Networks == 0 {
		c.Networks = min(defaultNetworks, c.Users)
	}
	if c.Requests == 0 {
		c.Requests = defaultRequests
	}
	return c, said
}

// digits rounds a number to three digits: who chose none wants none exactly.
func digits(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow10(int(math.Floor(math.Log10(v))) - 2)
	if unit < 1 {
		per := math.Round(1 / unit)
		return math.Round(v*per) / per
	}
	return math.Round(v/unit) * unit
}

func (c Case) perWeight() string {
	if c.Equal() {
		return ""
	}
	return " of weight 1"
}

// Check returns all that is wrong with a filled case.
func (c Case) Check() error {
	var bad []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	check(c.Servers >= 2 && c.Servers <= maxServers, "servers %d: from 2, or there is nothing to balance, to %d", c.Servers, maxServers)
	check(c.Workers >= 1 && c.Workers <= maxWorkers, "workers %d: must be from 1 to %d", c.Workers, maxWorkers)
	for _, w := range c.Weights {
		check(w >= 1 && w <= maxWeight, "weights %s: each must be from 1 to %d", WeightsText(c.Weights), maxWeight)
	}
	if c.Servers > 0 {
		check(c.Servers%len(c.Weights) == 0, "weights %s: %s cannot be parted evenly among %d; give a weight for each, or as many as part them",
			WeightsText(c.Weights), many(c.Servers, "server"), len(c.Weights))
	}
	check(c.Rate > 0 && c.Rate <= 1e6, "rate %s: must be above 0 and at most 1,000,000 requests/s", number(c.Rate))
	check(c.P50 >= time.Microsecond && c.P50 <= time.Hour, "p50 %v: must be from 1µs to 1h", c.P50)
	check(c.P99 >= c.P50, "p99 %v: it cannot be less than p50 %v", c.P99, c.P50)
	check(float64(c.P99) <= maxTail*float64(c.P50), "p99 %v: more than %.0f times p50 %v; of such a tail no run of this length sees enough", c.P99, maxTail, c.P50)
	check(c.Balancers <= maxBalancers, "balancers %d: must be from 1 to %d", c.Balancers, maxBalancers)
	check(c.Users >= 1 && c.Users <= maxUsers, "users %d: must be from 1 to %d", c.Users, maxUsers)
	check(c.Networks >= 1 && c.Networks <= min(maxNetworks, c.Users), "networks %d: must be from 1 to %d, and not more than there are users", c.Networks, maxNetworks)
	check(c.Requests >= minRequests && c.Requests <= maxRequests, "requests %d: must be from %d to %d", c.Requests, minRequests, maxRequests)
	if len(bad) == 0 && c.Load() >= 1 {
		bad = append(bad, c.tooMuch())
	}
	return errors.Join(slices.CompactFunc(bad, func(a, b error) bool { return a.Error() == b.Error() })...)
}

// tooMuch says by how much the rate is above what the servers carry, and what would.
func (c Case) tooMuch() error {
	most := c.Capacity() * float64(c.Workers)
	enough := c
	enough.Workers = 0
	enough, _ = enough.Filled()
	return fmt.Errorf("rate %s: that is %.3g times what these servers carry, %s requests/s (%s at %s in the mean), and no algorithm changes that; "+
		"%d workers for each%s would be %.0f %% busy, or as it is %s requests/s would keep them at %.0f %%",
		number(c.Rate), c.Load(), number(most), many(c.workers(), "worker"), briefly(c.Law().Mean),
		enough.Workers, c.perWeight(), 100*enough.Load(), number(c.AtLoad(defaultLoad).Rate), 100*defaultLoad)
}

// Capacity is the requests/s that the servers carry with one worker for each weight.
func (c Case) Capacity() float64 {
	sum := 0
	for i := range c.Servers {
		sum += c.weight(i)
	}
	return float64(sum) / c.Law().Mean.Seconds()
}

// Load is the share of the workers that is busy.
func (c Case) Load() float64 { return c.Rate / c.Capacity() / float64(c.Workers) }

// AtLoad is the case with the rate that makes that load.
func (c Case) AtLoad(load float64) Case {
	c.Rate = load * c.Capacity() * float64(c.Workers)
	return c
}

// WithTail is the case with another P99/P50, at the same mean: so at the same load.
func (c Case) WithTail(tail float64) Case {
	mean := c.Law().Mean
	c.P50, c.P99 = time.Second, time.Duration(tail*float64(time.Second))
	scale := float64(mean) / float64(c.Law().Mean)
	c.P50, c.P99 = time.Duration(math.Round(scale*float64(c.P50))), time.Duration(math.Round(scale*float64(c.P99)))
	return c
}

// Tail is P99/P50.
func (c Case) Tail() float64 { return float64(c.P99) / float64(c.P50) }

// Equal reports whether all servers are of one size.
func (c Case) Equal() bool {
	return !slices.ContainsFunc(c.Weights, func(w int) bool { return w != c.Weights[0] })
}

// weight is that of server i, from 0.
func (c Case) weight(i int) int { return c.Weights[i*len(c.Weights)/c.Servers] }

// workers are those of all servers.
func (c Case) workers() int {
	sum := 0
	for i := range c.Servers {
		sum += c.weight(i) * c.Workers
	}
	return sum
}

// ParseWeights reads 2:1.
func ParseWeights(text string) ([]int, error) {
	var weights []int
	for part := range strings.SplitSeq(text, ":") {
		w, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q: write numbers with colons between, such as 2:1", text)
		}
		weights = append(weights, w)
	}
	return weights, nil
}

// WeightsText writes 2:1.
func WeightsText(weights []int) string {
	words := make([]string, len(weights))
	for i, w := range weights {
		words[i] = strconv.Itoa(w)
	}
	return strings.Join(words, ":")
}
