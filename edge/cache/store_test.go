// Tests of the store, the policies and the flights.
package cache

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func entry(path string, size int64, accept string) *Entry {
	e := &Entry{Key: Key{Scheme: "https", Host: "example.com", Path: path}, Status: 200, Size: size - 1} // cost is size
	if accept != "" {
		e.names = []string{"Accept"}
		e.by = nominate(e.names, header("Accept: "+accept), ByMeaning)
	}
	return e
}

func TestStore(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	s := NewStore(100, 2, lru)
	a, b, c := entry("/a", 40, ""), entry("/b", 40, ""), entry("/c", 40, "")
	if s.Put(entry("/big", 101, "")) || !s.Put(a) || !s.Put(b) {
		t.Fatal("what fits is stored, what does not is not")
	}
	s.Hit(a)
	s.Put(c)
	if found, _ := s.Find(b.Key, nil); found != nil || s.Evicted() != 1 || s.Used() != 80 {
		t.Error("b was not used for longest, but is still there")
	}
	a2 := entry("/a", 60, "")
	s.Put(a2)
	if found, _ := s.Find(a.Key, nil); found != a2 || s.Holds(a) || s.Used() != 100 || s.Len() != 2 {
		t.Error("a newer entry takes the place of the older")
	}
	if s.Purge(Target{Key: a.Key}) != 1 || s.Purge(Target{Key: a.Key}) != 0 || s.Used() != 40 {
		t.Error("purge")
	}
}

func TestVariants(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	s := NewStore(1000, 2, lru)
	s.Put(entry("/a", 10, "x"))
	s.Put(entry("/a", 10, "y"))
	if e, known := s.Find(entry("/a", 0, "").Key, header("Accept: z")); e != nil || !known {
		t.Error("no variant for z, but the URI is known")
	}
	s.Put(entry("/a", 10, "z"))
	for accept, want := range map[string]bool{"x": false, "y": true, "z": true} { // any order will do
		if e, _ := s.Find(entry("/a", 0, "").Key, header("Accept: "+accept)); (e != nil) != want {
			t.Errorf("variant %s: %v", accept, e != nil)
		}
	}
}

// TestEvictions holds every registered policy to the store's bookkeeping.
func TestEvictions(t *testing.T) {
	for _, policy := range Evictions.All() {
		t.Run(policy.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 1))
			s := NewStore(1000, 4, policy.Value.With(rng))
			for range 20000 {
				e := entry(fmt.Sprintf("/%d", rng.IntN(50)), int64(1+rng.IntN(300)), []string{"", "x", "y"}[rng.IntN(3)])
				switch found, _ := s.Find(e.Key, header("Accept: x")); {
				case rng.IntN(20) == 0:
					s.Purge(Target{Key: e.Key})
				case found != nil && rng.IntN(2) == 0:
					s.Hit(found)
				default:
					s.Put(e)
				}
				used := int64(0)
				for i := range s.slots {
					if s.slots[i].entry != nil {
						used += s.slots[i].entry.cost
					}
				}
				if used != s.Used() || used > 1000 {
					t.Fatalf("%d bytes counted, %d there", s.Used(), used)
				}
			}
			if len(s.slots) > 200 {
				t.Errorf("%d ids for at most 150 variants: they are not dense", len(s.slots))
			}
		})
	}
}

// TestNext: every policy leaves whom it said, however often it was asked and whatever
// came between, and to ask takes nobody out.
func TestNext(t *testing.T) {
	for _, policy := range Evictions.All() {
		t.Run(policy.Name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 1))
			s := NewStore(1000, 4, policy.Value.With(rng))
			evicted := 0
			for range 20000 {
				e := entry(fmt.Sprintf("/%d", rng.IntN(90)), int64(1+rng.IntN(60)), "")
				switch found, _ := s.Find(e.Key, nil); {
				case rng.IntN(40) == 0:
					s.Purge(Target{Key: e.Key})
				case found != nil:
					s.Hit(found)
				default:
					s.Put(e)
				}
				if s.entries == 0 || rng.IntN(3) > 0 {
					continue
				}
				next, entries := s.policy.Next(), s.entries
				if again := s.policy.Next(); again != next || s.entries != entries || s.slots[next].entry == nil {
					t.Fatalf("%d, asked again %d; %d entries, then %d", next, again, entries, s.entries)
				}
				if rng.IntN(2) == 0 {
					if evicted++; s.evict() != next {
						t.Fatalf("not %d has left", next)
					}
					for s.overParts() {
						s.evict()
					}
				}
			}
			if evicted < 100 {
				t.Errorf("%d have left", evicted)
			}
		})
	}
}

// TestLRU is the definition: a naive list.
func TestLRU(t *testing.T) {
	newPolicy, _ := Evictions.Get("lru")
	l := newPolicy(Setup{Release: func(uint32) {}})
	rng := rand.New(rand.NewPCG(2, 2))
	var naive []uint32 // least recently used first
	drop := func(id uint32) bool {
		for i, other := range naive {
			if other == id {
				naive = append(naive[:i], naive[i+1:]...)
				return true
			}
		}
		return false
	}
	for range 10000 {
		id := uint32(rng.IntN(40))
		there := drop(id)
		switch op := rng.IntN(4); {
		case there && op == 0:
			l.Remove(id)
		case there:
			l.Hit(id)
			naive = append(naive, id)
		default:
			l.Insert(Item{ID: id, Size: 1})
			naive = append(naive, id)
		}
		if len(naive) > 20 {
			if v := l.Victim(); v != naive[0] {
				t.Fatalf("victim %d, want %d", v, naive[0])
			}
			naive = naive[1:]
		}
	}
}

func TestFlights(t *testing.T) {
	f := Flights[int, int]{MaxFlights: 2, MaxWaiters: 2}
	key := Key{Scheme: "https", Host: "example.com", Path: "/a"}
	always := func(*Entry) bool { return true }
	one := f.Open(key, header("Accept: x"), nil)
	if f.Find(key, header("Accept: y"), nil, always) != one {
		t.Error("nothing is known of Vary: all may hope")
	}
	if f.Find(key, header("Accept: y"), []string{"Accept"}, always) != nil {
		t.Error("known to vary: y must not wait for x")
	}
	two := f.Open(key, header("Accept: y"), []string{"Accept"})
	if two == nil || f.Open(key, nil, nil) != nil {
		t.Error("MaxFlights")
	}
	a, b, c := 1, 2, 3
	seat, _ := f.Join(one, &a)
	f.Join(one, &b)
	if _, ok := f.Join(one, &c); ok {
		t.Error("MaxWaiters")
	}
	if one.Leave(seat) != 1 || one.Leave(seat) != 1 {
		t.Error("Leave")
	}
	e := entry("/a", 1, "x")
	one.Fill(e)
	if f.Find(key, header("Accept: x"), nil, always) != one || f.Find(key, header("Accept: x"), nil, func(*Entry) bool { return false }) != nil {
		t.Error("a filling flight is found by whom its entry serves")
	}
	f.Land(one)
	f.Land(one)
	if woken := one.Wake(); len(woken) != 2 || woken[0] != nil || woken[1] != &b || f.Len() != 1 {
		t.Error("Wake")
	}
	f.LandAll(key, func(fl *Flight[int, int]) {
		if fl != two {
			t.Error("LandAll")
		}
	})
	if f.Len() != 0 || len(f.byKey) != 0 {
		t.Error("flights left")
	}
}

// TestFindIsQuickAndRight: whatever the store keeps at hand, Find answers as the
// ids of a key say.
func TestFindIsQuickAndRight(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	s := NewStore(1000, 2, lru)
	dice := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		path, accept := fmt.Sprint("/", dice.IntN(60)), []string{"", "", "x", "y"}[dice.IntN(4)]
		switch e := entry(path, 20+int64(dice.IntN(2)), accept); dice.IntN(4) {
		case 0:
			s.Purge(Target{Key: e.Key})
		case 1:
			s.Purge(Target{Key: Key{Path: fmt.Sprint("/", 1+dice.IntN(9))}, Prefix: true})
		default:
			s.Put(e)
		}
		for n := range 60 {
			checkFind(t, s, Key{Scheme: "https", Host: "example.com", Path: fmt.Sprint("/", n)})
		}
	}
}

func checkFind(t *testing.T, s *Store, key Key) {
	t.Helper()
	var want *Entry
	var known bool
	asks := header("Accept: x")
	if res := s.byKey.sites[site{key.Scheme, key.Host}][key.Path]; res != nil {
		for _, id := range res.ids {
			if e := s.slots[id].entry; e != nil {
				known = true
				if e.Selected(asks) {
					want = e // all are of one date: the last one stored
				}
			}
		}
	}
	if e, k := s.Find(key, asks); e != want || k != known {
		t.Fatalf("%v: %v %v, want %v %v", key, e, k, want, known)
	}
}
