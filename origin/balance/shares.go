// A tree of weights: change one, or find the owner of a share, in O(log n).
package balance

import (
	"math"
	"math/bits"
)

// shareTree is a binary indexed tree (Fenwick 1994) of the eligible servers'
// weights. As long as all have the same weight, which most have, the owner of a share
// is a division away. As long as nothing changes it is a step or two from a guide
// (Chen and Asau 1974), which is made once there were as many finds as it costs.
type shareTree struct {
	weight []int64 // of each server; 0 when it may not be picked
	sum    []int64 // 1-based: sum[i] covers i's lowest set bit's worth of servers up to i
	top    int     // the greatest power of two <= len(weight)
	total  int64

	common int64 // one of the weights, and how many have it
	like   int
	alike  uint64 // what all weigh; 0: they differ

	ends  []int64 // of the guide: the sums of the weights up to each
	guide []int32 // for each value of a share's first bits the owner of the least such one
	shift int
	finds int // since the last change; when they are more than weights there is a guide
}

// guided is from how many servers on a guide is quicker than the tree.
const guided = 48

// beyond fills sum up to twice top: no share lies there.
const beyond = math.MaxInt64

// grow makes room for one more server, of weight 0.
func (t *shareTree) grow() {
	t.weight, t.alike = append(t.weight, 0), 0
	n := len(t.weight)
	if n&(n-1) == 0 {
		t.top = n
		for len(t.sum) < 2*n {
			t.sum = append(t.sum, beyond)
		}
		t.ends, t.guide = make([]int64, 2*n), make([]int32, 4*n)
	}
	covered := int64(0)
	for i := n - (n & -n); i < n-1; i++ {
		covered += t.weight[i]
	}
	t.sum[n] = covered
}

func (t *shareTree) at(i int) int64 { return t.weight[i] }

func (t *shareTree) add(i int, d int64) {
	if before := t.weight[i]; before == t.common && before > 0 {
		t.like--
	}
	t.weight[i] += d
	t.total += d
	t.finds = 0
	switch after := t.weight[i]; {
	case after > 0 && t.like == 0:
		t.common, t.like = after, 1
	case after > 0 && after == t.common:
		t.like++
	}
	if t.alike = 0; t.like == len(t.weight) {
		t.alike = uint64(t.common)
	}
	for j := i + 1; j <= len(t.weight); j += j & -j {
		t.sum[j] += d
	}
}

// find returns the index of the server that owns share x in [0, total).
func (t *shareTree) find(x int64) int {
	if t.alike == 0 {
		return t.search(x)
	}
	return int(uint64(x) / t.alike)
}

// search is find where weights differ.
func (t *shareTree) search(x int64) int {
	switch {
	case len(t.weight) < guided:
		return t.descend(x)
	case t.finds <= len(t.weight):
		if t.finds++; t.finds > len(t.weight) {
			t.index()
		}
		return t.descend(x)
	}
	i := t.guide[x>>t.shift]
	for t.ends[i] <= x {
		i++
	}
	return int(i)
}

// descend finds the owner in the tree. Which way a step goes is as good as random, so it
// is arithmetic and no branch.
func (t *shareTree) descend(x int64) int {
	at := 0
	for step := t.top; step > 0; step >>= 1 {
		sum := t.sum[at+step]
		right := (sum - x - 1) >> 63 // all ones when sum <= x, else 0
		x -= sum & right
		at += step & int(right)
	}
	return at
}

// index makes the guide.
func (t *shareTree) index() {
	sum := int64(0)
	for i, w := range t.weight {
		sum += w
		t.ends[i] = sum
	}
	t.shift = max(0, bits.Len64(uint64(t.total-1))-bits.Len(uint(len(t.guide)-1)))
	owner := 0
	for first := range (t.total-1)>>t.shift + 1 {
		for t.ends[owner] <= first<<t.shift {
			owner++
		}
		t.guide[first] = int32(owner)
	}
}
