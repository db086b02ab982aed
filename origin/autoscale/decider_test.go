// Tests of the decider: the rule's own numbers, then how it goes on in time.
package autoscale

import (
	"math/rand/v2"
	"testing"
	"time"

	"cdnlab/sim"
)

func config(edit func(*Config)) Config {
	c := Config{Max: 20, Min: 1, Target: 0.5, Stabilization: new(time.Duration(0))}
	if edit != nil {
		edit(&c)
	}
	return c.WithDefaults(2)
}

// TestDesired holds one look against Kubernetes' formula. The first two are the
// examples of its documentation: "if the current metric value is 200m, and the desired
// value is 100m, the number of replicas will be doubled; if it is 50m, halved".
func TestDesired(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Sample
		want int
	}{
		{"twice the target doubles", Sample{Load: 2, Ready: 2}, 4},
		{"half of it halves", Sample{Load: 1, Ready: 4}, 2},
		{"any more is another server", Sample{Load: 2.3, Ready: 4}, 5},
		{"within the tolerance nothing is done", Sample{Load: 2.2, Ready: 4}, 4},
		{"nor below", Sample{Load: 1.8, Ready: 4}, 4},
		{"who boots has no load: one that was ordered is not ordered again", Sample{Load: 2, Ready: 2, Booting: 2}, 4},
		{"what they will not carry is", Sample{Load: 4, Ready: 4, Booting: 2}, 8},
		{"who is silent may be at work: 1 + 1 of 3", Sample{Load: 0.2, Ready: 2, Missing: 1}, 3},
		{"or may not: 1.4 of 3 is within", Sample{Load: 1.4, Ready: 2, Missing: 1}, 3},
		{"nothing is known", Sample{Booting: 2}, 2},
		{"nobody asks", Sample{Ready: 3}, 0},
	} {
		if got := NewDecider(config(nil), 2).desired(c.s); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// play asks a decider whenever it wants to be asked, with what is measured of a load
// (in busy servers) by so many servers, which boot in no time.
func play(cfg Config, servers int, until time.Duration, load func(sim.Time) float64) (changes []int, at []sim.Time) {
	d := NewDecider(cfg, servers)
	for now := d.Next(-1); now < sim.Time(until); now = d.Next(now) {
		measured := load(now)
		if cfg.Metric == Utilization {
			measured = min(measured, float64(servers))
		}
		n, _ := d.Decide(now, Sample{Load: measured, Ready: servers})
		if n != servers {
			changes, at = append(changes, n), append(at, now)
		}
		servers = n
	}
	return changes, at
}

func second(n int) sim.Time { return sim.Time(n) * sim.Time(time.Second) }

func expect(t *testing.T, changes []int, at []sim.Time, want ...[2]int) {
	t.Helper()
	ok := len(changes) == len(want)
	for i := range want {
		ok = ok && changes[i] == want[i][1] && at[i] == second(want[i][0])
	}
	if !ok {
		t.Errorf("changes to %v at %v, want (second, servers) %v", changes, at, want)
	}
}

func constant(v float64) func(sim.Time) float64 { return func(sim.Time) float64 { return v } }

// TestSaturates: a fleet that is full shows no more than 100 %, so that at a target
// of 50 % each look doubles it, however much is asked.
func TestSaturates(t *testing.T) {
	changes, at := play(config(nil), 2, 2*time.Minute, constant(6))
	expect(t, changes, at, [2]int{15, 4}, [2]int{30, 8}, [2]int{45, 12})
}

// TestRequests: requests that are turned away are seen, so that one look is enough,
// but for the limit of what it adds.
func TestRequests(t *testing.T) {
	cfg := config(func(c *Config) { c.Metric, c.Target, c.Step = Requests, 10, 20 })
	changes, at := play(cfg, 2, time.Minute, constant(118))
	expect(t, changes, at, [2]int{15, 12})
	cfg.Step = 0
	changes, at = play(cfg, 2, time.Minute, constant(118))
	expect(t, changes, at, [2]int{15, 6}, [2]int{30, 12})
}

// TestStabilization: fewer servers only when nothing for so long wanted more.
func TestStabilization(t *testing.T) {
	cfg := config(func(c *Config) { c.Stabilization = new(time.Minute) })
	load := func(now sim.Time) float64 {
		if now == second(45) {
			return 2 // one look in the middle
		}
		return 0.5
	}
	changes, at := play(cfg, 4, 3*time.Minute, load)
	expect(t, changes, at, [2]int{105, 1}) // 4 wanted at 45 s: a minute later that is over
}

// TestCooldowns: Amazon's. The first movement is free.
func TestCooldowns(t *testing.T) {
	cfg := config(func(c *Config) { c.CooldownOut, c.CooldownIn = 40*time.Second, 70*time.Second })
	load := func(now sim.Time) float64 {
		if now < second(100) {
			return 8
		}
		return 1
	}
	changes, at := play(cfg, 2, 4*time.Minute, load)
	expect(t, changes, at, [2]int{15, 4}, [2]int{60, 8}, [2]int{135, 2})
}

// TestSchedule: the timetable is kept to the second, and ends without haste.
func TestSchedule(t *testing.T) {
	cfg := config(func(c *Config) {
		c.Schedule = []Schedule{{At: 20 * time.Second, For: time.Minute, Min: 6}, {At: 50 * time.Second, For: 5 * time.Second, Min: 99}}
	})
	changes, at := play(cfg, 2, 2*time.Minute, constant(1))
	expect(t, changes, at, [2]int{20, 6}, [2]int{50, 20}, [2]int{60, 6}, [2]int{90, 2})
}

// TestBounds: whatever is measured, the number stays within its bounds, and moves
// by no more than a step.
func TestBounds(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		cfg := config(func(c *Config) {
			c.Min, c.Max, c.Step = 1+dice.IntN(5), 5+dice.IntN(20), 1+dice.IntN(4)
			c.Schedule = []Schedule{{At: time.Duration(dice.IntN(100)) * time.Second, For: time.Minute, Min: 1}}
		})
		servers := cfg.Min + dice.IntN(cfg.Max-cfg.Min+1)
		d := NewDecider(cfg, servers)
		for now := d.Next(-1); now < second(300); now = d.Next(now) {
			s := Sample{Ready: dice.IntN(servers + 1)}
			s.Booting = dice.IntN(servers - s.Ready + 1)
			s.Missing = servers - s.Ready - s.Booting
			s.Load = float64(s.Ready) * dice.Float64()
			n, why := d.Decide(now, s)
			if n < cfg.Min || n > cfg.Max || n > servers+cfg.Step || n < servers-cfg.Step || n != servers && why == "" {
				t.Fatalf("%+v: %d servers become %d: %q (%+v)", cfg, servers, n, why, s)
			}
			if next := d.Next(now); next <= now {
				t.Fatalf("next at %v, not after %v", next, now)
			}
			servers = n
		}
	}
}

// TestCheck has one mistake a line.
func TestCheck(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		"max":            func(c *Config) { c.Max = 0 },
		"min":            func(c *Config) { c.Min = 3 },
		"target":         func(c *Config) { c.Target = 1.5 },
		"window":         func(c *Config) { c.Window = time.Second },
		"interval":       func(c *Config) { c.Interval = time.Hour },
		"schedule.0.at":  func(c *Config) { c.Schedule = []Schedule{{At: time.Hour, Min: 2}} },
		"schedule.0.min": func(c *Config) { c.Schedule = []Schedule{{Min: 21}} },
	} { // each alone: any order will do
		bad := config(edit).Check(time.Minute, 2)
		if len(bad) != 1 || bad[0].Key != want {
			t.Errorf("%v, want one mistake of %s", bad, want)
		}
	}
	if bad := config(func(c *Config) { c.Metric, c.Target = Requests, 0 }).Check(time.Minute, 2); len(bad) != 1 || bad[0].Key != "target" {
		t.Errorf("%v, want the target to be missing", bad)
	}
	if bad := config(nil).Check(time.Minute, 2); len(bad) > 0 {
		t.Errorf("%v, want none", bad)
	}
}
