// Shares: how evenly hashes spread users.
package theory

import (
	"math"
	"net/netip"
	"testing"

	"cdnlab/origin/balance"
	"cdnlab/sim"
)

// Users behind few addresses: the relative standard deviation of the servers' shares is
// sqrt((n-1)/m) for m equal networks, as of m balls in n bins.
func TestSkewBehindNAT(t *testing.T) {
	const n = 10
	for _, m := range []int{10, 100, 1000} {
		var squares samples
		for seed := range uint64(400 * scale()) {
			dice := sim.Stream(seed, "test", "networks")
			servers := mustServers(t, n)
			policy, err := balance.New(balance.Config{Algorithm: "ip-hash"}, balance.Tools{Servers: servers, Dice: dice})
			if err != nil {
				t.Fatal(err)
			}
			counts := make([]float64, n)
			for range m {
				addr := netip.AddrFrom4([4]byte{byte(dice.UintN(224)), byte(dice.UintN(256)), byte(dice.UintN(256)), 1})
				counts[policy.Pick(0, &sim.Request{Addr: addr}).Index()]++
			}
			sum := 0.0
			for _, c := range counts {
				share := c*n/float64(m) - 1
				sum += share * share / n
			}
			squares.add(sum)
		}
		mean, stderr := spread(squares, 1)
		row{words("ip-hash, sd of shares,", m, "networks"), math.Sqrt(float64(n-1) / float64(m)),
			math.Sqrt(mean), stderr / 2 / math.Sqrt(mean)}.check(t, 0.05)
	}
}

func mustServers(t *testing.T, n int) *balance.Servers {
	servers := &balance.Servers{}
	for i := range n {
		if _, err := servers.Add(balance.Spec{Name: string(rune('a' + i))}); err != nil {
			t.Fatal(err)
		}
	}
	return servers
}

// Keys on a ring of v points a server: the relative standard deviation of the shares is
// sqrt((n-1)/(nv+1)), and what counting so many keys adds to it. Rendezvous has the
// latter alone; Maglev hardly more.
func TestRingImbalance(t *testing.T) {
	const keys = 20_000
	for _, c := range []struct {
		algorithm string
		n         int
		points    float64 // of a server
	}{
		{"ring-hash", 4, 256}, {"ring-hash", 16, 64}, {"rendezvous", 16, math.Inf(1)}, {"maglev", 16, math.Inf(1)},
	} {
		n := float64(c.n)
		var squares samples
		for seed := range uint64(60 * scale()) {
			servers := &balance.Servers{}
			for i := range c.n {
				if _, err := servers.Add(balance.Spec{Name: words("server", seed, i)}); err != nil {
					t.Fatal(err)
				}
			}
			policy, err := balance.New(balance.Config{Algorithm: c.algorithm, Hashing: balance.Hashing{HashBy: balance.HashByClient}}, balance.Tools{Servers: servers})
			if err != nil {
				t.Fatal(err)
			}
			counts := make([]float64, c.n)
			for i := range uint64(keys) {
				counts[policy.Pick(0, &sim.Request{Client: seed<<32 + i}).Index()]++
			}
			sum := 0.0
			for _, count := range counts {
				share := count*n/keys - 1
				sum += share * share / n
			}
			squares.add(sum)
		}
		mean, stderr := spread(squares, 1)
		row{words(c.algorithm, "sd of shares,", c.n, "servers"), math.Sqrt((n-1)/(n*c.points+1) + (n-1)/keys),
			math.Sqrt(mean), stderr / 2 / math.Sqrt(mean)}.check(t, 0.1)
	}
}

// How many keys move when one of n servers goes: 1/n by consistent hashing and a little
// more by Maglev's table, and (n-1)/n when the hash is taken modulo n.
func TestDisruption(t *testing.T) {
	const keys, n = 50_000, 10
	for _, c := range []struct {
		algorithm   string
		least, most float64 // of the keys
	}{
		{"ring-hash", 0.06, 0.15}, {"rendezvous", 0.094, 0.106}, {"maglev", 0.094, 0.14},
		{"ip-hash", 0.094, 0.106}, // nginx tries again with the next hash, so it moves no others
	} {
		servers := mustServers(t, n)
		policy, err := balance.New(balance.Config{Algorithm: c.algorithm}, balance.Tools{Servers: servers, Dice: sim.Stream(1, "test", "policy")})
		if err != nil {
			t.Fatal(err)
		}
		req := func(i int) *sim.Request {
			return &sim.Request{Path: words(i), Addr: netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1})}
		}
		before := make([]int, keys)
		for i := range before {
			before[i] = policy.Pick(0, req(i)).Index()
		}
		servers.SetUp(servers.At(3), false)
		moved, others := 0, 0
		for i, was := range before {
			if now := policy.Pick(0, req(i)).Index(); now != was {
				moved++
				if was != 3 {
					others++
				}
			}
		}
		share := float64(moved) / keys
		t.Logf("%-44s theory    1/%d   simulation %9.4f, of which %.4f of others", words(c.algorithm, "keys moved, one of", n, "gone"), n, share, float64(others)/keys)
		if share < c.least || share > c.most || others > 0 && c.algorithm != "maglev" {
			t.Errorf("%s: %.3f of the keys move, %d of other servers'", c.algorithm, share, others)
		}
	}
}

// With bounded loads no server has more than ceil(c(m+1)/n) of m requests, whatever is hot.
func TestBoundedLoads(t *testing.T) {
	const n = 8
	for _, factor := range []float64{1.05, 1.25, 2} {
		servers := mustServers(t, n)
		policy, err := balance.New(balance.Config{Algorithm: "bounded-load", Hashing: balance.Hashing{Factor: factor}}, balance.Tools{Servers: servers})
		if err != nil {
			t.Fatal(err)
		}
		dice := sim.Stream(2, "test", "keys")
		var flight []*balance.Server
		worst := 0.0
		for i := range 100_000 {
			if len(flight) > 0 && dice.IntN(200) < len(flight) {
				at := dice.IntN(len(flight))
				servers.End(0, flight[at], balance.Outcome{Status: 200})
				flight = append(flight[:at], flight[at+1:]...)
				continue
			}
			req := &sim.Request{ID: uint64(i), Path: words(int(math.Sqrt(float64(dice.IntN(100)))))}
			s := policy.Pick(0, req)
			servers.Begin(0, s, req)
			flight = append(flight, s)
			if bound := math.Ceil(factor * float64(len(flight)) / n); float64(s.Active()) > bound {
				t.Fatalf("factor %v: %d of %d at one server", factor, s.Active(), len(flight))
			}
			if len(flight) > 50 {
				worst = max(worst, float64(s.Active())*n/float64(len(flight)))
			}
		}
		t.Logf("%-44s theory %9.4f   simulation %9.4f at the most, of the mean", words("bounded loads, factor", factor), factor, worst)
		if worst < 0.9*factor && factor < 2 {
			t.Errorf("factor %v: the bound was never met, %.3f", factor, worst)
		}
	}
}
