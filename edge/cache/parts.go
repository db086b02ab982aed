// parts: lists whose entries' sizes are added up, which policies with limits for each
// are made of.
package cache

// parts are up to four lists of ids. Some of them may be memories: lists of those that
// have left.
type parts struct {
	rings
	lists   []uint8  // that an id is in, from 1; 0: none
	sizes   []int64  // by id; apart, as most questions are about the list alone
	used    [4]int64 // by each list
	release func(id uint32)
}

func newParts(lists uint32, release func(id uint32)) parts {
	return parts{rings: newRings(lists), release: release}
}

// take puts a newcomer at the front of a list.
func (p *parts) take(x Item, list uint8) {
	p.grow(x.ID)
	p.lists = grown(p.lists, x.ID)
	p.sizes = grown(p.sizes, x.ID)
	p.sizes[x.ID] = x.Size
	p.enter(x.ID, list)
}

// enter puts an id that is in no list at the front of one, its size as it is known.
func (p *parts) enter(id uint32, list uint8) {
	p.lists[id] = list + 1
	p.used[list] += p.sizes[id]
	p.front(uint32(list), id)
}

// in reports whether an id is in a list.
func (p *parts) in(id uint32, list uint8) bool {
	return int(id) < len(p.lists) && p.lists[id] == list+1
}

// Remove takes an id out of its list.
func (p *parts) Remove(id uint32) {
	p.used[p.lists[id]-1] -= p.sizes[id]
	p.lists[id] = 0
	p.unlink(id)
}

// drop takes the last of a list out, and forgets it.
func (p *parts) drop(list uint8) uint32 {
	id := p.back(uint32(list))
	p.Remove(id)
	p.release(id)
	return id
}

// remember puts who has left at the front of a memory of so much.
func (p *parts) remember(id uint32, list uint8, most int64) {
	size := p.sizes[id]
	if size > most {
		p.release(id)
		return
	}
	for p.used[list]+size > most {
		p.drop(list)
	}
	p.enter(id, list)
}

// recall takes a newcomer out of a memory, if it is there.
func (p *parts) recall(id uint32, list uint8) bool {
	if !p.in(id, list) {
		return false
	}
	p.Remove(id)
	return true
}
