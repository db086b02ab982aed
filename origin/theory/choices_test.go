// Choices: the shorter of a few lines.
package theory

import (
	"math"
	"slices"
)

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

// lines is n servers, each with a line, exponential service times and Poisson arrivals,
// exactly: a request joins the shortest of d lines drawn, never one twice or each draw for
// itself. With d = n and no line twice that is the shortest of all (JSQ), with d = 1
// chance. It solves the balance equations of lines of up to most requests, by iteration. Which
// server has which line does not matter, so a state is the lines in order of length.
func lines(n, d int, twice bool, rho float64, most int) float64 {
	c := newChain(n, most)
	join := make([]float64, n) // probability that the r-th shortest is the shortest drawn
	for r := range join {
		if join[r] = binomial(n-1-r, d-1) / binomial(n, d); twice {
			join[r] = (math.Pow(float64(n-r), float64(d)) - math.Pow(float64(n-r-1), float64(d))) / math.Pow(float64(n), float64(d))
		}
	}
	lambda := float64(n) * rho
	total := lambda + float64(n) // of the rates, to make steps of them
	p, q := make([]float64, len(c.inside)), make([]float64, len(c.inside))
	p[0] = 1
	for round := 0; ; round++ {
		clear(q)
		for state, mass := range p {
			for r := range n {
				q[c.longer[state*n+r]] += mass * join[r] * lambda / total
				q[c.shorter[state*n+r]] += mass / total
			}
		}
		p, q = q, p
		if round%200 == 199 && distance(p, q) < 1e-11 {
			break
		}
	}
	mean := 0.0
	for state, mass := range p {
		mean += mass * float64(c.inside[state])
	}
	return mean / lambda // Little's law
}

// chain is the states of n lines of up to most requests, the shortest first, and what each
// becomes when the r-th line grows or shrinks.
type chain struct {
	longer, shorter []int32 // n for each state
	inside          []int32 // requests
}

func newChain(n, most int) *chain {
	c := &chain{}
	number := map[string]int32{}
	var states [][]byte
	var walk func(lines []byte)
	walk = func(lines []byte) {
		if len(lines) == n {
			number[string(lines)] = int32(len(states))
			states = append(states, slices.Clone(lines))
			return
		}
		least := byte(0)
		if len(lines) > 0 {
			least = lines[len(lines)-1]
		}
		for length := least; int(length) <= most; length++ {
			walk(append(lines, length))
		}
	}
	walk(nil)
	for _, lines := range states {
		inside := 0
		for r := range lines {
			inside += int(lines[r])
			last, first := r, r // of those that are as long
			for last+1 < n && lines[last+1] == lines[r] {
				last++
			}
			for first > 0 && lines[first-1] == lines[r] {
				first--
			}
			up, down := slices.Clone(lines), slices.Clone(lines)
			up[last] = byte(min(int(lines[r])+1, most))
			down[first] -= min(down[first], 1)
			c.longer, c.shorter = append(c.longer, number[string(up)]), append(c.shorter, number[string(down)])
		}
		c.inside = append(c.inside, int32(inside))
	}
	return c
}

func binomial(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	b := 1.0
	for i := range k {
		b *= float64(n-i) / float64(i+1)
	}
	return b
}

func distance(p, q []float64) float64 {
	sum := 0.0
	for i := range p {
		sum += math.Abs(p[i] - q[i])
	}
	return sum
}
