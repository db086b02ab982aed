// table: which slot a name has, and what a slot says.
package replay

import "math/bits"

// table finds the names that are held or remembered. Each has a slot, whose number is
// small, used again, and stays as long as the name does. Those that a hash brings
// together are a chain: a name comes and goes by one number written, and no other moves.
type table struct {
	heads []uint32 // by hash: 1 + the first slot of a chain; 0: none
	shift uint8    // of a hash, to its chain
	slots []slot
	sizes []int64 // of what is held, by slot
	free  []uint32
	held  int // slots in use
}

// slot is what each request looks at: sizes are apart from it, so that more of it fits
// a processor's cache.
type slot struct {
	id   uint64
	next uint32 // 1 + the next slot of the chain; 0: none
	held bool   // false: the policy remembers it, or nobody has the slot
}

// crowd is the least number of chains for a name: most are alone in theirs.
const crowd = 2

func newTable() table {
	var t table
	t.resize(4)
	return t
}

// resize makes the table one of 1 << log chains.
func (t *table) resize(log int) {
	old := t.heads
	t.heads, t.shift = make([]uint32, 1<<log), uint8(64-log)
	for _, at := range old {
		for at != 0 {
			n := at - 1
			at = t.slots[n].next
			t.link(n)
		}
	}
}

func hash(id uint64) uint64 {
	hi, lo := bits.Mul64(id^0x9e3779b97f4a7c15, 0xa0761d6478bd642f)
	return hi ^ lo
}

// find returns the slot of a name that is held or remembered.
func (t *table) find(id uint64) (n uint32, known bool) {
	for at := t.heads[hash(id)>>t.shift]; at != 0; at = t.slots[at-1].next {
		if t.slots[at-1].id == id {
			return at - 1, true
		}
	}
	return 0, false
}

// take returns a slot for a name, which enters the table with enter, or gives it back.
func (t *table) take(id uint64) uint32 {
	if last := len(t.free) - 1; last >= 0 {
		n := t.free[last]
		t.free = t.free[:last]
		t.slots[n].id = id
		return n
	}
	t.slots = append(t.slots, slot{id: id})
	t.sizes = append(t.sizes, 0)
	return uint32(len(t.slots) - 1)
}

func (t *table) giveBack(n uint32) { t.free = append(t.free, n) }

// enter has a slot's name be found.
func (t *table) enter(n uint32) {
	t.held++
	if crowd*t.held > len(t.heads) {
		t.resize(bits.Len(uint(len(t.heads))))
	}
	t.link(n)
}

func (t *table) link(n uint32) {
	head := &t.heads[hash(t.slots[n].id)>>t.shift]
	t.slots[n].next = *head
	*head = n + 1
}

// drop takes a name out of the table and gives its slot back.
func (t *table) drop(n uint32) {
	at := &t.heads[hash(t.slots[n].id)>>t.shift]
	for *at != n+1 {
		at = &t.slots[*at-1].next
	}
	*at = t.slots[n].next
	t.held--
	t.giveBack(n)
}
