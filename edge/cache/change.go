// Change: a store that goes on with another size or eviction policy.
package cache

// Change gives the store another capacity, limit on variants and policy. What is
// stored stays, in the order in which the policy before would have let it leave:
// all that a policy can tell another of the past. What has no room any more
// leaves, the first of that order first.
func (s *Store) Change(capacity int64, maxVariants int, policy NewEviction) {
	order := make([]uint32, s.Len())
	for i := range order {
		order[i] = s.policy.Victim()
	}
	s.forgetEvicted()
	s.capacity, s.maxVariants = capacity, maxVariants
	s.follow(policy)
	for id := range s.slots {
		for res := s.slots[id].res; res != nil && len(res.ids) > maxVariants; res = s.slots[id].res {
			s.drop(res.ids[0])
		}
	}
	for _, id := range order {
		t := &s.slots[id]
		switch {
		case t.entry == nil: // one variant too many
		case s.used > s.capacity || !s.takes(id):
			s.drop(id)
		}
	}
}

// takes has a new policy take in an entry that the one before had.
func (s *Store) takes(id uint32) bool {
	t := &s.slots[id]
	t.released = false
	x := item(id, t.entry)
	return s.policy.Admit(x) && s.policy.Insert(x)
}

// forgetEvicted gives back the ids that only the policy remembers.
func (s *Store) forgetEvicted() {
	for id := range s.slots {
		if t := &s.slots[id]; t.res != nil && t.entry == nil {
			s.recycle(uint32(id))
		}
	}
}

// drop evicts an entry that the policy does not know.
func (s *Store) drop(id uint32) {
	s.evicted++
	s.entries--
	s.used -= s.slots[id].entry.cost
	s.untag(s.slots[id].entry)
	s.recycle(id)
}
