// The same thing at several nodes at once: one line for all of them.
package fault

import (
	"reflect"
	"strings"
)

// DescribeAlike is Describe of an event together with those behind it that do the same to
// other nodes at the same time: "app-1 crashes; so do app-2 and app-3". first is false
// for one that an earlier one speaks of.
func DescribeAlike(all []Config, i int) (words string, first bool) {
	alike := func(j int) bool {
		a, b := all[i], all[j]
		a.Node, b.Node = "", ""
		return all[i].Node != "" && all[j].Node != "" && reflect.DeepEqual(a, b)
	}
	var others []string
	for j := range all {
		switch {
		case j == i || !alike(j):
		case j < i:
			return "", false
		default:
			others = append(others, all[j].Node)
		}
	}
	words = Describe(all[i])
	if all[i].Says != "" { // one's own words speak of all
		return words, true
	}
	switch n := len(others); n {
	case 0:
	case 1:
		words += "; so does " + others[0]
	default:
		words += "; so do " + strings.Join(others[:n-1], ", ") + " and " + others[n-1]
	}
	return words, true
}
