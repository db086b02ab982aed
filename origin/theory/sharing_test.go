// Processor sharing: the one queue whose mean does not ask how work is spread.
package theory

import (
	"math"
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/sim"
)

// M/G/1-PS: 1/(1-rho), whatever the law of the work (Sakata, Noguchi, Oizumi 1969).
func TestSharing(t *testing.T) {
	for _, law := range []string{origin.Exponential, origin.Constant, origin.Lognormal} {
		for _, rho := range []float64{0.5, 0.8} {
			f := fleet{servers: 1, rho: rho, distribution: law, discipline: origin.Sharing, seed: 6}
			mean, stderr := f.play(t, 60_000*scale())
			row{words("M/G/1-PS,", law, "at", rho), mm1(rho), mean, stderr}.check(t, 0.05)
		}
	}
	f := fleet{servers: 1, workers: 4, rho: 0.8, discipline: origin.Sharing, seed: 6}
	mean, stderr := f.play(t, 60_000*scale())
	row{"M/M/4-PS at 0.8, as M/M/4", mmc(4, 0.8), mean, stderr}.check(t, 0.05)
}

// A job of size x takes x/(1-rho): small jobs do not wait for large ones. How large
// each is, it says when it is alone.
func TestSharingBySize(t *testing.T) {
	const rho = 0.7
	n := 40_000 * scale()
	f := fleet{servers: 1, rho: rho, distribution: origin.Lognormal, discipline: origin.Sharing, seed: 7}
	together := f.times(t, n)
	f.rho = 1e-4
	alone := f.times(t, n)
	for _, c := range []struct {
		name     string
		from, to float64
	}{{"of 0.2 to 0.5", 0.2, 0.5}, {"of 0.5 to 1", 0.5, 1}, {"of 1 to 3", 1, 3}, {"above 3", 3, math.Inf(1)}} {
		sums, works, counts := make([]float64, batches), make([]float64, batches), make([]float64, batches)
		for i, x := range alone {
			if b := i * batches / n; x >= c.from && x < c.to {
				sums[b], works[b], counts[b] = sums[b]+together[i], works[b]+x, counts[b]+1
			}
		}
		for b := range sums { // of each batch the mean, as many or few jobs as it has
			sums[b], works[b] = sums[b]/counts[b], works[b]/counts[b]
		}
		mean, stderr := spread(sums, 1)
		work, _ := spread(works, 1)
		row{words("M/G/1-PS at", rho, "jobs", c.name), work / (1 - rho), mean, stderr}.check(t, 0.08)
	}
}

// times plays n requests and returns how long each took, in mean service times.
func (f fleet) times(t testing.TB, n int) []float64 {
	engine := sim.NewEngine()
	pool := f.pools(t, engine)[0]
	defer pool.Close()
	dice := sim.Stream(f.seed, "users", "arrivals")
	took := make([]float64, n)
	at := sim.Time(0)
	for i := range n {
		at = at.Add(time.Duration(dice.ExpFloat64() * float64(unit) / f.rho))
		engine.Advance(at)
		begun := at
		pool.Serve(&sim.Request{ID: uint64(i), Method: "GET"}, func(*sim.Response) {
			took[i] = float64(engine.Now().Sub(begun)) / float64(unit)
		})
	}
	for at, ok := engine.Next(); ok; at, ok = engine.Next() {
		engine.Advance(at)
	}
	return took
}
