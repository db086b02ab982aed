// A request to a cache in its steps, for caches that are parts of one.
package replay

import "cdnlab/edge/cache"

// Has reports whether an object is held, and is no use of it.
func (c *Cache) Has(id uint64) bool { return c.SizeOf(id) > 0 }

// SizeOf returns the size of an object as it was stored; 0: it is not held. It is no use
// of it.
func (c *Cache) SizeOf(id uint64) int64 {
	if n, known := c.find(id); known && c.slots[n].held {
		return c.sizes[n]
	}
	return 0
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

// Put stores an object that is not held, stale from a time on in seconds, where the policy
// will have it, and reports whether it is held then.
func (c *Cache) Put(id uint64, size int64, until float64) bool {
	n, known := c.find(id)
	c.miss(cache.Item{ID: n, Key: id, Size: size, Expires: expires(until)}, id, known)
	return c.Has(id)
}

// Renew uses an object that is held, and stale from another time on, and reports whether
// there is one.
func (c *Cache) Renew(id uint64, until float64) bool {
	n, known := c.find(id)
	if !known || !c.slots[n].held {
		return false
	}
	if r, goes := c.policy.(cache.Renewed); goes {
		r.Renew(cache.Item{ID: n, Key: id, Size: c.sizes[n], Expires: expires(until)})
	}
	c.Find(id)
	return true
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

// setup is what an admission policy before the cache, which holds so many objects, is
// made with.
func (c *Cache) setup(stored *int) cache.AdmissionSetup {
	return cache.AdmissionSetup{
		Leaves: func(cost int64) (id uint64, full bool) {
			if *stored == 0 || c.used+cost <= c.capacity {
				return 0, false
			}
			return c.slots[c.policy.Next()].id, true
		},
		Stored: func() int { return *stored },
	}
}
