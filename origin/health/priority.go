// Priorities: how much of the load each level of servers gets.
package health

// PriorityLoads says which percentage of the requests each level gets, the most wanted
// first, from the share of its servers that is well, 0 to 1, in Envoy's arithmetic
// (priority levels; upstream/load_balancer_impl.cc): a level takes all while its share
// times overprovision is at least 1, and what it cannot take goes to the next. When all
// together cannot take it each gets its part, and the first that has anybody what whole
// percents leave over. All 0: nobody is well anywhere.
func PriorityLoads(well []float64, overprovision float64) []int {
	loads := make([]int, len(well))
	healths := make([]int, len(well))
	sum := 0
	for i, share := range well {
		healths[i] = min(100, int(100*share*overprovision+1e-9))
		sum += healths[i]
	}
	total, left, first := min(100, sum), 100, -1
	if total == 0 {
		return loads
	}
	for i, h := range healths {
		if first < 0 && h > 0 {
			first = i
		}
		loads[i] = min(left, h*100/total)
		left -= loads[i]
	}
	loads[first] += left
	return loads
}
