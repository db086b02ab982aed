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
	rings
	of                      []s3item
	small, main, ghost      int64 // used
	smallMax, mainMax, most int64 // limits of small, main and ghost
	compat, evicted, again  bool  // again: the newcomer was in the ghost queue
	release                 func(id uint32)
}

type s3item struct {
	size int64
	uses uint8
	in   uint8
}

// The queues of s3fifo, as its rings.
const (
	s3small = iota
	s3main
	s3ghost
	s3out
)

func newS3FIFO(s Setup) Eviction {
	small := share(s.Capacity, 0.1)
	return &s3fifo{rings: newRings(3), smallMax: small, mainMax: s.Capacity - small, most: share(s.Capacity, 0.9), compat: s.Compat, release: s.Release}
}

func (c *s3fifo) Admit(x Item) bool {
	c.again = false
	if int(x.ID) < len(c.of) && c.of[x.ID].in == s3ghost {
		c.Remove(x.ID)
		c.again = true
	}
	if c.compat && x.Size > c.smallMax {
		if c.again {
			c.release(x.ID)
		}
		return false
	}
	return true
}

func (c *s3fifo) Insert(x Item) bool {
	c.grow(x.ID)
	c.of = grown(c.of, x.ID)
	switch {
	case c.again:
		c.enter(x.ID, x.Size, s3main)
	case c.compat && x.Size >= c.smallMax:
		return false
	case !c.compat && x.Size > c.smallMax || !c.evicted && c.small >= c.smallMax:
		c.enter(x.ID, x.Size, s3main)
	default:
		c.enter(x.ID, x.Size, s3small)
	}
	return true
}

func (c *s3fifo) enter(id uint32, size int64, in uint8) {
	*c.total(in) += size
	c.of[id] = s3item{size: size, in: in}
	c.front(uint32(in), id)
}

func (c *s3fifo) total(in uint8) *int64 {
	switch in {
	case s3small:
		return &c.small
	case s3main:
		return &c.main
	}
	return &c.ghost
}

func (c *s3fifo) Hit(id uint32) {
	if x := &c.of[id]; x.uses < 3 {
		x.uses++
	}
}

func (c *s3fifo) Victim() uint32 {
	c.evicted = true
	for {
		if c.main > c.mainMax || c.empty(s3small) {
			if id := c.back(s3main); !c.stays(id) {
				c.Remove(id)
				c.release(id)
				return id
			}
			continue
		}
		for !c.empty(s3small) { // however full the main queue gets meanwhile
			if id, out := c.passes(); out {
				return id
			}
		}
	}
}

// stays lets who was used in the main queue by once more.
func (c *s3fifo) stays(id uint32) bool {
	x := &c.of[id]
	if x.uses == 0 {
		return false
	}
	x.uses--
	c.move(s3main, id)
	return true
}

// passes takes the last of the small queue on to the main one, or out.
func (c *s3fifo) passes() (id uint32, out bool) {
	id = c.back(s3small)
	x := c.of[id]
	c.Remove(id)
	if x.uses >= 2 {
		c.enter(id, x.size, s3main)
		return id, false
	}
	c.remember(id, x.size)
	return id, true
}

// remember puts who left the small queue into the ghost queue.
func (c *s3fifo) remember(id uint32, size int64) {
	if size > c.most {
		c.release(id)
		return
	}
	for c.ghost+size > c.most {
		old := c.back(s3ghost)
		c.Remove(old)
		c.release(old)
	}
	c.enter(id, size, s3ghost)
}

func (c *s3fifo) Remove(id uint32) {
	x := &c.of[id]
	*c.total(x.in) -= x.size
	x.in = s3out
	c.unlink(id)
}
