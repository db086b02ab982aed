// The names nearest to one that is not known, for error messages.

package geo

import (
	"slices"
	"strings"
)

// maxNear is how many names a message offers.
const maxNear = 3

// near lists the spellings with the fewest edits from name, if those are few for its length; else those that contain it
// (a country, the first half of a city). All are names that find knows, each of another place.
func (x *index) near(name string) []string {
	typed := []rune(fold(name))
	if len(typed) == 0 || len(typed) > maxNameRunes {
		return nil
	}
	best := maxNameRunes
	var keys []string
	for _, key := range x.keys {
		known := []rune(key)
		shorter, longer := min(len(typed), len(known)), max(len(typed), len(known))
		limit := min(1+shorter/5, best) // of three letters, one may be wrong
		if longer-shorter > limit {
			continue // the lengths alone differ by more edits
		}
		edits := editDistance(typed, known)
		if edits > limit {
			continue
		}
		if edits < best {
			best, keys = edits, nil
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		keys = x.containing(string(typed))
	}
	return x.spellings(keys)
}

// containing needs three letters: fewer are in every other name.
func (x *index) containing(typed string) []string {
	var keys []string
	for _, key := range x.keys {
		if len(typed) >= 3 && strings.Contains(key, typed) {
			keys = append(keys, key)
		}
	}
	return keys
}

// spellings is the first few keys for people, a place that several of them mean only once.
func (x *index) spellings(keys []string) []string {
	var spellings []string
	var shown []int
	for _, key := range keys {
		e := x.entries[key]
		if len(spellings) < maxNear && !slices.Contains(shown, e.places[0]) {
			spellings, shown = append(spellings, e.spelling), append(shown, e.places[0])
		}
	}
	return spellings
}

// editDistance is how many letters must be inserted, deleted, replaced or swapped with their neighbour to make b of a, none
// edited twice (the optimal string alignment distance; F. Damerau, CACM 7(3), 1964: such four edits are 80 % of all
// misspellings; the table of R. Wagner and M. Fischer, JACM 21(1), 1974, of which three rows are kept).
func editDistance(a, b []rune) int {
	beforeLast, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], beforeLast[j-2]+1)
			}
		}
		beforeLast, last, row = last, row, beforeLast
	}
	return last[len(b)]
}
