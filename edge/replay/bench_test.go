// How fast a trace is replayed.
package replay

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"sort"
	"sync"
	"testing"

	"cdnlab/edge/cache"
)

// The figure's trace: 10 M requests by Zipf's law (1.0) for a million objects.
const (
	benchRequests = 10_000_000
	benchObjects  = 1_000_000
)

// zipfTrace is that trace as oracleGeneral has it.
var zipfTrace = sync.OnceValue(func() []byte {
	sums := make([]float64, benchObjects)
	sum := 0.0
	for i := range sums {
		sum += 1 / float64(i+1)
		sums[i] = sum
	}
	d := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 0, benchRequests*oracleRecord)
	for range benchRequests {
		id := sort.SearchFloat64s(sums, d.Float64()*sum) + 1
		text = append(text, record(0, uint64(id), 1, Unknown)...)
	}
	return text
})

// BenchmarkReplay plays it, decoding included, on one core: M requests/s.
func BenchmarkReplay(b *testing.B) {
	text := zipfTrace()
	for _, e := range cache.Evictions.All() {
		for _, capacity := range []int64{10_000, 100_000} {
			name := e.Name + "/10000"
			if capacity == 100_000 {
				name = e.Name + "/100000"
			}
			b.Run(name, func(b *testing.B) {
				misses := 0
				for b.Loop() {
					c := NewCache(e.Value.With(dice()), capacity, false)
					misses = benchPlay(b, c, newOracle(bytes.NewReader(text)))
				}
				b.ReportMetric(float64(b.N)*benchRequests/1e6/b.Elapsed().Seconds(), "Mrequests/s")
				b.ReportMetric(float64(misses)/benchRequests, "miss-ratio")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func benchPlay(b *testing.B, c *Cache, r Reader) (misses int) {
	for batch := make([]Request, 4096); ; {
		n, err := r.Read(batch)
		for i := range batch[:n] {
			if !c.Ask(batch[i].ID, batch[i].Size) {
				misses++
			}
		}
		if errors.Is(err, io.EOF) {
			return misses
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
