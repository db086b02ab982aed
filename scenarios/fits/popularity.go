// How requests spread over objects.
package fits

import (
	"math"

	"gonum.org/v1/gonum/optimize"

	"cdnlab/sim/load"
)

// model is what requests are taken for: of ranks by Zipf's law, each held by one object
// after the other, of objects that nobody asks for twice, and perhaps of brief ones.
type model struct {
	alpha float64
	ranks int
	once  float64 // share of the requests
	life  float64 // part of the trace for which objects stay popular; 0: all of it
	again float64 // share of those asked for once that only happened to be

	brief      float64 // share of the requests
	briefRanks int
	briefLife  float64
}

// popularity finds the model under which the trace is most likely, for objects that live so.
//
// What counts are the counts: how many objects were asked for once, twice and so on. Under
// the model an object is asked for a Poisson number of times, so the number of objects in
// each class of counts is nearly one, too, with a mean that can be computed: the likelihood
// of alpha, ranks and once is greatest by Nelder and Mead's search. A line through
// log count over log rank, which is often drawn, gives the many objects with few requests
// far too much weight, and is biased (Goldstein, Morris and Yen, Problems with fitting to
// the power-law distribution, 2004; Clauset, Shalizi and Newman, Power-law distributions in
// empirical data, 2009).
func (t *tally) popularity(lives *lives) model {
	c := newClasses(t.counts)
	seen := float64(len(t.counts))
	best, least := model{}, math.Inf(1)
	for _, begin := range [][]float64{{0.8, 1, -3}, {1, 0.5, 0}} {
		decode := func(x []float64) model {
			ranks := seen / lives.objects() * math.Exp(min(max(x[1]-1, -12), 3))
			return model{alpha: min(math.Abs(x[0]), 4), ranks: int(min(max(ranks, 2), load.MaxObjects)), once: 1 / (1 + math.Exp(-x[2])), life: lives.mean}
		}
		cost := func(x []float64) float64 {
			return -c.likelihood(decode(x), lives, float64(t.requests)) + 1e-6*(x[2]*x[2]+x[1]*x[1])
		}
		found, err := optimize.Minimize(optimize.Problem{Func: cost}, begin, &optimize.Settings{FuncEvaluations: 400}, &optimize.NelderMead{SimplexSize: 0.3})
		if found == nil || err != nil && math.IsNaN(found.F) {
			continue
		}
		if found.F < least {
			best, least = decode(found.X), found.F
		}
	}
	best.again = c.again(best, float64(t.requests))
	return best
}

func (c *classes) again(m model, requests float64) float64 {
	return 1 - min(1, m.once*requests/max(1, float64(c.seen[0])))
}

// objects is how many hold a rank, one after the other.
func (l *lives) objects() (sum float64) {
	for _, p := range l.parts {
		sum += p.objects
	}
	return sum
}

// classes are classes of counts: 1, 2 and so on, and from some on several counts each.
type classes struct {
	from []int // the last is beyond all
	seen []int // objects
}

func newClasses(counts []int32) classes {
	most := int32(0)
	for _, n := range counts {
		most = max(most, n)
	}
	var c classes
	for at := 1; ; at = max(at+1, at*5/4) {
		c.from = append(c.from, at)
		if at > 2*int(most) {
			break
		}
	}
	c.seen = make([]int, len(c.from)-1)
	of := make([]int, most+1)
	class := 0
	for n := 1; n < len(of); n++ {
		for n >= c.from[class+1] {
			class++
		}
		of[n] = class
	}
	for _, n := range counts {
		c.seen[of[n]]++
	}
	return c
}

// likelihood is the logarithm of the trace's under a model.
func (c *classes) likelihood(m model, l *lives, requests float64) (sum float64) {
	mean := make([]float64, len(c.seen))
	mean[0] = requests * m.once
	c.expect(mean, m, l, requests*(1-m.once))
	for i, n := range c.seen {
		sum += likely(float64(n), mean[i])
	}
	return sum
}

// likely is the logarithm of the probability of n under a Poisson law, but for a term that
// is the same for all means.
func likely(n, mean float64) float64 {
	mean = max(mean, 1e-9)
	return n*math.Log(mean) - mean
}

// expect adds the objects of each class that so many requests come to, in the mean.
func (c *classes) expect(mean []float64, m model, l *lives, requests float64) {
	each(m, func(share, ranks float64) {
		for _, p := range l.parts {
			c.add(mean, requests*share*p.length, ranks*p.objects)
		}
	})
}

// each walks the ranks, further down many at a time: what share of the requests each has,
// and how many they are.
func each(m model, visit func(share, ranks float64)) {
	total := 0.0
	walk(m, func(weight, ranks float64) { total += weight * ranks })
	walk(m, func(weight, ranks float64) { visit(weight/total, ranks) })
}

func walk(m model, visit func(weight, ranks float64)) {
	for from := 1; from <= m.ranks; {
		to := min(max(from, from*14/13), m.ranks)
		middle := math.Sqrt((float64(from) - 0.5) * (float64(to) + 0.5))
		if from == to {
			middle = float64(from)
		}
		visit(math.Pow(middle, -m.alpha), float64(to-from+1))
		from = to + 1
	}
}

// add adds objects that are each asked for so many times in the mean, a Poisson number.
func (c *classes) add(mean []float64, lambda, objects float64) {
	if lambda > 60 { // nearly normal, as its square root is still nearer
		below := 0.0
		for i := range mean {
			upTo := normal(2 * (math.Sqrt(float64(c.from[i+1])-0.25) - math.Sqrt(lambda)))
			mean[i] += objects * (upTo - below)
			below = upTo
		}
		return
	}
	p, class := math.Exp(-lambda), 0
	for n := 1; ; n++ {
		if p *= lambda / float64(n); float64(n) > lambda && p*objects < 1e-9 {
			return
		}
		for class < len(mean) && n >= c.from[class+1] {
			class++
		}
		if class == len(mean) {
			return
		}
		mean[class] += objects * p
	}
}

func normal(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
