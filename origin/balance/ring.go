// The hash ring: servers at many points each, and requests at one.
package balance

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
)

const (
	// ringSize is the least number of points, Envoy's and gRPC's: with n servers the
	// standard deviation of a share is sqrt((n-1)/(1024+1)) of it, 4 % for three and
	// 14 % for twenty.
	ringSize = 1024
	// mostPoints bounds it where weights are far apart (Envoy: 8 Mi).
	mostPoints = 1 << 20
)

// point is one of a server's places on the ring.
type point struct {
	hash   uint64
	server int32 // its index
}

// ring is consistent hashing (Karger et al., 1997) as Envoy's ring_hash makes it
// (ring_hash_lb.cc): server i has points at xxHash64("name_0"), "name_1" …, as many
// as its weight says, and the one of the least weight a whole number. A request
// belongs to the first point at its hash or after it, going round.
type ring struct {
	points []point
	known  int // how many servers there were

	// guide has for each value of a hash's first bits the first point that has those or
	// more. There are as many values as points, so from there it is a step or two.
	guide []int32
	shift int
}

// build puts the servers on the ring, those that are out too: their points are
// what brings their requests back to them.
func (r *ring) build(servers *Servers) {
	r.points, r.known = r.points[:0], servers.Len()
	least, total := 0, 0
	for _, s := range servers.all {
		if s.Weight > 0 && (least == 0 || s.Weight < least) {
			least = s.Weight
		}
		total += s.Weight
	}
	if total == 0 {
		return // all have left
	}
	// A weight of least has size*least/total points, rounded up.
	each := (ringSize*least + total - 1) / total
	if each*total/least > mostPoints {
		each, least = mostPoints, total
	}
	sum, made := 0, 0
	var name []byte
	for _, s := range servers.all {
		sum += s.Weight
		for i := 0; made < (sum*each+least-1)/least; i++ {
			name = strconv.AppendInt(append(append(name[:0], s.Name...), '_'), int64(i), 10)
			r.points = append(r.points, point{xxhash.Sum64(name), int32(s.index)})
			made++
		}
	}
	slices.SortFunc(r.points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.server, b.server))
	})
	r.index()
}

// index makes the guide.
func (r *ring) index() {
	width := bits.Len(uint(len(r.points) - 1))
	r.shift, r.guide = 64-width, make([]int32, 1<<width)
	at := 0
	for first := range r.guide {
		for at < len(r.points) && r.points[at].hash>>r.shift < uint64(first) {
			at++
		}
		r.guide[first] = int32(at)
	}
}

// at returns the point that a hash belongs to.
func (r *ring) at(hash uint64) int {
	i := int(r.guide[hash>>r.shift])
	for i < len(r.points) && r.points[i].hash < hash {
		i++
	}
	if i == len(r.points) {
		return 0
	}
	return i
}

// next is the point after i.
func (r *ring) next(i int) int {
	if i++; i < len(r.points) {
		return i
	}
	return 0
}
