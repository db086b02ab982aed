// Prequal's rules as tables, and how a pool asks for it.
package balance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// told is what a server has said: its name, its requests in flight and its latency.
type told struct {
	name     string
	inFlight int
	latency  time.Duration
}

func prequalOf(t *testing.T, cfg Probing, servers *Servers, answers ...told) *prequal {
	t.Helper()
	p := mustNew(t, Config{Algorithm: "prequal", Probing: cfg}, servers).(*prequal)
	for _, a := range answers {
		p.Told(0, servers.Find(a.name), health.Load{InFlight: a.inFlight, Latency: a.latency}, true)
	}
	return p
}

// Cold ones by latency, hot ones by their requests; one that cannot be picked is passed over.
func TestPrequalHotAndCold(t *testing.T) {
	for _, c := range []struct {
		says    string
		answers []told
		down    string
		want    string
	}{
		{"the lowest latency of cold ones", []told{{"a", 1, 9 * ms}, {"b", 1, 5 * ms}, {"c", 1, 7 * ms}}, "", "b"},
		{"a hot one is not picked, however quick", []told{{"a", 1, 9 * ms}, {"b", 30, ms}, {"c", 2, 7 * ms}}, "", "c"},
		{"of hot ones alone the fewest in flight", []told{{"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms},
			{"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"c", 1, ms}, {"a", 9, ms}, {"b", 8, 90 * ms}}, "c", "b"},
		{"a newer answer in the place of the older", []told{{"a", 1, 2 * ms}, {"b", 1, 5 * ms}, {"a", 1, 9 * ms}}, "", "b"},
		{"out of rotation", []told{{"a", 1, ms}, {"b", 1, 5 * ms}, {"c", 1, 7 * ms}}, "a", "b"},
	} {
		servers := mustServers(t, named(1, 1, 1)...)
		p := prequalOf(t, Probing{HotQuantile: new(0.5), RemoveRate: new(0.0)}, servers, c.answers...)
		if c.down != "" {
			servers.SetUp(servers.Find(c.down), false)
		}
		if got := p.Pick(0, nil).Name; got != c.want {
			t.Errorf("%s: %s, want %s (%s)", c.says, got, c.want, p.Explain(nil, nil))
		}
	}
}

// A pick counts as one in flight, so the next may go elsewhere; removal takes the oldest and
// the worst in turn; answers grow old, are used up, and are forgotten when a request fails.
func TestPrequalAnswers(t *testing.T) {
	kept := func(p *prequal) string {
		var names []string
		for _, a := range p.probes[:p.n] {
			names = append(names, fmt.Sprint(a.server.Name, a.load.InFlight))
		}
		return strings.Join(names, " ")
	}
	five := []told{{"a", 1, 5 * ms}, {"b", 1, ms}, {"c", 1, 9 * ms}, {"d", 1, 2 * ms}, {"e", 1, 3 * ms}}
	servers := mustServers(t, named(1, 1, 1, 1, 1)...)
	prequalOf := func(cfg Probing) *prequal {
		p := prequalOf(t, cfg, servers, five...)
		for i := range p.probes[:p.n] {
			p.probes[i].mostUse = 9 // of so few servers it would be once
		}
		return p
	}
	p := prequalOf(Probing{HotQuantile: new(1.0), RemoveRate: new(0.0)})
	if got := sequence(p, nil, 4); got != "bdea" { // each is hot when it has one more
		t.Errorf("picks %s", got)
	}
	p = prequalOf(Probing{HotQuantile: new(1.0)})
	p.Pick(0, nil) // b; the oldest goes
	first := kept(p)
	p.Pick(0, nil) // d is the quickest with one; the worst goes: b is hot by now
	if second := kept(p); first != "b2 c1 d1 e1" || second != "c1 d2 e1" {
		t.Errorf("after one pick %q, after two %q", first, second)
	}
	p = prequalOf(Probing{ProbeMaxAge: time.Second, RemoveRate: new(0.0)})
	p.Ended(0, servers.At(1), Outcome{Cause: sim.Refused})
	p.Ended(0, servers.At(2), Outcome{Status: 503})
	p.Ended(0, servers.At(3), Outcome{Cause: sim.Cancelled}) // its user left
	p.Ended(0, servers.At(4), Outcome{Status: 404})
	if got := kept(p); got != "a1 d1 e1" {
		t.Errorf("after failures: %s", got)
	}
	p.Told(0, servers.At(0), health.Load{}, false)
	if got := kept(p); got != "d1 e1" {
		t.Errorf("after a question without an answer: %s", got)
	}
	if p.Pick(sim.Time(time.Second), nil); p.n != 2 {
		t.Errorf("%d are left that are as old as may be", p.n)
	}
	if p.Pick(sim.Time(time.Second+1), nil); p.n != 0 || !strings.Contains(p.Explain(nil, nil), "drawn") {
		t.Errorf("%d are left that are too old", p.n)
	}
	p = prequalOf(Probing{HotQuantile: new(1.0), RemoveRate: new(0.0)})
	p.probes[1].mostUse = 1
	if p.Pick(0, nil); kept(p) != "a1 c1 d1 e1" {
		t.Errorf("an answer that is used up is kept: %s", kept(p))
	}
}

// The paper's bound on the use of an answer: of 100 servers 16 are known, 3 are asked and one removed with each
// request, so (1+1) / (0.84 x 3 - 1) = 1.3, once; with 1.8 it is 3.9. Of 20 the divisor is not positive: once.
func TestPrequalUse(t *testing.T) {
	for _, c := range []struct {
		n    int
		rate float64
		want int
	}{{100, 3, 1}, {100, 1.8, 3}, {20, 3, 1}, {10, 3, 1}, {100, 0.5, 1}} {
		p := prequalOf(t, Probing{ProbeRate: &c.rate}, mustServers(t, equalSpecs(c.n)...))
		if got := p.mostUse(); got != c.want {
			t.Errorf("%d servers, rate %v: %d times, want %d", c.n, c.rate, got, c.want)
		}
	}
}

// As many are asked as probe-rate says, parts of one in turn, nobody twice.
func TestPrequalAsks(t *testing.T) {
	servers := mustServers(t, equalSpecs(4)...)
	p := prequalOf(t, Probing{ProbeRate: new(2.5)}, servers)
	var sizes []int
	for range 4 {
		seen := map[*Server]bool{}
		for _, s := range p.Asks(0) {
			seen[s] = true
		}
		sizes = append(sizes, len(seen))
	}
	if fmt.Sprint(sizes) != "[2 3 2 3]" {
		t.Errorf("asked %v", sizes)
	}
	servers.SetUp(servers.At(0), false)
	servers.SetUp(servers.At(1), false)
	for range 10 {
		for _, s := range p.Asks(0) {
			if !s.eligible {
				t.Error("a server is asked that is out of rotation")
			}
		}
	}
}

// A pool asks beside its requests, each server one question at a time, and waits for no longer than an
// answer would count. What is under way when it ends, or its policy changes, tells nothing.
func TestPoolAsks(t *testing.T) {
	w := newWorld(t)
	questions, hanging := map[string]int{}, 0
	server := func(name string, hangs bool) Target {
		return Target{Spec: Spec{Name: name}, Handler: sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			if req.Path != health.LoadPath {
				reply(sim.Answer(200, nil, 0))
				return
			}
			questions[name]++
			if hangs {
				hanging++
				req.Scope.OnCancel(func(c sim.Cause) { hanging--; reply(sim.Fail(c)) })
				return
			}
			reply(sim.Answer(200, health.LoadHeader(health.Load{InFlight: 1, Latency: ms}), 0))
		})}
	}
	cfg := noChecks(PoolConfig{Config: Config{Algorithm: "prequal", Probing: Probing{ProbeMaxAge: 100 * ms}}})
	p := w.pool(cfg, server("a", false), server("b", false), server("c", true))
	for i := range 5 {
		w.ask(p, uint64(i), nil)
	}
	policy := p.tier0.policy.(*prequal)
	if fmt.Sprint(questions) != "map[a:5 b:5 c:1]" || hanging != 1 || policy.n != 2 || w.counter("load-probes") != 11 {
		t.Errorf("questions %v, %d hanging, %d known", questions, hanging, policy.n)
	}
	w.engine.Advance(sim.Time(150 * ms))
	if hanging != 0 {
		t.Error("a question is waited for beyond its time")
	}
	w.ask(p, 9, nil)
	cfg.Algorithm = "p2c"
	w.change(p, cfg, map[string]int{"a": 1, "b": 1, "c": 1})
	before := questions["a"]
	w.ask(p, 10, nil)
	if questions["a"] != before {
		t.Error("a policy that asks nobody has servers asked")
	}
	w.quiet(p)
	if hanging != 0 {
		t.Error("a question is left open")
	}
}
