// Tests of a store that changes: what stays, in which order, and what leaves.
package cache

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// stored are the paths still there, of a to z.
func stored(s *Store) string {
	var b strings.Builder
	for c := 'a'; c <= 'z'; c++ {
		if e, _ := s.Find(entry("/"+string(c), 0, "").Key, nil); e != nil {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// remembering is a queue that remembers whom it evicted, and takes back only
// those: for what the store owes to such policies.
type remembering struct {
	queue, gone []uint32
	picky       bool
}

func (r *remembering) Admit(Item) bool { return !r.picky || len(r.queue) < 2 }
func (r *remembering) Insert(x Item) bool {
	r.Remove(x.ID)
	r.queue = append(r.queue, x.ID)
	return true
}
func (r *remembering) Hit(uint32)   {}
func (r *remembering) Next() uint32 { return r.queue[0] }
func (r *remembering) Victim() uint32 {
	id := r.queue[0]
	r.queue, r.gone = r.queue[1:], append(r.gone, id)
	return id
}

func (r *remembering) Remove(id uint32) {
	for _, list := range []*[]uint32{&r.queue, &r.gone} {
		for i, other := range *list {
			if other == id {
				*list = append((*list)[:i:i], (*list)[i+1:]...)
				break
			}
		}
	}
}

func TestStoreChange(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	keeps := func(Setup) Eviction { return &remembering{} }
	picky := func(Setup) Eviction { return &remembering{picky: true} }
	for _, c := range []struct {
		name     string
		from, to NewEviction
		capacity int64
		want     string // after the change, of a b c d with a used last
		evicted  int64
		next     string // after one more entry, e
	}{
		{"the same", lru, lru, 40, "abcd", 0, "acde"},
		{"smaller", lru, lru, 25, "ad", 2, "ae"},
		{"nothing fits", lru, lru, 5, "", 4, ""},
		{"larger", lru, lru, 100, "abcd", 0, "abcde"},
		{"another policy keeps the order", lru, keeps, 40, "abcd", 0, "acde"},
		{"and smaller", lru, keeps, 20, "ad", 2, "ae"},
		{"from one that remembers", keeps, lru, 40, "abcd", 0, "bcde"},
		{"to one that is picky", lru, picky, 40, "bc", 2, "bc"},
	} {
		s := NewStore(40, 4, c.from)
		for _, path := range []string{"/x", "/a", "/b", "/c", "/d"} {
			s.Put(entry(path, 10, ""))
		}
		a, _ := s.Find(entry("/a", 0, "").Key, nil)
		s.Hit(a)
		before := s.Evicted()
		s.Change(c.capacity, 4, c.to)
		if got := stored(s); got != c.want || s.Evicted()-before != c.evicted || s.Used() != int64(10*len(got)) {
			t.Errorf("%s: %s, %d evicted, %d bytes; want %s, %d", c.name, got, s.Evicted()-before, s.Used(), c.want, c.evicted)
		}
		s.Put(entry("/e", 10, ""))
		if got := stored(s); got != c.next {
			t.Errorf("%s: %s after one more, want %s", c.name, got, c.next)
		}
	}
}

func TestStoreChangeVariants(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	s := NewStore(1000, 4, lru)
	for i := range 4 {
		s.Put(entry("/a", 10, fmt.Sprint(i)))
	}
	s.Change(1000, 2, lru)
	for i := range 4 {
		if e, _ := s.Find(entry("/a", 0, "").Key, header(fmt.Sprintf("Accept: %d", i))); (e != nil) != (i >= 2) {
			t.Errorf("variant %d: %v", i, e != nil)
		}
	}
	if s.Used() != 20 || s.Evicted() != 2 {
		t.Errorf("%d bytes, %d evicted", s.Used(), s.Evicted())
	}
}

// A store that is changed again and again keeps its books, whatever the policies.
func TestStoreChangesAtRandom(t *testing.T) {
	policies := []NewEviction{func(Setup) Eviction { return &remembering{} }}
	for _, e := range Evictions.All() {
		policies = append(policies, e.Value.With(rand.New(rand.NewPCG(3, 4))))
	}
	dice := rand.New(rand.NewPCG(1, 2))
	s := NewStore(500, 3, policies[0])
	for range 5000 {
		e := entry(fmt.Sprintf("/%c", 'a'+dice.IntN(26)), int64(1+dice.IntN(30)), []string{"", "x", "y", "z"}[dice.IntN(4)])
		e.Tags = [][]string{nil, {"a"}, {"a", "b"}}[dice.IntN(3)]
		switch dice.IntN(10) {
		case 0:
			s.Change(int64(1+dice.IntN(1000)), 1+dice.IntN(4), policies[dice.IntN(len(policies))])
		case 1:
			s.Purge(Target{Key: Key{Path: []string{"/", "/t"}[dice.IntN(2)]}, Prefix: true})
		case 2:
			s.Purge(Target{Tag: "b"})
		case 3:
			s.Soften(Target{Tag: "a"}, 0)
		default:
			s.Put(e)
		}
		used, n := int64(0), 0
		for i := range s.slots {
			if e := s.slots[i].entry; e != nil {
				used += e.cost
				n++
			}
		}
		if used != s.used || used > s.capacity || n != s.Len() {
			t.Fatalf("%d bytes in the books, %d stored, room for %d", s.used, used, s.capacity)
		}
		checkTags(t, s)
	}
}
