// One property suite over every registered policy: a new file is tested by
// being registered.
package balance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// eachPolicy runs a test for every algorithm and every way to break a tie.
func eachPolicy(t *testing.T, f func(t *testing.T, cfg Config)) {
	for _, name := range Policies.Names() {
		for _, ties := range Ties() {
			if ties != TiesSmooth && name != "least-connections" {
				continue
			}
			t.Run(name+"/"+ties, func(t *testing.T) { f(t, Config{Algorithm: name, Ties: ties}) })
		}
	}
}

func testTools(servers *Servers) Tools {
	return Tools{Servers: servers, Dice: sim.Stream(1, "test", "policy"), Around: Around{RTT: testRTT}}
}

// testRTT: places are single letters on a line, a millisecond apart.
func testRTT(a, b string) time.Duration {
	d := int(a[0]) - int(b[0])
	return time.Duration(max(d, -d)) * time.Millisecond
}

func mustNew(t testing.TB, cfg Config, servers *Servers) Policy {
	t.Helper()
	p, err := New(cfg, testTools(servers))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustServers(t testing.TB, specs ...Spec) *Servers {
	t.Helper()
	s, err := NewServers(specs...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func randomSpecs(dice *rand.Rand, n int) []Spec {
	specs := make([]Spec, n)
	for i := range specs {
		specs[i] = Spec{Name: fmt.Sprint("s", i), Place: string(rune('a' + dice.IntN(5))),
			Weight: 1 + dice.IntN(9), MaxConnections: dice.IntN(4)}
	}
	return specs
}

func randomRequest(dice *rand.Rand, id uint64) *sim.Request {
	addr := netip.AddrFrom4([4]byte{10, byte(dice.IntN(4)), byte(dice.IntN(256)), byte(dice.IntN(256))})
	return &sim.Request{ID: id, Client: dice.Uint64(), Addr: addr, Place: string(rune('a' + dice.IntN(5))),
		Scheme: "https", Host: "www.example.com", Path: fmt.Sprintf("/item/%d", dice.IntN(1000))}
}

// In whatever order loads, outages, drains and limits come and go: a pick is
// nil exactly when nobody is eligible, and else an eligible server.
func TestNeverAnIneligibleServer(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		for seed := range uint64(8) {
			dice := rand.New(rand.NewPCG(seed, 1))
			servers := mustServers(t, randomSpecs(dice, 1+dice.IntN(90))...)
			churn(t, servers, mustNew(t, cfg, servers), dice)
		}
	})
}

func churn(t *testing.T, servers *Servers, policy Policy, dice *rand.Rand) {
	var flight []*Server
	for step := range 2000 {
		now := sim.Time(step) * sim.Time(time.Millisecond)
		s := servers.At(dice.IntN(servers.Len()))
		switch dice.IntN(8) {
		case 0:
			servers.SetUp(s, dice.IntN(3) > 0)
		case 1:
			servers.Drain(s, dice.IntN(3) == 0)
		case 2:
			servers.SetShare(s, dice.Int64N(3)*int64(s.Weight)*Unit/2)
		case 3, 4:
			if len(flight) > 0 {
				i := dice.IntN(len(flight))
				servers.End(now, flight[i], Outcome{Status: 200, Took: time.Millisecond})
				flight = append(flight[:i], flight[i+1:]...)
			}
		default:
			req := randomRequest(dice, uint64(step))
			picked := policy.Pick(now, req)
			checkPick(t, servers, picked)
			if picked != nil {
				checkWords(t, policy, picked, req)
				servers.Begin(now, picked, req)
				flight = append(flight, picked)
			}
		}
	}
}

// checkWords wants a sentence for every pick of a policy that can say why.
func checkWords(t *testing.T, policy Policy, picked *Server, req *sim.Request) {
	t.Helper()
	e, ok := policy.(Explainer)
	if !ok {
		return
	}
	if says := e.Explain(picked, req); len(says) < 10 || len(says) > 500 {
		t.Fatalf("why %s: %q", picked.Name, says)
	}
}

// To say why is a choice of who writes a policy, and those that come with the lab
// make it.
func TestOurPoliciesExplain(t *testing.T) {
	for _, name := range []string{"bounded-load", "first", "geo", "ip-hash", "join-idle-queue", "least-connections", "least-request", "least-response-time",
		"maglev", "p2c", "peak-ewma", "prequal", "random", "rendezvous", "ring-hash", "round-robin", "subset", "weighted-random", "weighted-round-robin"} {
		for _, ties := range Ties() {
			policy := mustNew(t, Config{Algorithm: name, Ties: ties}, mustServers(t, Spec{Name: "a"}))
			if _, ok := policy.(Explainer); !ok {
				t.Errorf("%s, ties %s, cannot say why it picks a server", name, ties)
			}
		}
	}
}

// To say why changes nothing: with and without words the picks are the same.
func TestWordsChangeNothing(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		specs := randomSpecs(rand.New(rand.NewPCG(5, 5)), 9)
		for i := range specs {
			specs[i].MaxConnections = 0
		}
		var picks [2][]string
		for i := range picks {
			servers, dice := mustServers(t, specs...), rand.New(rand.NewPCG(6, 6))
			policy := mustNew(t, cfg, servers)
			for id := range uint64(300) {
				req := randomRequest(dice, id)
				picked := policy.Pick(0, req)
				if i == 1 {
					checkWords(t, policy, picked, req)
				}
				servers.Begin(0, picked, req)
				if dice.IntN(2) == 0 {
					servers.End(0, picked, Outcome{Status: 200})
				}
				picks[i] = append(picks[i], picked.Name)
			}
		}
		if !slices.Equal(picks[0], picks[1]) {
			t.Error("who asks why gets other servers")
		}
	})
}

// checkPick looks at every server's state itself, not at the index.
func checkPick(t *testing.T, servers *Servers, picked *Server) {
	t.Helper()
	eligible, shares := 0, int64(0)
	for i := range servers.Len() {
		s := servers.At(i)
		fit := s.Up() && !s.Draining() && !s.Full() && s.Share() > 0
		if fit {
			eligible++
			shares += s.Share()
		}
		if s == picked && !fit {
			t.Fatalf("picked %s: up %v, draining %v, active %d of %d", s.Name, s.Up(), s.Draining(), s.Active(), s.MaxConnections)
		}
	}
	if (picked == nil) != (eligible == 0) {
		t.Fatalf("picked %v with %d eligible", picked, eligible)
	}
	if servers.Eligible() != eligible || servers.Shares() != shares {
		t.Fatalf("index says %d eligible with %d shares, not %d with %d", servers.Eligible(), servers.Shares(), eligible, shares)
	}
}

// With equal weights and one request at a time or many, no server starves.
func TestNobodyStarves(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		if cfg.Ties == TiesFirst || cfg.Algorithm == "first" {
			t.Skip("an idle server before the others takes everything: that is what it says")
		}
		for _, inFlight := range []int{0, 7} {
			counts := countPicks(t, cfg, inFlight, equalSpecs(10), 20_000)
			for i, n := range counts {
				if n < 200 {
					t.Errorf("%d in flight: server %d got %d of 20,000", inFlight, i, n)
				}
			}
		}
	})
}

func equalSpecs(n int) []Spec {
	specs := make([]Spec, n)
	for i := range specs {
		specs[i] = Spec{Name: fmt.Sprint("s", i), Place: "a"}
	}
	return specs
}

// countPicks keeps a number of requests in flight; the oldest ends first.
func countPicks(t *testing.T, cfg Config, inFlight int, specs []Spec, n int) []int {
	dice := rand.New(rand.NewPCG(7, 7))
	servers := mustServers(t, specs...)
	policy := mustNew(t, cfg, servers)
	counts := make([]int, len(specs))
	var flight []*Server
	for i := range n {
		req := randomRequest(dice, uint64(i))
		s := policy.Pick(0, req)
		servers.Begin(0, s, req)
		counts[s.Index()]++
		if flight = append(flight, s); len(flight) > inFlight {
			servers.End(0, flight[0], Outcome{Status: 200})
			flight = flight[1:]
		}
	}
	return counts
}

// Policies that say so give servers requests in proportion to their weights.
func TestWeightsAreRespected(t *testing.T) {
	weights := []int{1, 2, 3, 4, 10}
	specs, sum := make([]Spec, len(weights)), 0
	for i, w := range weights {
		specs[i] = Spec{Name: fmt.Sprint("s", i), Place: "a", Weight: w}
		sum += w
	}
	eachPolicy(t, func(t *testing.T, cfg Config) {
		if _, ok := mustNew(t, cfg, mustServers(t, specs...)).(Weighted); !ok {
			t.Skip("does not look at weights")
		}
		const n = 40_000
		// As many in flight as 10 times the sum: every server is busy.
		for i, got := range countPicks(t, cfg, 10*sum, specs, n) {
			want := float64(n) * float64(weights[i]) / float64(sum)
			if math.Abs(float64(got)-want) > 5*math.Sqrt(want) {
				t.Errorf("weight %d got %d, want about %.0f", weights[i], got, want)
			}
		}
	})
}

// The same seed gives the same picks.
func TestSameSeedSamePicks(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		a, b := countPicks(t, cfg, 5, equalSpecs(9), 999), countPicks(t, cfg, 5, equalSpecs(9), 999)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%v then %v", a, b)
		}
	})
}

// fleets are what a pick is measured over.
var fleets = []struct {
	weights string
	specs   func(n int) []Spec
}{{"equal", equalSpecs}, {"unequal", unequalSpecs}}

func unequalSpecs(n int) []Spec {
	specs := equalSpecs(n)
	for i := range specs {
		specs[i].Weight = 1 + i%7
	}
	return specs
}

func TestPickAllocatesNothing(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		for _, fleet := range fleets {
			servers := mustServers(t, fleet.specs(100)...)
			policy := mustNew(t, cfg, servers)
			req := randomRequest(rand.New(rand.NewPCG(1, 1)), 1)
			got := testing.AllocsPerRun(100, func() {
				s := policy.Pick(0, req)
				servers.Begin(0, s, req)
				servers.End(0, s, Outcome{})
			})
			if got != 0 {
				t.Errorf("%s weights: %v allocations", fleet.weights, got)
			}
		}
	})
}

// A pick with its begin and end, and the answers of servers that are asked, over servers of which a quarter is busy. In O(n) by what they
// are: rendezvous, and of least-connections with ties smooth and least-response-time the turns of as many as are tied; each says so at
// its Pick.
func BenchmarkPick(b *testing.B) {
	for _, name := range Policies.Names() {
		for _, ties := range Ties() {
			if ties != TiesSmooth && name != "least-connections" {
				continue
			}
			for _, fleet := range fleets {
				for _, n := range []int{10, 100, 1000} {
					b.Run(fmt.Sprintf("policy=%s/ties=%s/weights=%s/servers=%d", name, ties, fleet.weights, n), func(b *testing.B) {
						benchmarkPick(b, Config{Algorithm: name, Ties: ties}, fleet.specs(n))
					})
				}
			}
		}
	}
}

func benchmarkPick(b *testing.B, cfg Config, specs []Spec) {
	servers := mustServers(b, specs...)
	policy := mustNew(b, cfg, servers)
	dice := rand.New(rand.NewPCG(1, 1))
	reqs := make([]*sim.Request, 1024)
	for i := range reqs {
		reqs[i] = randomRequest(dice, uint64(i))
	}
	flight := make([]*Server, 256)
	asker, _ := policy.(Asker)
	b.ReportAllocs()
	policy.Pick(0, reqs[0]) // tables are made when they are needed
	for i := 0; b.Loop(); i++ {
		now := sim.Time(i) * sim.Time(time.Microsecond)
		s := policy.Pick(now, reqs[i%1024])
		servers.Begin(now, s, reqs[i%1024])
		if old := flight[i%256]; old != nil {
			servers.End(now, old, Outcome{Status: 200, Latency: time.Millisecond, Took: time.Millisecond})
		}
		flight[i%256] = s
		if asker != nil {
			for _, asked := range asker.Asks(now) {
				asker.Told(now, asked, health.Load{InFlight: asked.Active(), Latency: time.Millisecond}, true)
			}
		}
	}
}
