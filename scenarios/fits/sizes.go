// How large objects are.
package fits

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/optimize"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

// The paths of what is fitted.
const (
	pathRanks = "/object/{n}"
	pathBrief = "/brief/{n}"
	pathOnce  = "/once/{n}"
)

// leastOnce is the share of requests from which on what is asked for once is an entry.
const leastOnce = 0.002

// entries are the catalog of a model, with the sizes of the trace.
func (t *tally) entries(m model) []load.Entry {
	const cached = "max-age=31536000"
	ranks := load.Entry{Path: pathRanks, Objects: m.ranks, Alpha: new(round(m.alpha, 3)), Share: new(round(1-m.once-m.brief, 4)), CacheControl: cached}
	if m.life > 0 {
		ranks.PopularFor = t.lasting(m.life)
	}
	once := m.once >= leastOnce
	of := func(brief bool) func(i int) float64 {
		return func(i int) float64 {
			switch {
			case t.counts[i] == 1 && once:
				return m.again
			case t.counts[i] > 1 && m.brief > 0 && t.isBrief(i) != brief:
				return 0
			}
			return 1
		}
	}
	sizesOf(&ranks, t.sizes, of(false))
	all := []load.Entry{ranks}
	if m.brief > 0 {
		e := load.Entry{Path: pathBrief, Objects: m.briefRanks, Alpha: ranks.Alpha, PopularFor: t.lasting(m.briefLife), Share: new(round(m.brief, 4)), CacheControl: cached}
		sizesOf(&e, t.sizes, of(true))
		all = append(all, e)
	}
	if once {
		e := load.Entry{Path: pathOnce, Popularity: "once", Share: new(round(m.once, 4)), CacheControl: cached}
		sizesOf(&e, t.sizes, func(i int) float64 {
			if t.counts[i] > 1 {
				return 0
			}
			return 1
		})
		all = append(all, e)
	}
	return all
}

// lasting is a part of the trace as a catalog has it.
func (t *tally) lasting(part float64) time.Duration {
	return max(10*time.Millisecond, readable(part*float64(t.span())))
}

// readable is a time of three digits.
func readable(ns float64) time.Duration {
	unit := math.Pow(10, math.Floor(math.Log10(ns))-2)
	d := time.Duration(math.Round(ns/unit) * unit)
	for _, whole := range []time.Duration{time.Hour, time.Minute, time.Second, time.Millisecond} {
		if d > 20*whole {
			return d.Round(whole)
		}
	}
	return d
}

func round(x float64, digits int) float64 {
	p := math.Pow(10, float64(digits))
	return math.Round(x*p) / p
}

// sizesOf gives an entry the law of sizes, each with its weight: of the lognormal law and
// Pareto's the likelier. The lognormal's parameters are the mean and the deviation of the
// logarithms, Pareto's the least size and the mean of how far the logarithms are above its:
// each the most likely of its law that ends at the largest size. Where a lognormal law has
// another mean than the sizes, by more than a quarter, as where few large objects are most
// of the bytes, it is given the spread with which it has that mean.
func sizesOf(e *load.Entry, sizes []int64, weight func(i int) float64) {
	var w, bytes, sum, squares float64
	low, high := int64(math.MaxInt64), int64(0)
	for i, s := range sizes {
		if wi := weight(i); wi > 0 {
			x := math.Log(float64(s))
			w, bytes, sum, squares = w+wi, bytes+wi*float64(s), sum+wi*x, squares+wi*x*x
			low, high = min(low, s), max(high, s)
		}
	}
	if w == 0 {
		return
	}
	x := sample{mean: sum / w, low: math.Log(float64(low)), high: math.Log(float64(high))}
	x.spread = math.Sqrt(max(0, squares/w-x.mean*x.mean))
	if low == high || x.spread < 1e-3 {
		e.Size = new(sim.Bytes(math.Round(math.Exp(x.mean))))
		return
	}
	mean, spread, likely := x.lognormal()
	if is := bytes / w; math.Abs(x.size(mean, spread)/is-1) > 0.25 {
		spread = x.spreadOf(mean, is)
	}
	e.SizeLaw, e.Spread, e.Largest = "lognormal", new(round(spread, 3)), new(sim.Bytes(high))
	e.Size = new(whole(math.Exp(mean + *e.Spread**e.Spread/2)))
	if spread, as := x.pareto(); as > likely {
		e.SizeLaw, e.Spread = "pareto", new(round(spread, 3))
		e.Size = new(whole(float64(low) / (1 - *e.Spread)))
	}
}

// sample is what counts of the logarithms of sizes.
type sample struct{ mean, spread, low, high float64 }

// lognormal is the normal law that ends at the highest under which the sample is most
// likely, and the logarithm of that, a mean over the sample.
func (x sample) lognormal() (mean, spread, likely float64) {
	decode := func(p []float64) (float64, float64) {
		return min(p[0], x.high+1), min(max(math.Exp(p[1]), 0.01), 5)
	}
	cost := func(p []float64) float64 {
		m, s := decode(p)
		d := x.mean - m
		return math.Log(s) + (x.spread*x.spread+d*d)/(2*s*s) + math.Log(normal((x.high-m)/s)) + 1e-3*(math.Abs(m-p[0])+math.Abs(math.Log(s)-p[1]))
	}
	found, err := optimize.Minimize(optimize.Problem{Func: cost}, []float64{x.mean, math.Log(x.spread)}, nil, &optimize.NelderMead{})
	if err != nil {
		return x.mean, x.spread, math.Inf(-1)
	}
	mean, spread = decode(found.X)
	return mean, spread, -found.F - 0.5*math.Log(2*math.Pi)
}

// size is the mean of that lognormal law.
func (x sample) size(mean, spread float64) float64 {
	return math.Exp(mean+spread*spread/2) * normal((x.high-mean)/spread-spread) / normal((x.high-mean)/spread)
}

// spreadOf is the spread with which that mean is nearest to a size.
func (x sample) spreadOf(mean, size float64) (best float64) {
	least := math.Inf(1)
	for s := 0.05; s <= 5; s *= 1.005 {
		if off := math.Abs(math.Log(x.size(mean, s) / size)); off < least {
			best, least = s, off
		}
	}
	return best
}

// pareto is the spread of the Pareto law from the lowest to the highest under which the
// sample is most likely, and the logarithm of that likewise.
func (x sample) pareto() (spread, likely float64) {
	likely = math.Inf(-1)
	for s := 0.01; s < 0.99; s *= 1.005 {
		if l := -math.Log(s) - (x.mean-x.low)/s - math.Log1p(-math.Exp(-(x.high-x.low)/s)); l > likely {
			spread, likely = s, l
		}
	}
	return spread, likely
}

// whole is a size with four digits.
func whole(x float64) sim.Bytes {
	if x < 1e4 {
		return sim.Bytes(max(1, math.Round(x)))
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-3)
	return sim.Bytes(math.Round(x/unit) * unit)
}

// correlate finds the rank correlation of size and popularity that the catalog must have so
// that its objects show that of the trace, writes it into the catalog, and returns the
// trace's. Requests are few for most objects and so say little of their ranks: what is seen
// is less than what there is. Those asked for once are left out.
func (t *tally) correlate(r *Result, seed uint64) float64 {
	e := &r.Catalog[0]
	var counts, sizes []float64
	for i, n := range t.counts {
		if n > 1 && (len(r.Catalog) == 1 || r.Catalog[1].Path != pathBrief || !t.isBrief(i)) {
			counts, sizes = append(counts, float64(n)), append(sizes, float64(t.sizes[i]))
		}
	}
	if e.SizeLaw == "" || len(counts) < 100 {
		return 0
	}
	want := spearman(counts, sizes)
	if math.Abs(want) < 3/math.Sqrt(float64(len(counts))) {
		return want
	}
	objects := t.drawn(r, seed)
	low, high := -1.0, 1.0
	for range 9 {
		middle := (low + high) / 2
		try := *e
		try.SizeCorrelation = middle
		c := load.NewCatalog([]load.Entry{try})
		counts, sizes = counts[:0], sizes[:0]
		for _, o := range objects {
			counts, sizes = append(counts, float64(o.count)), append(sizes, float64(c.Size(o.object)))
		}
		if spearman(counts, sizes) < want {
			low = middle
		} else {
			high = middle
		}
	}
	e.SizeCorrelation = round((low+high)/2, 2)
	return want
}

// spearman is the correlation of the ranks of two, equal ones sharing theirs.
func spearman(a, b []float64) float64 {
	x, y := ranked(a), ranked(b)
	mean := float64(len(a)-1) / 2
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mean, y[i]-mean
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

func ranked(a []float64) []float64 {
	order := make([]int, len(a))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case a[i] < a[j]:
			return -1
		case a[i] > a[j]:
			return 1
		}
		return 0
	})
	ranks := make([]float64, len(a))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && a[order[to]] == a[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranks[i] = float64(from+to-1) / 2
		}
		from = to
	}
	return ranks
}
