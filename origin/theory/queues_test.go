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

// mdc is M/D/c: c servers behind one line, constant times (Crommelin 1932). Who is in service now
// has left a service time later, and who came meanwhile has not: so the number inside is that
// less up to c, plus a Poisson number, and has the same law then. It is found by iteration.
func mdc(c int, rho float64) float64 {
	a := float64(c) * rho
	most := 40 * c
	came := make([]float64, most+1)
	came[0] = math.Exp(-a)
	for k := 1; k <= most; k++ {
		came[k] = came[k-1] * a / float64(k)
	}
	p, q := make([]float64, most+1), make([]float64, most+1)
	p[0] = 1
	for {
		clear(q)
		for inside, mass := range p {
			left := max(inside-c, 0)
			for k := 0; left+k <= most; k++ {
				q[left+k] += mass * came[k]
			}
		}
		p, q = q, p
		if distance(p, q) < 1e-12 {
			break
		}
	}
	mean := 0.0
	for inside, mass := range p {
		mean += float64(inside) * mass
	}
	return mean / a // Little's law
}

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
