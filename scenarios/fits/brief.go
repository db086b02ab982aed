// Brief objects: those asked for in a short while only, beside others that stay.
package fits

import (
	"math"

	"gonum.org/v1/gonum/optimize"

	"cdnlab/sim/load"
)

// briefly is within how much of the trace all requests for an object that is brief come.
const briefly = 1.0 / 32

// split are the objects of each class of counts by how their requests lie: all within a
// short while, as those of brief objects, or not. Of objects that stay some do so by chance,
// of n requests that lie anywhere with probability n x^(n-1) - (n-1) x^n: so many of those
// that lie together are counted to the others.
type split struct {
	classes
	brief []float64 // of the objects seen; of those asked for once nobody knows
}

func (t *tally) split() split {
	s := split{classes: newClasses(t.counts)}
	near, chance := make([]float64, len(s.seen)), make([]float64, len(s.seen))
	for i, n := range t.counts {
		if n < 2 {
			continue
		}
		class, x := s.class(n), float64(n)
		chance[class] += x*math.Pow(briefly, x-1) - (x-1)*math.Pow(briefly, x)
		if t.isBrief(i) {
			near[class]++
		}
	}
	s.brief = make([]float64, len(s.seen))
	for class, all := range s.seen {
		if rest := float64(all) - chance[class]; rest > 0 {
			s.brief[class] = min(max((near[class]-chance[class])/rest, 0), 1) * float64(all)
		}
	}
	return s
}

func (t *tally) isBrief(i int) bool {
	return t.counts[i] > 1 && float64(t.lastAt[i]-t.firstAt[i]) < briefly*float64(t.requests)
}

// class is that of a count.
func (c *classes) class(n int32) int {
	at := 0
	for int(n) >= c.from[at+1] {
		at++
	}
	return at
}

// brevity is the model of two kinds of objects under which the trace is most likely, for
// brief ones that live for a part of it: both follow Zipf's law, with one alpha. It is found
// as popularity finds its own, from the counts of either kind.
func (t *tally) brevity(s *split, life float64) model {
	seen, requests := float64(len(t.counts)), float64(t.requests)
	parts := triangle(life)
	decode := func(x []float64) model {
		once, brief := math.Exp(x[2]), math.Exp(x[3])
		m := model{alpha: min(math.Abs(x[0]), 4), once: once / (1 + once + brief), brief: brief / (1 + once + brief), briefLife: life}
		m.ranks = int(min(max(seen*math.Exp(min(x[1]-1, 3)), 2), load.MaxObjects))
		m.briefRanks = int(min(max(requests*m.brief*life/math.Exp(min(max(x[4], -3), 10)), 2), load.MaxObjects))
		return m
	}
	cost := func(x []float64) float64 {
		m := decode(x)
		stay, brief := make([]float64, len(s.seen)), make([]float64, len(s.seen))
		s.expect(stay, m, &forever, requests*(1-m.once-m.brief))
		s.expect(brief, model{alpha: m.alpha, ranks: m.briefRanks}, &lives{parts: parts}, requests*m.brief)
		sum := likely(float64(s.seen[0]), stay[0]+brief[0]+requests*m.once)
		for i := 1; i < len(s.seen); i++ {
			sum += likely(float64(s.seen[i])-s.brief[i], stay[i]) + likely(s.brief[i], brief[i])
		}
		for _, xi := range x {
			sum -= 1e-6 * xi * xi
		}
		return -sum
	}
	best, least := model{}, math.Inf(1)
	for _, begin := range [][]float64{{0.8, 0.5, -1, -1, 1}, {1, 1, -2, 0, 0}} {
		found, err := optimize.Minimize(optimize.Problem{Func: cost}, begin, &optimize.Settings{FuncEvaluations: 800}, &optimize.NelderMead{SimplexSize: 0.3})
		if found == nil || err != nil && math.IsNaN(found.F) {
			continue
		}
		if found.F < least {
			best, least = decode(found.X), found.F
		}
	}
	best.again = s.again(best, requests)
	return best
}

// triangle are the lives of objects far shorter than the trace, as load.Catalog has them:
// their lengths are triangular from 0 to twice the mean.
func triangle(mean float64) (parts []part) {
	const steps = 6
	for i := range steps {
		x := (float64(i) + 0.5) / steps * 2
		parts = append(parts, part{x * mean, (1 - math.Abs(x-1)) * 2 / steps / mean})
	}
	return parts
}

// briefLives are the mean lives that are tried.
func briefLives() (all []float64) {
	for x := briefly / 2; x > 1e-4; x /= 3 {
		all = append(all, x)
	}
	return all
}
