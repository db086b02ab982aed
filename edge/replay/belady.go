// Belady: who is asked for last leaves, which only a replay can know.
package replay

import (
	"math"

	"cdnlab/edge/cache"
)

// Belady is the offline optimum of L. A. Belady, A Study of Replacement Algorithms for a
// Virtual-Storage Computer (1966): where all sizes are equal, no policy has fewer
// misses. With sizes it is only a good guess.
type Belady struct {
	farthest cache.Ranked
	next     int64 // of the request under way
	release  func(id uint32)
}

// NewBelady returns the policy, to be told of the next request before each Ask.
func NewBelady() (*Belady, cache.NewEviction) {
	b := &Belady{}
	return b, func(s cache.Setup) cache.Eviction {
		b.release = s.Release
		return b
	}
}

// Sees tells when the object of the coming Ask will be asked for again.
func (b *Belady) Sees(next int64) { b.next = next }

// rank is the lower the later the next request comes.
func (b *Belady) rank() float64 {
	if b.next < 0 {
		return math.Inf(-1)
	}
	return -float64(b.next)
}

// Admit implements cache.Eviction.
func (b *Belady) Admit(cache.Item) bool { return true }

// Insert implements cache.Eviction.
func (b *Belady) Insert(x cache.Item) bool {
	b.farthest.Set(x.ID, b.rank())
	return true
}

// Hit implements cache.Eviction.
func (b *Belady) Hit(id uint32) { b.farthest.Set(id, b.rank()) }

// Next implements cache.Eviction.
func (b *Belady) Next() uint32 { return b.farthest.Least() }

// Victim implements cache.Eviction.
func (b *Belady) Victim() uint32 {
	id := b.Next()
	b.Remove(id)
	b.release(id)
	return id
}

// Remove implements cache.Eviction.
func (b *Belady) Remove(id uint32) { b.farthest.Remove(id) }
