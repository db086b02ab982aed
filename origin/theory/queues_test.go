// Queues: one server, or several behind one line.
package theory

import "math"

// mm1 is M/M/1, and so any fleet whose requests are split by chance.
func mm1(rho float64) float64 { return 1 / (1 - rho) }

// erlangC is the probability that a request at c servers behind one line waits
// (Erlang 1917).
func erlangC(c int, rho float64) float64 {
	a, term, sum := float64(c)*rho, 1.0, 0.0
	for k := range c {
		sum += term
		term *= a / float64(k+1)
	}
	return term / (1 - rho) / (sum + term/(1-rho))
}

// mmc is M/M/c: c servers behind one line.
func mmc(c int, rho float64) float64 { return 1 + erlangC(c, rho)/(float64(c)*(1-rho)) }

// mg1 is M/G/1, first come first served (Pollaczek 1930, Khinchine 1932); scv is the
// squared coefficient of variation of the service time: 0 when it is constant, 1 when
// it is exponential.
func mg1(rho, scv float64) float64 { return 1 + rho*(1+scv)/(2*(1-rho)) }

// roundRobin is E_n/M/1: each of n servers gets every n-th request of a Poisson stream.
// A request waits with probability s, the root of s = (n rho/(n rho + 1 - s))^n below 1.
func roundRobin(n int, rho float64) float64 {
	s := rho
	for range 100_000 {
		next := math.Pow(float64(n)*rho/(float64(n)*rho+1-s), float64(n))
		if math.Abs(next-s) < 1e-15 {
			break
		}
		s = next
	}
	return 1 / (1 - s)
}
