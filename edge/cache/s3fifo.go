// S3-FIFO: three queues, of which a small one sorts out what is asked for once.
package cache

func init() {
	Evictions.Add("s3-fifo", "a small queue sorts out what is asked for once, a main one keeps the rest (SOSP 2023)", newS3FIFO)
}

// s3fifo is that of J. Yang et al., FIFO Queues are All You Need for Cache Eviction
// (SOSP 2023): a tenth of the capacity for the small queue, and a ghost queue of who
// left it as large as the main one. Who was used twice in the small queue goes on to
// the main one, whose counters go up to 3. An entry larger than the small queue goes
// to the main one at once: the paper has one size for all.
//
// Compat is libCacheSim's: what is larger than the small queue does not come in,
// nor what is just as large (below a capacity of 20 objects, nothing does); and a
// cache that has evicted nobody yet fills its main queue when the small one is full.
type s3fifo struct {
	parts
	uses                        []uint8 // by id, up to 3
	smallMax, mainMax, ghostMax int64
	compat, evicted, again      bool // again: the newcomer was in the ghost queue
	sorting                     bool // the small queue is gone through, however full the main one gets meanwhile
}

// The queues of s3fifo.
const (
	s3small = iota
	s3main
	s3ghost
)

func newS3FIFO(s Setup) Eviction {
	small := share(s.Capacity, 0.1)
	return &s3fifo{parts: newParts(3, s.Release), smallMax: small, mainMax: s.Capacity - small, ghostMax: share(s.Capacity, 0.9), compat: s.Compat}
}

func (c *s3fifo) Admit(x Item) bool {
	c.again = c.recall(x.ID, s3ghost)
	if c.compat && x.Size > c.smallMax {
		if c.again {
			c.release(x.ID)
		}
		return false
	}
	return true
}

func (c *s3fifo) Insert(x Item) bool {
	c.uses = grown(c.uses, x.ID)
	c.uses[x.ID] = 0
	switch {
	case c.again:
		c.take(x, s3main)
	case c.compat && x.Size >= c.smallMax:
		return false
	case !c.compat && x.Size > c.smallMax || !c.evicted && c.used[s3small] >= c.smallMax:
		c.take(x, s3main)
	default:
		c.take(x, s3small)
	}
	return true
}

func (c *s3fifo) Hit(id uint32) {
	if c.uses[id] < 3 {
		c.uses[id]++
	}
}

func (c *s3fifo) Victim() uint32 {
	id := c.Next()
	c.evicted = true
	if !c.sorting {
		return c.drop(s3main)
	}
	c.sorting = false
	c.Remove(id)
	c.remember(id, s3ghost, c.ghostMax)
	return id
}

// Next lets those by who stay, or pass.
func (c *s3fifo) Next() uint32 {
	for {
		c.sorting = (c.sorting || c.used[s3main] <= c.mainMax) && !c.empty(s3small)
		if c.sorting {
			if id := c.back(s3small); !c.passes(id) {
				return id
			}
		} else if id := c.back(s3main); !c.stays(id) {
			return id
		}
	}
}

// stays lets who was used in the main queue by once more.
func (c *s3fifo) stays(id uint32) bool {
	if c.uses[id] == 0 {
		return false
	}
	c.uses[id]--
	c.move(s3main, id)
	return true
}

// passes takes who was used twice in the small queue on to the main one.
func (c *s3fifo) passes(id uint32) bool {
	if c.uses[id] < 2 {
		return false
	}
	c.Remove(id)
	c.uses[id] = 0
	c.enter(id, s3main)
	return true
}
