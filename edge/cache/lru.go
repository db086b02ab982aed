// LRU: the entry that was not used for longest leaves first.
package cache

func init() {
	Evictions.Add("lru", "evicts what was not used for the longest time", func(s Setup) Eviction {
		return &lru{fifo{queue: newRings(1), release: s.Release}}
	})
}

// lru is a queue that a use brings to the front again.
type lru struct{ fifo }

func (l *lru) Hit(id uint32) { l.queue.move(0, id) }
