// Drawing from one entry of a catalog.
package load

import (
	"slices"

	"cdnlab/sim"
)

// Entry returns the entry that a scenario writes as path; false when there is
// none.
func (c *Catalog) Entry(path string) (int32, bool) {
	p := newPattern(path)
	if p.numbered {
		return c.paths.numbered.get(ends{p.prefix, p.suffix})
	}
	return c.paths.plain.get(p.prefix)
}

// Draw draws an object of an entry by its popularity.
func (c *Catalog) Draw(entry int32, roll *sim.Roll) Object {
	return Object{entry, int32(c.families[entry].rank.pick(roll))}
}

// DrawSome appends n objects of an entry to a list, each another one as long as
// there are others: in the place of one that was drawn already comes the next
// by number.
func (c *Catalog) DrawSome(list []Object, entry int32, n int, roll *sim.Roll) []Object {
	from, objects := len(list), c.families[entry].rank.n
	for i := range n {
		o := c.Draw(entry, roll)
		for i < objects && slices.Contains(list[from:], o) {
			o.Number = o.Number%int32(objects) + 1
		}
		list = append(list, o)
	}
	return list
}
