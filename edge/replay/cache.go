// A cache that is asked for numbers: the store under a policy in a replay.

// Package replay asks caches for what a trace says was asked, as fast as it can be read.
// The policies are those of edge/cache; the store under them is flat, as nothing is kept
// but names and sizes.
package replay

import (
	"math/bits"

	"cdnlab/edge/cache"
)

// Cache is a cache of names and sizes. It takes room for what it holds and what its
// policy remembers, whatever the number of requests. Not safe for concurrent use.
type Cache struct {
	policy   cache.Eviction
	parted   cache.Parted // the policy, if it is one
	capacity int64
	used     int64

	table []uint64 // by hash: the upper half of it, and 1 + the slot; 0: nobody
	shift uint8    // of the upper half of a hash, to the place where the search for it begins
	slots []slot
	free  []uint32
	held  int // slots in use

	// left, unless nil, is told of each object that is held no more as others, or what
	// its policy's parts may hold, took its place. It must not call the cache.
	left func(id uint64, size int64)
}

// slot is a name that is held or remembered.
type slot struct {
	id   uint64
	size int64 // 0: the policy remembers it, or nobody has the slot
}

// NewCache returns an empty cache of a capacity in the unit of sizes.
func NewCache(policy cache.NewEviction, capacity int64, compat bool) *Cache {
	c := &Cache{capacity: capacity}
	c.policy = policy(cache.Setup{Capacity: capacity, Release: c.release, Compat: compat})
	c.parted, _ = c.policy.(cache.Parted)
	c.resize(4)
	return c
}

func (c *Cache) resize(log int) {
	old := c.table
	c.table, c.shift = make([]uint64, 1<<log), uint8(32-log)
	for _, e := range old {
		if e != 0 {
			c.enter(e)
		}
	}
}

func (c *Cache) enter(e uint64) {
	mask := uint32(len(c.table) - 1)
	i := uint32(e>>32) >> c.shift
	for c.table[i] != 0 {
		i = (i + 1) & mask
	}
	c.table[i] = e
}

func hash(id uint64) uint64 {
	hi, lo := bits.Mul64(id^0x9e3779b97f4a7c15, 0xa0761d6478bd642f)
	return hi ^ lo
}

// Ask asks for an object and reports whether it was there. One that was not is, from
// now on, where the policy will have it. A hit does not change the size that was stored.
func (c *Cache) Ask(id uint64, size int64) bool {
	h := hash(id)
	mask := uint32(len(c.table) - 1)
	i := uint32(h>>32) >> c.shift
	for {
		e := c.table[i]
		if e == 0 {
			break
		}
		if e>>32 == h>>32 {
			n := uint32(e) - 1
			if s := &c.slots[n]; s.id == id {
				if s.size > 0 {
					c.policy.Hit(n)
					if c.parted != nil {
						c.relieve()
					}
					return true
				}
				c.miss(cache.Item{ID: n, Key: id, Size: size}, id, true)
				return false
			}
		}
		i = (i + 1) & mask
	}
	c.miss(cache.Item{Key: id, Size: size}, id, false)
	return false
}

func (c *Cache) relieve() {
	for c.parted.Over() {
		c.evict(none)
	}
}

const none = ^uint32(0)

// miss takes in an object, if it can be.
func (c *Cache) miss(x cache.Item, id uint64, remembered bool) {
	if x.Size > c.capacity {
		return
	}
	if !remembered {
		x.ID = c.slot(id)
	}
	if !c.policy.Admit(x) {
		if !remembered {
			c.free = append(c.free, x.ID)
		}
		return
	}
	for c.used+x.Size > c.capacity || c.parted != nil && c.parted.Over() {
		if c.evict(x.ID) {
			c.refused(x.ID, remembered)
			return
		}
	}
	if !c.policy.Insert(x) {
		c.refused(x.ID, remembered)
		return
	}
	c.slots[x.ID].size = x.Size
	c.used += x.Size
	if !remembered {
		c.held++
		if 2*c.held > len(c.table) {
			c.resize(bits.Len(uint(len(c.table))))
		}
		c.enter(hash(id)>>32<<32 | uint64(x.ID+1))
	}
}

func (c *Cache) refused(n uint32, remembered bool) {
	if remembered {
		c.drop(n)
	} else {
		c.free = append(c.free, n)
	}
}

func (c *Cache) slot(id uint64) uint32 {
	if last := len(c.free) - 1; last >= 0 {
		n := c.free[last]
		c.free = c.free[:last]
		c.slots[n].id = id
		return n
	}
	c.slots = append(c.slots, slot{id: id})
	return uint32(len(c.slots) - 1)
}

// evict has the policy take one out; true: it is the newcomer.
func (c *Cache) evict(newcomer uint32) bool {
	n := c.policy.Victim()
	if n == newcomer {
		return true
	}
	c.leave(n)
	return false
}

// leave empties a slot, if it holds an object.
func (c *Cache) leave(n uint32) {
	s := &c.slots[n]
	if size := s.size; size > 0 {
		c.used -= size
		s.size = 0
		if c.left != nil {
			c.left(s.id, size)
		}
	}
}

// release is the policy's word that it does not remember a name.
func (c *Cache) release(n uint32) {
	c.leave(n) // out of Victim it may come before the slot is emptied
	c.drop(n)
}

// drop takes a name out of the table.
func (c *Cache) drop(n uint32) {
	h := hash(c.slots[n].id)
	mask := uint32(len(c.table) - 1)
	i := uint32(h>>32) >> c.shift
	for c.table[i] != h>>32<<32|uint64(n+1) {
		i = (i + 1) & mask
	}
	// Those behind it that began their search before the gap move up.
	for j := (i + 1) & mask; c.table[j] != 0; j = (j + 1) & mask {
		home := uint32(c.table[j]>>32) >> c.shift
		if (j-home)&mask >= (j-i)&mask {
			c.table[i] = c.table[j]
			i = j
		}
	}
	c.table[i] = 0
	c.held--
	c.free = append(c.free, n)
}
