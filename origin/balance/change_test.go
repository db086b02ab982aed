// A pool that is changed while it works: who gets the next request, and what is
// kept of the past.
package balance

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// change changes a pool to servers of these weights, by name; weight 0 leaves a
// server out, a negative one is drained.
func (w *world) change(p *Pool, cfg PoolConfig, weights map[string]int) {
	w.t.Helper()
	var targets []Target
	for i := range 26 {
		name := string(rune('a' + i))
		if weight := weights[name]; weight != 0 {
			targets = append(targets, Target{Spec: Spec{Name: name, Weight: max(weight, -weight)}, Drained: weight < 0})
		}
	}
	dial := func(name string) sim.Handler {
		if p.tier0.servers.Find(name) != nil {
			w.t.Errorf("%s was dialled though it is known", name)
		}
		return w.checked(&server{clock: w.engine, delay: 10 * ms})
	}
	if err := p.Change(cfg, Around{}, dial, targets...); err != nil {
		w.t.Fatal(err)
	}
}

// shares asks n times, one after the other, and returns who was picked.
func (w *world) shares(p *Pool, n int) map[string]int {
	picked := map[string]int{}
	for i := range n {
		g := w.ask(p, uint64(i), nil)
		w.engine.Advance(w.engine.Now().Add(20 * ms))
		picked[g.resp.Via.Last(sim.HopBalancer).Peer]++
	}
	return picked
}

func TestChangeShares(t *testing.T) {
	weighted := PoolConfig{Config: Config{Algorithm: "weighted-round-robin"}}
	for _, c := range []struct {
		name    string
		cfg     PoolConfig
		weights map[string]int
		want    map[string]int
	}{
		{"as before", weighted, map[string]int{"a": 3, "b": 1}, map[string]int{"a": 30, "b": 10}},
		{"the other way round", weighted, map[string]int{"a": 1, "b": 3}, map[string]int{"a": 10, "b": 30}},
		{"one more", weighted, map[string]int{"a": 3, "b": 1, "c": 4}, map[string]int{"a": 15, "b": 5, "c": 20}},
		{"one less", weighted, map[string]int{"b": 1}, map[string]int{"b": 40}},
		{"one instead", weighted, map[string]int{"b": 1, "c": 1}, map[string]int{"b": 20, "c": 20}},
		{"one drained", weighted, map[string]int{"a": -3, "b": 1}, map[string]int{"b": 40}},
		{"another algorithm", PoolConfig{}, map[string]int{"a": 3, "b": 1}, map[string]int{"a": 20, "b": 20}},
	} {
		w := newWorld(t)
		_, targets := w.fleet(2)
		targets[0].Weight = 3
		p := w.pool(noChecks(weighted), targets...)
		if got, want := fmt.Sprint(w.shares(p, 40)), "map[a:30 b:10]"; got != want {
			t.Errorf("before: %s, want %s", got, want)
		}
		w.change(p, noChecks(c.cfg), c.weights)
		if got := w.shares(p, 40); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		w.quiet(p)
	}
}

// Every algorithm goes on when servers come, go and come back.
func TestChangeEveryPolicy(t *testing.T) {
	for _, name := range Policies.Names() {
		w := newWorld(t)
		_, targets := w.fleet(3)
		cfg := noChecks(PoolConfig{Config: Config{Algorithm: name}})
		p := w.pool(cfg, targets...)
		w.shares(p, 20)
		w.change(p, cfg, map[string]int{"b": 2, "c": 1, "d": 1})
		if got := w.shares(p, 20); got["a"] != 0 || got["b"]+got["c"]+got["d"] != 20 {
			t.Errorf("%s without a: %v", name, got)
		}
		w.change(p, cfg, map[string]int{"a": 1, "d": -1})
		if got := w.shares(p, 20); got["a"] != 20 {
			t.Errorf("%s with nobody but a: %v", name, got)
		}
		w.quiet(p)
	}
}

// A server that is drained finishes what it has, and is told of when it has.
func TestChangeDrains(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	servers[0].delay = time.Second
	p := w.pool(noChecks(PoolConfig{}), targets...)
	long := w.ask(p, 1, nil)
	w.change(p, noChecks(PoolConfig{}), map[string]int{"a": -1, "b": 1})
	if got := w.shares(p, 10); got["b"] != 10 || p.tier0.servers.Find("a").Active() != 1 {
		t.Errorf("%v, and %d under way at a", got, p.tier0.servers.Find("a").Active())
	}
	w.expectNotes()
	w.engine.Advance(sim.Time(2 * time.Second))
	w.expect("the long one", long, "200 from a, tries 1 at 1s")
	w.expectNotes("1s drained a: ")
	servers[0].delay = 10 * ms
	w.change(p, noChecks(PoolConfig{}), map[string]int{"a": 1, "b": 1})
	if got := w.shares(p, 2); got["a"] != 1 {
		t.Errorf("a is not back: %v", got)
	}
	w.quiet(p)
}

// One that leaves the pool does too, even when it was drained before.
func TestChangeLeaves(t *testing.T) {
	for _, first := range []int{1, -1} {
		w := newWorld(t)
		servers, targets := w.fleet(2)
		servers[0].delay = time.Second
		p := w.pool(noChecks(PoolConfig{}), targets...)
		w.ask(p, 1, nil)
		w.change(p, noChecks(PoolConfig{}), map[string]int{"a": first, "b": 1})
		w.change(p, noChecks(PoolConfig{}), map[string]int{"b": 1})
		w.engine.Advance(sim.Time(2 * time.Second))
		w.expectNotes("1s drained a: ")
		w.quiet(p)
	}
	w := newWorld(t)
	_, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{}), targets...)
	w.change(p, noChecks(PoolConfig{}), map[string]int{"b": 1})
	w.expectNotes("0s drained a: ") // it had nothing to do
	w.quiet(p)
}

// What is known of a server's health stays, unless it left and came back: that is
// another process.
func TestChangeKeepsHealth(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	cfg := noChecks(PoolConfig{MaxFails: new(1), FailTimeout: time.Hour})
	p := w.pool(cfg, targets...)
	servers[0].mode = "reset"
	w.shares(p, 3)
	servers[0].mode = ""
	w.change(p, cfg, map[string]int{"a": 2, "b": 1, "c": 1})
	if got := w.shares(p, 10); got["a"] != 0 {
		t.Errorf("a failed, and still gets %v", got)
	}
	w.change(p, cfg, map[string]int{"b": 1, "c": 1})
	w.change(p, cfg, map[string]int{"a": 1, "b": 1, "c": 1})
	if got := w.shares(p, 9); got["a"] != 3 {
		t.Errorf("a came back anew, and gets %v", got)
	}
	w.quiet(p)
}

// Other checks count from where the ones before were; without checks a server is
// up.
func TestChangeChecks(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	cfg := PoolConfig{MaxFails: new(0), Retries: new(0), Health: health.Config{Interval: time.Second, Timeout: 100 * ms, Fall: 2, Rise: 1}}
	p := w.pool(cfg, targets...)
	servers[0].mode = "refused"
	w.engine.Advance(sim.Time(3 * time.Second))
	if p.tier0.servers.Find("a").Up() {
		t.Fatal("two failed checks, and a is up")
	}
	faster := cfg
	faster.Health.Interval = 100 * ms
	all := map[string]int{"a": 1, "b": 1}
	checks := w.counter("checks")
	w.change(p, faster, all)
	w.engine.Advance(sim.Time(5 * time.Second))
	if n := w.counter("checks") - checks; n < 38 || n > 42 || p.tier0.servers.Find("a").Up() {
		t.Errorf("%d checks of two servers in 2 s, one every 100 ms; a up: %v", n, p.tier0.servers.Find("a").Up())
	}
	w.change(p, noChecks(cfg), all)
	checks = w.counter("checks")
	if !p.tier0.servers.Find("a").Up() {
		t.Error("nobody checks a any more, and it stays down")
	}
	w.engine.Advance(sim.Time(7 * time.Second))
	if n := w.counter("checks") - checks; n != 0 {
		t.Errorf("%d checks after the end of checks", n)
	}
	w.change(p, cfg, all)
	w.engine.Advance(sim.Time(11 * time.Second))
	if p.tier0.servers.Find("a").Up() {
		t.Error("checks are on again, and a is up though it refuses")
	}
	w.quiet(p)
}

// Retries follow the new numbers at once, of what was counted before too.
func TestChangeRetries(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(0)}), targets...)
	servers[0].mode = "reset"
	for _, c := range []struct {
		retries, minimum int
		want             int64
	}{{1, 10, 10}, {0, 10, 10}, {1, 0, 10}, {1, 10, 20}} {
		w.change(p, noChecks(PoolConfig{MaxFails: new(0), Retries: new(c.retries), RetryMinimum: new(c.minimum)}), map[string]int{"a": 1, "b": 1})
		w.shares(p, 10)
		if got := w.counter("retries"); got != c.want {
			t.Errorf("retries %d, minimum %d: %d retries in all, want %d", c.retries, c.minimum, got, c.want)
		}
	}
	w.quiet(p)
}

func TestChangeRefuses(t *testing.T) {
	w := newWorld(t)
	_, targets := w.fleet(1)
	p := w.pool(noChecks(PoolConfig{}), targets...)
	for _, cfg := range []PoolConfig{{Retries: new(-1)}, {Config: Config{Algorithm: "none"}}} {
		if p.Change(cfg, Around{}, nil, targets...) == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
	w.quiet(p)
}

// A peer that cannot be is refused, at the start and later.
func TestPeers(t *testing.T) {
	w := newWorld(t)
	_, targets := w.fleet(2)
	for peer, ok := range map[Peer]bool{ // each is its own
		{}: true, {0, 1}: true, {2, 3}: true, {3, 3}: false, {1, 0}: false, {-1, 2}: false, {0, -1}: false,
	} {
		p, err := NewPool(w.env, noChecks(PoolConfig{}), Around{Peer: peer}, targets...)
		if (err == nil) != ok {
			t.Errorf("%+v: %v", peer, err)
		}
		if p == nil {
			p = w.pool(noChecks(PoolConfig{}), targets...)
		}
		if err := p.Change(noChecks(PoolConfig{}), Around{Peer: peer}, nil, targets...); (err == nil) != ok {
			t.Errorf("changed to %+v: %v", peer, err)
		}
	}
}
