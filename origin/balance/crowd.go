// The least of many and all who have it.
package balance

import (
	"math"
	"math/bits"
)

// crowd finds the least key of many, and those who have it, by 64 of them at a time.
type crowd struct {
	keys   []uint64
	groups []group
}

// group is of 64 in a row, or as many as there are.
type group struct {
	least uint64
	who   uint64 // bits of those who have it; none when it is nobody
}

// nobody is the key of who does not count.
const nobody = math.MaxUint64

// set gives i a key. It takes as long whatever there are of others, but when nobody is left in a
// group who has its least: then it looks at the keys of that.
func (c *crowd) set(i int, key uint64) {
	for len(c.keys) <= i {
		if len(c.keys)%64 == 0 {
			c.groups = append(c.groups, group{nobody, 0})
		}
		c.keys = append(c.keys, nobody)
	}
	g, bit := &c.groups[i/64], uint64(1)<<(i%64)
	c.keys[i] = key
	switch {
	case key < g.least:
		g.least, g.who = key, bit
	case key > g.least:
		if g.who &^= bit; g.who == 0 {
			g.look(c.keys[i&^63 : min(i|63, len(c.keys)-1)+1])
		}
	case key != nobody:
		g.who |= bit
	}
}

// look finds the least of a group anew.
func (g *group) look(keys []uint64) {
	least, who := uint64(nobody), uint64(0)
	for i, key := range keys { // without a branch, which would be guessed wrong half the time
		_, less := bits.Sub64(key, least, 0)
		_, more := bits.Sub64(least, key, 0)
		who = who&(less-1) | (1-more)<<i
		least = min(least, key)
	}
	if *g = (group{least, who}); least == nobody {
		g.who = 0
	}
}

// least returns the least key, and how many have it.
func (c *crowd) least() (key uint64, count int) {
	key = nobody
	for i := range c.groups {
		switch g := &c.groups[i]; {
		case g.least < key:
			key, count = g.least, bits.OnesCount64(g.who)
		case g.least == key:
			count += bits.OnesCount64(g.who)
		}
	}
	return key, count
}

// each calls f for those with a key that is the least, in their order.
func (c *crowd) each(key uint64, f func(i int)) {
	for i := range c.groups {
		if g := &c.groups[i]; g.least == key {
			for who := g.who; who != 0; who &= who - 1 {
				f(i*64 + bits.TrailingZeros64(who))
			}
		}
	}
}

// nth returns the one of those with the least key that k others stand before.
func (c *crowd) nth(key uint64, k int) int {
	for i := range c.groups {
		g := &c.groups[i]
		if g.least != key {
			continue
		}
		n := bits.OnesCount64(g.who)
		if k >= n {
			k -= n
			continue
		}
		who := g.who
		for ; k > 0; k-- {
			who &= who - 1
		}
		return i*64 + bits.TrailingZeros64(who)
	}
	panic("balance: there are not so many with the least key")
}
