// Theory: what old information about loads is worth.
package theory

import (
	"testing"

	"cdnlab/origin/balance"
)

// stale is the mean time of an answer of ten servers at a load of 0.9, in service
// times.
func stale(t *testing.T, algorithm string, reports float64, balancers int) float64 {
	t.Helper()
	f := fleet{servers: 10, rho: 0.9, balance: balance.Config{Algorithm: algorithm, Ties: balance.TiesRandom}, seed: 1, reports: reports, balancers: balancers}
	mean, stderr := f.play(t, 25_000*scale())
	t.Logf("%-20s reports every %3g service times, %2d balancers: %8.3f ± %.3f", algorithm, reports, balancers, mean, stderr)
	return mean
}

// Mitzenmacher, How Useful Is Old Information? (IEEE TPDS 2000): as loads become
// older, the least of all is soon worse than chance, as everybody goes where it was
// empty; two choices stay good for much longer; of loads that are very old
// nothing is better than chance. The order of the three at each age is its
// result; where they cross is of this fleet.
func TestOldInformation(t *testing.T) {
	chance := 1 / (1 - 0.9) // M/M/1: it looks at no load
	for _, x := range []struct {
		age         float64
		least, most float64 // what the least of all takes, against chance
		two         bool    // two choices are better than chance
	}{
		{2, 0.4, 0.8, true},
		{10, 1.5, 3, true},
		{60, 5, 20, false},
	} {
		two, all := stale(t, "p2c", x.age, 1), stale(t, "least-connections", x.age, 1)
		if two >= all {
			t.Errorf("reports every %g: two choices take %.2f, the least of all %.2f", x.age, two, all)
		}
		if all < x.least*chance || all > x.most*chance {
			t.Errorf("reports every %g: the least of all takes %.2f, chance %.2f", x.age, all, chance)
		}
		if better := two < chance; better != x.two {
			t.Errorf("reports every %g: two choices take %.2f, chance %.2f", x.age, two, chance)
		}
	}
}

// Several balancers that each count their own requests know less each, but do not herd:
// what one does not know is chance to it. Never worse than chance, and with more of
// them by and by no better than taking turns.
func TestOwnCountsOfSeveral(t *testing.T) {
	before := 0.0
	for _, n := range []int{1, 3, 10} {
		least := stale(t, "least-connections", 0, n)
		if least < 1.2*before || least > 6 {
			t.Errorf("%d balancers take %.2f, fewer took %.2f", n, least, before)
		}
		before = least
	}
}
