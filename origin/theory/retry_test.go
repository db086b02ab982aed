// Second tries: what they cost, and what they give.
package theory

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
)

// crowd are users of a pool who come by chance, so many in a unit of time.
type crowd struct {
	pool  *balance.Pool
	clock *sim.Engine
	rate  float64
	took  []float64 // of those who were answered, in units
	lost  int
}

func newCrowd(t *testing.T, clock *sim.Engine, rate float64, cfg balance.PoolConfig, servers ...sim.Handler) *crowd {
	c := &crowd{clock: clock, rate: rate}
	env := sim.NewEnv(c.clock, "balancer", 7, nil)
	var targets []balance.Target
	for i, h := range servers {
		targets = append(targets, balance.Target{Spec: balance.Spec{Name: fmt.Sprint("app-", i)}, Handler: h})
	}
	cfg.Health.Check, cfg.MaxFails, cfg.PerTryTimeout = health.CheckNone, new(0), time.Hour
	var err error
	if c.pool, err = balance.NewPool(env, cfg, balance.Around{}, targets...); err != nil {
		t.Fatal(err)
	}
	return c
}

// play asks n times.
func (c *crowd) play(n int) {
	dice := sim.Stream(7, "users", "arrivals")
	at := sim.Time(0)
	for i := range n {
		at = at.Add(time.Duration(dice.ExpFloat64() * float64(unit) / c.rate))
		c.clock.Advance(at)
		begun := at
		c.pool.Serve(&sim.Request{ID: uint64(i), Method: "GET"}, func(resp *sim.Response) {
			if resp.Status != 200 {
				c.lost++
				return
			}
			c.took = append(c.took, float64(c.clock.Now().Sub(begun))/float64(unit))
		})
	}
	for at, ok := c.clock.Next(); ok; at, ok = c.clock.Next() {
		c.clock.Advance(at)
	}
}

// share is a part of n, with the standard error of chance.
func share(name string, theory float64, part, n int) row {
	p := float64(part) / float64(n)
	return row{name, theory, p, math.Sqrt(theory * math.Abs(1-theory) / float64(n))}
}

// A hedge at p95 of exponential times: the twentieth that is left is answered by the
// sooner of two, so twice as fast. P(T > t) is exp(-t), and beyond d = p95
// 0.05 exp(-2 (t - d)).
func TestHedges(t *testing.T) {
	n := 200_000 * scale()
	d := -math.Log(0.05)
	for _, after := range []string{"", time.Duration(d * float64(unit)).String(), "p95"} {
		asked := 0
		luck := sim.NewLuck("test: latency")
		clock := sim.NewEngine()
		server := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			asked++
			roll := sim.Draw(7, luck, req.ID, req.Attempt)
			var hook sim.Hook
			timer := clock.After(time.Duration(roll.Exp()*float64(unit)), func() {
				hook.Drop()
				reply(sim.Answer(200, nil, 0))
			})
			hook = req.Scope.OnCancel(func(cause sim.Cause) {
				timer.Stop()
				reply(sim.Fail(cause))
			})
		})
		c := newCrowd(t, clock, 2, balance.PoolConfig{Hedge: balance.Hedge{After: after, Budget: new(1.0)}}, server, server, server, server)
		c.play(n)
		p99, p999, hedges := -math.Log(0.01), -math.Log(0.001), 0.0
		if after != "" {
			p99, p999, hedges = d+math.Log(5)/2, d+math.Log(50)/2, 0.05
		}
		slices.Sort(c.took)
		name := "no hedge"
		if after != "" {
			name = "a hedge after " + after
			share(name+": requests more", hedges, asked-n, n).check(t, 0.05)
		} else if asked != n {
			t.Errorf("%d requests for %d", asked, n)
		}
		for _, q := range []struct {
			rest, at float64
		}{{0.01, p99}, {0.001, p999}} {
			i, _ := slices.BinarySearch(c.took, q.at)
			share(fmt.Sprintf("%s: beyond %.3f", name, q.at), q.rest, n-i, n).check(t, 0.1)
			t.Logf("%-44s theory %9.4f   simulation %9.4f", words(name+": quantile", 1-q.rest), q.at, c.took[int(float64(n)*(1-q.rest))])
		}
	}
}

// The same request tried up to three times when each try fails with probability p:
// 1 + p + p² requests for one, and at the most what the budget adds.
func TestAmplification(t *testing.T) {
	n := 50_000 * scale()
	for _, c := range []struct {
		p, budget, theory float64
	}{{0.1, 10, 1.11}, {0.5, 10, 1.75}, {1, 10, 3}, {1, 0.2, 1.2}} {
		asked := 0
		luck := sim.NewLuck("test: failure")
		server := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			asked++
			if roll := sim.Draw(7, luck, req.ID, req.Attempt); roll.Float64() < c.p {
				reply(sim.Fail(sim.Reset))
				return
			}
			reply(sim.Answer(200, nil, 0))
		})
		cfg := balance.PoolConfig{Retries: new(2), RetryBudget: new(c.budget), RetryMinimum: new(0)}
		crowd := newCrowd(t, sim.NewEngine(), 1, cfg, server, server, server)
		crowd.play(n)
		mean := float64(asked) / float64(n)
		// A request makes 1, 2 or 3.
		square := (1-c.p)*1 + c.p*(1-c.p)*4 + c.p*c.p*9
		stderr := math.Sqrt(max(0, square-math.Pow(1+c.p+c.p*c.p, 2))/float64(n)) + 0.0005
		row{words("3 tries that fail with", c.p, "budget", c.budget), c.theory, mean, stderr}.check(t, 0.01)
	}
}

// One of ten servers fails at once, the others are 70 % busy: whoever goes by what is
// in flight takes it for idle. (No formula: the number is that of another simulation of
// the same fleet.)
func TestFastFailure(t *testing.T) {
	n := 100_000 * scale()
	for _, c := range []struct {
		balance balance.Config
		theory  float64
	}{
		{balance.Config{Algorithm: "round-robin"}, 0.1},
		{balance.Config{Algorithm: "least-connections", Ties: balance.TiesRandom}, 0.26},
	} {
		clock := sim.NewEngine()
		servers := []sim.Handler{sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Fail(sim.Reset)) })}
		for i := range 9 {
			app, err := origin.NewApp(sim.NewEnv(clock, fmt.Sprint("app-", 1+i), 7, nil), origin.AppConfig{Workers: 1, Overload: origin.OverloadQueue,
				ServiceConfig: origin.ServiceConfig{ServiceTime: unit, Distribution: origin.Exponential}}, nil, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			servers = append(servers, app)
		}
		crowd := newCrowd(t, clock, 7, balance.PoolConfig{Config: c.balance, Retries: new(0)}, servers...)
		crowd.play(n)
		row{words("one of ten fails at once:", c.balance.Algorithm, "loses"), c.theory, float64(crowd.lost) / float64(n), 0.002}.check(t, 0.1)
	}
}
