// ECMP: routers send each connection by its hash.
package pair

import "slices"

// buckets is how many parts a resilient group has: what Linux's has by default, twice.
const buckets = 256

// ECMP is a router's group of equal-cost routes. A plain group takes the hash modulo the
// number of routes (RFC 2992's modulo-N), so that most connections move when
// that changes. A resilient one has a table of buckets: those of a route that is
// withdrawn are dealt out to the others, and one that comes back takes its part again, so
// that nobody moves for another's sake.
type ECMP struct {
	up        []bool
	routes    []int // those that are up
	table     []int // of a resilient group: the route of each bucket
	resilient bool
}

// NewECMP returns the group of n balancers, all with a route.
func NewECMP(n int, resilient bool) *ECMP {
	e := &ECMP{resilient: resilient}
	for i := range n {
		e.up = append(e.up, true)
		e.routes = append(e.routes, i)
	}
	if resilient {
		for b := range buckets {
			e.table = append(e.table, b%n)
		}
	}
	return e
}

// Set withdraws the route to a balancer, or has it again. The last route stays: a
// router without any would drop what it sends into nothing, which is no better.
func (e *ECMP) Set(balancer int, up bool) {
	if e.up[balancer] == up {
		return
	}
	e.up[balancer] = up
	routes := []int{}
	for i, up := range e.up {
		if up {
			routes = append(routes, i)
		}
	}
	if len(routes) == 0 {
		return
	}
	e.routes = routes
	e.deal()
}

// deal gives each bucket a route: as it was where that is up, and no route more than its
// part.
func (e *ECMP) deal() {
	if !e.resilient {
		return
	}
	count := make([]int, len(e.up))
	for _, at := range e.table {
		count[at]++
	}
	part := (buckets + len(e.routes) - 1) / len(e.routes)
	for b, at := range e.table {
		if slices.Contains(e.routes, at) && count[at] <= part {
			continue
		}
		to := e.least(count)
		count[at]--
		count[to]++
		e.table[b] = to
	}
}

// least is the route with the fewest buckets.
func (e *ECMP) least(count []int) int {
	return slices.MinFunc(e.routes, func(a, b int) int { return count[a] - count[b] })
}

// Pick returns the balancer of a connection with that hash.
func (e *ECMP) Pick(hash uint64) int {
	if e.resilient {
		return e.table[hash%buckets]
	}
	return e.routes[hash%uint64(len(e.routes))]
}
