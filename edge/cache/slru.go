// SLRU: LRU in segments, which who is used goes up.
package cache

func init() {
	Evictions.Add("slru", "lru in four segments: who is used goes up one, who is not comes down again", newSLRU)
}

// slru is that of R. Karedla, J. S. Love, B. G. Wherry, Caching Strategies to Improve
// Disk System Performance (1994), in four equal segments as at Facebook (Q. Huang et
// al., SOSP 2013: S4LRU). A newcomer goes to the lowest segment with room.
//
// Compat is libCacheSim's: what is larger than a segment does not come in, and what
// comes down into the lowest segment may drive others out of it although there is
// room.
type slru struct {
	parts
	most   []int64 // the limit of each segment
	compat bool
	cooled bool // the last call was a Hit by which something came down into the lowest
}

const segments = 4

func newSLRU(s Setup) Eviction {
	each := s.Capacity / segments
	return newSegments(s, each, each, each, each)
}

func newSegments(s Setup, most ...int64) *slru {
	return &slru{parts: newParts(uint32(len(most)), s.Release), most: most, compat: s.Compat}
}

func (c *slru) Admit(x Item) bool {
	c.cooled = false
	return !c.compat || x.Size <= c.most[0]
}

// Over implements Parted.
func (c *slru) Over() bool { return c.compat && c.cooled && c.used[0] > c.most[0] }

func (c *slru) Insert(x Item) bool {
	c.take(x, uint8(max(0, c.lowest(x.Size))))
	return true
}

// lowest returns the lowest segment with room; -1: none has.
func (c *slru) lowest(size int64) int {
	for k := range c.most {
		if c.used[k]+size <= c.most[k] {
			return k
		}
	}
	return -1
}

func (c *slru) crowded(size int64) bool { return c.lowest(size) < 0 }

func (c *slru) Hit(id uint32) {
	in := c.lists[id] - 1
	if int(in) == len(c.most)-1 {
		c.move(uint32(in), id)
		return
	}
	c.cooled = false
	c.Remove(id)
	c.enter(id, in+1)
	for k := in + 1; k > 0; k-- { // down, each segment's last making room
		for c.used[k] > c.most[k] {
			last := c.back(uint32(k))
			c.Remove(last)
			c.enter(last, k-1)
			c.cooled = k == 1
		}
	}
}

func (c *slru) Victim() uint32 {
	id := c.Next()
	c.Remove(id)
	c.release(id)
	return id
}

func (c *slru) Next() uint32 {
	k := 0
	for k < len(c.most)-1 && c.empty(uint32(k)) {
		k++
	}
	return c.back(uint32(k))
}
