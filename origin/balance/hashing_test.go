// The policies that hash: who moves when a server goes, how even they are, who is
// over the bound, and what is hot.
package balance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

func uri(n int) *sim.Request {
	return &sim.Request{Scheme: "https", Host: "www.example.com", Path: fmt.Sprint("/item/", n)}
}

// owners returns who gets each of so many URIs, one request at a time.
func owners(p Policy, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = p.Pick(0, uri(i)).Index()
	}
	return all
}

// The ring is Envoy's: of 1,024 points or a few more each of equals has as many,
// where xxHash64 of its name and a number says.
func TestRingIsEnvoys(t *testing.T) {
	if h := xxhash.Sum64String("a"); h != 0xd24ec4f1a98c6e5b {
		t.Fatalf("xxHash64 of a is %x", h)
	}
	if HashURI("https", "www.example.com", "/item/1") != xxhash.Sum64String("https://www.example.com/item/1") {
		t.Error("a URI's hash is not that of its text")
	}
	for _, c := range []struct {
		weights []int
		points  []int
	}{
		{[]int{1, 1, 1}, []int{342, 342, 342}},
		{[]int{7}, []int{1024}},
		{[]int{3, 1}, []int{768, 256}},
		{[]int{1, 2, 2}, []int{205, 410, 410}},
		{[]int{65535, 1}, []int{65535, 1}},
	} {
		var specs []Spec
		for i, w := range c.weights {
			specs = append(specs, Spec{Name: fmt.Sprint("s", i), Weight: w})
		}
		var r ring
		r.build(mustServers(t, specs...))
		counts := make([]int, len(specs))
		for _, p := range r.points {
			counts[p.server]++
		}
		if !slices.Equal(counts, c.points) {
			t.Errorf("weights %v: %v points, want %v", c.weights, counts, c.points)
		}
		first := xxhash.Sum64String("s0_0")
		if p := r.points[r.at(first)]; p.hash != first || p.server != 0 {
			t.Errorf("weights %v: at the hash of s0_0 is %+v", c.weights, p)
		}
	}
	var far ring
	far.build(mustServers(t, Spec{Name: "a", Weight: MaxWeight}, Spec{Name: "b", Weight: MaxWeight}, Spec{Name: "c", Weight: 1},
		Spec{Name: "d", Weight: MaxWeight}, Spec{Name: "e", Weight: MaxWeight}))
	var many ring
	specs := []Spec{{Name: "least", Weight: 1}}
	for i := range 40 {
		specs = append(specs, Spec{Name: fmt.Sprint("s", i), Weight: MaxWeight})
	}
	many.build(mustServers(t, specs...))
	if len(far.points) != 4*MaxWeight+1 || len(many.points) > mostPoints+1 {
		t.Errorf("%d and %d points", len(far.points), len(many.points))
	}
}

// A server that goes takes its URIs along, a share of 1/n, and nobody else's; they
// come back with it, and a new one takes 1/(n+1).
func TestOnlyTheDeadServersURIsMove(t *testing.T) {
	const uris = 20_000
	for _, name := range []string{"ring-hash", "bounded-load"} {
		for _, n := range []int{2, 4, 10} {
			servers := mustServers(t, equalSpecs(n)...)
			p := mustNew(t, Config{Algorithm: name}, servers)
			before := owners(p, uris)
			held := map[int]int{}
			for _, s := range before {
				held[s]++
			}
			// sqrt((n-1)/(nv+1)) is the standard deviation of a share on the ring.
			sd := math.Sqrt(float64(n-1) / (ringSize + 1))
			for s := range n {
				if share := float64(held[s]*n) / uris; math.Abs(share-1) > 4*sd+0.05 {
					t.Errorf("%s of %d: server %d has %.2f times its share", name, n, s, share)
				}
			}
			dead := servers.At(1)
			servers.SetUp(dead, false)
			moved := 0
			heirs := map[int]int{}
			for i, s := range owners(p, uris) {
				if s == before[i] {
					continue
				}
				if moved++; before[i] != dead.Index() {
					t.Fatalf("%s: URI %d moved from %d, which lives", name, i, before[i])
				}
				heirs[s]++
			}
			if moved != held[dead.Index()] || len(heirs) != n-1 {
				t.Errorf("%s of %d: %d moved of %d, to %d servers", name, n, moved, held[dead.Index()], len(heirs))
			}
			servers.SetUp(dead, true)
			if !slices.Equal(owners(p, uris), before) {
				t.Errorf("%s of %d: not all came back", name, n)
			}
			if _, err := servers.Add(Spec{Name: "new", Place: "a"}); err != nil {
				t.Fatal(err)
			}
			gained, others := 0, 0
			for i, s := range owners(mustNew(t, Config{Algorithm: name}, servers), uris) {
				switch {
				case s == n:
					gained++
				case s != before[i]:
					others++
				}
			}
			// The ring stays about as large, so that the others lose some of their
			// points, and a few of their URIs to each other.
			if want := uris / (n + 1); math.Abs(float64(gained-want)) > float64(want)*(4*sd+0.05) || others > uris/10 {
				t.Errorf("%s of %d: the new one got %d, want about %d; %d moved between the others", name, n, gained, want, others)
			}
		}
	}
}

// No server gets a request beyond ceil(c(m+1)/n) in flight.
func TestBoundHolds(t *testing.T) {
	for _, factor := range []float64{1, 1.25, 2} {
		dice := rand.New(rand.NewPCG(3, 3))
		servers := mustServers(t, equalSpecs(7)...)
		p := mustNew(t, Config{Algorithm: "bounded-load", Hashing: Hashing{Factor: factor}}, servers)
		var flight []*Server
		worst := 0.0
		for range 20_000 {
			if len(flight) > 0 && dice.IntN(2) == 0 || len(flight) > 60 {
				i := dice.IntN(len(flight))
				servers.End(0, flight[i], Outcome{})
				flight = append(flight[:i], flight[i+1:]...)
				continue
			}
			req := uri(dice.IntN(10) * dice.IntN(10)) // some are asked for a lot
			s := p.Pick(0, req)
			servers.Begin(0, s, req)
			flight = append(flight, s)
			if bound := math.Ceil(factor * float64(len(flight)) / 7); float64(s.Active()) > max(1, bound) {
				t.Fatalf("factor %g: %d of %d in flight, bound %g", factor, s.Active(), len(flight), bound)
			}
			if len(flight) >= 50 {
				worst = max(worst, float64(s.Active())*7/float64(len(flight)))
			}
		}
		if worst < factor*0.9 {
			t.Errorf("factor %g: never more than %.2f times the mean: the bound was not tried", factor, worst)
		}
	}
}

// A policy that takes over from another knows what is in flight.
func TestBoundCountsWhatWasThere(t *testing.T) {
	servers := mustServers(t, equalSpecs(2)...)
	for range 10 {
		servers.Begin(0, servers.At(0), uri(1))
	}
	p := mustNew(t, Config{Algorithm: "bounded-load"}, servers)
	for i := range 20 {
		if s := p.Pick(0, uri(i)); s != servers.At(1) {
			t.Fatalf("URI %d went to the server that has all", i)
		}
	}
}

// What is asked for more than hot-share of the time goes to hot-copies servers in
// turn, in the window after, and to one again when it has cooled down; everything else stays
// where it is.
func TestHotIsShared(t *testing.T) {
	const hot, copies = 3, 3
	servers := mustServers(t, equalSpecs(8)...)
	p := mustNew(t, Config{Algorithm: "ring-hash", Hashing: Hashing{HotShare: 0.1, HotCopies: copies}}, servers)
	cold := owners(mustNew(t, Config{Algorithm: "ring-hash"}, mustServers(t, equalSpecs(8)...)), 1000)
	window := func(second int, hotEvery int) map[int]int {
		at := sim.Time(second) * sim.Time(time.Second)
		got := map[int]int{}
		for i := range 1000 {
			n := i
			if i%hotEvery == 0 {
				n = hot
			}
			s := p.Pick(at, uri(n))
			servers.Begin(at, s, uri(n))
			servers.End(at, s, Outcome{})
			if n == hot {
				got[s.Index()]++
			} else if s.Index() != cold[n] {
				t.Fatalf("URI %d moved", n)
			}
		}
		return got
	}
	if got := window(0, 4); len(got) != 1 {
		t.Errorf("in the first window it was at %v", got)
	}
	got := window(1, 4)
	if len(got) != copies || got[cold[hot]] == 0 {
		t.Errorf("when hot it is at %v, its own is %d", got, cold[hot])
	}
	for s, n := range got { // any order
		if n < 83 || n > 84 {
			t.Errorf("server %d got %d of 250", s, n)
		}
	}
	window(2, 100) // a last time shared
	if got := window(3, 100); len(got) != 1 {
		t.Errorf("cooled down it is at %v", got)
	}
	window(4, 4)
	if got := window(7, 4); len(got) != 1 {
		t.Errorf("after a lull it is at %v", got)
	}
	// A server that is out has no copy; another has.
	window(8, 4)
	servers.SetUp(servers.At(cold[hot]), false)
	seen := map[int]bool{}
	for range 30 {
		seen[p.Pick(sim.Time(9*time.Second), uri(hot)).Index()] = true
	}
	if len(seen) != copies || seen[cold[hot]] {
		t.Errorf("with its own server out it is at %v", seen)
	}
}

// The sketch never says too little, and too much by a small part of all.
func TestSketch(t *testing.T) {
	var s sketch
	dice := rand.New(rand.NewPCG(4, 4))
	zipf := rand.NewZipf(dice, 1.1, 1, 100_000)
	counts := map[uint64]uint32{}
	const all = 50_000
	for range all {
		key := HashURI("https", "h", fmt.Sprint(zipf.Uint64()))
		counts[key]++
		s.add(key)
	}
	over := 0
	for key, n := range counts { // any order
		switch got := s.of(key); {
		case got < n:
			t.Fatalf("%d counted as %d", n, got)
		case float64(got-n) > math.E/sketchWidth*all:
			over++
		}
	}
	if share := float64(over) / float64(len(counts)); share > math.Exp(-sketchRows) || s.total != all {
		t.Errorf("%.3f of the keys are counted far too high, %d in all", share, s.total)
	}
}

func TestHashingRefusesNonsense(t *testing.T) {
	for _, cfg := range []Hashing{{Factor: 0.9}, {Factor: math.NaN()}, {HotShare: 2}, {HotShare: math.NaN()}, {HotCopies: -1}, {HotCopies: 17}, {HotWindow: 1}} {
		if _, err := New(Config{Hashing: cfg}, testTools(mustServers(t, equalSpecs(2)...))); err == nil {
			t.Errorf("%+v passes", cfg)
		}
	}
}

// Maglev's places: as many for each server, to one, or by weight; and when a server goes
// its places are shared out, and of the others' hardly any move.
func TestMaglevTable(t *testing.T) {
	for _, n := range []int{1, 3, 10, 100} {
		servers := mustServers(t, equalSpecs(n)...)
		p := mustNew(t, Config{Algorithm: "maglev"}, servers).(*maglev)
		p.Pick(0, uri(1))
		counts := make([]int, n)
		for _, s := range p.table {
			counts[s]++
		}
		if slices.Max(counts)-slices.Min(counts) > 1 {
			t.Errorf("%d servers: %d to %d places", n, slices.Min(counts), slices.Max(counts))
		}
		if n == 1 {
			continue
		}
		before := slices.Clone(p.table)
		servers.SetUp(servers.At(0), false)
		p.Pick(0, uri(1))
		moved := 0
		for i, s := range p.table {
			if before[i] == 0 && s == 0 {
				t.Fatalf("%d servers: a place is the dead one's", n)
			}
			if before[i] != 0 && s != before[i] {
				moved++
			}
		}
		if moved > maglevSize/20 {
			t.Errorf("%d servers: %d of the %d places of those who live moved", n, moved, maglevSize-counts[0])
		}
		servers.SetUp(servers.At(0), true)
		if p.Pick(0, uri(1)); !slices.Equal(p.table, before) {
			t.Errorf("%d servers: not all came back", n)
		}
	}
	p := mustNew(t, Config{Algorithm: "maglev"}, mustServers(t, named(5, 3, 2)...)).(*maglev)
	p.Pick(0, uri(1))
	counts := make([]int, 3)
	for _, s := range p.table {
		counts[s]++
	}
	if counts[0] < 32760 || counts[0] > 32775 || counts[1] < 19655 || counts[1] > 19668 {
		t.Errorf("weights 5, 3, 2: %v of %d places", counts, maglevSize)
	}
}

// A server at its limit keeps its places: the table is not made anew for it.
func TestMaglevFull(t *testing.T) {
	servers := mustServers(t, Spec{Name: "a", MaxConnections: 1}, Spec{Name: "b"}, Spec{Name: "c"})
	p := mustNew(t, Config{Algorithm: "maglev"}, servers).(*maglev)
	var of *sim.Request
	for n := 0; of == nil; n++ {
		if p.Pick(0, uri(n)).Name == "a" {
			of = uri(n)
		}
	}
	servers.Begin(0, servers.At(0), of)
	if p.Pick(0, of).Name == "a" || p.stale {
		t.Error("picked though full, or a new table")
	}
	servers.End(0, servers.At(0), Outcome{})
	if p.Pick(0, of).Name != "a" {
		t.Error("it does not come back")
	}
}

// Rendezvous: shares by weight, and only the dead one's URIs move, to all others.
func TestRendezvous(t *testing.T) {
	const uris = 50_000
	servers := mustServers(t, named(5, 3, 2)...)
	p := mustNew(t, Config{Algorithm: "rendezvous"}, servers)
	before := owners(p, uris)
	counts := make([]int, 3)
	for _, s := range before {
		counts[s]++
	}
	for i, share := range []float64{0.5, 0.3, 0.2} {
		if want, sd := share*uris, math.Sqrt(uris*share*(1-share)); math.Abs(float64(counts[i])-want) > 5*sd {
			t.Errorf("weight %v of 10 got %d of %d", 10*share, counts[i], uris)
		}
	}
	servers.SetUp(servers.At(1), false)
	heirs := make([]int, 3)
	for i, s := range owners(p, uris) {
		if before[i] != 1 && s != before[i] {
			t.Fatal("a URI of one who lives moved")
		}
		if before[i] == 1 {
			heirs[s]++
		}
	}
	if ratio := float64(heirs[0]) / float64(heirs[2]); math.Abs(ratio-2.5) > 0.25 {
		t.Errorf("the heirs of weight 5 and 2 got %d and %d", heirs[0], heirs[2])
	}
}

// What is hashed: the URI, the user, or the address.
func TestHashBy(t *testing.T) {
	for _, name := range []string{"ring-hash", "bounded-load", "maglev", "rendezvous"} {
		for by, same := range map[string]func(i uint64) *sim.Request{ // any order
			HashByURI:    func(i uint64) *sim.Request { return &sim.Request{Client: i, Path: "/a"} },
			HashByClient: func(i uint64) *sim.Request { return &sim.Request{Client: 7, Path: fmt.Sprint("/", i)} },
			HashByAddress: func(i uint64) *sim.Request {
				return &sim.Request{Client: i, Path: fmt.Sprint("/", i), Addr: netip.AddrFrom4([4]byte{10, 1, 2, 3})}
			},
		} {
			p := mustNew(t, Config{Algorithm: name, Hashing: Hashing{HashBy: by}}, mustServers(t, equalSpecs(10)...))
			picked := map[string]bool{}
			for i := range uint64(100) {
				picked[p.Pick(0, same(i)).Name] = true
			}
			if len(picked) != 1 {
				t.Errorf("%s by %s: %d servers", name, by, len(picked))
			}
			picked = map[string]bool{}
			for i := range uint64(100) {
				req := &sim.Request{Client: i, Path: fmt.Sprint("/", i), Addr: netip.AddrFrom4([4]byte{10, 1, 2, byte(i)})}
				picked[p.Pick(0, req).Name] = true
			}
			if len(picked) < 8 {
				t.Errorf("%s by %s: 100 others go to %d servers", name, by, len(picked))
			}
		}
	}
}
