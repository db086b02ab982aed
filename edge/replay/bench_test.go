//go:build unix

// How fast a trace is replayed, by the processor's time.
package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sort"
	"sync"
	"syscall"
	"testing"
	"time"

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

// BenchmarkReplay plays it to each policy on one core. The yardstick is libCacheSim's
// cachesim under the same requests, hence the processor's time, in user code and in the
// system, with the decoding of uncompressed records in it. B/object is the heap that a
// cache takes for each object that it holds in the end: what it remembers of others, and
// room to grow, included.
func BenchmarkReplay(b *testing.B) {
	text := zipfTrace()
	for _, e := range cache.Evictions.All() {
		for _, capacity := range []int64{10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", e.Name, capacity), func(b *testing.B) {
				misses, heap, took := 0, 0.0, time.Duration(0)
				for b.Loop() {
					before := heapInUse()
					began := cpuTime(b)
					c := NewCache(e.Value.With(dice()), capacity, false)
					misses = benchPlay(b, c, newOracle(bytes.NewReader(text)))
					took += cpuTime(b) - began
					heap = (heapInUse() - before) / float64(held(c))
					runtime.KeepAlive(c)
				}
				b.ReportMetric(float64(b.N)*benchRequests/1e6/took.Seconds(), "Mrequests/s")
				b.ReportMetric(float64(misses)/benchRequests, "miss-ratio")
				b.ReportMetric(heap, "B/object")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// cpuTime is what the process has used of a processor.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heapInUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
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
