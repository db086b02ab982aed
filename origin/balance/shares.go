// A tree of weights: change one, or find the owner of a share, in O(log n).
package balance

import "math"

// shareTree is a binary indexed tree (Fenwick 1994) of the eligible servers'
// weights. As long as all have the same weight, which most have, the owner of a share
// is a division away.
type shareTree struct {
	weight []int64 // of each server; 0 when it may not be picked
	sum    []int64 // 1-based: sum[i] covers i's lowest set bit's worth of servers up to i
	top    int     // the greatest power of two <= len(weight)
	total  int64

	common int64 // one of the weights, and how many have it
	like   int
}

// beyond fills sum up to twice top: no share lies there.
const beyond = math.MaxInt64

// grow makes room for one more server, of weight 0.
func (t *shareTree) grow() {
	t.weight = append(t.weight, 0)
	n := len(t.weight)
	if n&(n-1) == 0 {
		t.top = n
		for len(t.sum) < 2*n {
			t.sum = append(t.sum, beyond)
		}
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
	switch after := t.weight[i]; {
	case after > 0 && t.like == 0:
		t.common, t.like = after, 1
	case after > 0 && after == t.common:
		t.like++
	}
	for j := i + 1; j <= len(t.weight); j += j & -j {
		t.sum[j] += d
	}
}

// find returns the index of the server that owns share x in [0, total). Which way a
// step goes is as good as random, so it is arithmetic and no branch.
func (t *shareTree) find(x int64) int {
	if t.like == len(t.weight) {
		return int(uint64(x) / uint64(t.common))
	}
	at := 0
	for step := t.top; step > 0; step >>= 1 {
		sum := t.sum[at+step]
		right := (sum - x - 1) >> 63 // all ones when sum <= x, else 0
		x -= sum & right
		at += step & int(right)
	}
	return at
}
