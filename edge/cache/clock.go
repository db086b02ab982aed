// CLOCK: a queue in which who was used gets a second chance.
package cache

func init() {
	Evictions.Add("clock", "as fifo, but who was used since is let by once more (second chance)", func(s Setup) Eviction {
		return &clock{fifo: fifo{queue: newRings(1), release: s.Release}}
	})
}

// clock is the one of F. J. Corbató, A Paging Experiment with the Multics System
// (1968), with one bit: the hand goes over the queue's back.
type clock struct {
	fifo
	used []bool
}

func (c *clock) Insert(x Item) bool {
	c.used = grown(c.used, x.ID)
	c.used[x.ID] = false
	return c.fifo.Insert(x)
}

func (c *clock) Hit(id uint32) { c.used[id] = true }

func (c *clock) Victim() uint32 {
	c.Next()
	return c.fifo.Victim()
}

// Next lets by who was used.
func (c *clock) Next() uint32 {
	for {
		id := c.queue.back(0)
		if !c.used[id] {
			return id
		}
		c.used[id] = false
		c.queue.move(0, id)
	}
}

// grown returns a list that has a place for an id.
func grown[T any](list []T, id uint32) []T {
	for int(id) >= len(list) {
		var none T
		list = append(list, none)
	}
	return list
}
