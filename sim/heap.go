// What is scheduled, in its order: the next few in a sorted front, the rest in a
// 4-ary heap. container/heap boxes its values and a timing wheel loses the exact
// order; this does neither.
package sim

import "slices"

const (
	arity     = 4
	frontMost = 32 // more, and to find a place in it takes longer than in the heap
	fewDead   = 64 // stopped events that are not worth a look
)

func (x entry) before(y entry) bool { return x.at < y.at || x.at == y.at && x.order < y.order }

// put takes an event in. Most are due before most others, as what is far off are
// the time limits: their place in front is soon found.
func (e *Engine) put(x entry) {
	if e.near == frontMost || len(e.heap) > 0 && !x.before(e.heap[0]) {
		e.putFar(x)
		return
	}
	i := e.near
	e.near++
	for ; i > 0 && e.front[i-1].before(x); i-- {
		e.front[i] = e.front[i-1]
	}
	e.front[i] = x
}

// putFar takes in an event that belongs into the heap, or has no room in front.
func (e *Engine) putFar(x entry) {
	if len(e.heap) > 0 && !x.before(e.heap[0]) {
		e.push(x)
		return
	}
	e.spill()
	e.put(x)
}

// spill moves the latter half of the front into the heap.
func (e *Engine) spill() {
	const half = frontMost / 2
	for i := half - 1; i >= 0; i-- {
		e.push(e.front[i])
	}
	e.near = copy(e.front[:], e.front[half:])
}

// ready makes sure that the next event stands in front; false when there is none.
func (e *Engine) ready() bool { return e.near > 0 || e.refill() }

// refill moves the first of the heap into the empty front.
func (e *Engine) refill() bool {
	for e.near < frontMost/2 && len(e.heap) > 0 {
		e.front[e.near] = e.pop()
		e.near++
	}
	slices.Reverse(e.front[:e.near])
	return e.near > 0
}

// push puts an entry into the heap.
func (e *Engine) push(x entry) {
	e.heap = append(e.heap, x)
	h := e.heap
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / arity
		if !x.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = x
}

// pop takes the first entry out of the heap.
func (e *Engine) pop() entry {
	top, last := e.heap[0], len(e.heap)-1
	x := e.heap[last]
	e.heap = e.heap[:last]
	if last > 0 {
		e.down(0, x)
	}
	return top
}

// down puts x into the place of entry i, or below.
func (e *Engine) down(i int, x entry) {
	h := e.heap
	for {
		first := arity*i + 1
		if first >= len(h) {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, len(h)); c++ {
			if h[c].before(h[least]) {
				least = c
			}
		}
		if !h[least].before(x) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = x
}

// sweep takes the stopped events out of front and heap when they are the most
// there.
func (e *Engine) sweep() {
	if e.dead < fewDead || 2*e.dead < e.near+len(e.heap) {
		return
	}
	gone := func(x entry) bool { return x.lane() == noLane && e.slots[x.slot].gen != x.gen }
	e.near = len(slices.DeleteFunc(e.front[:e.near], gone))
	e.heap = slices.DeleteFunc(e.heap, gone)
	for i := (len(e.heap) - 2) / arity; i >= 0 && len(e.heap) > 0; i-- {
		e.down(i, e.heap[i])
	}
	e.dead = 0
}
