// FIFO: the entry that came first leaves first.
package cache

func init() {
	Evictions.Add("fifo", "evicts what was stored first, used or not", func(s Setup) Eviction {
		return &fifo{queue: newRings(1), release: s.Release}
	})
}

type fifo struct {
	queue   rings
	release func(id uint32)
}

func (f *fifo) Admit(Item) bool { return true }

func (f *fifo) Insert(x Item) bool {
	f.queue.grow(x.ID)
	f.queue.front(0, x.ID)
	return true
}

func (f *fifo) Hit(uint32) {}

func (f *fifo) Next() uint32 { return f.queue.back(0) }

func (f *fifo) Victim() uint32 {
	id := f.queue.pop(0)
	f.release(id)
	return id
}

func (f *fifo) Remove(id uint32) { f.queue.unlink(id) }
