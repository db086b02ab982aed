// Failures: how long they go unseen, and what that costs.
package theory

import (
	"cmp"
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
	failed          int // requests that came then
}

// Serve implements sim.Handler.
func (b *backend) Serve(req *sim.Request, reply func(*sim.Response)) {
	if b.killed || b.stopped {
		b.failed++
	}
	switch {
	case b.killed:
		reply(sim.Fail(sim.Refused))
	case b.stopped:
		req.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
	default:
		reply(sim.Answer(200, nil, 0))
	}
}

// outage is servers failing, one of ten if not said, at a random moment between two checks.
type outage struct {
	cfg           balance.PoolConfig
	hangs         bool
	lasts         time.Duration
	servers, dead int
	balancers     int // that take turns, each with a pool of its own; 0 is one
}

const (
	outageRate    = 200 // requests/s
	outageServers = 10
)

// suffered is what came of an outage.
type suffered struct {
	detected    sim.Time // after what time the server was out of rotation, Never when it was not
	asked, lost int      // requests, and those that failed
	tries       int      // that reached a server that had failed
}

// play plays it once.
func (o outage) play(t *testing.T, seed uint64) (s suffered) {
	o.servers, o.dead, o.balancers = cmp.Or(o.servers, outageServers), cmp.Or(o.dead, 1), cmp.Or(o.balancers, 1)
	engine := sim.NewEngine()
	s.detected = sim.Never
	crash := sim.Time(10*time.Second) + sim.Time(sim.Stream(seed, "test", "crash").Int64N(int64(time.Hour)))%sim.Time(o.cfg.Health.Interval)
	env := sim.NewEnv(engine, "balancer", seed, func(e sim.Event) {
		if e.Kind == sim.EventDown && s.detected == sim.Never {
			s.detected = engine.Now() - crash
		}
	})
	backends := make([]backend, o.servers)
	var targets []balance.Target
	for i := range backends {
		targets = append(targets, balance.Target{Spec: balance.Spec{Name: fmt.Sprint("app-", i)}, Handler: &backends[i]})
	}
	pools := make([]*balance.Pool, o.balancers)
	for i := range pools {
		var err error
		if pools[i], err = balance.NewPool(env, o.cfg, balance.Around{}, targets...); err != nil {
			t.Fatal(err)
		}
	}
	engine.At(crash, func() {
		for i := range o.dead {
			backends[i] = backend{killed: !o.hangs, stopped: o.hangs}
		}
	})
	dice := sim.Stream(seed, "users", "arrivals")
	at, end := crash-sim.Time(time.Second), crash.Add(o.lasts)
	for id := uint64(0); at < end; id++ {
		at = at.Add(time.Duration(dice.ExpFloat64() * float64(time.Second) / outageRate))
		engine.Advance(at)
		if at >= crash {
			s.asked++
		}
		pools[id%uint64(o.balancers)].Serve(&sim.Request{ID: id, Method: "GET"}, func(resp *sim.Response) {
			if resp.Status != 200 {
				s.lost++
			}
		})
	}
	for _, pool := range pools {
		pool.Close()
	}
	for at, ok := engine.Next(); ok; at, ok = engine.Next() {
		engine.Advance(at)
	}
	for _, b := range backends {
		s.tries += b.failed
	}
	return s
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
		for seed := range uint64(60 * scale()) {
			s := o.play(t, seed)
			if d := s.detected; d < sim.Time(c.least) || d > sim.Time(c.least+2*time.Second) {
				t.Errorf("%s: seen after %v, want %v to 2 s more", c.name, d, c.least)
			}
			took.add(time.Duration(s.detected).Seconds())
			lost.add(float64(s.lost))
		}
		took.row(c.name+": s until seen", c.theory.Seconds()).check(t, 0.05)
		lost.row(c.name+": requests lost", outageRate/outageServers*c.theory.Seconds()).check(t, 0.05)
	}
}

// What else is there against it: another try hides one dead server whole, and requests
// themselves show it long before checks do.
func TestAgainstOutages(t *testing.T) {
	for _, c := range []struct {
		name      string
		balancers int
		change    func(*balance.PoolConfig)
		lost      int
		tries     int // at the dead server; -1: as many as checks let through
	}{
		{"one retry", 1, func(p *balance.PoolConfig) { p.Retries = new(1) }, 0, -1},
		// Three requests, then one on trial after each 10 s of 60: at 10, 20, 30, 40 and 50.
		{"out after 3 failures, for 10 s", 1, func(p *balance.PoolConfig) {
			p.MaxFails, p.FailTimeout = new(3), 10*time.Second
			p.Health.Check = health.CheckNone
		}, 3 + 5, 3 + 5},
		{"both", 1, func(p *balance.PoolConfig) { p.Retries, p.MaxFails = new(1), new(3) }, 0, -1},
		// Each worker of nginx finds it out for itself, with one failure (max_fails) at the
		// start and after each 10 s; and with proxy_next_upstream no user sees any of them.
		{"each of 4 workers: out after a failure", 4, func(p *balance.PoolConfig) {
			p.MaxFails, p.FailTimeout = new(1), 10*time.Second
			p.Health.Check = health.CheckNone
		}, 4 * 6, 4 * 6},
		{"the same, and one retry", 4, func(p *balance.PoolConfig) {
			p.Retries, p.MaxFails, p.FailTimeout = new(1), new(1), 10*time.Second
			p.Health.Check = health.CheckNone
		}, 0, 4 * 6},
	} {
		o := outage{cfg: checked(), lasts: time.Minute, balancers: c.balancers}
		c.change(&o.cfg)
		for seed := range uint64(5) {
			if s := o.play(t, seed); s.lost != c.lost || c.tries >= 0 && s.tries != c.tries {
				t.Errorf("%s: %d requests lost and %d tries, want %d and %d", c.name, s.lost, s.tries, c.lost, c.tries)
			}
		}
		t.Logf("%-44s theory %9d   simulation %9d requests lost in a minute", c.name, c.lost, c.lost)
	}
}

// Until anybody sees that k of n servers are dead: a request is lost when all its tries, each
// at another server, meet one of them: C(k, tries)/C(n, tries). A hung one costs a time-out
// more, and the same. (Of 1,000 requests/s for 5 s: 1,500, 333 and 42 lost with 3 of 10 dead;
// of 10,000/s for 11 s: 579 with one retry and 2 of 20 hung.)
func TestRetriesAgainstDead(t *testing.T) {
	for _, c := range []struct {
		n, k, retries int
		hangs         bool
	}{{10, 3, 0, false}, {10, 3, 1, false}, {10, 3, 2, false}, {20, 2, 1, true}} {
		o := outage{cfg: checked(), hangs: c.hangs, lasts: 5 * time.Second, servers: c.n, dead: c.k}
		o.cfg.Algorithm, o.cfg.Health.Check, o.cfg.PerTryTimeout = "random", health.CheckNone, 50*time.Millisecond
		o.cfg.Retries, o.cfg.RetryBudget, o.cfg.RetryMinimum = &c.retries, new(10.0), new(1000)
		lost, asked := 0, 0
		for seed := range uint64(40 * scale()) {
			s := o.play(t, seed)
			lost, asked = lost+s.lost, asked+s.asked
		}
		theory := binomial(c.k, c.retries+1) / binomial(c.n, c.retries+1)
		share(words(c.k, "of", c.n, "dead,", c.retries, "retries: share lost"), theory, lost, asked).check(t, 0.1)
	}
}

// samples are measurements that know nothing of each other.
type samples []float64

func (s *samples) add(x float64) { *s = append(*s, x) }

func (s samples) row(name string, theory float64) row {
	mean, stderr := spread(s, 1)
	return row{name, theory, mean, stderr}
}
