// SIEVE: a queue that a hand goes through, from which who was not used since the hand
// was there leaves.
package cache

func init() {
	Evictions.Add("sieve", "a hand takes out what was not used since it last came by; nobody moves (NSDI 2024)", func(s Setup) Eviction {
		return &sieve{fifo: fifo{queue: newRings(1), release: s.Release}}
	})
}

// sieve is that of Y. Zhang et al., SIEVE is Simpler than LRU (NSDI 2024).
type sieve struct {
	fifo
	used []bool
	hand uint32 // node; the fixed point: it begins at the back
}

func (s *sieve) Insert(x Item) bool {
	s.used = grown(s.used, x.ID)
	s.used[x.ID] = false
	return s.fifo.Insert(x)
}

func (s *sieve) Hit(id uint32) { s.used[id] = true }

func (s *sieve) Victim() uint32 {
	id := s.Next()
	s.Remove(id)
	s.release(id)
	return id
}

// Next moves the hand to who leaves.
func (s *sieve) Next() uint32 {
	n := s.hand
	for {
		if n == 0 {
			n = s.queue.back(0) + 1
		}
		if !s.used[n-1] {
			break
		}
		s.used[n-1] = false
		n = s.queue.links[n].prev
	}
	s.hand = n
	return n - 1
}

func (s *sieve) Remove(id uint32) {
	if s.hand == id+1 {
		s.hand = s.queue.links[s.hand].prev
	}
	s.queue.unlink(id)
}
