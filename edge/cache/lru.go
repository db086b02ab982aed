// LRU: the entry that was not used for longest leaves first.
package cache

func init() {
	Evictions.Add("lru", "evicts what was not used for the longest time", newLRU)
}

// lru is a ring of ids in flat arrays: node 0 is its fixed point, so id i is
// node i+1; next leads from the most recently used to the least.
type lru struct {
	next, prev []uint32
	release    func(id uint32)
}

var _ Eviction = (*lru)(nil)

func newLRU(_ int64, release func(id uint32)) Eviction {
	return &lru{next: []uint32{0}, prev: []uint32{0}, release: release}
}

func (l *lru) Admit(uint32, int64) bool { return true }

func (l *lru) Insert(id uint32, _ int64) {
	for int(id)+1 >= len(l.next) {
		l.next = append(l.next, 0)
		l.prev = append(l.prev, 0)
	}
	l.front(id + 1)
}

func (l *lru) Hit(id uint32) {
	if l.next[0] != id+1 {
		l.unlink(id + 1)
		l.front(id + 1)
	}
}

func (l *lru) Victim() uint32 {
	node := l.prev[0]
	if node == 0 {
		panic("cache: lru has no victim")
	}
	l.unlink(node)
	l.release(node - 1)
	return node - 1
}

func (l *lru) Remove(id uint32) { l.unlink(id + 1) }

func (l *lru) unlink(node uint32) {
	l.next[l.prev[node]] = l.next[node]
	l.prev[l.next[node]] = l.prev[node]
}

func (l *lru) front(node uint32) {
	first := l.next[0]
	l.next[node], l.prev[node] = first, 0
	l.prev[first], l.next[0] = node, node
}
