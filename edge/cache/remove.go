// What leaves the store: removed, evicted and forgotten.
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

// forget takes an id out of the policy and the store.
func (s *Store) forget(id uint32) {
	s.policy.Remove(id)
	if e := s.slots[id].entry; e != nil {
		s.entries--
		s.used -= e.cost
		s.untag(e)
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
