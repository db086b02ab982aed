// LHD: the entry that promises the fewest hits for the room it takes leaves first.
package cache

import (
	"math/bits"
	"math/rand/v2"
)

func init() {
	Evictions.Add("lhd", "evicts what promises the fewest hits for the room and time it takes, learnt from ages (NSDI 2018)", newLHD)
}

// lhd is that of N. Beckmann, H. Chen, A. Cidon, LHD: Improving Cache Hit Rate by
// Maximizing Hit Density (NSDI 2018). Time counts in requests. It learns how entries
// that were hit at some ages before fare at each age: hits per time that they go on to
// take room for. Of a few entries by chance, the one with the least of that for its
// size leaves.
//
// As in the authors' program: 32 are drawn, entries are told apart by 16 classes of the
// sum of their last two ages at a hit, what was learnt counts for 0.9 when it is
// learnt anew, and before that a young age is worth more than an old one. Ages are
// coarsened so that 256 of them cover several lives of an entry; the paper has more of
// them, and rarely changes how coarse they are.
type lhd struct {
	all     []uint32 // those held, without gaps
	of      []lhdItem
	classes [lhdClasses]lhdClass
	clock   uint64
	coarse  uint8 // ages are clock >> coarse
	due     uint64
	next    uint32 // who was found worst and is still there; or none
	dice    *rand.Rand
	release func(id uint32)
}

type lhdItem struct {
	at    uint64 // the last use
	ages  [2]uint64
	size  int64
	place uint32
}

type lhdClass struct{ hits, evictions, density [lhdAges]float64 }

const (
	lhdClasses = 16
	lhdAges    = 256
	lhdDraws   = 32
	lhdDecay   = 0.9
	lhdLearn   = 1 << 14 // requests, at the least, from learning to learning
)

func newLHD(s Setup) Eviction {
	c := &lhd{dice: s.Dice, release: s.Release, due: lhdLearn, next: none}
	for k := range c.classes {
		for age := range lhdAges {
			c.classes[k].density[age] = float64(k+1) / float64(age+1)
		}
	}
	return c
}

func (c *lhd) Admit(Item) bool { return true }

func (c *lhd) Insert(x Item) bool {
	c.tick()
	c.of = grown(c.of, x.ID)
	c.of[x.ID] = lhdItem{at: c.clock, size: x.Size, place: uint32(len(c.all))}
	c.all = append(c.all, x.ID)
	return true
}

// tick is a request.
func (c *lhd) tick() {
	if c.clock++; c.clock >= c.due {
		c.learn()
		c.due = c.clock + uint64(max(lhdLearn, len(c.all)))
	}
}

func (c *lhd) Hit(id uint32) {
	c.tick()
	x := &c.of[id]
	c.classes[x.class()].hits[c.age(x)]++
	x.ages = [2]uint64{c.clock - x.at, x.ages[0]}
	x.at = c.clock
}

// class tells entries apart by how soon they were used again, the last two times; 0:
// never yet.
func (x *lhdItem) class() int {
	sum := x.ages[0] + x.ages[1]
	if sum == 0 {
		return 0
	}
	return max(1, lhdClasses-bits.Len64(sum))
}

func (c *lhd) age(x *lhdItem) int { return int(min((c.clock-x.at)>>c.coarse, lhdAges-1)) }

func (c *lhd) Next() uint32 {
	if c.next == none {
		c.next = c.worst()
	}
	return c.next
}

// worst draws.
func (c *lhd) worst() uint32 {
	worst, least := none, 0.0
	for range lhdDraws {
		id := c.all[c.dice.IntN(len(c.all))]
		x := &c.of[id]
		density := c.classes[x.class()].density[c.age(x)] / float64(x.size)
		if worst == none || density < least {
			worst, least = id, density
		}
	}
	return worst
}

func (c *lhd) Victim() uint32 {
	worst := c.Next()
	x := &c.of[worst]
	c.classes[x.class()].evictions[c.age(x)]++
	c.Remove(worst)
	c.release(worst)
	return worst
}

func (c *lhd) Remove(id uint32) {
	if id == c.next {
		c.next = none
	}
	place, last := c.of[id].place, c.all[len(c.all)-1]
	c.all[place], c.of[last].place = last, place
	c.all = c.all[:len(c.all)-1]
}

// learn works out what each age promises from what became of entries, and lets that
// count for less from now on.
func (c *lhd) learn() {
	ends, late := 0.0, 0.0
	for k := range c.classes {
		events, hits, lives := 0.0, 0.0, 0.0
		class := &c.classes[k]
		for age := lhdAges - 1; age >= 0; age-- {
			hits += class.hits[age]
			events += class.hits[age] + class.evictions[age]
			lives += events
			class.density[age] = 0
			if events > 0.01 {
				class.density[age] = hits / lives
			}
			ends += class.hits[age] + class.evictions[age]
			if age == lhdAges-1 {
				late += class.hits[age] + class.evictions[age]
			}
			class.hits[age] *= lhdDecay
			class.evictions[age] *= lhdDecay
		}
	}
	if late > 0.01*ends && c.coarse < 40 {
		c.coarsen()
	}
}

// coarsen halves the number of ages that a time takes.
func (c *lhd) coarsen() {
	c.coarse++
	for k := range c.classes {
		class := &c.classes[k]
		for age := range lhdAges / 2 {
			class.hits[age] = class.hits[2*age] + class.hits[2*age+1]
			class.evictions[age] = class.evictions[2*age] + class.evictions[2*age+1]
			class.density[age] = class.density[2*age] + class.density[2*age+1]
		}
		clear(class.hits[lhdAges/2:])
		clear(class.evictions[lhdAges/2:])
		clear(class.density[lhdAges/2:])
	}
}
