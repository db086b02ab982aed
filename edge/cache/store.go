// Store: the entries by key, and the bytes they take.
package cache

import "net/http"

// Store holds entries up to a capacity in bytes, content and header
// counted, and several variants of a key (RFC 9111 4.1).
type Store struct {
	capacity    int64
	maxVariants int
	maxEntries  int // 0: as many as the capacity lets in
	entries     int
	used        int64
	evicted     int64
	policy      Eviction
	parted      Parted // the policy, if it is one
	admission   Admission
	counting    Counting // the admission, if it is one
	byKey       index
	byTag       map[string]map[uint32]struct{} // ids of entries; nil until one has tags
	slots       []slot
	free        []uint32
}

// resource is what is known under one key: ids of its variants, the one stored
// last at the end. Ids without an entry are remembered by the policy.
type resource struct {
	key  Key
	sole *Entry // when it is the only id's, and every request selects it
	ids  []uint32
}

// slot is what an id stands for. Once evicted it has no entry but still its by,
// as long as the policy remembers it.
type slot struct {
	res      *resource
	entry    *Entry
	by       []nominated
	released bool // by the policy, which does not remember it
}

// NewStore returns an empty store that evicts by a policy. maxVariants bounds
// the variants of one key.
func NewStore(capacity int64, maxVariants int, policy NewEviction) *Store {
	s := NewSmallStore(capacity, maxVariants, 0, policy)
	s.byKey.recent = new([1 << recentBits]*resource)
	return s
}

// NewSmallStore returns an empty store of up to so many entries that takes little
// memory itself, for who has one for each of many users.
func NewSmallStore(capacity int64, maxVariants, maxEntries int, policy NewEviction) *Store {
	s := &Store{capacity: capacity, maxVariants: maxVariants, maxEntries: maxEntries, byKey: index{sites: map[site]map[string]*resource{}}}
	s.follow(policy)
	return s
}

// follow makes a policy the store's, which must be empty.
func (s *Store) follow(policy NewEviction) {
	s.policy = policy(Setup{Capacity: s.capacity, Release: s.release})
	s.parted, _ = s.policy.(Parted)
}

// Used returns the bytes taken.
func (s *Store) Used() int64 { return s.used }

// Evicted returns how many entries had to leave for want of room.
func (s *Store) Evicted() int64 { return s.evicted }

// Len returns how many entries are stored.
func (s *Store) Len() int {
	n := 0
	for i := range s.slots {
		if s.slots[i].entry != nil {
			n++
		}
	}
	return n
}

// Find returns the entry that a request selects, the most recent when several
// match (RFC 9111 4), and whether the key has entries at all.
func (s *Store) Find(key Key, asks http.Header) (e *Entry, known bool) {
	res := s.byKey.get(key)
	if res == nil {
		return nil, false
	}
	if res.sole != nil {
		return res.sole, true
	}
	for _, id := range res.ids {
		other := s.slots[id].entry
		if other == nil {
			continue
		}
		known = true
		if other.Selected(asks) && (e == nil || other.Date >= e.Date) {
			e = other
		}
	}
	return e, known
}

// Vary returns the names that the answer stored last under key was chosen by.
func (s *Store) Vary(key Key) []string {
	if res := s.byKey.get(key); res != nil {
		for i := len(res.ids) - 1; i >= 0; i-- {
			if e := s.slots[res.ids[i]].entry; e != nil {
				return e.names
			}
		}
	}
	return nil
}

// Hit tells that an entry answered a request.
func (s *Store) Hit(e *Entry) {
	if s.counting != nil {
		s.counting.Asked(e.Key.hash())
	}
	s.policy.Hit(e.id)
	for s.overParts() {
		s.evict()
	}
}

func (s *Store) overParts() bool { return s.parted != nil && s.parted.Over() }

// item is an entry as the policy sees it.
func item(id uint32, e *Entry) Item {
	return Item{ID: id, Key: e.Key.hash(), Size: e.cost, Expires: e.Received.Add(e.Lifetime - e.Initial)}
}

// Fits reports whether an entry can ever be stored.
func (s *Store) Fits(e *Entry) bool { return cost(e) <= s.capacity }

// cost is never 0, so that the number of entries is bounded too.
func cost(e *Entry) int64 { return e.Bytes() + HeaderBytes(e.Header) + tagBytes(e.Tags) + 1 }

// Put stores an entry whose content is there under its Key, in the place of the one
// that the same request selects, if any. It reports false when the entry does not
// fit or the policy will not have it.
func (s *Store) Put(e *Entry) bool {
	e.cost = cost(e)
	if old := s.Twin(e); old != nil {
		if old.cost == e.cost {
			s.swap(old, e)
			return true
		}
		s.Remove(old)
	}
	if e.cost > s.capacity {
		return false
	}
	id, remembered := s.idFor(e)
	x := item(id, e)
	if !s.policy.Admit(x) {
		if !remembered {
			s.free = append(s.free, id)
		}
		return false
	}
	for s.used+e.cost > s.capacity || s.maxEntries > 0 && s.entries >= s.maxEntries || s.overParts() {
		if s.evict() == id {
			return s.refused(id)
		}
	}
	if !s.policy.Insert(x) {
		return s.refused(id)
	}
	s.attach(id, e)
	return true
}

// refused gives back the id of a newcomer that stays out, and is remembered no more.
func (s *Store) refused(id uint32) bool {
	if s.slots[id].res != nil {
		s.recycle(id)
	} else {
		s.free = append(s.free, id)
	}
	return false
}

// Replace stores e, a freshened old, which leaves even when e varies by other
// fields or does not fit.
func (s *Store) Replace(old, e *Entry) bool {
	if !sameNominated(old.by, e.by) {
		s.Remove(old)
	}
	return s.Put(e)
}

// swap puts e in the place of old, of the same size: to the policy a use.
func (s *Store) swap(old, e *Entry) {
	e.id = old.id
	t := &s.slots[e.id]
	s.untag(old)
	t.entry, t.by = e, e.by
	s.tag(e)
	s.settle(t.res)
	if p, ok := s.policy.(Renewed); ok {
		p.Renew(item(e.id, e))
	}
	s.Hit(e)
}

// Twin returns the entry that e would take the place of, nil when there is none.
func (s *Store) Twin(e *Entry) *Entry {
	if res := s.byKey.get(e.Key); res != nil {
		for _, id := range res.ids {
			if old := s.slots[id].entry; old != nil && sameNominated(old.by, e.by) {
				return old
			}
		}
	}
	return nil
}

// idFor returns the id of an entry that the policy may remember, or a new one.
func (s *Store) idFor(e *Entry) (id uint32, remembered bool) {
	if res := s.byKey.get(e.Key); res != nil {
		for _, id := range res.ids {
			if s.slots[id].entry == nil && sameNominated(s.slots[id].by, e.by) {
				return id, true
			}
		}
		if len(res.ids) >= s.maxVariants {
			s.forget(res.ids[0])
		}
	}
	if n := len(s.free); n > 0 {
		id = s.free[n-1]
		s.free = s.free[:n-1]
		return id, false
	}
	s.slots = append(s.slots, slot{})
	return uint32(len(s.slots) - 1), false
}

func (s *Store) attach(id uint32, e *Entry) {
	e.id = id
	s.used += e.cost
	s.entries++
	t := &s.slots[id]
	t.entry, t.by = e, e.by
	s.tag(e)
	if t.res != nil {
		s.settle(t.res)
		return
	}
	t.res = s.byKey.get(e.Key)
	if t.res == nil {
		t.res = &resource{key: e.Key}
		s.byKey.set(e.Key, t.res)
	}
	t.res.ids = append(t.res.ids, id)
	s.settle(t.res)
}

// settle finds out anew whether a resource has one answer for all.
func (s *Store) settle(res *resource) {
	res.sole = nil
	if len(res.ids) == 1 {
		if t := &s.slots[res.ids[0]]; len(t.by) == 0 {
			res.sole = t.entry
		}
	}
}

// evict has the policy take one out, and returns its id: the newcomer's has nothing to
// be taken out.
func (s *Store) evict() uint32 {
	id := s.policy.Victim()
	t := &s.slots[id]
	if t.entry == nil {
		return id
	}
	s.evicted++
	s.entries--
	s.used -= t.entry.cost
	s.untag(t.entry)
	t.entry = nil
	s.settle(t.res)
	if t.released {
		s.recycle(id)
	}
	return id
}

// HitIfHeld is Hit for an entry that may have left meanwhile.
func (s *Store) HitIfHeld(e *Entry) {
	if s.Holds(e) {
		s.Hit(e)
	}
}
