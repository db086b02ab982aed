// A sketch: about how often a key came lately.
package cache

import (
	"math"
	"math/bits"
)

// sketch is a counting Bloom filter (L. Fan et al., Summary Cache, 2000): each key has
// some counters, and came no more often than the least of them says. It has 14.4
// counters for each entry, and 10 for each key, so that of as many keys as there are
// entries one in a thousand is taken for another. It grows by doubling, which leaves
// what it says as it is.
type sketch struct{ counters []uint32 }

const (
	sketchCounters = 14.377587513 // -ln(0.001) / ln(2)², for each entry
	sketchHashes   = 10           // ln(2) of that
	sketchMost     = 1 << 24      // counters: 64 MiB
)

func newSketch(entries int64) sketch {
	n := math.Ceil(sketchCounters * float64(entries))
	return sketch{make([]uint32, int(min(max(n, 2*sketchHashes), sketchMost)))}
}

// room makes room for so many entries.
func (s *sketch) room(entries int) {
	for n := len(s.counters); n < sketchMost && float64(n) < sketchCounters*float64(entries); n = len(s.counters) {
		s.counters = append(s.counters, s.counters...)
	}
}

// add counts a key.
func (s *sketch) add(key uint64) {
	a, b := sketchHash(key)
	for i := range uint32(sketchHashes) {
		s.counters[(a+i*b)%uint32(len(s.counters))]++
	}
}

func (s *sketch) estimate(key uint64) uint32 {
	a, b := sketchHash(key)
	least := uint32(math.MaxUint32)
	for i := range uint32(sketchHashes) {
		least = min(least, s.counters[(a+i*b)%uint32(len(s.counters))])
	}
	return least
}

// age halves all counters.
func (s *sketch) age() {
	for i := range s.counters {
		s.counters[i] /= 2
	}
}

// sketchHash returns two hashes of a key, which all others are made of: libCacheSim's,
// so that the same keys are taken for each other.
func sketchHash(key uint64) (a, b uint32) {
	return uint32(xxh64(key, 0x12345678)), uint32(xxh64(key, 0x12344321))
}

// xxh64 is XXH64 of the eight bytes of a number.
func xxh64(key, seed uint64) uint64 {
	const (
		prime1 = 0x9e3779b185ebca87
		prime2 = 0xc2b2ae3d27d4eb4f
		prime3 = 0x165667b19e3779f9
		prime4 = 0x85ebca77c2b2ae63
		prime5 = 0x27d4eb2f165667c5
	)
	h := seed + prime5 + 8
	h ^= bits.RotateLeft64(key*prime2, 31) * prime1
	h = bits.RotateLeft64(h, 27)*prime1 + prime4
	h ^= h >> 33
	h *= prime2
	h ^= h >> 29
	h *= prime3
	return h ^ h>>32
}
