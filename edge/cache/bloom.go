// A Bloom filter: which keys were there.
package cache

import "math"

// bloom is that of B. H. Bloom, Space/Time Trade-offs in Hash Coding with Allowable
// Errors (1970). It has 9.6 bits for each key that it is made for, and 7 hashes, so that
// when it holds as many one in a hundred others is taken for one of them.
type bloom struct {
	bits []uint64
	keys int // that were added
}

const (
	bloomBits   = 9.585058378 // -ln(0.01) / ln(2)², for each key
	bloomHashes = 7           // ln(2) of that
)

func newBloom(keys int) bloom {
	return bloom{bits: make([]uint64, int(math.Ceil(bloomBits*float64(max(keys, 1))/64)))}
}

// has reports whether a key was added, or looks as if.
func (b *bloom) has(key uint64) bool {
	h, step := sketchHash(key)
	n := uint64(len(b.bits)) * 64
	for i := range uint64(bloomHashes) {
		at := (uint64(h) + i*uint64(step)) % n
		if b.bits[at/64]>>(at%64)&1 == 0 {
			return false
		}
	}
	return true
}

// add takes a key in.
func (b *bloom) add(key uint64) {
	b.keys++
	h, step := sketchHash(key)
	n := uint64(len(b.bits)) * 64
	for i := range uint64(bloomHashes) {
		at := (uint64(h) + i*uint64(step)) % n
		b.bits[at/64] |= 1 << (at % 64)
	}
}

func (b *bloom) clear() {
	clear(b.bits)
	b.keys = 0
}
