// LIRS: entries used again after few others stay; the rest pass through a small queue.
package cache

func init() {
	Evictions.Add("lirs", "keeps what came again after few others (low inter-reference recency); a hundredth is for the rest (SIGMETRICS 2002)", newLIRS)
}

// lirs is that of S. Jiang, X. Zhang, LIRS (SIGMETRICS 2002). Its stack holds who was
// used lately, some of whom have left; those that are low in it at the time of their
// use are kept (LIR). Who is not passes through a queue of a hundredth of the capacity.
// The stack remembers as many as take twice the capacity.
//
// An entry larger than the queue cannot pass through it, and does not come in, unless
// the stack remembers it: the paper has one size for all.
//
// Compat is libCacheSim's: at a hit on an entry that the stack has lost, LIR ones go to
// the queue until there would be room for it among them, although it stays in the queue.
// What they drive out of it may be the entry itself, which counts as held from then on,
// without a size, until it is used or leaves the stack. And who is remembered comes back
// with the size that it had. (With sizes, libCacheSim then goes on reading the size of
// such an entry after it has freed it: where other memory has come to stand there, it
// stops earlier, and the counts differ by a few misses.)
type lirs struct {
	stack rings // used lately, held or not
	queue rings // held, and not LIR
	left  rings // in the stack, and not held, by when they left

	of                        []lirsItem
	low, high, depth          int64 // used: by LIR, by the queue, by all in the stack
	lowMax, highMax, depthMax int64
	size                      int64 // of the newcomer
	again                     bool  // the stack remembers the newcomer
	compat                    bool
	using                     uint32 // who is hit and lost by the stack, with compat; or none
	weigh                     func(id uint32, size int64)
	gone                      []uint32
	release                   func(id uint32)
}

type lirsItem struct {
	size                             int64
	low, held, stacked, queued, gone bool // gone: it has left, and nobody was told yet
}

func newLIRS(s Setup) Eviction {
	high := max(1, share(s.Capacity, 0.01))
	return &lirs{stack: newRings(1), queue: newRings(1), left: newRings(1),
		lowMax: s.Capacity - high, highMax: high, depthMax: 2 * s.Capacity,
		compat: s.Compat && s.Weigh != nil, using: none, weigh: s.Weigh, release: s.Release}
}

func (c *lirs) Admit(x Item) bool {
	c.stack.grow(x.ID)
	c.queue.grow(x.ID)
	c.left.grow(x.ID)
	c.of = grown(c.of, x.ID)
	i := &c.of[x.ID]
	c.size, c.again = x.Size, i.stacked
	switch {
	case c.again:
		c.stack.move(0, x.ID)
		for c.low+i.size > c.lowMax && !c.stack.empty(0) {
			c.demote()
		}
		c.left.unlink(x.ID)
		return true
	case x.Size > c.lowMax || x.Size > c.highMax:
		c.limit()
		return false
	case c.low+x.Size > c.lowMax:
		c.drain(x.Size)
	}
	return true
}

func (c *lirs) Insert(x Item) bool {
	i := &c.of[x.ID]
	switch {
	case c.again:
		i.low, i.held = true, true
		c.low += i.size
		if c.compat {
			c.weigh(x.ID, i.size)
		}
	case c.low+x.Size <= c.lowMax:
		*i = lirsItem{size: x.Size, low: true, held: true}
		c.low += x.Size
		c.stackUp(x.ID)
	default:
		*i = lirsItem{size: x.Size, held: true}
		c.stackUp(x.ID)
		c.queueUp(x.ID)
	}
	c.again = false
	c.limit()
	return true
}

func (c *lirs) Hit(id uint32) {
	i := &c.of[id]
	if i.queued {
		c.queue.move(0, id)
	}
	switch {
	case !i.stacked:
		if c.compat {
			c.crowd(id)
		}
		c.stackUp(id)
	case i.low:
		c.stack.move(0, id)
		c.prune()
	default:
		c.stack.move(0, id)
		c.promote(id)
	}
	c.limit()
}

// crowd makes room among the LIR ones for an entry of the queue, which does not take it.
func (c *lirs) crowd(id uint32) {
	c.using = id
	for c.low+c.of[id].size > c.lowMax {
		c.demote()
	}
	c.using = none
}

// promote makes an entry of the queue one that is kept.
func (c *lirs) promote(id uint32) {
	i := &c.of[id]
	if i.queued {
		c.dequeue(id)
	} else {
		c.weigh(id, i.size)
	}
	for c.low+i.size > c.lowMax {
		c.demote()
	}
	i.low = true
	c.low += i.size
}

// demote has the lowest of the stack, which is LIR, go to the queue: or leave, when it
// is larger than that.
func (c *lirs) demote() {
	id := c.stack.back(0)
	i := &c.of[id]
	i.low = false
	c.low -= i.size
	c.unstack(id)
	if i.size <= c.highMax {
		c.drain(i.size)
		c.queueUp(id)
	} else {
		c.leaves(id)
	}
	c.prune()
}

// drain has the last of the queue leave until there is room for so much.
func (c *lirs) drain(size int64) {
	for c.high+size > c.highMax && !c.queue.empty(0) {
		c.expel()
	}
}

// expel has the last of the queue leave; the stack may remember it.
func (c *lirs) expel() {
	id := c.queue.back(0)
	c.dequeue(id)
	if id == c.using {
		c.weigh(id, 0)
		return
	}
	c.leaves(id)
}

// leaves takes an entry out. It is told of in time.
func (c *lirs) leaves(id uint32) {
	i := &c.of[id]
	i.held, i.gone = false, true
	if i.stacked {
		c.left.front(0, id)
	}
	c.gone = append(c.gone, id)
}

// prune takes off the stack who lies below the lowest LIR.
func (c *lirs) prune() {
	for !c.stack.empty(0) {
		id := c.stack.back(0)
		if c.of[id].low || c.stack.links[0].next == c.stack.links[0].prev {
			return
		}
		c.forget(id)
	}
}

// forget takes an entry off the stack; who is not held is remembered no more.
func (c *lirs) forget(id uint32) {
	i := &c.of[id]
	c.unstack(id)
	switch {
	case !i.held:
		c.left.unlink(id)
		if !i.gone {
			c.release(id)
		}
	case !i.queued: // it only counted as held
		c.leaves(id)
	}
}

// limit bounds the stack.
func (c *lirs) limit() {
	for c.depth > c.depthMax && !c.left.empty(0) {
		c.forget(c.left.back(0))
	}
}

func (c *lirs) stackUp(id uint32) {
	c.stack.front(0, id)
	c.of[id].stacked = true
	c.depth += c.of[id].size
}

func (c *lirs) unstack(id uint32) {
	c.stack.unlink(id)
	c.of[id].stacked = false
	c.depth -= c.of[id].size
}

func (c *lirs) queueUp(id uint32) {
	c.queue.front(0, id)
	c.of[id].queued = true
	c.high += c.of[id].size
}

func (c *lirs) dequeue(id uint32) {
	c.queue.unlink(id)
	c.of[id].queued = false
	c.high -= c.of[id].size
}

// Over implements Parted.
func (c *lirs) Over() bool { return len(c.gone) > 0 }

func (c *lirs) Next() uint32 {
	switch {
	case len(c.gone) > 0:
		return c.gone[0]
	case c.queue.empty(0):
		return c.stack.back(0) // LIR, and nobody passes through the queue now
	}
	return c.queue.back(0)
}

func (c *lirs) Victim() uint32 {
	if len(c.gone) == 0 {
		c.evict()
	}
	id := c.gone[0]
	c.gone = c.gone[:copy(c.gone, c.gone[1:])]
	i := &c.of[id]
	i.gone = false
	if !i.stacked {
		c.release(id)
	}
	return id
}

func (c *lirs) evict() {
	for c.again && c.low > 0 && len(c.gone) == 0 {
		for c.high >= c.highMax && !c.queue.empty(0) {
			c.expel()
		}
		c.demote()
	}
	if len(c.gone) > 0 {
		return
	}
	if c.queue.empty(0) {
		c.demote() // nobody passes through the queue now
	}
	if len(c.gone) == 0 {
		c.expel()
	}
}

func (c *lirs) Remove(id uint32) {
	i := &c.of[id]
	if i.low {
		c.low -= i.size
		i.low = false
	}
	if i.queued {
		c.dequeue(id)
	}
	if i.stacked {
		c.unstack(id)
		if !i.held {
			c.left.unlink(id)
		}
	}
	i.held = false
	c.prune()
}
