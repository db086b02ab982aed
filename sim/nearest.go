// Nearest: the known name that a mistyped one most likely means, which is what
// every "did you mean" of the lab offers.
package sim

import (
	"slices"
	"strings"
)

const (
	maxNameRunes  = 64 // nobody misspells a longer name by a letter or two, and the distance costs its length squared
	minPrefixSize = 3  // "al" is the beginning of too many names to be a hint
	prefixCost    = 3  // a beginning ("algo") is nearer than two wrong letters and further than one
)

// Nearest returns the known name nearest to name by edit distance, "" when none
// is near (more than a third of the letters differ). Case and the choice between
// "-", "_" and a space cost nothing; swapped neighbours ("spiek") are one edit; a
// beginning of the other name ("algo" for "algorithm") is near however long the
// rest.
func Nearest(name string, known []string) string {
	best, bestCost := "", -1
	folded := fold(name)
	for _, k := range slices.Sorted(slices.Values(known)) { // sorted: of two equally near the answer is always the same
		cost := nameCost(folded, fold(k))
		if cost >= 0 && (bestCost < 0 || cost < bestCost) {
			best, bestCost = k, cost
		}
	}
	return best
}

// fold brings together the spellings that people mix up.
func fold(name string) string {
	return strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(name))
}

// nameCost is how far two folded names are apart, -1 for too far. One edit
// counts 2, so that a beginning fits in between.
func nameCost(a, b string) int {
	if a == b {
		return 0
	}
	ra, rb := []rune(a), []rune(b)
	if len(ra) == 0 || len(rb) == 0 || len(ra) > maxNameRunes || len(rb) > maxNameRunes {
		return -1
	}
	limit := max(1, len(ra)/3)
	cost := -1
	if diff := len(ra) - len(rb); diff <= limit && -diff <= limit {
		if d := editDistance(ra, rb); d <= limit {
			cost = 2 * d
		}
	}
	short := min(len(ra), len(rb))
	if short >= minPrefixSize && slices.Equal(ra[:short], rb[:short]) && (cost < 0 || cost > prefixCost) {
		cost = prefixCost
	}
	return cost
}

// editDistance is the optimal string alignment distance: insertions, deletions,
// substitutions and swaps of neighbours. Boytsov, "Indexing methods for
// approximate dictionary searching" (2011), section 2.1.
func editDistance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differs := 1
			if a[i-1] == b[j-1] {
				differs = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differs)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
