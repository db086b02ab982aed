// Each policy against its source: exact sequences and naive twins.
package balance

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"cdnlab/sim"
)

// sequence picks n times with nothing in flight and writes the names in a row.
func sequence(policy Policy, req *sim.Request, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(policy.Pick(0, req).Name)
	}
	return b.String()
}

func named(weights ...int) []Spec {
	specs := make([]Spec, len(weights))
	for i, w := range weights {
		specs[i] = Spec{Name: string(rune('a' + i)), Place: string(rune('a' + i)), Weight: w}
	}
	return specs
}

func TestSequences(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		weights   []int
		down      string
		want      string
	}{
		{"round-robin", []int{1, 1, 1}, "", "abcabcabc"},
		{"round-robin", []int{5, 1, 1}, "", "abcabcabc"},
		{"round-robin", []int{1, 1, 1}, "b", "acacacaca"},
		// nginx's own example, balancing.md 1.2 [observed]
		{"weighted-round-robin", []int{5, 1, 1}, "", "aabacaaaabacaa"},
		{"weighted-round-robin", []int{1, 1, 1}, "", "abcabc"},
		{"weighted-round-robin", []int{5, 1, 1}, "a", "bcbcbc"},
		{"weighted-round-robin", []int{3, 2}, "", "ababaababa"},
		// nothing in flight: all tied, so nginx's tie break is the sequence
		{"least-connections", []int{5, 1, 1}, "", "aabacaa"},
		{"least-connections", []int{1, 1, 1}, "b", "acacac"},
	} {
		servers := mustServers(t, named(c.weights...)...)
		policy := mustNew(t, Config{Algorithm: c.algorithm}, servers)
		for _, name := range c.down {
			servers.SetUp(servers.Find(string(name)), false)
		}
		if got := sequence(policy, &sim.Request{Place: "a"}, len(c.want)); got != c.want {
			t.Errorf("%s %v without %q: %s, want %s", c.algorithm, c.weights, c.down, got, c.want)
		}
	}
}

// A server that was out comes back into the smooth sequence with the current
// weight it had, as nginx's peers do.
func TestSmoothSequenceGoesOnAfterAnOutage(t *testing.T) {
	servers := mustServers(t, named(5, 1, 1)...)
	policy := mustNew(t, Config{Algorithm: "weighted-round-robin"}, servers)
	got := sequence(policy, nil, 3) // a a b; now a 1, b -4, c 3
	servers.SetUp(servers.Find("a"), false)
	got += sequence(policy, nil, 2) // c 4-2, b -3; then c 3-2
	servers.SetUp(servers.Find("a"), true)
	got += sequence(policy, nil, 3) // a 6-7, c 2, b -1; a 4-7, c 3; c 4-7
	if want := "aabccaac"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The two implementations of least-connections against a look at every server.
func TestLeastConnectionsIsLeast(t *testing.T) {
	for _, ties := range Ties() {
		dice := rand.New(rand.NewPCG(3, 3))
		servers := mustServers(t, randomSpecs(dice, 40)...)
		policy := mustNew(t, Config{Algorithm: "least-connections", Ties: ties}, servers)
		var flight []*Server
		for step := range 5000 {
			if dice.IntN(40) == 0 {
				servers.SetUp(servers.At(dice.IntN(40)), dice.IntN(2) == 0)
			}
			if dice.IntN(3) == 0 && len(flight) > 0 {
				i := dice.IntN(len(flight))
				servers.End(0, flight[i], Outcome{})
				flight = append(flight[:i], flight[i+1:]...)
				continue
			}
			s := policy.Pick(0, nil)
			if s == nil {
				continue
			}
			for i := range servers.Len() {
				o := servers.At(i)
				if o.Eligible() && o.Active()*s.Weight < s.Active()*o.Weight {
					t.Fatalf("%s, step %d: picked %d/%d, but %d/%d was there", ties, step, s.Active(), s.Weight, o.Active(), o.Weight)
				}
			}
			servers.Begin(0, s, nil)
			flight = append(flight, s)
		}
	}
}

func TestLeastConnectionsTies(t *testing.T) {
	for _, c := range []struct{ ties, want string }{
		{TiesOldest, "abcabc"}, {TiesFirst, "aaaaaa"}, {TiesSmooth, "abcabc"},
	} {
		servers := mustServers(t, named(1, 1, 1)...)
		policy := mustNew(t, Config{Algorithm: "least-connections", Ties: c.ties}, servers)
		got := ""
		for range len(c.want) {
			s := policy.Pick(0, nil)
			servers.Begin(0, s, nil)
			got += s.Name
			servers.End(0, s, Outcome{})
		}
		if got != c.want {
			t.Errorf("ties %s: %s, want %s", c.ties, got, c.want)
		}
	}
}

// naiveIPHash is nginx's loop, word by word.
func naiveIPHash(servers *Servers, octets []byte) *Server {
	h, total := 89, 0
	for i := range servers.Len() {
		total += servers.At(i).Weight
	}
	for tries := 0; tries <= 20; tries++ {
		for _, o := range octets {
			h = (h*113 + int(o)) % 6271
		}
		w, i := h%total, 0
		for w >= servers.At(i).Weight {
			w -= servers.At(i).Weight
			i++
		}
		if servers.At(i).Eligible() {
			return servers.At(i)
		}
	}
	return nil
}

func TestIPHashIsNginx(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 5))
	servers := mustServers(t, named(3, 1, 4, 1, 5)...)
	policy := mustNew(t, Config{Algorithm: "ip-hash"}, servers)
	for range 5000 {
		servers.SetUp(servers.At(dice.IntN(5)), dice.IntN(4) > 0)
		var addr netip.Addr
		var octets []byte
		if dice.IntN(2) == 0 {
			four := [4]byte{byte(dice.Uint32()), byte(dice.Uint32()), byte(dice.Uint32()), byte(dice.Uint32())}
			addr, octets = netip.AddrFrom4(four), four[:3]
		} else {
			six := [16]byte{0x20, 1}
			for i := 2; i < 16; i++ {
				six[i] = byte(dice.Uint32())
			}
			addr, octets = netip.AddrFrom16(six), six[:]
		}
		want := naiveIPHash(servers, octets)
		got := policy.Pick(0, &sim.Request{Addr: addr})
		if want != nil && got != want {
			t.Fatalf("%v: %v, want %v", addr, got, want)
		}
		if servers.Eligible() > 0 && got == nil {
			t.Fatalf("%v: nobody, with %d eligible", addr, servers.Eligible())
		}
	}
}

func TestIPHashKeepsUsers(t *testing.T) {
	servers := mustServers(t, named(1, 1, 1)...)
	policy := mustNew(t, Config{Algorithm: "ip-hash"}, servers)
	ask := func(addr string, client uint64) string {
		req := &sim.Request{Client: client}
		if addr != "" {
			req.Addr = netip.MustParseAddr(addr)
		}
		return policy.Pick(0, req).Name
	}
	// By hand: 89*113+192 = 10249 % 6271 = 3978; *113+0 = 449514 % 6271 = 4273;
	// *113+2 = 482851 % 6271 = 6255; 6255 % 3 = 0.
	if got := ask("192.0.2.1", 1); got != "a" {
		t.Errorf("192.0.2.1 on %s, want a", got)
	}
	if ask("192.0.2.1", 1) != ask("192.0.2.200", 2) || ask("192.0.2.1", 1) != ask("::ffff:192.0.2.9", 3) {
		t.Error("one /24 is on several servers")
	}
	seen := map[string]bool{}
	for client := range uint64(50) {
		if ask("", client) != ask("", client) {
			t.Error("a user without an address moved")
		}
		seen[ask("", client)] = true
	}
	if len(seen) != 3 {
		t.Errorf("50 users without an address use %d servers", len(seen))
	}
}

func TestGeo(t *testing.T) {
	specs := []Spec{{Name: "1", Place: "a", MaxConnections: 2}, {Name: "2", Place: "c"}, {Name: "3", Place: "a"}, {Name: "4", Place: "z"}}
	servers := mustServers(t, specs...)
	policy := mustNew(t, Config{Algorithm: "geo"}, servers)
	near := &sim.Request{Place: "a"}
	if got := sequence(policy, near, 4); got != "1313" {
		t.Errorf("two as near: %s, want 1313", got)
	}
	for range 2 {
		servers.Begin(0, servers.Find("1"), near)
	}
	if got := sequence(policy, near, 2); got != "33" {
		t.Errorf("1 is full: %s, want 33", got)
	}
	servers.SetUp(servers.Find("3"), false)
	if got := sequence(policy, near, 2); got != "22" {
		t.Errorf("3 is out as well: %s, want 22", got)
	}
	if got := sequence(policy, &sim.Request{Place: "y"}, 1); got != "4" {
		t.Errorf("from far away: %s, want 4", got)
	}
	servers.End(0, servers.Find("1"), Outcome{})
	if got := sequence(policy, near, 1); got != "1" {
		t.Errorf("1 has room again: %s", got)
	}
	if _, err := servers.Add(Spec{Name: "5", Place: "y"}); err != nil {
		t.Fatal(err)
	}
	if got := sequence(policy, &sim.Request{Place: "y"}, 1); got != "5" {
		t.Errorf("a server came nearer: %s, want 5", got)
	}
}

func TestUnknownNamesAreErrors(t *testing.T) {
	servers := mustServers(t, named(1)...)
	for _, cfg := range []Config{{Algorithm: "round-robbin"}, {Ties: "coin"}} {
		if _, err := New(cfg, testTools(servers)); err == nil {
			t.Errorf("%+v was taken", cfg)
		} else {
			t.Log(err)
		}
	}
	for _, bad := range [][]Spec{{{}}, {{Name: "a"}, {Name: "a"}}, {{Name: "a", Weight: -1}}, {{Name: "a", MaxConnections: -1}}} {
		if _, err := NewServers(bad...); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// The tree of shares against a sum from the left.
func TestShareTree(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 9))
	var tree shareTree
	var naive []int64
	for range 300 {
		tree.grow()
		naive = append(naive, 0)
		i, d := dice.IntN(len(naive)), dice.Int64N(5)
		tree.add(i, d)
		naive[i] += d
		x := int64(0)
		for owner, w := range naive {
			for range w {
				if got := tree.find(x); got != owner {
					t.Fatalf("share %d of %v belongs to %d, not %d", x, naive, owner, got)
				}
				x++
			}
		}
		if tree.total != x {
			t.Fatalf("total %d, want %d", tree.total, x)
		}
	}
}

func TestServersNext(t *testing.T) {
	servers := mustServers(t, equalSpecs(130)...)
	for i := range 130 {
		servers.SetUp(servers.At(i), i == 3 || i == 64 || i == 129)
	}
	for from, want := range map[int]int{0: 3, 3: 3, 4: 64, 64: 64, 65: 129, 129: 129, 130: 3} { // any order will do
		if got := servers.Next(from); got.Index() != want {
			t.Errorf("from %d: %d, want %d", from, got.Index(), want)
		}
	}
	servers.SetUp(servers.At(3), false)
	servers.SetUp(servers.At(129), false)
	if got := servers.Next(65); got.Index() != 64 {
		t.Errorf("going round within a word: %v", got.Index())
	}
}
