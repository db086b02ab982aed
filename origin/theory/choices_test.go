// Choices: the shorter of a few lines.
package theory

import "math"

// supermarket is the least of d random lines among infinitely many (Vvedenskaya,
// Dobrushin and Karpelevich 1996; Mitzenmacher 2001): the sum over i of
// rho^((d^i - d)/(d - 1)).
func supermarket(d int, rho float64) float64 {
	if d == 1 {
		return mm1(rho)
	}
	sum, power := 0.0, float64(d) // d^i
	for range 64 {
		term := math.Pow(rho, (power-float64(d))/float64(d-1))
		sum += term
		if term < 1e-18 {
			break
		}
		power *= float64(d)
	}
	return sum
}

// pair is two servers, each with a line, exponential service times and Poisson arrivals.
// blind is the share of requests that look at one random line only: 0 is the shorter
// line (JSQ), 1/2 two draws with replacement, 1 chance alone. It solves the balance
// equations of lines of up to most requests, by iteration.
func pair(rho, blind float64, most int) float64 {
	n := most + 1
	p, q := make([]float64, n*n), make([]float64, n*n)
	p[0] = 1
	lambda := 2 * rho
	total := lambda + 2 // of the rates, to make steps of them
	for round := 0; ; round++ {
		clear(q)
		for a := range n {
			for b := range n {
				mass := p[a*n+b]
				if mass == 0 {
					continue
				}
				left := 0.5 // of the arrivals join a
				if a != b {
					left = blind / 2
					if a < b {
						left = 1 - blind/2
					}
				}
				join := mass * lambda / total
				q[min(a+1, most)*n+b] += join * left
				q[a*n+min(b+1, most)] += join * (1 - left)
				q[max(a-1, 0)*n+b] += mass / total
				q[a*n+max(b-1, 0)] += mass / total
			}
		}
		p, q = q, p
		if round%200 == 199 && distance(p, q) < 1e-12 {
			break
		}
	}
	inside := 0.0
	for a := range n {
		for b := range n {
			inside += p[a*n+b] * float64(a+b)
		}
	}
	return inside / lambda // Little's law
}

func distance(p, q []float64) float64 {
	sum := 0.0
	for i := range p {
		sum += math.Abs(p[i] - q[i])
	}
	return sum
}
