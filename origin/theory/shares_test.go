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
