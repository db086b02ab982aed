// 2Q: a queue for those who come, a memory of who left it, and LRU for who comes
// again.
package cache

func init() {
	Evictions.Add("2q", "who comes waits in a queue; who comes again after it is kept by lru (VLDB 1994)", newTwoQ)
}

// twoQ is the full version of T. Johnson, D. Shasha, 2Q (VLDB 1994): a quarter of
// the capacity for those who come (a1in), a memory for half as many as fit (a1out)
// and LRU for the rest (am). A use in a1in changes nothing.
//
// Compat is libCacheSim's: what is larger than a1in does not come in.
type twoQ struct {
	rings
	of               []twoQItem
	in, remembers    int64 // used
	mainUsed         int64
	inMax, most, cap int64 // limits of a1in, a1out and am
	compat, again    bool
	coming           int64
	release          func(id uint32)
}

type twoQItem struct {
	size int64
	in   uint8
}

// The queues of twoQ, as its rings.
const (
	a1in = iota
	am
	a1out
	a1none
)

func newTwoQ(s Setup) Eviction {
	in := share(s.Capacity, 0.25)
	return &twoQ{rings: newRings(3), inMax: in, most: share(s.Capacity, 0.5), cap: s.Capacity - in, compat: s.Compat, release: s.Release}
}

func (c *twoQ) Admit(x Item) bool {
	c.again, c.coming = false, x.Size
	if int(x.ID) < len(c.of) && c.of[x.ID].in == a1out {
		c.Remove(x.ID)
		c.again = true
	}
	if c.compat && x.Size > c.inMax {
		if c.again {
			c.release(x.ID)
		}
		return false
	}
	return true
}

// Over implements Parted: who comes again may find am full.
func (c *twoQ) Over() bool { return c.again && c.mainUsed+c.coming > c.cap && !c.empty(am) }

func (c *twoQ) Insert(x Item) bool {
	c.grow(x.ID)
	c.of = grown(c.of, x.ID)
	if c.again {
		c.again = false
		c.enter(x.ID, x.Size, am)
	} else {
		c.enter(x.ID, x.Size, a1in)
	}
	return true
}

func (c *twoQ) enter(id uint32, size int64, in uint8) {
	*c.total(in) += size
	c.of[id] = twoQItem{size, in}
	c.front(uint32(in), id)
}

func (c *twoQ) total(in uint8) *int64 {
	switch in {
	case a1in:
		return &c.in
	case am:
		return &c.mainUsed
	}
	return &c.remembers
}

func (c *twoQ) Hit(id uint32) {
	if c.of[id].in == am {
		c.move(am, id)
	}
}

func (c *twoQ) Victim() uint32 {
	if !c.empty(a1in) && (c.in > c.inMax || c.empty(am)) {
		id := c.back(a1in)
		size := c.of[id].size
		c.Remove(id)
		c.remember(id, size)
		return id
	}
	id := c.back(am)
	c.Remove(id)
	c.release(id)
	return id
}

// remember keeps the name of who left a1in.
func (c *twoQ) remember(id uint32, size int64) {
	if size > c.most {
		c.release(id)
		return
	}
	for c.remembers+size > c.most {
		old := c.back(a1out)
		c.Remove(old)
		c.release(old)
	}
	c.enter(id, size, a1out)
}

func (c *twoQ) Remove(id uint32) {
	x := &c.of[id]
	*c.total(x.in) -= x.size
	x.in = a1none
	c.unlink(id)
}
