// W-TinyLFU: who leaves a small window comes into the main part only if it came more
// often than who would leave that.
package cache

func init() {
	Evictions.Add("w-tinylfu", "a newcomer must have come more often than whom it drives out (ToS 2017)", newTinyLFU)
}

// tinyLFU is that of G. Einziger, R. Friedman, B. Manes, TinyLFU (ACM Transactions on
// Storage 2017): a hundredth of the capacity for a window by LRU, the rest by LRU in
// two segments, of one and four fifths. How often keys came is known to a sketch, which
// forgets half of it after 32 hits in the main part for each entry that this can hold.
// As in libCacheSim only hits there, newcomers, and who comes to the end of the window
// are counted.
//
// Compat is libCacheSim's: what is larger than the window does not come in, and when
// the window's last has driven out another the next one tries, too, although there is
// room. The main part's segments are compat, too.
type tinyLFU struct {
	window    lru
	windowMax int64
	main      *slru
	mainUsed  int64
	mainMax   int64
	of        []tinyItem
	entries   int
	counts    sketch
	since     int64    // the last aging, in hits
	gone      []uint32 // have left, and nobody was told yet
	compat    bool
	release   func(id uint32)
}

type tinyItem struct {
	key  uint64
	size int64
	main bool
}

// tinySample is how many hits for each entry make the sketch forget half.
const tinySample = 32

func newTinyLFU(s Setup) Eviction {
	window := share(s.Capacity, 0.01)
	main := s.Capacity - window
	kept := Setup{Capacity: main, Compat: s.Compat, Release: func(uint32) {}}
	t := &tinyLFU{window: lru{fifo{queue: newRings(1), release: func(uint32) {}}}, windowMax: window,
		main: newSegments(kept, share(main, 0.2), share(main, 0.8)), mainMax: main, compat: s.Compat, release: s.Release, counts: newSketch(0)}
	if s.Compat {
		t.counts = newSketch(main)
	}
	return t
}

func (c *tinyLFU) Admit(x Item) bool { return !c.compat || x.Size <= c.windowMax && c.main.Admit(x) }

func (c *tinyLFU) Insert(x Item) bool {
	c.of = grown(c.of, x.ID)
	c.of[x.ID] = tinyItem{key: x.Key, size: x.Size}
	c.entries++
	if !c.compat {
		c.counts.room(c.entries)
	}
	c.window.Insert(x)
	c.counts.add(x.Key)
	return true
}

func (c *tinyLFU) Hit(id uint32) {
	x := &c.of[id]
	if !x.main {
		c.window.Hit(id)
		return
	}
	c.main.Hit(id)
	for c.main.Over() {
		c.leaves(c.main.Next())
	}
	c.counts.add(x.key)
	limit := tinySample * int64(c.entries)
	if c.compat {
		limit = tinySample * c.mainMax
	}
	if c.since++; c.since >= limit {
		c.since = 0
		c.counts.age()
	}
}

// Over implements Parted.
func (c *tinyLFU) Over() bool { return len(c.gone) > 0 }

func (c *tinyLFU) Victim() uint32 {
	if len(c.gone) == 0 {
		c.evict()
	}
	id := c.gone[0]
	c.gone = c.gone[:copy(c.gone, c.gone[1:])]
	c.release(id)
	return id
}

// evict has the window's last ones come into the main part, or leave, until somebody
// has left.
func (c *tinyLFU) evict() {
	for {
		id, there := c.candidate()
		if !there {
			c.leaves(c.main.Next())
			return
		}
		x := c.of[id]
		if !c.wins(x.key) {
			c.leaves(id)
			c.counts.add(x.key)
			return
		}
		c.leaves(c.main.Next())
		for c.mainUsed+x.size > c.mainMax && c.main.crowded(x.size) {
			c.leaves(c.main.Next())
		}
		c.pass(id)
		if !c.compat {
			return
		}
	}
}

func (c *tinyLFU) Next() uint32 {
	if len(c.gone) > 0 {
		return c.gone[0]
	}
	if id, there := c.candidate(); there && !c.wins(c.of[id].key) {
		return id
	}
	return c.main.Next()
}

// candidate has the window's last ones come into the main part as long as that has
// room, and returns the next.
func (c *tinyLFU) candidate() (id uint32, there bool) {
	for !c.window.queue.empty(0) {
		id := c.window.queue.back(0)
		if c.mainUsed+c.of[id].size > c.mainMax {
			return id, true
		}
		c.pass(id)
	}
	return 0, false
}

// wins reports whether a candidate came more often than who would leave the main part
// for it.
func (c *tinyLFU) wins(key uint64) bool {
	return c.mainUsed > 0 && c.counts.estimate(key) > c.counts.estimate(c.of[c.main.Next()].key)
}

// leaves takes an entry out. It is told of in time.
func (c *tinyLFU) leaves(id uint32) {
	c.Remove(id)
	c.gone = append(c.gone, id)
}

// pass takes an entry from the window into the main part.
func (c *tinyLFU) pass(id uint32) {
	x := &c.of[id]
	c.window.Remove(id)
	x.main = true
	c.mainUsed += x.size
	c.main.Insert(Item{ID: id, Key: x.key, Size: x.size})
	c.counts.add(x.key)
}

func (c *tinyLFU) Remove(id uint32) {
	x := c.of[id]
	c.entries--
	if !x.main {
		c.window.Remove(id)
		return
	}
	c.mainUsed -= x.size
	c.main.Remove(id)
}
