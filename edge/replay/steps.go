// A request to a cache in its steps, for caches that are parts of one.
package replay

import "cdnlab/edge/cache"

// Has reports whether an object is held, and is no use of it.
func (c *Cache) Has(id uint64) bool {
	n, known := c.find(id)
	return known && c.slots[n].held
}

// Find uses an object, if it is held, and returns its size as it was stored.
func (c *Cache) Find(id uint64) (size int64, held bool) {
	n, known := c.find(id)
	if !known || !c.slots[n].held {
		return 0, false
	}
	size = c.sizes[n]
	c.policy.Hit(n)
	if c.parted != nil {
		c.relieve()
	}
	return size, true
}

// Put stores an object that is not held, where the policy will have it, and reports
// whether it is held then.
func (c *Cache) Put(id uint64, size int64) bool {
	n, known := c.find(id)
	c.miss(cache.Item{ID: n, Key: id, Size: size}, id, known)
	return c.Has(id)
}

// Remove takes an object out that is held, and has the policy forget it.
func (c *Cache) Remove(id uint64) {
	n, known := c.find(id)
	if !known || !c.slots[n].held {
		return
	}
	c.policy.Remove(n)
	c.used -= c.sizes[n]
	c.slots[n].held = false
	c.drop(n)
}
