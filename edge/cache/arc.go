// ARC: two lists, of those used once and of those used again, that share the room as
// it has proved right.
package cache

func init() {
	Evictions.Add("arc", "balances who came lately against who comes again, by what it was wrong about (FAST 2003)", newARC)
}

// arc is that of N. Megiddo, D. S. Modha, ARC (FAST 2003). With sizes, the lists and
// what they remember are counted in bytes, and as much is remembered as would fit.
// The ratio by which the target moves is a real number.
type arc struct {
	parts
	target   float64 // p, of t1
	capacity int64
	size     int64 // of the newcomer
	from     uint8 // where the newcomer was remembered; or arcNew
}

// The lists of arc.
const (
	arcT1 = iota // used once
	arcT2        // used again
	arcB1        // left t1
	arcB2        // left t2
	arcNew
)

func newARC(s Setup) Eviction {
	return &arc{parts: newParts(4, s.Release), capacity: s.Capacity}
}

func (c *arc) Admit(x Item) bool {
	c.size, c.from = x.Size, arcNew
	for _, b := range []uint8{arcB1, arcB2} {
		if c.in(x.ID, b) {
			c.learn(b)
			c.Remove(x.ID)
			c.from = b
		}
	}
	return true
}

// learn moves the target towards the list that somebody left too early.
func (c *arc) learn(in uint8) {
	b1, b2 := float64(c.used[arcB1]), float64(c.used[arcB2])
	if in == arcB1 {
		c.target = min(c.target+max(b2/b1, 1), float64(c.capacity))
		return
	}
	c.target = max(c.target-max(b1/b2, 1), 0)
}

func (c *arc) Insert(x Item) bool {
	if c.from == arcNew {
		c.take(x, arcT1)
	} else {
		c.take(x, arcT2)
	}
	return true
}

func (c *arc) Hit(id uint32) {
	if c.in(id, arcT2) {
		c.move(arcT2, id)
		return
	}
	c.Remove(id)
	c.enter(id, arcT2)
}

func (c *arc) Next() uint32 {
	if c.from == arcNew && c.used[arcT1]+c.used[arcB1]+c.size > c.capacity && c.empty(arcB1) && !c.empty(arcT1) {
		return c.back(arcT1)
	}
	return c.back(uint32(c.leaving()))
}

// Victim is the paper's case IV for who is new, else its REPLACE alone.
func (c *arc) Victim() uint32 {
	switch {
	case c.from != arcNew:
	case c.used[arcT1]+c.used[arcB1]+c.size > c.capacity:
		if c.empty(arcB1) && !c.empty(arcT1) {
			return c.drop(arcT1)
		}
		c.forget(arcB1)
	case c.used[arcT1]+c.used[arcB1]+c.used[arcT2]+c.used[arcB2] >= 2*c.capacity:
		c.forget(arcB2)
	}
	return c.replace()
}

// forget drops the last of those remembered, if there is one.
func (c *arc) forget(k uint8) {
	if !c.empty(uint32(k)) {
		c.drop(k)
	}
}

// leaving is the list that is too long for the target.
func (c *arc) leaving() uint8 {
	t1 := float64(c.used[arcT1])
	if !c.empty(arcT1) && (t1 > c.target || t1 == c.target && c.from == arcB2) || c.empty(arcT2) {
		return arcT1
	}
	return arcT2
}

// replace takes one out of t1 or t2, and remembers it.
func (c *arc) replace() uint32 {
	in := c.leaving()
	id := c.back(uint32(in))
	c.Remove(id)
	c.enter(id, in+2) // to b1 or b2
	return id
}
