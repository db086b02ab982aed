// Popularity that passes: LRU under shot noise.
package theory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// passing is ranks that are asked for by Zipf's law, each held by one object after the
// other for a life that is triangular from 0 to twice its mean, as load.Catalog has it.
type passing struct {
	objects     int
	alpha, life float64 // requests
}

// lru is what an LRU cache of a capacity answers, by Che's approximation for shot noise
// (Traverso et al., CCR 43(5), 2013; Leonardi and Torrisi, Least Recently Used caches under
// the Shot Noise Model, INFOCOM 2015): an object is in the cache as long as it was asked for
// within the characteristic time, which has to have been in its life.
func (p passing) lru(capacity float64) float64 {
	all := catalog(p.objects, p.alpha, 0)
	low, high := 0.0, 4*p.life
	for high-low > 1e-6*high {
		if mid := (low + high) / 2; p.sum(all, func(rate, life float64) float64 { return cached(rate, life, mid) + cached(rate, mid, life) }) < capacity {
			low = mid
		} else {
			high = mid
		}
	}
	return 1 - p.sum(all, func(rate, life float64) float64 {
		return -math.Expm1(-rate*min(life, low)) + rate*max(0, life-low)*math.Exp(-rate*low)
	})
}

// cached is for how much of x an object was asked for within the last y.
func cached(rate, x, y float64) float64 {
	m := min(x, y)
	return m + math.Expm1(-rate*m)/rate - max(0, x-y)*math.Expm1(-rate*y)
}

// sum adds up what the objects of all ranks come to for each request, a mean over their
// lives.
func (p passing) sum(all []object, of func(rate, life float64) float64) (sum float64) {
	const steps = 40
	for _, o := range all {
		for i := range steps {
			x := (float64(i) + 0.5) / steps * 2 // of the mean life
			sum += (1 - math.Abs(x-1)) * 2 / steps * of(o.p, x*p.life) / p.life
		}
	}
	return sum
}

// TestPassing: the shorter objects live, the less an LRU cache has of what it holds.
func TestPassing(t *testing.T) {
	lru, err := cache.Evictions.Get("lru")
	if err != nil {
		t.Fatal(err)
	}
	const capacity = 200
	for _, life := range []float64{200, 2_000, 20_000} {
		p := passing{2_000, 0.8, life}
		// A request each millisecond.
		content := load.NewCatalog([]load.Entry{{Path: "/{n}", Objects: p.objects, Alpha: new(p.alpha), PopularFor: time.Duration(life) * time.Millisecond}})
		c := replay.NewCache(lru.With(rand.New(rand.NewPCG(1, 1))), capacity, false)
		draws := sim.NewDraws(uint64(life), sim.NewLuck("test: passing"))
		var shares [batches]float64
		size := 800_000 * scale() / batches
		warm := 20 * capacity
		for i := range warm + size*batches {
			roll := draws.Of(uint64(i), 0)
			o := content.Popular(content.Pick(&roll), time.Duration(i)*time.Millisecond, 1)
			if c.Ask(uint64(o.Number), 1) && i >= warm {
				shares[(i-warm)/size] += 1 / float64(size)
			}
		}
		spread(shares[:]).check(t, fmt.Sprintf("lru, Zipf 0.8 of 2,000 for %.0f requests each, room for %d", life, capacity), p.lru(capacity))
	}
}
