// What a cache may have beside its policy: an admission policy before it, and times after
// which its objects are stale.
package replay

import (
	"math"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Guarded is a Cache before which an admission policy stands, whose objects get stale, or
// both. The Cache itself knows of neither, and is as fast as without. Not safe for
// concurrent use.
type Guarded struct {
	*Cache
	admission cache.Admission // nil: all come in
	counting  cache.Counting  // the admission, if it is one
	renewed   cache.Renewed   // the policy, if it is one
	ttl       float64         // in seconds; 0: nothing gets stale
	until     []float64       // by slot: when it is stale

	Expired     int64 // requests for what was there, but stale: misses
	NotAdmitted int64 // misses that could have been stored, but for the admission policy
	Stored      int64 // objects that were stored, anew when they had been stale
	Written     int64 // and their bytes
	entries     int
}

// Guard has an admission policy stand before a cache that is empty, and its objects be
// stale so long after they were fetched; 0: never. The cache is its own from then on.
func Guard(c *Cache, admission cache.NewAdmission, ttl time.Duration) *Guarded {
	g := &Guarded{Cache: c, ttl: ttl.Seconds()}
	g.renewed, _ = c.policy.(cache.Renewed)
	g.admission = admission(c.setup(&g.entries))
	g.counting, _ = g.admission.(cache.Counting)
	c.left = func(uint64, int64) { g.entries-- }
	return g
}

// Ask asks at a time, in seconds, for an object that takes size of the capacity and has
// so many bytes, and reports whether it was there and fresh; if not, it is fetched.
func (g *Guarded) Ask(id uint64, size, bytes int64, at float64) bool {
	if _, fresh := g.Fresh(id, at); fresh {
		return true
	}
	g.Fetched(id, size, bytes, g.Stale(at))
	return false
}

// Stale is when what is fetched at a time from where nothing gets older is stale.
func (g *Guarded) Stale(at float64) float64 {
	if g.ttl == 0 {
		return math.Inf(1)
	}
	return at + g.ttl
}

// Fresh uses an object that is there and not stale at a time, and reports whether it is,
// and when it will be stale.
func (g *Guarded) Fresh(id uint64, at float64) (until float64, fresh bool) {
	n, known := g.find(id)
	if !known || !g.slots[n].held {
		return 0, false
	}
	if g.counting != nil {
		g.counting.Asked(id)
	}
	until = math.Inf(1)
	if g.ttl > 0 {
		until = g.until[n]
	}
	if at >= until {
		g.Expired++
		return 0, false
	}
	g.use(n)
	return until, true
}

// Fetched takes in an object that was fetched as it was not fresh, stale from a time on.
// What is there and stale it takes the place of, as in a PoP: to the policy that is a
// use, or, if its size is another, that it leaves and comes; the admission policy is not
// asked.
func (g *Guarded) Fetched(id uint64, size, bytes int64, until float64) {
	n, known := g.find(id)
	switch {
	case known && g.slots[n].held:
		g.renew(id, n, size, bytes, until)
	case size > g.capacity:
	case g.admission != nil && g.admission.Admit(cache.Newcomer{Key: id, Size: bytes, Cost: size}) != "":
		g.NotAdmitted++
	default:
		g.store(id, size, bytes, until)
	}
}

func (g *Guarded) use(n uint32) {
	g.policy.Hit(n)
	if g.parted != nil {
		g.relieve()
	}
}

// renew puts an object in the place of a stale one.
func (g *Guarded) renew(id uint64, n uint32, size, bytes int64, until float64) {
	if g.sizes[n] != size {
		g.Remove(id)
		g.entries--
		if size <= g.capacity {
			g.store(id, size, bytes, until)
		}
		return
	}
	g.wrote(n, bytes, until)
	if g.renewed != nil {
		g.renewed.Renew(cache.Item{ID: n, Key: id, Size: size, Expires: expires(until)})
	}
	g.use(n)
}

// store stores a newcomer, where the policy will have it.
func (g *Guarded) store(id uint64, size, bytes int64, until float64) {
	n, known := g.find(id)
	g.miss(cache.Item{ID: n, Key: id, Size: size, Expires: expires(until)}, id, known)
	if n, known = g.find(id); known && g.slots[n].held {
		g.entries++
		g.wrote(n, bytes, until)
	}
}

func (g *Guarded) wrote(n uint32, bytes int64, until float64) {
	g.Stored++
	g.Written += bytes
	if g.ttl == 0 {
		return
	}
	for int(n) >= len(g.until) {
		g.until = append(g.until, 0)
	}
	g.until[n] = until
}

// expires is a time in seconds as policies have it.
func expires(until float64) sim.Time {
	if math.IsInf(until, 1) {
		return sim.Never
	}
	return sim.Time(min(max(until*1e9, math.MinInt64), math.MaxInt64/2))
}
