// Paths with a number in them.
package load

import (
	"strconv"
	"strings"
)

// pattern is a path split at {n}; without one it stands for a single path.
type pattern struct {
	prefix, suffix string
	numbered       bool
}

func newPattern(path string) pattern {
	prefix, suffix, numbered := strings.Cut(path, "{n}")
	return pattern{prefix, suffix, numbered}
}

// appendPath appends the path of the object with that number, from 1.
func (p pattern) appendPath(b []byte, number int) []byte {
	b = append(b, p.prefix...)
	if p.numbered {
		b = strconv.AppendInt(b, int64(number), 10)
	}
	return append(b, p.suffix...)
}

// path returns the path of the object with that number.
func (p pattern) path(number int) string {
	if !p.numbered {
		return p.prefix
	}
	var space [maxPath]byte
	return string(p.appendPath(space[:0], number))
}

// ends is what the paths of one pattern have in common: the key to find it by.
type ends struct{ prefix, suffix string }

// index finds the entry of a path in time that does not grow with the entries.
type index struct {
	plain    map[string]int32
	numbered map[ends]int32
}

// add enters a pattern and returns the entry that has it already, or -1.
func (x *index) add(p pattern, entry int) int {
	if !p.numbered {
		if other, known := x.plain[p.prefix]; known {
			return int(other)
		}
		x.plain[p.prefix] = int32(entry)
		return -1
	}
	if other, known := x.numbered[ends{p.prefix, p.suffix}]; known {
		return int(other)
	}
	x.numbered[ends{p.prefix, p.suffix}] = int32(entry)
	return -1
}

func newIndex() index { return index{map[string]int32{}, map[ends]int32{}} }

// find returns the entry and number of a path. Every run of digits in it may be
// the number; where two patterns fit, the one whose number stands first has it.
func (x *index) find(path string, fits func(entry int32, number int) bool) (Object, bool) {
	if entry, known := x.plain[path]; known {
		return Object{entry, 1}, true
	}
	for from := 0; from < len(path); from++ {
		to := from
		for to < len(path) && isDigit(path[to]) {
			to++
		}
		if to == from {
			continue
		}
		if entry, known := x.numbered[ends{path[:from], path[to:]}]; known {
			if n, ok := readNumber(path[from:to]); ok && fits(entry, n) {
				return Object{entry, int32(n)}, true
			}
		}
		from = to
	}
	return Object{}, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// readNumber reads a number as paths have it: no leading zero, at most
// MaxObjects.
func readNumber(digits string) (int, bool) {
	if digits[0] == '0' || len(digits) > len("10000000") {
		return 0, false
	}
	n := 0
	for i := 0; i < len(digits); i++ {
		n = n*10 + int(digits[i]-'0')
	}
	return n, true
}
