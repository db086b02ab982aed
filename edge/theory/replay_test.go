// The table: what formulas say, what replayed caches do.
package theory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"testing"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
)

// catalog is n objects asked for by Zipf's law; their sizes are 1 or, with a spread, by
// a lognormal law whose mean is 1000.
func catalog(n int, alpha, spread float64) []object {
	dice := rand.New(rand.NewPCG(5, uint64(n)))
	all := make([]object, n)
	sum := 0.0
	for i := range all {
		all[i] = object{math.Pow(float64(i+1), -alpha), 1}
		if spread > 0 {
			all[i].size = math.Ceil(1000 * math.Exp(spread*(dice.NormFloat64()-spread/2)))
		}
		sum += all[i].p
	}
	for i := range all {
		all[i].p /= sum
	}
	return all
}

const batches = 50

// play replays n independent requests against a cache and returns the shares answered of
// the requests and of the bytes, each with the standard error that batches of them show.
// The first tenth more, in which the cache fills, does not count.
func play(t *testing.T, all []object, policy string, capacity float64, n int) (requests, bytes row) {
	e, err := cache.Evictions.Get(policy)
	if err != nil {
		t.Fatal(err)
	}
	c := replay.NewCache(e.With(rand.New(rand.NewPCG(1, 1))), int64(capacity), false)
	sums := make([]float64, len(all))
	sum := 0.0
	for i, o := range all {
		sum += o.p
		sums[i] = sum
	}
	dice := rand.New(rand.NewPCG(2, math.Float64bits(capacity*all[0].p)))
	var hit, hitBytes, asked [batches]float64
	warm, size := n/10, n/batches
	for i := range warm + size*batches {
		id := min(sort.SearchFloat64s(sums, dice.Float64()*sum), len(all)-1)
		h := c.Ask(uint64(id), int64(all[id].size))
		if i < warm {
			continue
		}
		batch := (i - warm) / size
		asked[batch] += all[id].size
		if h {
			hit[batch]++
			hitBytes[batch] += all[id].size
		}
	}
	for i := range batches {
		hit[i] /= float64(size)
		hitBytes[i] /= asked[i]
	}
	return spread(hit[:]), spread(hitBytes[:])
}

// spread is the mean of batches, and its standard error.
func spread(shares []float64) (r row) {
	var sum, squares float64
	for _, s := range shares {
		sum += s
		squares += s * s
	}
	n := float64(len(shares))
	r.mean = sum / n
	r.stderr = math.Sqrt(max(0, squares/n-r.mean*r.mean) / (n - 1))
	return r
}

// scale is how many times more requests are played than in the everyday tests: 'make
// theory' sets it.
func scale() int {
	n, _ := strconv.Atoi(os.Getenv("CDNLAB_THEORY"))
	return max(n, 1)
}

// row is one line of the table, a share.
type row struct{ mean, stderr float64 }

// off is how far the approximation itself may be off, beside what chance makes of the
// play: 0.1 points. What was asked of it is 0.5 points in all.
const off = 0.001

func (r row) check(t *testing.T, name string, theory float64) {
	t.Helper()
	t.Logf("%-58s theory %8.4f %%   simulation %8.4f ± %.4f %%   error %+.4f points", name, 100*theory, 100*r.mean, 100*r.stderr, 100*(r.mean-theory))
	if e := math.Abs(r.mean - theory); e > 4*r.stderr+off || e > 0.005 {
		t.Errorf("%s: %.4f ± %.4f, want %.4f", name, r.mean, r.stderr, theory)
	}
	if r.stderr > 0.00125 {
		t.Errorf("%s: ± %.4f tells nothing of half a point", name, r.stderr)
	}
}

// TestChe: objects of one size under Zipf's law.
func TestChe(t *testing.T) {
	for _, policy := range []struct {
		name   string
		in     residence
		alphas []float64
	}{{"lru", lru, []float64{0.6, 0.8, 1, 1.2}}, {"fifo", fifo, []float64{0.8, 1}}, {"random", fifo, []float64{0.8, 1}}} {
		for _, alpha := range policy.alphas {
			for _, capacity := range []float64{100, 1000} {
				all := catalog(10_000, alpha, 0)
				want, _ := hits(all, capacity, policy.in)
				got, _ := play(t, all, policy.name, capacity, 800_000*scale())
				got.check(t, fmt.Sprintf("%s, Zipf %.1f of 10,000, room for %.0f", policy.name, alpha, capacity), want)
			}
		}
	}
}

// TestCheOfSizes: sizes that differ, and a capacity in bytes. The room that is left when
// the next object does not fit is lost, so the cache has to be large beside an object.
func TestCheOfSizes(t *testing.T) {
	all := catalog(10_000, 0.9, 1)
	total := 0.0
	for _, o := range all {
		total += o.size
	}
	for _, part := range []float64{0.02, 0.3} {
		wantHits, wantBytes := hits(all, part*total, lru)
		got, bytes := play(t, all, "lru", part*total, 800_000*scale())
		name := fmt.Sprintf("lru, Zipf 0.9, lognormal sizes, room for %.0f %%: ", 100*part)
		got.check(t, name+"requests", wantHits)
		bytes.check(t, name+"bytes", wantBytes)
	}
}
