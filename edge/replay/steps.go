// A request to a cache in its steps, for caches that are parts of one.
package replay

import "cdnlab/edge/cache"

// slotOf returns the slot of a name that is held or remembered.
func (c *Cache) slotOf(id uint64) (n uint32, known bool) {
	h := hash(id)
	mask := uint32(len(c.table) - 1)
	for i := uint32(h>>32) >> c.shift; c.table[i] != 0; i = (i + 1) & mask {
		if e := c.table[i]; e>>32 == h>>32 && c.slots[uint32(e)-1].id == id {
			return uint32(e) - 1, true
		}
	}
	return 0, false
}

// Has reports whether an object is held, and is no use of it.
func (c *Cache) Has(id uint64) bool {
	n, known := c.slotOf(id)
	return known && c.slots[n].size > 0
}

// Find uses an object, if it is held, and returns its size as it was stored.
func (c *Cache) Find(id uint64) (size int64, held bool) {
	n, known := c.slotOf(id)
	if !known || c.slots[n].size == 0 {
		return 0, false
	}
	size = c.slots[n].size
	c.policy.Hit(n)
	if c.parted != nil {
		c.relieve()
	}
	return size, true
}

// Put stores an object that is not held, where the policy will have it, and reports
// whether it is held then.
func (c *Cache) Put(id uint64, size int64) bool {
	n, known := c.slotOf(id)
	c.miss(cache.Item{ID: n, Key: id, Size: size}, id, known)
	return c.Has(id)
}

// Remove takes an object out that is held, and has the policy forget it.
func (c *Cache) Remove(id uint64) {
	n, known := c.slotOf(id)
	if !known || c.slots[n].size == 0 {
		return
	}
	c.policy.Remove(n)
	c.used -= c.slots[n].size
	c.slots[n].size = 0
	c.drop(n)
}
