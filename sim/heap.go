// The engine's 4-ary heap of entries. container/heap boxes its values and a
// timing wheel loses the exact order; this does neither.
package sim

const arity = 4

func (a entry) before(b entry) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

func (e *Engine) push(x entry) {
	if e.spent {
		e.spent = false
		e.put(0, x)
		e.down(0)
		return
	}
	e.heap = append(e.heap, x)
	e.up(len(e.heap) - 1)
}

// remove takes entry i out of the heap.
func (e *Engine) remove(i int) {
	last := len(e.heap) - 1
	moved := e.heap[last]
	e.heap = e.heap[:last]
	if i == last {
		return
	}
	e.put(i, moved)
	if !e.down(i) {
		e.up(i)
	}
}

func (e *Engine) put(i int, x entry) {
	e.heap[i] = x
	e.slots[x.slot].pos = int32(i)
}

func (e *Engine) up(i int) {
	x := e.heap[i]
	for i > 0 {
		parent := (i - 1) / arity
		if !x.before(e.heap[parent]) {
			break
		}
		e.put(i, e.heap[parent])
		i = parent
	}
	e.put(i, x)
}

// down sinks entry i and reports whether it moved.
func (e *Engine) down(i int) bool {
	x, start, n := e.heap[i], i, len(e.heap)
	for {
		first := arity*i + 1
		if first >= n {
			break
		}
		least := first
		for c := first + 1; c < min(first+arity, n); c++ {
			if e.heap[c].before(e.heap[least]) {
				least = c
			}
		}
		if !e.heap[least].before(x) {
			break
		}
		e.put(i, e.heap[least])
		i = least
	}
	e.put(i, x)
	return i != start
}
