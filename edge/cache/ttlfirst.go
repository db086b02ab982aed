// TTL-first: the entry that gets stale first leaves first.
package cache

func init() {
	Evictions.Add("ttl-first", "evicts what gets stale first", func(s Setup) Eviction {
		return &ttlFirst{release: s.Release}
	})
}

// ttlFirst goes by when entries get stale alone, as Redis's volatile-ttl; of those
// that do at the same time, the one stored first leaves first.
type ttlFirst struct {
	Ranked
	release func(id uint32)
}

func (t *ttlFirst) Admit(Item) bool { return true }

func (t *ttlFirst) Insert(x Item) bool {
	t.Renew(x)
	return true
}

// Renew implements Renewed.
func (t *ttlFirst) Renew(x Item) { t.Set(x.ID, float64(x.Expires)) }

func (t *ttlFirst) Hit(uint32) {}

func (t *ttlFirst) Next() uint32 { return t.Least() }

func (t *ttlFirst) Victim() uint32 {
	id := t.Next()
	t.Ranked.Remove(id)
	t.release(id)
	return id
}

func (t *ttlFirst) Remove(id uint32) { t.Ranked.Remove(id) }
