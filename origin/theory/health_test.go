// Failures: how long they go unseen, and what that costs.
package theory

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
)

// backend is a server that works until it is killed (it refuses) or stopped (it never
// answers).
type backend struct {
	killed, stopped bool
}

// Serve implements sim.Handler.
func (b *backend) Serve(req *sim.Request, reply func(*sim.Response)) {
	switch {
	case b.killed:
		reply(sim.Fail(sim.Refused))
	case b.stopped:
		req.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
	default:
		reply(sim.Answer(200, nil, 0))
	}
}

// outage is one of ten servers failing, at a random moment between two checks.
type outage struct {
	cfg   balance.PoolConfig
	hangs bool
	lasts time.Duration
}

const (
	outageRate    = 200 // requests/s
	outageServers = 10
)

// play returns after what time the server was out of rotation, Never when it was not,
// and how many requests failed.
func (o outage) play(t *testing.T, seed uint64) (detected sim.Time, lost int) {
	engine := sim.NewEngine()
	detected = sim.Never
	crash := sim.Time(10*time.Second) + sim.Time(sim.Stream(seed, "test", "crash").Int64N(int64(time.Hour)))%sim.Time(o.cfg.Health.Interval)
	env := sim.NewEnv(engine, "balancer", seed, func(e sim.Event) {
		if e.Kind == sim.EventDown && detected == sim.Never {
			detected = engine.Now() - crash
		}
	})
	backends := make([]backend, outageServers)
	var targets []balance.Target
	for i := range backends {
		targets = append(targets, balance.Target{Spec: balance.Spec{Name: fmt.Sprint("app-", i)}, Handler: &backends[i]})
	}
	pool, err := balance.NewPool(env, o.cfg, balance.Around{}, targets...)
	if err != nil {
		t.Fatal(err)
	}
	engine.At(crash, func() { backends[0] = backend{killed: !o.hangs, stopped: o.hangs} })
	dice := sim.Stream(seed, "users", "arrivals")
	at, end := crash-sim.Time(time.Second), crash.Add(o.lasts)
	for id := uint64(0); at < end; id++ {
		at = at.Add(time.Duration(dice.ExpFloat64() * float64(time.Second) / outageRate))
		engine.Advance(at)
		pool.Serve(&sim.Request{ID: id, Method: "GET"}, func(resp *sim.Response) {
			if resp.Status != 200 {
				lost++
			}
		})
	}
	pool.Close()
	for at, ok := engine.Next(); ok; at, ok = engine.Next() {
		engine.Advance(at)
	}
	return detected, lost
}

// checked is a pool as HAProxy's: fall 3 each 2 s after the end of the check before, a
// time-out of as much.
func checked() balance.PoolConfig {
	return balance.PoolConfig{Retries: new(0), MaxFails: new(0), PerTryTimeout: 30 * time.Second,
		Health: health.Config{Interval: 2 * time.Second, Timeout: 2 * time.Second, Fall: 3, Schedule: health.AfterCompletion}}
}

// What a crash costs until checks have seen it: R/n requests for each second of that.
func TestDetection(t *testing.T) {
	for _, c := range []struct {
		name      string
		hangs     bool
		schedule  string
		theory    time.Duration
		least     time.Duration
		alsoFails time.Duration // of a failing check
	}{
		{"refused, after the check before", false, health.AfterCompletion, 5 * time.Second, 4 * time.Second, 0},
		{"hung, after the check before", true, health.AfterCompletion, 11 * time.Second, 10 * time.Second, 2 * time.Second},
		{"refused, each interval", false, health.StartToStart, 5 * time.Second, 4 * time.Second, 0},
		{"hung, each interval", true, health.StartToStart, 7 * time.Second, 6 * time.Second, 2 * time.Second},
	} {
		o := outage{cfg: checked(), hangs: c.hangs, lasts: 20 * time.Second}
		o.cfg.Health.Schedule = c.schedule
		if least, mean, _ := o.cfg.Health.WithDefaults().Detection(c.alsoFails); least != c.least || mean != c.theory {
			t.Errorf("%s: the formula says %v and %v, want %v and %v", c.name, least, mean, c.least, c.theory)
		}
		var took, lost samples
		for seed := range uint64(100 * scale()) {
			d, n := o.play(t, seed)
			if d < sim.Time(c.least) || d > sim.Time(c.least+2*time.Second) {
				t.Errorf("%s: seen after %v, want %v to 2 s more", c.name, d, c.least)
			}
			took.add(time.Duration(d).Seconds())
			lost.add(float64(n))
		}
		took.row(c.name+": s until seen", c.theory.Seconds()).check(t, 0.05)
		lost.row(c.name+": requests lost", outageRate/outageServers*c.theory.Seconds()).check(t, 0.05)
	}
}

// What else is there against it: another try hides one dead server whole, and requests
// themselves show it long before checks do.
func TestAgainstOutages(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*balance.PoolConfig)
		lost   int
	}{
		{"one retry", func(p *balance.PoolConfig) { p.Retries = new(1) }, 0},
		// Three requests, then one on trial after each 10 s of 60: at 10, 20, 30, 40 and 50.
		{"out after 3 failures, for 10 s", func(p *balance.PoolConfig) {
			p.MaxFails, p.FailTimeout = new(3), 10*time.Second
			p.Health.Check = health.CheckNone
		}, 3 + 5},
		{"both", func(p *balance.PoolConfig) { p.Retries, p.MaxFails = new(1), new(3) }, 0},
	} {
		o := outage{cfg: checked(), lasts: time.Minute}
		c.change(&o.cfg)
		for seed := range uint64(5) {
			if _, lost := o.play(t, seed); lost != c.lost {
				t.Errorf("%s: %d requests lost, want %d", c.name, lost, c.lost)
			}
		}
		t.Logf("%-44s theory %9d   simulation %9d requests lost in a minute", c.name, c.lost, c.lost)
	}
}

// samples are measurements that know nothing of each other.
type samples []float64

func (s *samples) add(x float64) { *s = append(*s, x) }

func (s samples) row(name string, theory float64) row {
	mean, stderr := spread(s, 1)
	return row{name, theory, mean, stderr}
}
