// Tests: what a case is made of, and what makes no sense.
package advice

import (
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/scenarios"
)

const ms = time.Millisecond

// The law has the quantiles that were given.
func TestLaw(t *testing.T) {
	for _, c := range []struct {
		p50, p99     time.Duration
		distribution string
		mean         time.Duration
		spread       float64
	}{
		{20 * ms, 20 * ms, origin.Constant, 20 * ms, 0},
		{20 * ms, 21 * ms, origin.Constant, 20 * ms, 0},
		{20 * ms, 133 * ms, origin.Exponential, 28854 * time.Microsecond, 1},
		{20 * ms, 400 * ms, origin.Lognormal, 45824 * time.Microsecond, 2.0614},
		{10 * ms, 30 * ms, origin.Lognormal, 11180 * time.Microsecond, 0.5},
	} {
		got := Case{P50: c.p50, P99: c.p99}.Law()
		if got.Distribution != c.distribution || (got.Mean-c.mean).Abs() > c.mean/1000 || math.Abs(got.Spread-c.spread) > 1e-3 {
			t.Errorf("p50 %v, p99 %v: %+v, want %s, %v, %v", c.p50, c.p99, got, c.distribution, c.mean, c.spread)
		}
		if got.Distribution != origin.Lognormal {
			continue
		}
		// Back from mean and spread to the quantiles.
		variance := math.Log1p(got.Spread * got.Spread)
		median := float64(got.Mean) / math.Exp(variance/2)
		if p99 := median * math.Exp(z99*math.Sqrt(variance)); math.Abs(median/float64(c.p50)-1) > 1e-3 || math.Abs(p99/float64(c.p99)-1) > 1e-3 {
			t.Errorf("p50 %v, p99 %v: the law has %.3g and %.3g", c.p50, c.p99, median, p99)
		}
	}
}

func TestFilled(t *testing.T) {
	for _, c := range []struct {
		given   Case
		workers int
		rate    float64
		load    float64
	}{
		{Case{}, 1, 222, 0.8},
		{Case{Servers: 8, Rate: 900, P50: 20 * ms, P99: 400 * ms}, 7, 900, 0.736},
		{Case{Servers: 4, Workers: 1, P50: 10 * ms, P99: 10 * ms}, 1, 320, 0.8},
		{Case{Servers: 4, Weights: []int{3, 1}, Workers: 1, P50: 10 * ms, P99: 10 * ms}, 1, 640, 0.8},
		{Case{Servers: 2, Rate: 1, P50: 10 * ms, P99: 10 * ms}, 1, 1, 0.005},
	} {
		got, said := c.given.Filled()
		if err := got.Check(); err != nil {
			t.Errorf("%+v: %v", c.given, err)
		}
		if got.Workers != c.workers || got.Rate != c.rate || math.Abs(got.Load()-c.load) > 0.001 {
			t.Errorf("%+v: %d workers, %v/s, load %.3f, want %d, %v, %.3f", c.given, got.Workers, got.Rate, got.Load(), c.workers, c.rate, c.load)
		}
		if again, more := got.Filled(); len(more) > 0 || again.String() != got.String() {
			t.Errorf("%+v: filled twice: %s, %v", c.given, again, more)
		}
		if c.given.Workers == 0 && !strings.Contains(strings.Join(said, ";"), "worker") {
			t.Errorf("%+v: nothing is said of the workers: %v", c.given, said)
		}
	}
}

func TestNonsense(t *testing.T) {
	for _, c := range []struct {
		given Case
		want  string
	}{
		{Case{Servers: 1}, "servers 1: from 2"},
		{Case{Servers: -1, Rate: 10}, "servers -1: from 2"},
		{Case{Servers: 8, Weights: []int{1, 2, 3}}, "8 servers cannot be parted evenly among 3"},
		{Case{Weights: []int{0, 1}}, "weights 0:1: each must be from 1"},
		{Case{P50: 20 * ms, P99: 10 * ms}, "p99 10ms: it cannot be less than p50 20ms"},
		{Case{P50: ms, P99: time.Minute}, "more than 1000 times p50"},
		{Case{Users: 5, Networks: 10}, "networks 10: must be from 1 to 200, and not more than there are users"},
		{Case{Balancers: 20}, "balancers 20: must be from 1 to 16"},
		{Case{Requests: 10}, "requests 10: must be from 1000"},
		{Case{Rate: -5}, "rate -5: must be above 0"},
		{Case{Rate: math.NaN()}, "must be above 0"},
		{Case{Servers: 2, Workers: 1, Rate: 300, P50: 10 * ms, P99: 10 * ms},
			"rate 300: that is 1.5 times what these servers carry, 200 requests/s (2 workers at 10 ms in the mean), and no algorithm changes that; 2 workers for each would be 75 % busy, or as it is 160 requests/s would keep them at 80 %"},
	} {
		got, _ := c.given.Filled()
		err := got.Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.given, err, c.want)
		}
	}
}

// Another tail leaves the load as it is.
func TestWithTail(t *testing.T) {
	c, _ := Case{Rate: 900, P99: 400 * ms}.Filled()
	for _, tail := range []float64{1, 3, 50} {
		if got := c.WithTail(tail); math.Abs(got.Tail()-tail) > 1e-3 || math.Abs(got.Load()-c.Load()) > 1e-3 {
			t.Errorf("tail %v: %v at load %v, was %v", tail, got.Tail(), got.Load(), c.Load())
		}
	}
}

// The file is a scenario that plays what the case says.
func TestScenario(t *testing.T) {
	c, _ := Case{Servers: 4, Weights: []int{3, 1}, Rate: 300, P99: 400 * ms, Sticky: true, Users: 50, Networks: 3}.Filled()
	x, err := scenarios.Load("my.toml", c.Scenario([]string{"p2c", "ip-hash"}))
	if err != nil {
		t.Fatal(err)
	}
	users, workers := 0, 0
	for _, g := range x.Base.Clients {
		users += g.Users
	}
	for _, s := range x.Base.Servers {
		workers += s.Workers
	}
	if users != 50 || len(x.Base.Clients) != 3 || workers != c.workers() || x.Base.Load.Rate != 300 || x.Base.App.ServiceTime != c.Law().Mean {
		t.Errorf("%d users, %d networks, %d workers of %d, %v/s, %v", users, len(x.Base.Clients), workers, c.workers(), x.Base.Load.Rate, x.Base.App.ServiceTime)
	}
	if len(x.Variants) != 3 || x.Variants[0].Balancer.Algorithm != "p2c" || x.Variants[2].Variant != ideal || x.Variants[2].App.Workers != c.workers() || len(x.Variants[2].Servers) != 1 {
		t.Errorf("the variants are %v", x.Variants)
	}
	if x.Base.Servers[0].Weight != 3 || x.Base.Servers[3].Weight != 1 || x.Base.Balancer.HashBy != "client" || !x.Base.Clients[0].Cookies {
		t.Errorf("servers %+v, hash by %s", x.Base.Servers, x.Base.Balancer.HashBy)
	}
	c.Untold = true
	if x, err = scenarios.Load("my.toml", c.Scenario(nil)); err != nil || x.Base.Servers[0].Weight != 1 || x.Base.Servers[0].Workers != 3*c.Workers {
		t.Errorf("untold: %+v, %v", x.Base.Servers, err)
	}
}
