// Prequal's rules as tables, and how a pool asks for it.
package balance

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
		for k := range p.probes.n {
			a := p.probes.at(k)
			names = append(names, fmt.Sprint(p.servers.At(int(a.server)).Name, a.load.InFlight))
		}
		return strings.Join(names, " ")
	}
	five := []told{{"a", 1, 5 * ms}, {"b", 1, ms}, {"c", 1, 9 * ms}, {"d", 1, 2 * ms}, {"e", 1, 3 * ms}}
	servers := mustServers(t, named(1, 1, 1, 1, 1)...)
	prequalOf := func(cfg Probing) *prequal {
		p := prequalOf(t, cfg, servers, five...)
		for i := range p.probes.slots {
			p.probes.slots[i].mostUse = 9 // of so few servers it would be once
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
	if p.Pick(sim.Time(time.Second), nil); p.probes.n != 2 {
		t.Errorf("%d are left that are as old as may be", p.probes.n)
	}
	if p.Pick(sim.Time(time.Second+1), nil); p.probes.n != 0 || !strings.Contains(p.Explain(nil, nil), "drawn") {
		t.Errorf("%d are left that are too old", p.probes.n)
	}
	p = prequalOf(Probing{HotQuantile: new(1.0), RemoveRate: new(0.0)})
	p.probes.at(1).mostUse = 1
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
		if got := int(p.uses()); got != c.want {
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
	if fmt.Sprint(questions) != "map[a:5 b:5 c:1]" || hanging != 1 || policy.probes.n != 2 || w.counter("load-probes") != 11 {
		t.Errorf("questions %v, %d hanging, %d known", questions, hanging, policy.probes.n)
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

// A quantile of the last 64 numbers against those in their order.
func TestLately(t *testing.T) {
	dice := rand.New(rand.NewPCG(10, 10))
	var l lately
	var all []int
	if l.quantile(0.5) != 0 {
		t.Error("a quantile of nothing")
	}
	for step := range 20_000 {
		v := dice.IntN([]int{3, 300, ownCells + 2, 1 << 40}[step/500%4])
		l.add(v)
		all = append(all, v)
		last := slices.Sorted(slices.Values(all[max(0, len(all)-seenLoads):]))
		for _, q := range []float64{0, 0.5, 0.84, 1} {
			if want := last[min(int(q*float64(len(last))), len(last)-1)]; l.quantile(q) != want {
				t.Fatalf("step %d: the quantile %v is %d, want %d of %v", step, q, l.quantile(q), want, last)
			}
		}
	}
}

// plainAnswers are prequal's answers as a list.
type plainAnswers struct {
	all   []plainAnswer
	worst bool
}

type plainAnswer struct {
	server        *Server
	load          health.Load
	used, mostUse int
}

func (a plainAnswer) before(b plainAnswer, threshold int) bool {
	hot, other := a.load.InFlight > threshold, b.load.InFlight > threshold
	switch {
	case hot != other:
		return other
	case hot:
		return a.load.InFlight < b.load.InFlight
	}
	return a.load.Latency < b.load.Latency
}

func (p *plainAnswers) forget(s *Server) {
	p.all = slices.DeleteFunc(p.all, func(a plainAnswer) bool { return a.server == s })
}

// pick returns the best, which is used, and removes one; nil: too few.
func (p *plainAnswers) pick(threshold, eligible int) *Server {
	best, of := -1, 0
	for i, a := range p.all {
		if !a.server.eligible {
			continue
		}
		if of++; best < 0 || a.before(p.all[best], threshold) {
			best = i
		}
	}
	if of < min(fewestProbes, eligible) {
		return nil
	}
	a := &p.all[best]
	picked := a.server
	a.load.InFlight++
	if a.used++; a.used >= a.mostUse {
		p.forget(picked)
	}
	if len(p.all) > 0 {
		at := 0
		for i := range p.all {
			if p.worst && p.all[at].before(p.all[i], threshold) {
				at = i
			}
		}
		p.worst = !p.worst
		p.forget(p.all[at].server)
	}
	return picked
}

// Whatever servers say and whatever becomes of them, prequal picks what a plain list of answers
// says, and keeps what that does.
func TestPrequalKeepsThoseAnswers(t *testing.T) {
	for _, n := range []int{3, 20, 200} {
		dice := rand.New(rand.NewPCG(11, uint64(n)))
		servers := mustServers(t, equalSpecs(n)...)
		rate := 2.0
		p := prequalOf(t, Probing{ProbeRate: &rate}, servers)
		var plain plainAnswers
		for step := range 20_000 {
			s := servers.At(dice.IntN(n))
			switch dice.IntN(10) {
			case 0:
				servers.SetUp(s, dice.IntN(4) > 0)
			case 1:
				servers.Begin(0, s, nil)
				servers.End(0, s, Outcome{Status: 500})
				plain.forget(s)
			case 2, 3, 4:
				if servers.eligible == 0 {
					continue
				}
				picked := p.Pick(0, nil)
				if want := plain.pick(p.last.threshold, servers.eligible); want != nil && picked != want || (want == nil) != (p.last.of == 0) {
					t.Fatalf("%d servers, step %d: %v, want %v", n, step, picked, want)
				}
			default:
				load := health.Load{InFlight: dice.IntN(4), Latency: time.Duration(dice.IntN(4)) * ms}
				p.Told(0, s, load, true)
				plain.forget(s)
				if len(plain.all) == mostProbes {
					plain.all = plain.all[1:]
				}
				plain.all = append(plain.all, plainAnswer{server: s, load: load, mostUse: int(p.uses())})
			}
			for k, a := range plain.all {
				if kept := p.probes.at(k); len(plain.all) != p.probes.n || int(kept.server) != a.server.index || kept.load != a.load {
					t.Fatalf("%d servers, step %d: answer %d is %+v, want %+v", n, step, k, kept, a)
				}
			}
		}
	}
}
