// Prequal's claim: with many balancers and a server that somebody else slows down, it beats those who
// count their own requests.
package theory

import (
	"testing"

	"cdnlab/origin/balance"
)

// Ten servers, of which an antagonist makes one four times as slow, 60 % busy but for that, behind twenty balancers, none of which knows
// what the others do. To count one's own requests (least-connections, p2c) says little then.
func TestPrequalAgainstAnAntagonist(t *testing.T) {
	mean := func(algorithm string) float64 {
		f := fleet{servers: 10, rho: 0.6, balancers: 20, slow: 4, seed: 3, balance: balance.Config{Algorithm: algorithm}}
		m, stderr := f.play(t, 20_000*scale())
		t.Logf("%-18s %7.3f ± %.3f service times", algorithm, m, stderr)
		return m
	}
	prequal := mean("prequal")
	for _, other := range []string{"random", "p2c", "least-connections"} {
		if m := mean(other); prequal > 0.6*m {
			t.Errorf("prequal takes %.3f service times, %s %.3f", prequal, other, m)
		}
	}
}
