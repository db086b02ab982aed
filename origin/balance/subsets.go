// Subsets: which of many servers each of several equal balancers has connections to.
package balance

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// The ways to choose a balancer's servers.
const (
	SubsetAperture = "aperture"
	SubsetRounds   = "rounds"
	SubsetRandom   = "random"
)

// Subsets lists them.
func Subsets() []string { return []string{SubsetAperture, SubsetRounds, SubsetRandom} }

// Subsetting are the options of the policy subset.
type Subsetting struct {
	SubsetBy   string `toml:"subset-by" json:"subset-by" jsonschema:"enum=aperture,enum=rounds,enum=random,default=aperture,description=of subset: which servers a balancer has; aperture is an arc of the ring of all of them with a part of those at its ends (Finagle's deterministic aperture); rounds deals them out anew to every so many balancers (the SRE book's deterministic subsetting); random is each for itself (gRPC's random_subsetting)"`
	SubsetSize int    `toml:"subset-size" json:"subset-size" jsonschema:"default=12,minimum=1,maximum=1000,description=of subset: how many servers a balancer has; of aperture the least: the arc is as long as it takes for every server to be in as many of them as the others"`
}

// WithDefaults fills in what was not given. SubsetBy aperture: the only one that gives
// every server the same load whatever the numbers. SubsetSize 12: Finagle's minimum.
func (s Subsetting) WithDefaults() Subsetting {
	if s.SubsetBy == "" {
		s.SubsetBy = SubsetAperture
	}
	if s.SubsetSize == 0 {
		s.SubsetSize = 12
	}
	return s
}

func (s Subsetting) check() error {
	if !slices.Contains(Subsets(), s.SubsetBy) {
		return fmt.Errorf("balance: unknown subset-by %q; known: %v", s.SubsetBy, Subsets())
	}
	if s.SubsetSize < 1 {
		return fmt.Errorf("balance: subset-size %d must be at least 1", s.SubsetSize)
	}
	return nil
}

// parts returns which part of each server is a peer's, in whole numbers that are
// fractions of the same: 0 of those that it has nothing to do with.
func (s Subsetting) parts(peer Peer, servers []*Server) []int64 {
	peer.Count = max(peer.Count, 1)
	parts := make([]int64, len(servers))
	var here []*Server // not those that have left
	for _, server := range servers {
		if server.Weight > 0 {
			here = append(here, server)
		}
	}
	if len(here) == 0 {
		return parts
	}
	if s.SubsetBy == SubsetAperture {
		aperture(s.SubsetSize, peer, here, parts)
		return parts
	}
	if s.SubsetBy == SubsetRounds {
		here = dealt(s.SubsetSize, peer, here)
	} else {
		here = drawnFor(peer, here)
	}
	for _, server := range here[:min(s.SubsetSize, len(here))] {
		parts[server.index] = int64(server.Weight)
	}
	return parts
}

// aperture is Finagle's deterministic aperture (DeterministicAperture.scala, Ring.scala;
// "Deterministic Aperture", Twitter 2019). The servers share a ring by their weights, and so do
// the peers, each with one part in Count. A peer has the arc that begins with its part and is
// N parts long, N the fewest with which all arcs together go round the ring a whole number
// of times and each has at least size servers. So every place of the ring is in as many arcs
// as any other, and a server at an arc's end is only partly its peer's.
//
// The ring is as long as the weights times the peers, so that all ends are whole numbers.
func aperture(size int, peer Peer, servers []*Server, parts []int64) {
	weights := int64(0)
	for _, s := range servers {
		weights += int64(s.Weight)
	}
	n := min((peer.Count*size+len(servers)-1)/len(servers), peer.Count)
	from := int64(peer.Index) * weights
	to, ring := from+int64(n)*weights, weights*int64(peer.Count)
	at := int64(0)
	for _, s := range servers {
		end := at + int64(s.Weight)*int64(peer.Count)
		parts[s.index] = overlap(at, end, from, to) + overlap(at+ring, end+ring, from, to)
		at = end
	}
}

// overlap is how much two intervals have in common.
func overlap(a, b, c, d int64) int64 { return max(0, min(b, d)-max(a, c)) }

// dealt is deterministic subsetting as in the SRE book (Site Reliability Engineering,
// chapter 20): as many peers as there are subsets make a round, in which a list of the servers,
// shuffled alike for all of them, is dealt out. What does not fill a subset is left over, in
// every round others.
func dealt(size int, peer Peer, servers []*Server) []*Server {
	subsets := max(len(servers)/size, 1)
	dice := rand.New(rand.NewPCG(uint64(peer.Index/subsets), 0))
	dice.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	return servers[peer.Index%subsets*size:]
}

// drawnFor orders servers by their hash with the peer's number for a salt, as gRPC's
// random_subsetting (gRFC A68) does with one drawn by each client.
func drawnFor(peer Peer, servers []*Server) []*Server {
	score := func(s *Server) uint64 { return mixed(xxhash.Sum64String(s.Name) ^ mixed(uint64(peer.Index)+1)) }
	slices.SortFunc(servers, func(a, b *Server) int {
		if score(a) < score(b) {
			return -1
		}
		return 1
	})
	return servers
}
