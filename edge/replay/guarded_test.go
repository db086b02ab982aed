// Tests of caches with an admission policy before them, and of objects that get stale.
package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// guards are the options of the tests.
var guards = cache.AdmissionSetup{Size: 100, Chance: 0.3, Window: 500}

// TestGuardedIsTheCache: with nothing to guard and no times a Guarded is its Cache.
func TestGuardedIsTheCache(t *testing.T) {
	requests := synthetic(20_000, 2_000, 200)
	all, _ := cache.Admissions.Get("none")
	for _, e := range cache.Evictions.All() {
		plain := NewCache(e.Value.With(dice()), 20_000, false)
		guarded := Guard(NewCache(e.Value.With(dice()), 20_000, false), all, 0)
		for i, q := range requests {
			if hit := plain.Ask(q.ID, q.Size); hit != guarded.Ask(q.ID, q.Size, q.Size, float64(i)) {
				t.Fatalf("%s: request %d differs", e.Name, i)
			}
		}
		if guarded.Written == 0 || guarded.Expired+guarded.NotAdmitted > 0 {
			t.Errorf("%s: %d bytes written, %d expired, %d not admitted", e.Name, guarded.Written, guarded.Expired, guarded.NotAdmitted)
		}
	}
}

// TestGuardedStoresAgree: the store of a PoP and the flat one let in, keep and renew the
// same, under every admission and eviction, with times and sizes that change. Where keys
// are hashed they hash to other numbers in each, so that some are taken for others in one
// of them alone.
func TestGuardedStoresAgree(t *testing.T) {
	const room = 20_000
	requests := synthetic(10_000, 1_000, 200)
	for _, e := range cache.Evictions.All() {
		for _, a := range cache.Admissions.All() {
			for _, ttl := range []time.Duration{0, 300 * time.Second} {
				t.Run(fmt.Sprint(e.Name, " ", a.Name, " ", ttl), func(t *testing.T) {
					flat := Guard(NewCache(e.Value.With(dice()), room, false), a.Value.With(guards, dice()), ttl)
					store := cache.NewStore(room, 4, e.Value.With(dice()))
					store.Guard(a.Value.With(guards, dice()))
					hits, differ := 0, 0
					for i, q := range requests {
						size := q.Size + int64(i/5000) // all change once
						hit, held := flat.Ask(q.ID, size, size-1, float64(i)), serves(store, q.ID, size, i, ttl)
						if hit {
							hits++
						}
						if held {
							hits--
						}
						if hit != held {
							differ++
						}
						if differ > 0 && e.Name != "w-tinylfu" && a.Name != "tiny-lfu" && a.Name != "second-request" {
							t.Fatalf("request %d differs", i)
						}
					}
					if math.Abs(float64(hits)) > float64(len(requests))/50 {
						t.Errorf("%d more hits in the flat store", hits)
					}
				})
			}
		}
	}
}

// serves asks a PoP's store at a second, as a PoP does.
func serves(store *cache.Store, id uint64, size int64, second int, ttl time.Duration) bool {
	now := sim.Time(second) * sim.Time(time.Second)
	key := cache.Key{Scheme: "https", Host: "example.com", Path: fmt.Sprint("/", id)}
	e, _ := store.Find(key, nil)
	if e != nil && (ttl == 0 || e.TTL(now) > 0) {
		store.Hit(e)
		return true
	}
	came := &cache.Entry{Key: key, Status: 200, Size: size - 1, Received: now, Lifetime: ttl} // and one for itself
	if store.Admits(came, 0) == "" {
		store.Put(came)
	}
	return false
}

// TestOneObject: of an object that is asked for by a Poisson process of rate L and stale
// a time T after each fetch, LT / (1 + LT) are hits, as each fetch is followed by LT hits
// in the mean; within four standard deviations of that.
func TestOneObject(t *testing.T) {
	all, _ := cache.Admissions.Get("none")
	lru, _ := cache.Evictions.Get("lru")
	const n = 200_000
	for _, lt := range []float64{0.01, 0.3, 1, 7, 200} {
		d := rand.New(rand.NewPCG(1, uint64(lt*100)))
		g := Guard(NewCache(lru, 1, false), all, time.Duration(lt*1e9))
		hits, at := 0, 0.0
		for range n {
			at += d.ExpFloat64()
			if g.Ask(1, 1, 1, at) {
				hits++
			}
		}
		got, want := float64(hits)/n, lt/(1+lt)
		if sd := math.Sqrt(lt*(1+lt)/n) / (1 + lt) / (1 + lt); math.Abs(got-want) > 4*sd {
			t.Errorf("LT %v: %.5f hits, %.5f is right within %.5f", lt, got, want, 4*sd)
		}
		if g.Expired != n-1-int64(hits) || g.Stored != g.Expired+1 {
			t.Errorf("LT %v: %d expired, %d stored, %d hits", lt, g.Expired, g.Stored, hits)
		}
	}
}

// TestStaleFirst: ttl-first has who gets stale first leave, renewed or not.
func TestStaleFirst(t *testing.T) {
	all, _ := cache.Admissions.Get("none")
	first, _ := cache.Evictions.Get("ttl-first")
	g := Guard(NewCache(first, 2, false), all, 10*time.Second)
	for _, x := range []struct {
		at  float64
		id  uint64
		hit bool
	}{{0, 1, false}, {5, 2, false}, {9, 1, true}, {10, 1, false}, {11, 3, false}, // 2 leaves, as 1 was renewed
		{12, 1, true}, {12, 3, true}, {13, 2, false}, {14, 1, false}} {
		if hit := g.Ask(x.id, 1, 1, x.at); hit != x.hit {
			t.Errorf("%v s, object %d: hit %v", x.at, x.id, hit)
		}
	}
}

// TestGuardedPays: what admission is for: of a trace in which a third is asked for once
// the second request writes less, and hits more often than all do.
func TestGuardedPays(t *testing.T) {
	requests := synthetic(60_000, 2_000, 1)
	for i := range requests {
		if i%3 == 0 {
			requests[i].ID = uint64(1e9 + i)
		}
	}
	lru, _ := cache.Evictions.Get("lru")
	hits, written := map[string]int64{}, map[string]int64{}
	for _, a := range cache.Admissions.All() {
		g := Guard(NewCache(lru, 200, false), a.Value.With(cache.AdmissionSetup{Size: 10, Chance: 0.1, Window: 10_000}, dice()), 0)
		for _, q := range requests {
			if g.Ask(q.ID, 1, 1, 0) {
				hits[a.Name]++
			}
		}
		written[a.Name] = g.Written
	}
	for _, name := range []string{"second-request", "tiny-lfu", "chance"} {
		if 2*written[name] > written["none"] || hits[name] <= hits["none"] {
			t.Errorf("%s: %d hits and %d written; %d and %d without", name, hits[name], written[name], hits["none"], written["none"])
		}
	}
}

// TestOnce: who is asked for once is counted, however the table grows.
func TestOnce(t *testing.T) {
	d := rand.New(rand.NewPCG(8, 9))
	var f Footprint
	times := map[uint64]int{}
	for range 50 {
		batch := make([]Request, 200)
		for i := range batch {
			batch[i] = Request{ID: uint64(d.IntN(1 + d.IntN(20_000))), Size: 1} // 0 among them
			times[batch[i].ID]++
		}
		f.Add(batch)
		once := int64(0)
		for _, n := range times { // in any order: a sum
			if n == 1 {
				once++
			}
		}
		if f.Once != once || f.Objects != int64(len(times)) {
			t.Fatalf("%d objects, %d once; %d and %d are right", f.Objects, f.Once, len(times), once)
		}
	}
}
