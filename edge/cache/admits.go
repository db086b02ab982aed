// Admitting: what the store has its admission policy asked.
package cache

// Guard makes an admission policy the store's: a new one, which knows of no request yet.
func (s *Store) Guard(admission NewAdmission) {
	s.admission = admission(AdmissionSetup{Leaves: s.leaves, Stored: func() int { return s.entries }})
	s.counting, _ = s.admission.(Counting)
}

// Admits asks the admission policy about an entry that Put could store and whose size is
// known: "" lets it in, all else is why not. waited is how many others wait for the same
// answer. It is asked once for each answer; what is to take an entry's place is let in.
func (s *Store) Admits(e *Entry, waited int) Reason {
	if s.admission == nil || s.Twin(e) != nil {
		return ""
	}
	x := Newcomer{Key: e.Key.hash(), Size: e.Bytes(), Cost: cost(e)}
	if s.counting != nil {
		for range waited {
			s.counting.Asked(x.Key)
		}
	}
	return s.admission.Admit(x)
}

// leaves tells whose key it is that would leave first for a newcomer; false: there is
// room.
func (s *Store) leaves(cost int64) (key uint64, full bool) {
	if s.entries == 0 || s.used+cost <= s.capacity && (s.maxEntries == 0 || s.entries < s.maxEntries) {
		return 0, false
	}
	return s.slots[s.policy.Next()].entry.Key.hash(), true
}
