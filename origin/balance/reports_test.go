// Tests: policies that go by what servers report.
package balance

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Who is picked is the one that says the least, however many are counted here, until
// the next report.
func TestPicksByReports(t *testing.T) {
	for _, c := range []Config{
		{Algorithm: "least-connections"}, {Algorithm: "least-connections", Ties: TiesOldest}, {Algorithm: "least-connections", Ties: TiesFirst},
		{Algorithm: "p2c", Choices: 3}, {Algorithm: "subset", Choices: 3},
	} {
		servers, err := NewServers(Spec{Name: "a"}, Spec{Name: "b"}, Spec{Name: "c"})
		if err != nil {
			t.Fatal(err)
		}
		servers.SetReported(true, false)
		policy, err := New(c, Tools{Servers: servers, Dice: sim.Stream(1, "test", "policy")})
		if err != nil {
			t.Fatal(err)
		}
		req := &sim.Request{}
		picks := func(n int) (all string) {
			for range n {
				s := policy.Pick(0, req)
				servers.Begin(0, s, req)
				all += s.Name
			}
			return all
		}
		for i, n := range []int{5, 2, 9} {
			servers.Report(servers.At(i), n)
		}
		got := picks(4)
		servers.Report(servers.At(1), 6)
		got += " " + picks(2)
		servers.SetReported(true, true)
		got += " " + picks(1) // a has 5, b 6; then 6 and 6
		servers.SetReported(false, false)
		got += " " + picks(3) // a has 3, b 4, c none
		if want := "bbbb aa a ccc"; got != want {
			t.Errorf("%s %s: %s, want %s", c.Algorithm, c.Ties, got, want)
		}
		for _, s := range servers.all {
			if s.Load() != s.Active() {
				t.Errorf("%s: load %d, %d in flight", s.Name, s.Load(), s.Active())
			}
		}
	}
}

// A pool asks its servers, also one that joins, and no more one that has left.
func TestPoolAsksForReports(t *testing.T) {
	e := sim.NewEngine()
	env := sim.NewEnv(e, "balancer", 1, nil)
	asked := map[string]int{}
	target := func(name string) Target {
		return Target{Spec: Spec{Name: name}, Handler: sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
			asked[name]++
			reply(sim.Answer(http.StatusOK, health.LoadHeader(health.Load{InFlight: 3}), 0))
		})}
	}
	cfg := PoolConfig{LoadReports: ReportsConfig{Interval: 100 * time.Millisecond}, Health: health.Config{Check: health.CheckNone}}
	p, err := NewPool(env, cfg, Around{}, target("a"), target("b"))
	if err != nil {
		t.Fatal(err)
	}
	to := func(cfg PoolConfig, targets ...Target) {
		t.Helper()
		if err := p.Change(cfg, Around{}, func(name string) sim.Handler { return target(name).Handler }, targets...); err != nil {
			t.Fatal(err)
		}
	}
	second := func(want string) {
		t.Helper()
		clear(asked)
		e.Run(e.Now().Add(time.Second))
		if got := fmt.Sprint(asked); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
	second("map[a:10 b:10]")
	if a := p.find("a").server; a.Load() != 3 || a.Active() != 0 {
		t.Errorf("load %d, active %d", a.Load(), a.Active())
	}
	to(cfg, target("b"), target("c"))
	second("map[b:10 c:10]")
	cfg.LoadReports.Interval = 200 * time.Millisecond
	to(cfg, target("b"), target("c"))
	second("map[b:5 c:5]")
	to(PoolConfig{Health: cfg.Health}, target("b"), target("c"))
	second("map[]")
	if b := p.find("b").server; b.Load() != 0 {
		t.Errorf("without reports the load is %d", b.Load())
	}
}
