// A tree of weights: change one, or find the owner of a share, in O(log n).
package balance

// shareTree is a binary indexed tree (Fenwick 1994) of the eligible servers'
// weights.
type shareTree struct {
	weight []int64 // of each server; 0 when it may not be picked
	sum    []int64 // 1-based: sum[i] covers i's lowest set bit's worth of servers up to i
	top    int     // the greatest power of two <= len(weight)
	total  int64
}

// grow makes room for one more server, of weight 0.
func (t *shareTree) grow() {
	t.weight = append(t.weight, 0)
	if len(t.sum) == 0 {
		t.sum = append(t.sum, 0)
	}
	n := len(t.weight)
	covered := int64(0)
	for i := n - (n & -n); i < n-1; i++ {
		covered += t.weight[i]
	}
	t.sum = append(t.sum, covered)
	if n&(n-1) == 0 {
		t.top = n
	}
}

func (t *shareTree) at(i int) int64 { return t.weight[i] }

func (t *shareTree) add(i int, d int64) {
	t.weight[i] += d
	t.total += d
	for j := i + 1; j < len(t.sum); j += j & -j {
		t.sum[j] += d
	}
}

// find returns the index of the server that owns share x in [0, total).
func (t *shareTree) find(x int64) int {
	at := 0
	for step := t.top; step > 0; step >>= 1 {
		if next := at + step; next < len(t.sum) && t.sum[next] <= x {
			at = next
			x -= t.sum[next]
		}
	}
	return at
}
