// LFU: the entry that was used least often leaves first.
package cache

func init() {
	Evictions.Add("lfu", "evicts what was used least often; what was popular once stays", func(s Setup) Eviction {
		return &lfu{release: s.Release, steps: []step{{}}}
	})
}

// lfu takes the same time for any number of entries: K. Shah, A. Mitra, D. Matani, An
// O(1) algorithm for implementing the LFU cache eviction scheme (2010). Among those
// used equally often, the one that came to that number first leaves. A number is
// forgotten with its entry.
type lfu struct {
	uses    []use
	steps   []step // one for each number of uses that there is; 0 is the fixed point of their ring
	free    []uint32
	release func(id uint32)
}

// use is an entry among those of its step, newest last; next and prev are ids + 1.
type use struct{ next, prev, step uint32 }

// step is the entries with one number of uses, in a ring by that number.
type step struct {
	uses       uint64
	next, prev uint32
	first      uint32 // id + 1 of the oldest; 0: none
	last       uint32
}

func (l *lfu) Admit(Item) bool { return true }

func (l *lfu) Insert(x Item) bool {
	l.uses = grown(l.uses, x.ID)
	l.put(x.ID, 0, 1)
	return true
}

func (l *lfu) Hit(id uint32) {
	at := l.uses[id].step
	uses := l.steps[at].uses + 1
	if s := &l.steps[at]; s.first == s.last && l.steps[s.next].uses != uses {
		s.uses = uses // alone: the step goes on with it
		return
	}
	l.out(id)
	if l.steps[at].first == 0 {
		before := l.steps[at].prev
		l.drop(at)
		at = before
	}
	l.put(id, at, uses)
}

// put makes an entry the newest of the step with a number of uses, which is behind
// step before or is made there.
func (l *lfu) put(id, before uint32, uses uint64) {
	at := l.steps[before].next
	if at == 0 || l.steps[at].uses != uses {
		at = l.insert(before, uses)
	}
	s, u := &l.steps[at], &l.uses[id]
	u.step, u.prev, u.next = at, s.last, 0
	if s.last == 0 {
		s.first = id + 1
	} else {
		l.uses[s.last-1].next = id + 1
	}
	s.last = id + 1
}

// insert makes a step behind another.
func (l *lfu) insert(before uint32, uses uint64) uint32 {
	var at uint32
	if n := len(l.free); n > 0 {
		at = l.free[n-1]
		l.free = l.free[:n-1]
	} else {
		at = uint32(len(l.steps))
		l.steps = append(l.steps, step{})
	}
	after := l.steps[before].next
	l.steps[at] = step{uses: uses, next: after, prev: before}
	l.steps[before].next, l.steps[after].prev = at, at
	return at
}

// drop takes an empty step out.
func (l *lfu) drop(at uint32) {
	s := l.steps[at]
	l.steps[s.prev].next, l.steps[s.next].prev = s.next, s.prev
	l.free = append(l.free, at)
}

// out takes an entry out of its step.
func (l *lfu) out(id uint32) {
	u := l.uses[id]
	s := &l.steps[u.step]
	if u.prev == 0 {
		s.first = u.next
	} else {
		l.uses[u.prev-1].next = u.next
	}
	if u.next == 0 {
		s.last = u.prev
	} else {
		l.uses[u.next-1].prev = u.prev
	}
}

func (l *lfu) Next() uint32 {
	first := l.steps[l.steps[0].next].first
	if first == 0 {
		panic("cache: the policy has no victim")
	}
	return first - 1
}

func (l *lfu) Victim() uint32 {
	id := l.Next()
	l.Remove(id)
	l.release(id)
	return id
}

func (l *lfu) Remove(id uint32) {
	at := l.uses[id].step
	l.out(id)
	if l.steps[at].first == 0 {
		l.drop(at)
	}
}
