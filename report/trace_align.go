// Two traces of one request beside each other: which steps they share.
package report

// maxAligned bounds the steps that are aligned, as that takes their number squared.
const maxAligned = 2000

// align pairs the steps of two traces: the longest sequence that they share, with
// the rest between. shared reports whether there is no rest.
func align(a, b []TraceStep) (pairs []pair, shared bool) {
	one, two := compared(a), compared(b)
	longest := make([][]int32, len(one)+1) // of what is left from i and k on
	for i := range longest {
		longest[i] = make([]int32, len(two)+1)
	}
	for i := len(one) - 1; i >= 0; i-- {
		for k := len(two) - 1; k >= 0; k-- {
			if alike(&a[one[i]], &b[two[k]]) {
				longest[i][k] = 1 + longest[i+1][k+1]
			} else {
				longest[i][k] = max(longest[i+1][k], longest[i][k+1])
			}
		}
	}
	shared = true
	for i, k := 0, 0; i < len(one) || k < len(two); {
		switch {
		case i < len(one) && k < len(two) && alike(&a[one[i]], &b[two[k]]):
			pairs = append(pairs, pair{one[i], two[k]})
			i, k = i+1, k+1
		case k == len(two) || i < len(one) && longest[i+1][k] >= longest[i][k+1]:
			pairs, shared = append(pairs, pair{one[i], -1}), false
			i++
		default:
			pairs, shared = append(pairs, pair{-1, two[k]}), false
			k++
		}
	}
	return pairs, shared
}

// compared are the steps that two worlds must share: not the ends of contents
// between nodes, which stream in one world and come with the header in the other.
func compared(steps []TraceStep) []int {
	var all []int
	for i := range steps[:min(len(steps), maxAligned)] {
		if !steps[i].inner() {
			all = append(all, i)
		}
	}
	return all
}

func alike(a, b *TraceStep) bool { return a.Kind == b.Kind && a.Node == b.Node && a.Peer == b.Peer }
