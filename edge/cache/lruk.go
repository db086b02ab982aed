// LRU-K: who was used least recently for the time before the last leaves first.
package cache

func init() {
	Evictions.Add("lru-2", "evicts by the time before the last that something was used; who was used once goes first (SIGMOD 1993)", func(s Setup) Eviction {
		return &lruK{rings: newRings(2), release: s.Release}
	})
}

// lruK is that of E. J. O'Neil, P. E. O'Neil, G. Weikum, The LRU-K Page Replacement
// Algorithm (SIGMOD 1993) with K = 2, and no period in which uses count as one. It
// remembers the last use of as many of those that have left as it holds, those that
// left last; the paper has a period of time there.
type lruK struct {
	rings          // who was used once, by its use; and who has left
	often   Ranked // by the use before the last
	of      []lruKItem
	clock   uint64
	before  uint64 // when the newcomer was used the last time; 0: not known
	held    int
	left    int
	release func(id uint32)
}

type lruKItem struct {
	last uint64
	in   uint8
}

const (
	lruOnce = iota
	lruLeft
	lruOften
	lruNone
)

func (c *lruK) Admit(x Item) bool {
	c.before = 0
	if int(x.ID) < len(c.of) && c.of[x.ID].in == lruLeft {
		c.before = c.of[x.ID].last
		c.Remove(x.ID)
	}
	return true
}

func (c *lruK) Insert(x Item) bool {
	c.grow(x.ID)
	for int(x.ID) >= len(c.of) {
		c.of = append(c.of, lruKItem{in: lruNone})
	}
	c.clock++
	i := &c.of[x.ID]
	if c.before > 0 {
		c.often.Set(x.ID, float64(c.before))
		i.in = lruOften
	} else {
		c.front(lruOnce, x.ID)
		i.in = lruOnce
	}
	i.last = c.clock
	c.held++
	return true
}

func (c *lruK) Hit(id uint32) {
	c.clock++
	i := &c.of[id]
	if i.in == lruOnce {
		c.unlink(id)
		i.in = lruOften
	}
	c.often.Set(id, float64(i.last))
	i.last = c.clock
}

func (c *lruK) Victim() uint32 {
	id := c.Next()
	c.Remove(id)
	c.front(lruLeft, id)
	c.of[id].in = lruLeft
	if c.left++; c.left > c.held {
		old := c.back(lruLeft)
		c.Remove(old)
		c.release(old)
	}
	return id
}

func (c *lruK) Next() uint32 {
	if !c.empty(lruOnce) {
		return c.back(lruOnce)
	}
	return c.often.Least()
}

func (c *lruK) Remove(id uint32) {
	i := &c.of[id]
	switch i.in {
	case lruOften:
		c.often.Remove(id)
		c.held--
	case lruOnce:
		c.unlink(id)
		c.held--
	case lruLeft:
		c.unlink(id)
		c.left--
	}
	i.in = lruNone
}
