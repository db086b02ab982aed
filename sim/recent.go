// Recent: a table whose entries stay as long as they are used.
package sim

import "time"

// Recent keeps at most limit values by their keys, none longer than idle after its
// last use. Who is unused for longest makes room.
type Recent[K comparable, V any] struct {
	Evicted int64 // made room for others before their time
	// Left is told of each value that leaves the table, before its time or not; nil:
	// nobody wants to know.
	Left func(key K, value V, evicted bool)

	limit          int
	idle           time.Duration
	by             map[K]*recent[K, V]
	oldest, newest *recent[K, V]
}

type recent[K comparable, V any] struct {
	key          K
	value        V
	used         Time // for the last time
	older, newer *recent[K, V]
}

// NewRecent returns an empty table.
func NewRecent[K comparable, V any](limit int, idle time.Duration) *Recent[K, V] {
	return &Recent[K, V]{limit: limit, idle: idle, by: map[K]*recent[K, V]{}}
}

// Change sets other bounds. What is in the table stays until the next Add.
func (t *Recent[K, V]) Change(limit int, idle time.Duration) { t.limit, t.idle = limit, idle }

// Len is the number of values, those included whose time is over and who have not made room
// yet.
func (t *Recent[K, V]) Len() int { return len(t.by) }

// Full reports whether a further value would evict another, now that those whose time
// is over have left.
func (t *Recent[K, V]) Full(now Time) bool {
	t.Expire(now)
	return len(t.by) >= t.limit
}

// Expire has those leave whose time is over.
func (t *Recent[K, V]) Expire(now Time) {
	for t.oldest != nil && t.expired(now, t.oldest) {
		t.leaves(t.oldest, false)
	}
}

// Remove takes out what is under a key.
func (t *Recent[K, V]) Remove(key K) { t.leaves(t.by[key], false) }

func (t *Recent[K, V]) leaves(r *recent[K, V], evicted bool) {
	t.drop(r)
	if r != nil && t.Left != nil {
		t.Left(r.key, r.value, evicted)
	}
}

// Add puts a value in the place of what was under its key.
func (t *Recent[K, V]) Add(now Time, key K, value V) *V {
	t.leaves(t.by[key], false)
	t.Expire(now)
	for t.oldest != nil && len(t.by) >= t.limit {
		t.Evicted++
		t.leaves(t.oldest, true)
	}
	r := &recent[K, V]{key: key, value: value, used: now}
	t.by[key] = r
	t.link(r)
	return &r.value
}

// Use returns the value under a key, which is used by that; nil when there is none, or its
// time is over.
func (t *Recent[K, V]) Use(now Time, key K) *V {
	r := t.by[key]
	if r == nil {
		return nil
	}
	if t.expired(now, r) {
		t.leaves(r, false)
		return nil
	}
	t.unlink(r)
	r.used = now
	t.link(r)
	return &r.value
}

func (t *Recent[K, V]) expired(now Time, r *recent[K, V]) bool { return now.Sub(r.used) > t.idle }

func (t *Recent[K, V]) drop(r *recent[K, V]) {
	if r != nil {
		t.unlink(r)
		delete(t.by, r.key)
	}
}

// link puts an entry at the end of those most recently used.
func (t *Recent[K, V]) link(r *recent[K, V]) {
	r.older, r.newer = t.newest, nil
	if t.newest != nil {
		t.newest.newer = r
	} else {
		t.oldest = r
	}
	t.newest = r
}

func (t *Recent[K, V]) unlink(r *recent[K, V]) {
	if r.older != nil {
		r.older.newer = r.newer
	} else {
		t.oldest = r.newer
	}
	if r.newer != nil {
		r.newer.older = r.older
	} else {
		t.newest = r.older
	}
}
