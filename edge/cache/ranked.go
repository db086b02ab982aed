// Ranked: ids by a rank, the least of which leaves first.
package cache

// Ranked is a heap of ids. Of equal ranks the one that was ranked first is the least.
// The zero Ranked is empty. Not safe for concurrent use.
type Ranked struct {
	heap []rank
	at   []uint32 // 1 + place in the heap, by id; 0: none
	seq  uint64
}

type rank struct {
	value float64
	seq   uint64
	id    uint32
}

func (a rank) before(b rank) bool { return a.value < b.value || a.value == b.value && a.seq < b.seq }

// Set gives an id, new or not, a rank as of now.
func (r *Ranked) Set(id uint32, value float64) {
	r.at = grown(r.at, id)
	r.seq++
	x := rank{value, r.seq, id}
	if r.at[id] == 0 {
		r.heap = append(r.heap, x)
		r.up(len(r.heap)-1, x)
		return
	}
	r.place(int(r.at[id]-1), x)
}

// place puts x where i is, and where it belongs from there.
func (r *Ranked) place(i int, x rank) {
	if i > 0 && x.before(r.heap[(i-1)/4]) {
		r.up(i, x)
		return
	}
	r.down(i, x)
}

func (r *Ranked) up(i int, x rank) {
	for i > 0 {
		parent := (i - 1) / 4
		if !x.before(r.heap[parent]) {
			break
		}
		r.put(i, r.heap[parent])
		i = parent
	}
	r.put(i, x)
}

func (r *Ranked) down(i int, x rank) {
	for n := len(r.heap); ; {
		first := 4*i + 1
		if first >= n {
			break
		}
		least := first
		for c := first + 1; c < min(first+4, n); c++ {
			if r.heap[c].before(r.heap[least]) {
				least = c
			}
		}
		if !r.heap[least].before(x) {
			break
		}
		r.put(i, r.heap[least])
		i = least
	}
	r.put(i, x)
}

func (r *Ranked) put(i int, x rank) {
	r.heap[i] = x
	r.at[x.id] = uint32(i + 1)
}

func (r *Ranked) least() rank {
	if len(r.heap) == 0 {
		panic("cache: the policy has no victim")
	}
	return r.heap[0]
}

// Least returns who has the least rank.
func (r *Ranked) Least() uint32 { return r.least().id }

// Remove takes an id out, if it is in.
func (r *Ranked) Remove(id uint32) {
	if int(id) >= len(r.at) || r.at[id] == 0 {
		return
	}
	i := int(r.at[id] - 1)
	last := len(r.heap) - 1
	moved := r.heap[last]
	r.heap = r.heap[:last]
	r.at[id] = 0
	if i < last {
		r.place(i, moved)
	}
}
