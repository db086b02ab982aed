// A cache that is asked for numbers: the store under a policy in a replay.

// Package replay asks caches for what a trace says was asked, as fast as it can be read.
// The policies are those of edge/cache; the store under them is flat, as nothing is kept
// but names and sizes.
package replay

import "cdnlab/edge/cache"

// Cache is a cache of names and sizes. It takes room for what it holds and what its
// policy remembers, whatever the number of requests. Not safe for concurrent use.
type Cache struct {
	table
	policy   cache.Eviction
	parted   cache.Parted // the policy, if it is one
	capacity int64
	used     int64

	// left, unless nil, is told of each object that is held no more as others, or what
	// its policy's parts may hold, took its place. It must not call the cache.
	left func(id uint64, size int64)
}

// NewCache returns an empty cache of a capacity in the unit of sizes.
func NewCache(policy cache.NewEviction, capacity int64, compat bool) *Cache {
	c := &Cache{table: newTable(), capacity: capacity}
	c.policy = policy(cache.Setup{Capacity: capacity, Release: c.release, Compat: compat, Weigh: c.weigh})
	c.parted, _ = c.policy.(cache.Parted)
	return c
}

// Ask asks for an object and reports whether it was there. One that was not is, from
// now on, where the policy will have it. A hit does not change the size that was stored.
func (c *Cache) Ask(id uint64, size int64) bool {
	n, known := c.find(id)
	if !known || !c.slots[n].held {
		c.miss(cache.Item{ID: n, Key: id, Size: size}, id, known)
		return false
	}
	c.policy.Hit(n)
	if c.parted != nil {
		c.relieve()
	}
	return true
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
		x.ID = c.take(id)
	}
	if !c.policy.Admit(x) {
		if !remembered {
			c.giveBack(x.ID)
		}
		return
	}
	for c.used+x.Size > c.capacity || c.parted != nil && c.parted.Over() {
		if c.evict(x.ID) {
			c.refused(x.ID, remembered)
			return
		}
	}
	c.hold(x.ID, x.Size)
	if !c.policy.Insert(x) {
		c.slots[x.ID].held = false
		c.used -= x.Size
		c.refused(x.ID, remembered)
		return
	}
	if !remembered {
		c.enter(x.ID)
	}
}

func (c *Cache) refused(n uint32, remembered bool) {
	if remembered {
		c.drop(n)
	} else {
		c.giveBack(n)
	}
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

func (c *Cache) hold(n uint32, size int64) {
	c.slots[n].held, c.sizes[n] = true, size
	c.used += size
}

func (c *Cache) weigh(n uint32, size int64) {
	c.used += size - c.sizes[n]
	c.sizes[n] = size
}

// leave empties a slot, if it holds an object.
func (c *Cache) leave(n uint32) {
	if s := &c.slots[n]; s.held {
		s.held = false
		c.used -= c.sizes[n]
		if c.left != nil {
			c.left(s.id, c.sizes[n])
		}
	}
}

// release is the policy's word that it does not remember a name.
func (c *Cache) release(n uint32) {
	c.leave(n) // out of Victim it may come before the slot is emptied
	c.drop(n)
}
