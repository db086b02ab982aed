// Tests of the cache: what must hold for every policy.
package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cdnlab/edge/cache"
)

func dice() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// synthetic is requests by a Zipf law, of objects of sizes up to most.
func synthetic(n, objects int, most int64) []Request {
	d := rand.New(rand.NewPCG(3, 4))
	all := make([]Request, n)
	for i := range all {
		id := uint64(math.Exp(d.Float64() * math.Log(float64(objects))))
		all[i] = Request{ID: id, Size: 1 + int64(id*7919)%most}
	}
	foresee(all)
	return all
}

func distinct(requests []Request) (n int64) {
	var f Footprint
	f.Add(requests)
	return f.Objects
}

// leavesOut are the policies whose newcomer may be the one that leaves.
var leavesOut = map[string]bool{"gdsf": true, "lfu-aging": true}

// TestEveryPolicy: nobody misses less than the optimum, nor less often than there are
// objects; with room for all, just so often; and what is held fits.
func TestEveryPolicy(t *testing.T) {
	requests := synthetic(20_000, 2_000, 1)
	cold := distinct(requests)
	for _, capacity := range []int64{1, 2, 10, 19, 100, 500} {
		optimum, _ := play(t, requests, "belady", capacity, true, false)
		for _, e := range cache.Evictions.All() {
			best := optimum
			misses, _ := play(t, requests, e.Name, capacity, true, false)
			if leavesOut[e.Name] && capacity < 10 {
				best = cold // the optimum has to take everyone in, and they need not
			}
			if misses < best || misses < cold || misses == int64(len(requests)) && capacity > 2 {
				t.Errorf("%s with room for %d: %d misses of %d; the optimum is %d, and %d are cold", e.Name, capacity, misses, len(requests), best, cold)
			}
		}
	}
	for _, e := range cache.Evictions.All() {
		if misses, _ := play(t, requests, e.Name, 1_000_000, true, false); misses != cold {
			t.Errorf("%s with room for all: %d misses, %d objects", e.Name, misses, cold)
		}
	}
}

// TestInclusion: what LRU holds, a larger LRU holds, too.
func TestInclusion(t *testing.T) {
	requests := synthetic(20_000, 2_000, 1)
	before := int64(math.MaxInt64)
	for capacity := int64(1); capacity < 400; capacity += 13 {
		misses, _ := play(t, requests, "lru", capacity, true, false)
		if misses > before {
			t.Errorf("%d objects: %d misses, %d with fewer", capacity, misses, before)
		}
		before = misses
	}
}

// TestBooks: what is held fits at any time, and the table knows all that is.
func TestBooks(t *testing.T) {
	requests := synthetic(5_000, 500, 300)
	for _, e := range cache.Evictions.All() {
		for _, compat := range []bool{false, true} {
			t.Run(fmt.Sprint(e.Name, " ", compat), func(t *testing.T) {
				const room = 5_000
				c := NewCache(e.Value.With(dice()), room, compat)
				for _, q := range requests {
					c.Ask(q.ID, q.Size)
					used, held := int64(0), 0
					for n, s := range c.slots {
						if s.held {
							used += c.sizes[n]
						}
					}
					for _, at := range c.heads {
						for ; at != 0; at = c.slots[at-1].next {
							held++
						}
					}
					if used != c.used || used > room || held != c.held || held+len(c.free) != len(c.slots) {
						t.Fatalf("%d bytes in the books, %d held; %d names, %d in the table, %d slots, %d free", c.used, used, c.held, held, len(c.slots), len(c.free))
					}
				}
			})
		}
	}
}

// TestStoresAgree: the store of a PoP and the flat one have the same hits under the same
// policy. W-TinyLFU takes some keys for others, in each store others, as keys hash to
// other numbers there: it has about as many hits.
func TestStoresAgree(t *testing.T) {
	requests := synthetic(10_000, 1_000, 200)
	for _, e := range cache.Evictions.All() {
		t.Run(e.Name, func(t *testing.T) {
			const room = 20_000
			flat := NewCache(e.Value.With(dice()), room, false)
			store := cache.NewStore(room, 4, e.Value.With(dice()))
			hits, differ := 0, 0
			for i, q := range requests {
				key := cache.Key{Scheme: "https", Host: "example.com", Path: fmt.Sprint("/", q.ID)}
				held, _ := store.Find(key, nil)
				if held != nil {
					store.Hit(held)
				} else {
					store.Put(&cache.Entry{Key: key, Status: 200, Size: q.Size - 1}) // and one for itself
				}
				hit := flat.Ask(q.ID, q.Size)
				if hit {
					hits++
				}
				if held != nil {
					hits--
				}
				if hit != (held != nil) {
					differ++
				}
				if differ > 0 && e.Name != "w-tinylfu" {
					t.Fatalf("request %d differs", i)
				}
			}
			if hits > len(requests)/50 || -hits > len(requests)/50 {
				t.Errorf("%d more hits in the flat store", hits)
			}
		})
	}
}

// TestAllocatesNothing: in the steady state a request costs no memory.
func TestAllocatesNothing(t *testing.T) {
	requests := synthetic(200_000, 5_000, 1)
	for _, e := range cache.Evictions.All() {
		c := NewCache(e.Value.With(dice()), 500, false)
		for _, q := range requests[:100_000] {
			c.Ask(q.ID, 1)
		}
		i := 100_000
		if n := testing.AllocsPerRun(50_000, func() {
			c.Ask(requests[i].ID, 1)
			i++
		}); n > 0 {
			t.Errorf("%s: %v allocations a request", e.Name, n)
		}
	}
}
