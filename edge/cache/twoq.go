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
	parts
	inMax, mainMax, outMax int64 // limits of a1in, am and a1out
	coming                 int64 // the newcomer's size
	compat, again          bool  // again: the newcomer was in a1out
}

// The queues of twoQ.
const (
	a1in = iota
	am
	a1out
)

func newTwoQ(s Setup) Eviction {
	in := share(s.Capacity, 0.25)
	return &twoQ{parts: newParts(3, s.Release), inMax: in, mainMax: s.Capacity - in, outMax: share(s.Capacity, 0.5), compat: s.Compat}
}

func (c *twoQ) Admit(x Item) bool {
	c.again, c.coming = c.recall(x.ID, a1out), x.Size
	if c.compat && x.Size > c.inMax {
		if c.again {
			c.release(x.ID)
		}
		return false
	}
	return true
}

// Over implements Parted: who comes again may find am full.
func (c *twoQ) Over() bool { return c.again && c.used[am]+c.coming > c.mainMax && !c.empty(am) }

func (c *twoQ) Insert(x Item) bool {
	if c.again {
		c.again = false
		c.take(x, am)
	} else {
		c.take(x, a1in)
	}
	return true
}

func (c *twoQ) Hit(id uint32) {
	if c.in(id, am) {
		c.move(am, id)
	}
}

// leaving is the queue whose last leaves first.
func (c *twoQ) leaving() uint8 {
	if !c.empty(a1in) && (c.used[a1in] > c.inMax || c.empty(am)) {
		return a1in
	}
	return am
}

func (c *twoQ) Next() uint32 { return c.back(uint32(c.leaving())) }

func (c *twoQ) Victim() uint32 {
	if c.leaving() == a1in {
		id := c.back(a1in)
		c.Remove(id)
		c.remember(id, a1out, c.outMax)
		return id
	}
	return c.drop(am)
}
