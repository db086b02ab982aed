// Tests of RAM over a disk.
package replay

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/edge/cache"
)

func layers(t *testing.T, policy string, ram, disk int64, fill Fill, promote Promote) *Layers {
	t.Helper()
	p, err := cache.Evictions.Get(policy)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLayers(NewCache(p.With(dice()), ram, false), NewCache(p.With(dice()), disk, false), fill, promote)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ask asks for what does not get stale, and has it fetched where it is not there.
func ask(l *Layers, id uint64, size int64) Layer {
	_, layer := l.Fresh(id, 0)
	if layer == InNone {
		l.Fetched(id, size, math.Inf(1))
	}
	return layer
}

// joins are the fills and promotions that go together.
func joins(do func(Fill, Promote)) {
	for _, f := range Fills() {
		for _, p := range Promotes() {
			if CheckLayers(Fill(f), Promote(p)) == nil {
				do(Fill(f), Promote(p))
			}
		}
	}
}

// TestLayersByHand: LRU with RAM for one object over a disk for two.
func TestLayersByHand(t *testing.T) {
	for _, c := range []struct {
		fill    Fill
		promote Promote
		ask     string
		want    string // where each was: -, RAM or disk
		writes  int64
	}{
		// a is written, read, in RAM. Its uses there count on the disk: c puts b out, not a.
		{FillInsert, PromoteHit, "aaabacab", "-DR-R-R-", 4},
		// With what is fetched in RAM at once, b puts a out of it, and so does c.
		{FillInsert, PromoteFetch, "aaabacab", "-RR-D-D-", 4},
		{FillInsert, PromoteSecondHit, "aaaaba", "-DDR-R", 2},
		// a and b go to the disk; a comes back, for c, which puts b out. c comes back, and
		// a is on the disk still: nothing is written.
		{FillEvict, PromoteHit, "aabcacb", "-R--DD-", 3},
		// a leaves the disk for RAM, and c takes its place: b stays.
		{FillExclusive, PromoteHit, "aabcacb", "-R--DDD", 5},
		{FillExclusive, PromoteNever, "aabcacb", "-R--DRD", 2},
		{FillEvict, PromoteNever, "aabcacb", "-R--DRD", 2},
	} {
		t.Run(fmt.Sprint(c.fill, " ", c.promote), func(t *testing.T) {
			l := layers(t, "lru", 1, 2, c.fill, c.promote)
			var got strings.Builder
			for _, name := range c.ask {
				got.WriteByte("-RD"[ask(l, uint64(name), 1)])
			}
			if got.String() != c.want || l.Writes != c.writes || l.Written != c.writes {
				t.Errorf("%s, %d writes\nwant %s, %d", got.String(), l.Writes, c.want, c.writes)
			}
		})
	}
}

// TestLayersAreOne: in these plays the two hit what one plain cache does, request by
// request.
func TestLayersAreOne(t *testing.T) {
	type play struct {
		policy     string
		ram, disk  int64
		fill       Fill
		promote    Promote
		one, sizes int64 // the plain cache's capacity; the largest size
	}
	plays := []play{
		// Who leaves the first queue enters the second at its end: they are one queue.
		{"lru", 30, 170, FillExclusive, PromoteHit, 200, 1},
		{"fifo", 30, 170, FillExclusive, PromoteNever, 200, 1},
		{"fifo", 30, 170, FillEvict, PromoteNever, 200, 1},
	}
	for _, e := range cache.Evictions.All() {
		// The disk sees every use, and all that RAM holds is on it.
		for _, promote := range []Promote{PromoteHit, PromoteSecondHit, PromoteFetch} {
			plays = append(plays, play{e.Name, 3_000, 20_000, FillInsert, promote, 20_000, 200})
		}
	}
	requests := map[int64][]Request{1: synthetic(20_000, 2_000, 1), 200: synthetic(20_000, 2_000, 200)}
	for _, c := range plays {
		l := layers(t, c.policy, c.ram, c.disk, c.fill, c.promote)
		p, _ := cache.Evictions.Get(c.policy)
		plain := NewCache(p.With(dice()), c.one, false)
		for i, q := range requests[c.sizes] {
			if hit, layer := plain.Ask(q.ID, q.Size), ask(l, q.ID, q.Size); hit != (layer != InNone) {
				t.Fatalf("%+v: request %d was at %d, and hit in the plain one: %v", c, i, layer, hit)
			}
		}
	}
}

// TestLayersStale: a disk under all of RAM has the hits of a guarded cache of its size
// whose objects get stale in that time, and writes what that stores, under every policy.
func TestLayersStale(t *testing.T) {
	requests := synthetic(20_000, 2_000, 200)
	all, err := cache.Admissions.Get("none")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cache.Evictions.All() {
		for _, promote := range []Promote{PromoteHit, PromoteSecondHit, PromoteFetch} {
			l := layers(t, e.Name, 3_000, 20_000, FillInsert, promote)
			plain := Guard(NewCache(e.Value.With(dice()), 20_000, false), all, 500*time.Second)
			for i, q := range requests {
				at, size := float64(i), q.Size+int64(i/10_000) // all change once
				_, layer := l.Fresh(q.ID, at)
				if layer == InNone {
					l.Fetched(q.ID, size, plain.Stale(at))
				}
				if hit := plain.Ask(q.ID, size, size, at); hit != (layer != InNone) {
					t.Fatalf("%s %s: request %d was at %d, and hit in the plain one: %v", e.Name, promote, i, layer, hit)
				}
			}
			if l.Expired != plain.Expired || l.Writes != plain.Stored || l.Written != plain.Written || l.Expired == 0 {
				t.Errorf("%s %s: %d expired, %d writes of %d, and %d, %d of %d in the plain one", e.Name, promote, l.Expired, l.Writes, l.Written, plain.Expired, plain.Stored, plain.Written)
			}
		}
	}
}

// TestLayersStaleByHand: LRU with RAM for one object over a disk for two, where all are
// stale after three requests.
func TestLayersStaleByHand(t *testing.T) {
	for _, c := range []struct {
		fill   Fill
		ask    string
		want   string
		writes int64
	}{
		// a is written, read, used in RAM, stale, written, and in RAM still.
		{FillInsert, "aaaaa", "-DR-R", 2},
		// a and b go to the disk, and are stale there when they are asked for again: they are
		// fetched anew into RAM and leave the disk. So it is the new a that b puts there.
		{FillEvict, "abcaba", "-----D", 5},
	} {
		t.Run(string(c.fill), func(t *testing.T) {
			l := layers(t, "lru", 1, 2, c.fill, PromoteHit)
			var got strings.Builder
			for i, name := range c.ask {
				_, layer := l.Fresh(uint64(name), float64(i))
				if layer == InNone {
					l.Fetched(uint64(name), 1, float64(i)+3)
				}
				got.WriteByte("-RD"[layer])
			}
			if got.String() != c.want || l.Writes != c.writes {
				t.Errorf("%s, %d writes\nwant %s, %d", got.String(), l.Writes, c.want, c.writes)
			}
		})
	}
}

// TestLayersBooks: what is held fits in each, RAM's is on the disk with one fill and on
// none with another, and the disk has written what it holds.
func TestLayersBooks(t *testing.T) {
	for _, e := range cache.Evictions.All() {
		joins(func(fill Fill, promote Promote) {
			for _, admission := range []string{"none", "tiny-lfu"} {
				t.Run(fmt.Sprint(e.Name, " ", fill, " ", promote, " ", admission), func(t *testing.T) {
					l := layers(t, e.Name, 2_000, 8_000, fill, promote)
					guard, err := cache.Admissions.Get(admission)
					if err != nil {
						t.Fatal(err)
					}
					l.Guard(guard)
					layersBooks(t, l)
				})
			}
		})
	}
}

func layersBooks(t *testing.T, l *Layers) {
	for i, q := range synthetic(1_000, 300, 300) {
		size := q.Size + int64(i/500) // all change once
		if _, layer := l.Fresh(q.ID, float64(i)); layer == InNone {
			l.Fetched(q.ID, size, float64(i)+200)
		}
		both := int64(0)
		for n, s := range l.RAM.slots {
			if s.held && l.Disk.Has(s.id) {
				both += l.RAM.sizes[n]
			}
		}
		switch {
		case l.RAM.used > 2_000 || l.Disk.used > 8_000 || l.Written < l.Disk.used:
			t.Fatalf("request %d: %d in RAM, %d on the disk, %d written", i, l.RAM.used, l.Disk.used, l.Written)
		case l.onDisk != held(l.Disk):
			t.Fatalf("request %d: %d objects on the disk, %d in the books", i, held(l.Disk), l.onDisk)
		case l.fill == FillInsert && both != l.RAM.used || l.fill == FillExclusive && both > 0:
			t.Fatalf("request %d: %d in RAM, of which %d on the disk", i, l.RAM.used, both)
		}
		for id := range l.until { // in any order: all have to be there
			if !l.RAM.Has(id) && !l.Disk.Has(id) {
				t.Fatalf("request %d: %d is stale sometime, and is not there", i, id)
			}
		}
		for id := range l.asked { // in any order: all have to be there
			if !l.Disk.Has(id) {
				t.Fatalf("request %d: %d was asked for on the disk, and is not there", i, id)
			}
		}
	}
}

// held is how many objects a cache holds.
func held(c *Cache) (n int) {
	for _, s := range c.slots {
		if s.held {
			n++
		}
	}
	return n
}

// TestLayersGuarded: LRU with RAM for one object over a disk for two, before which an
// admission policy stands.
func TestLayersGuarded(t *testing.T) {
	for _, c := range []struct {
		admission string
		fill      Fill
		ask       string
		want      string
		refused   int64
	}{
		// What is not written is not kept.
		{"second-request", FillInsert, "aaaba", "--D-R", 2},
		// a leaves RAM twice before it is written; it comes back from the disk then.
		{"second-request", FillEvict, "ababab", "----DD", 2},
		// There is room for a and b. c and d have left RAM as often as who would leave for
		// them and stay out, until they have left it once more.
		{"tiny-lfu", FillEvict, "abcdcdcd", "------DD", 2},
	} {
		t.Run(fmt.Sprint(c.admission, " ", c.fill), func(t *testing.T) {
			l := layers(t, "lru", 1, 2, c.fill, PromoteHit)
			policy, err := cache.Admissions.Get(c.admission)
			if err != nil {
				t.Fatal(err)
			}
			l.Guard(policy.With(cache.AdmissionSetup{Window: 100}, dice()))
			var got strings.Builder
			for _, name := range c.ask {
				got.WriteByte("-RD"[ask(l, uint64(name), 1)])
			}
			if got.String() != c.want || l.Refused != c.refused {
				t.Errorf("%s, %d refused\nwant %s, %d", got.String(), l.Refused, c.want, c.refused)
			}
		})
	}
}

func TestCheckLayers(t *testing.T) {
	for _, c := range []struct {
		fill    Fill
		promote Promote
		want    string
	}{
		{FillInsert, PromoteNever, "RAM would stay empty"},
		{FillEvict, PromoteFetch, "in RAM anyway"},
		{"x", PromoteHit, "unknown fill"},
		{FillEvict, "x", "unknown promotion"},
	} {
		if err := CheckLayers(c.fill, c.promote); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.fill, c.promote, err)
		}
	}
}
