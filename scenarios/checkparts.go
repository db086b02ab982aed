// Mistakes of a part: what its own Check found, at the keys that it names.
package scenarios

import (
	"strconv"
	"strings"
)

// all reports the mistakes of one part; each begins with its key.
func (c *checker) all(bad []error, part string) {
	for _, err := range bad {
		text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "origin: "), part+": ")
		key, says, found := strings.Cut(text, ": ")
		if !found || strings.Contains(key, " ") {
			key, says, _ = strings.Cut(text, " ")
		}
		var path []any
		for _, table := range strings.Split(part, ".") {
			path = append(path, table)
		}
		c.add(says, "", append(path, keySteps(key)...)...)
	}
}

// keySteps takes a dotted key apart; a number is a place in a list.
func keySteps(key string) []any {
	var path []any
	for step := range strings.SplitSeq(key, ".") {
		if n, err := strconv.Atoi(step); err == nil {
			path = append(path, n)
		} else {
			path = append(path, step)
		}
	}
	return path
}
