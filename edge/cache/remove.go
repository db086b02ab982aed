// What leaves the store: purged, replaced, evicted and forgotten.
package cache

// Remove takes out an entry, if it is still there.
func (s *Store) Remove(e *Entry) {
	if int(e.id) < len(s.slots) && s.slots[e.id].entry == e {
		s.forget(e.id)
	}
}

// Holds reports whether an entry is still stored.
func (s *Store) Holds(e *Entry) bool {
	return int(e.id) < len(s.slots) && s.slots[e.id].entry == e
}

// Purge takes out every variant of a key and returns how many there were.
func (s *Store) Purge(key Key) int {
	res, n := s.byKey.get(key), 0
	if res == nil {
		return 0
	}
	for i := len(res.ids) - 1; i >= 0; i-- { // from the end, as ids leave on the way
		if id := res.ids[i]; s.slots[id].entry != nil {
			s.forget(id)
			n++
		}
	}
	return n
}

// PurgeAll takes out every entry whose key is one of those, and returns how many
// there were.
func (s *Store) PurgeAll(those func(Key) bool) int {
	n := 0
	for id := range s.slots {
		if t := &s.slots[id]; t.entry != nil && those(t.res.key) {
			s.forget(uint32(id))
			n++
		}
	}
	return n
}

// forget takes an id out of the policy and the store.
func (s *Store) forget(id uint32) {
	s.policy.Remove(id)
	if e := s.slots[id].entry; e != nil {
		s.used -= e.cost
	}
	s.recycle(id)
}

// release is the policy's word that it remembers an id no longer. It may come
// out of Victim, before the entry has left.
func (s *Store) release(id uint32) {
	s.slots[id].released = true
	if s.slots[id].entry == nil {
		s.recycle(id)
	}
}

// recycle gives an id back, to be bound to another key.
func (s *Store) recycle(id uint32) {
	res := s.slots[id].res
	for i, other := range res.ids {
		if other == id {
			res.ids = append(res.ids[:i], res.ids[i+1:]...)
			break
		}
	}
	if len(res.ids) == 0 {
		s.byKey.remove(res.key)
	}
	s.settle(res)
	s.slots[id] = slot{}
	s.free = append(s.free, id)
}
