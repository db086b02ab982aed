// rings: circular lists of ids, which most policies are made of.
package cache

// rings are lists in one flat array. The first nodes are the fixed points, one of
// each list; id i is the node behind them. A list leads by next from its front to
// its back.
type rings struct {
	links []link
	fixed uint32
}

type link struct{ next, prev uint32 }

func newRings(n uint32) rings {
	r := rings{links: make([]link, n), fixed: n}
	for k := range n {
		r.links[k] = link{k, k}
	}
	return r
}

// grow makes room for an id.
func (r *rings) grow(id uint32) {
	for int(id+r.fixed) >= len(r.links) {
		r.links = append(r.links, link{})
	}
}

// front puts an id that is in no list at the front of list k.
func (r *rings) front(k, id uint32) {
	n := id + r.fixed
	first := r.links[k].next
	r.links[n] = link{first, k}
	r.links[first].prev, r.links[k].next = n, n
}

// unlink takes an id out of its list.
func (r *rings) unlink(id uint32) {
	l := r.links[id+r.fixed]
	r.links[l.prev].next, r.links[l.next].prev = l.next, l.prev
}

// move takes an id to the front of list k.
func (r *rings) move(k, id uint32) {
	if r.links[k].next != id+r.fixed {
		r.unlink(id)
		r.front(k, id)
	}
}

func (r *rings) empty(k uint32) bool { return r.links[k].next == k }

// back returns the id at the back of list k, which must not be empty.
func (r *rings) back(k uint32) uint32 {
	n := r.links[k].prev
	if n < r.fixed {
		panic("cache: the policy has no victim")
	}
	return n - r.fixed
}

// pop takes the id at the back of list k out.
func (r *rings) pop(k uint32) uint32 {
	id := r.back(k)
	r.unlink(id)
	return id
}
