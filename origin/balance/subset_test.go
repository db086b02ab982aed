// Subsets against what their sources promise: even load, few connections.
package balance

import (
	"fmt"
	"slices"
	"testing"

	"cdnlab/sim"
)

// subsetLoad returns what each server gets of an even load of all peers, as a multiple of
// its fair share, and the most and the fewest servers that a peer has.
func subsetLoad(t *testing.T, cfg Subsetting, peers int, weights ...int) (loads []float64, most, fewest int) {
	t.Helper()
	servers := mustServers(t, weighing(weights)...)
	loads = make([]float64, len(weights))
	sum := 0
	for _, w := range weights {
		sum += w
	}
	fewest = len(weights)
	for peer := range peers {
		parts := cfg.WithDefaults().parts(Peer{peer, peers}, servers.all)
		total, n := int64(0), 0
		for _, part := range parts {
			if total += part; part > 0 {
				n++
			}
		}
		for i, part := range parts {
			loads[i] += float64(part) / float64(total) / float64(peers) * float64(sum) / float64(weights[i])
		}
		most, fewest = max(most, n), min(fewest, n)
	}
	return loads, most, fewest
}

func weighing(weights []int) []Spec {
	specs := make([]Spec, len(weights))
	for i, w := range weights {
		specs[i] = Spec{Name: fmt.Sprint("s", i), Weight: w}
	}
	return specs
}

func ones(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

func spread(loads []float64) (least, most float64) {
	least, most = loads[0], loads[0]
	for _, l := range loads {
		least, most = min(least, l), max(most, l)
	}
	return least, most
}

// The claim of the aperture: whatever the numbers and weights, every server gets exactly its
// share, and a peer has at least size servers, and no more than it takes for that.
func TestApertureIsEven(t *testing.T) {
	for _, c := range []struct {
		peers, size int
		weights     []int
	}{
		{1, 12, ones(40)}, {3, 12, ones(40)}, {7, 12, ones(40)}, {40, 12, ones(40)}, {100, 12, ones(40)}, {10, 3, ones(7)},
		{5, 2, ones(2)}, {64, 12, ones(1000)}, {9, 2, []int{1, 2, 3, 10, 1, 1}}, {4, 1, ones(1)}, {1000, 12, ones(13)},
	} {
		loads, most, fewest := subsetLoad(t, Subsetting{SubsetSize: c.size}, c.peers, c.weights...)
		if least, greatest := spread(loads); least < 1-1e-9 || greatest > 1+1e-9 {
			t.Errorf("%d peers, %d servers: from %v to %v of the fair share", c.peers, len(c.weights), least, greatest)
		}
		if slices.Max(c.weights) > 1 {
			continue // a heavy server is a long piece of an arc: it is not their number that counts
		}
		if want := min(c.size, len(c.weights)); fewest < want {
			t.Errorf("%d peers, %d servers: a peer has %d, want at least %d", c.peers, len(c.weights), fewest, want)
		}
		// An arc is at the most one peer's part longer than asked for, and cuts two servers.
		if bound := c.size + len(c.weights)/c.peers + 2; most > min(bound, len(c.weights)) {
			t.Errorf("%d peers, %d servers: a peer has %d, want at most %d", c.peers, len(c.weights), most, bound)
		}
	}
}

// Arcs as in Finagle's drawing of three clients and four servers: each has one and a third.
func TestApertureOfThreeAndFour(t *testing.T) {
	servers := mustServers(t, named(1, 1, 1, 1)...)
	for peer, want := range []string{"[3 1 0 0]", "[0 2 2 0]", "[0 0 1 3]"} {
		if got := fmt.Sprint(Subsetting{SubsetBy: SubsetAperture, SubsetSize: 1}.parts(Peer{peer, 3}, servers.all)); got != want {
			t.Errorf("peer %d: %s, want %s", peer, got, want)
		}
	}
}

// Rounds are even while they fill: then each server is in as many subsets as the others. Random
// subsets are not: of 50 peers with 12 of 100 servers each, some have twice as many as others.
func TestRoundsAndRandom(t *testing.T) {
	loads, most, fewest := subsetLoad(t, Subsetting{SubsetBy: SubsetRounds, SubsetSize: 10}, 50, ones(100)...)
	if least, greatest := spread(loads); most != 10 || fewest != 10 || least < 1-1e-9 || greatest > 1+1e-9 {
		t.Errorf("rounds: %d to %d servers, load from %v to %v", fewest, most, least, greatest)
	}
	// 100 servers make 8 subsets of 12, 4 are left over: in 50/8 rounds none is left out often.
	loads, _, _ = subsetLoad(t, Subsetting{SubsetBy: SubsetRounds}, 50, ones(100)...)
	if least, greatest := spread(loads); least < 0.5 || greatest > 1.2 {
		t.Errorf("rounds with a rest: load from %v to %v", least, greatest)
	}
	loads, most, fewest = subsetLoad(t, Subsetting{SubsetBy: SubsetRandom}, 50, ones(100)...)
	if least, greatest := spread(loads); most != 12 || fewest != 12 || greatest < 1.5 || least > 0.5 {
		t.Errorf("random: %d to %d servers, load from %v to %v", fewest, most, least, greatest)
	}
}

// subsetPicks has every peer pick n times, each with some in flight, and returns what the
// servers got of that in all, and how many servers each peer used.
func subsetPicks(t *testing.T, cfg Config, peers, servers, n int, before func(*Servers)) (counts []int, used []int) {
	counts = make([]int, servers)
	for peer := range peers {
		s := mustServers(t, equalSpecs(servers)...)
		policy, err := New(cfg, Tools{Servers: s, Dice: sim.Stream(1, fmt.Sprint("lb-", peer), "policy"), Around: Around{Peer: Peer{peer, peers}}})
		if err != nil {
			t.Fatal(err)
		}
		before(s)
		var flight []*Server
		mine := map[int]bool{}
		for range n {
			picked := policy.Pick(0, nil)
			s.Begin(0, picked, &sim.Request{})
			counts[picked.index]++
			mine[picked.index] = true
			if flight = append(flight, picked); len(flight) > 100 {
				s.End(0, flight[0], Outcome{})
				flight = flight[1:]
			}
		}
		used = append(used, len(mine))
	}
	return counts, used
}

// The picks of all peers together are as even as the parts are, and no peer uses more servers
// than its subset has.
func TestSubsetPicks(t *testing.T) {
	const peers, servers, each = 10, 40, 3000
	fair := float64(peers) * each / servers
	extremes := func(cfg Config) (least, most float64, used int) {
		cfg.Algorithm = "subset"
		counts, connections := subsetPicks(t, cfg, peers, servers, each, func(*Servers) {})
		least, most = fair, fair
		for _, n := range counts {
			least, most = min(least, float64(n)), max(most, float64(n))
		}
		for _, n := range connections {
			used = max(used, n)
		}
		return least / fair, most / fair, used
	}
	if least, most, used := extremes(Config{}); least < 0.93 || most > 1.07 || used > 16 {
		t.Errorf("aperture: %.3f to %.3f of the fair share, %d connections", least, most, used)
	}
	if least, most, used := extremes(Config{Subsetting: Subsetting{SubsetBy: SubsetRandom}}); least > 0.75 || most < 1.5 || used != 12 {
		t.Errorf("random: %.3f to %.3f of the fair share, %d connections", least, most, used)
	}
}

// Who of a subset is out leaves its load to the rest of it; when all are, the others have it.
func TestSubsetOut(t *testing.T) {
	counts, _ := subsetPicks(t, Config{Algorithm: "subset", Subsetting: Subsetting{SubsetBy: SubsetRounds, SubsetSize: 2}}, 1, 6, 600, func(s *Servers) {
		parts := Subsetting{SubsetBy: SubsetRounds, SubsetSize: 2}.parts(Peer{}, s.all)
		for i, part := range parts {
			if part > 0 {
				s.SetUp(s.all[i], false)
			}
		}
	})
	others := 0
	for _, n := range counts {
		if n > 0 {
			others++
		}
	}
	if others != 4 {
		t.Errorf("picks %v, want the four others", counts)
	}
}
