// What makes picks quick picks the same as what is written down: each quick way against
// the plain one.
package balance

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestTournament(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		var all tournament
		players := make([]player, 1+dice.IntN(70))
		for i := range players {
			players[i] = absent
		}
		for range 500 {
			i := dice.IntN(len(players))
			if dice.IntN(4) == 0 {
				players[i] = absent
				all.remove(i)
			} else {
				players[i] = player{dice.Uint64N(4), uint64(dice.IntN(3)*100 + i)} // a tie is one's own
				if dice.IntN(10) == 0 {
					players[i].key = math.MaxUint64 - 1
				}
				all.set(i, players[i].key, players[i].tie)
			}
			want := -1
			for i, p := range players {
				if p != absent && (want < 0 || p.key < players[want].key || p.key == players[want].key && p.tie < players[want].tie) {
					want = i
				}
			}
			if got := all.first(); got != want {
				t.Fatalf("%d is first, want %d of %v", got, want, players)
			}
		}
	}
}

// Loads by weight are in the order of the fractions, and equal where those are.
func TestPerShare(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 4))
	share := func() int64 {
		return []int64{1 + dice.Int64N(10), Unit * (1 + dice.Int64N(9)), MaxWeight*Unit - dice.Int64N(3)}[dice.IntN(3)]
	}
	for range 100_000 {
		a, b, x, y := dice.IntN(4000), dice.IntN(4000), share(), share()
		want := big.NewRat(int64(a), x).Cmp(big.NewRat(int64(b), y))
		mine, other := perShare(a, x), perShare(b, y)
		if got := map[bool]int{true: 1}[mine > other] - map[bool]int{true: 1}[mine < other]; got != want {
			t.Fatalf("%d/%d against %d/%d: %d, want %d", a, x, b, y, got, want)
		}
	}
	if most := perShare(math.MaxInt, 1); most >= absent.key || most < perShare(4095, 1) || perShare(4096, 1) != most {
		t.Errorf("the most is %d", most)
	}
}

// plainLeast is least-connections by a look at every server.
type plainLeast struct {
	ties    string
	dice    *rand.Rand // as the policy's
	last    []int      // when each was picked
	current []int64    // of smooth round robin
}

func (p *plainLeast) pick(servers *Servers) *Server {
	var tied []*Server
	for _, s := range servers.all {
		if !s.eligible {
			continue
		}
		less := int64(0)
		if tied != nil {
			less = int64(s.load)*tied[0].share - int64(tied[0].load)*s.share
		}
		if less < 0 {
			tied = nil
		}
		if less <= 0 {
			tied = append(tied, s)
		}
	}
	switch {
	case tied == nil:
		return nil
	case len(tied) == 1 || p.ties == TiesFirst:
		return tied[0]
	case p.ties == TiesRandom:
		return tied[p.dice.IntN(len(tied))]
	case p.ties == TiesOldest:
		return slices.MinFunc(tied, func(a, b *Server) int { return p.last[a.index] - p.last[b.index] })
	}
	best, total := tied[0], int64(0)
	for _, s := range tied {
		p.current[s.index] += s.share
		total += s.share
		if p.current[s.index] > p.current[best.index] {
			best = s
		}
	}
	p.current[best.index] -= total
	return best
}

// happens has something become of one of the servers, or of a request in flight, and
// reports whether it did: half of the time it is a pick's turn.
func happens(dice *rand.Rand, servers *Servers, flight *[]*Server, outcome func() Outcome) bool {
	s := servers.At(dice.IntN(servers.Len()))
	switch dice.IntN(10) {
	case 0:
		servers.SetUp(s, dice.IntN(3) > 0)
	case 1:
		servers.SetShare(s, dice.Int64N(4)*int64(s.Weight)*Unit/3)
	case 2, 3, 4:
		if len(*flight) > 0 {
			i := dice.IntN(len(*flight))
			servers.End(0, (*flight)[i], outcome())
			*flight = slices.Delete(*flight, i, i+1)
		}
	default:
		return false
	}
	return true
}

// least-connections against a look at every server, whatever becomes of them.
func TestLeastIsTheLeast(t *testing.T) {
	for _, ties := range Ties() {
		for _, n := range []int{3, 64, 150} {
			dice := rand.New(rand.NewPCG(5, uint64(n)))
			servers := mustServers(t, randomSpecs(dice, n)...)
			policy := mustNew(t, Config{Algorithm: "least-connections", Ties: ties}, servers)
			plain := plainLeast{ties, sim.Stream(1, "test", "policy"), make([]int, n), make([]int64, n)}
			var flight []*Server
			for step := 1; step < 10_000; step++ {
				if happens(dice, servers, &flight, func() Outcome { return Outcome{} }) {
					continue
				}
				want := plain.pick(servers)
				got := policy.Pick(0, nil)
				if got != want {
					t.Fatalf("%s of %d, step %d: %v, want %v", ties, n, step, got, want)
				}
				if got != nil {
					servers.Begin(0, got, nil)
					flight, plain.last[got.index] = append(flight, got), step
				}
			}
		}
	}
}

// Bounds of an average that decays never say other than the average, however close two
// servers are.
func TestPeakEWMABounds(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 6))
	servers := mustServers(t, named(1, 1)...)
	p := mustNew(t, Config{Algorithm: "peak-ewma"}, servers).(*peakEWMA)
	a, b := servers.At(0), servers.At(1)
	told := 0
	for range 200_000 {
		now := sim.Time(dice.Int64N(int64(100 * time.Second)))
		for _, s := range servers.all {
			at := now - sim.Time(dice.Int64N(int64(time.Second)<<dice.IntN(7)))
			p.costs[s.index] = ewma{float64(dice.IntN(5)) * 1e6, at}
			s.active, s.share = dice.IntN(4), Unit*(1+dice.Int64N(3))
		}
		if dice.IntN(3) == 0 { // all but the same
			p.costs[1] = p.costs[0]
			p.costs[1].at += sim.Time(dice.IntN(3))
			b.active, b.share = a.active, a.share
		}
		want := p.load(now, a) < p.load(now, b)
		if got := p.better(now, a, b); got != want {
			t.Fatalf("at %v: %v, want %v: %+v, %+v", now, got, want, p.costs, servers.all)
		}
		if want {
			told++
		}
	}
	if told < 50_000 {
		t.Errorf("only %d of 200,000 were better", told)
	}
}

// A server has room for one more as long as it has fewer than its slots.
func TestBoundedLoadFits(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 7))
	servers := mustServers(t, named(1, 2, 3, 5)...)
	p := mustNew(t, Config{Algorithm: "bounded-load"}, servers).(*boundedLoad)
	for range 100_000 {
		p.active, p.factor = dice.IntN(200), 1+float64(dice.IntN(5))/4
		s := servers.At(dice.IntN(4))
		s.active = dice.IntN(p.active + 1)
		if got := p.fits(s); got != (s.active < p.slots(s)) {
			t.Fatalf("%d of %d in flight at one of weight %d: %v with %d slots", s.active, p.active, s.Weight, got, p.slots(s))
		}
	}
}

// A request is hashed as its URI is, whatever the one before was for.
func TestURIs(t *testing.T) {
	dice := rand.New(rand.NewPCG(8, 8))
	var u uris
	hosts := []string{"", "a.example", "A.Example", "b.example", strings.Repeat("x", 130)}
	for range 10_000 {
		req := &sim.Request{Scheme: []string{"http", "https"}[dice.IntN(2)], Host: hosts[dice.IntN(len(hosts))],
			Path: fmt.Sprint("/", strings.Repeat("p", dice.IntN(130)), dice.IntN(10))}
		if u.hash(req) != HashURI(req.Scheme, strings.ToLower(req.Host), req.Path) {
			t.Fatalf("%s %s %s", req.Scheme, req.Host, req.Path)
		}
	}
}

// The smooth sequence against nginx's loop over all servers, whatever becomes of them and of
// their weights.
func TestSmoothSequenceIsTheLoops(t *testing.T) {
	for _, n := range []int{1, 3, 100} {
		dice := rand.New(rand.NewPCG(12, uint64(n)))
		servers := mustServers(t, randomSpecs(dice, n)...)
		policy := mustNew(t, Config{Algorithm: "weighted-round-robin"}, servers)
		current := make([]int64, n)
		for step := range 20_000 {
			s := servers.At(dice.IntN(n))
			switch dice.IntN(12) {
			case 0:
				servers.SetUp(s, dice.IntN(3) > 0)
			case 1:
				servers.SetShare(s, dice.Int64N(4)*int64(s.Weight)*Unit/3)
			}
			var want *Server
			total := int64(0)
			for i, s := range servers.all {
				if !s.eligible {
					continue
				}
				current[i] += s.share
				total += s.share
				if want == nil || current[i] > current[want.index] {
					want = s
				}
			}
			if want != nil {
				current[want.index] -= total
			}
			if got := policy.Pick(0, nil); got != want {
				t.Fatalf("of %d, step %d: %v, want %v", n, step, got, want)
			}
		}
	}
}

// least-response-time against a look at every server: of equal scores in turn.
func TestLeastResponseIsTheLeast(t *testing.T) {
	const n = 70
	dice := rand.New(rand.NewPCG(13, 13))
	servers := mustServers(t, randomSpecs(dice, n)...)
	policy := mustNew(t, Config{Algorithm: "least-response-time"}, servers).(*leastResponse)
	current := make([]int64, n)
	var flight []*Server
	for step := range 20_000 {
		if happens(dice, servers, &flight, func() Outcome {
			return Outcome{Status: 200 * dice.IntN(2), Latency: time.Duration(dice.IntN(3)) * ms}
		}) {
			continue
		}
		var tied []*Server
		least := 0.0
		for _, s := range servers.all {
			if !s.eligible {
				continue
			}
			score := policy.last[s.index].mean() * float64(1+s.active) / float64(s.share)
			if tied == nil || score < least {
				tied, least = nil, score
			}
			if score == least {
				tied = append(tied, s)
			}
		}
		var want *Server
		total := int64(0)
		for _, s := range tied {
			if len(tied) > 1 {
				current[s.index] += s.share
				total += s.share
			}
			if want == nil || current[s.index] > current[want.index] {
				want = s
			}
		}
		if want != nil {
			current[want.index] -= total
		}
		if got := policy.Pick(0, nil); got != want {
			t.Fatalf("step %d: %v, want %v of %d", step, got, want, len(tied))
		}
		if want != nil {
			servers.Begin(0, want, nil)
			flight = append(flight, want)
		}
	}
}
