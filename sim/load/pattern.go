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
	plain    numbers[string]
	numbered numbers[ends]
}

// numbers are the entries of keys. Few are looked through, which takes less time
// than to hash one.
type numbers[K comparable] struct {
	few  []numberOf[K]
	many map[K]int32 // all of them; nil: they are few
}

type numberOf[K comparable] struct {
	key   K
	entry int32
}

const fewKeys = 8

func (n *numbers[K]) get(key K) (entry int32, known bool) {
	if n.many != nil {
		entry, known = n.many[key]
		return entry, known
	}
	for i := range n.few {
		if n.few[i].key == key {
			return n.few[i].entry, true
		}
	}
	return 0, false
}

// put gives a key its entry, and returns the one that it has already, or -1.
func (n *numbers[K]) put(key K, entry int) int {
	if other, known := n.get(key); known {
		return int(other)
	}
	switch {
	case n.many != nil:
		n.many[key] = int32(entry)
	case len(n.few) < fewKeys:
		n.few = append(n.few, numberOf[K]{key, int32(entry)})
	default:
		n.many = map[K]int32{key: int32(entry)}
		for _, x := range n.few {
			n.many[x.key] = x.entry
		}
	}
	return -1
}

// add enters a pattern and returns the entry that has it already, or -1.
func (x *index) add(p pattern, entry int) int {
	if !p.numbered {
		return x.plain.put(p.prefix, entry)
	}
	return x.numbered.put(ends{p.prefix, p.suffix}, entry)
}

// find returns the entry and number of a path. Every run of digits in it may be
// the number; where two patterns fit, the one whose number stands first has it.
func (x *index) find(path string, fits func(entry int32, number int) bool) (Object, bool) {
	if entry, known := x.plain.get(path); known {
		return Object{entry, 1}, true
	}
	if x.numbered.many == nil {
		return x.look(path, fits)
	}
	for from := 0; from < len(path); from++ {
		to := from
		for to < len(path) && isDigit(path[to]) {
			to++
		}
		if to == from {
			continue
		}
		if entry, known := x.numbered.get(ends{path[:from], path[to:]}); known {
			if n, ok := readNumber(path[from:to]); ok && fits(entry, n) {
				return Object{entry, int32(n)}, true
			}
		}
		from = to
	}
	return Object{}, false
}

// look is find among few patterns: each is held against the path.
func (x *index) look(path string, fits func(entry int32, number int) bool) (o Object, found bool) {
	first := len(path)
	for i := range x.numbered.few {
		p := &x.numbered.few[i]
		digits := p.key.within(path)
		if digits == "" || found && len(p.key.prefix) > first {
			continue
		}
		if n, ok := readNumber(digits); ok && fits(p.entry, n) {
			o, first, found = Object{p.entry, int32(n)}, len(p.key.prefix), true
		}
	}
	return o, found
}

// within returns the run of digits that the ends leave of a path, "" when there is
// none. Where an end has a digit next to it that is one of the run, and the path is
// another's.
func (e *ends) within(path string) string {
	from, to := len(e.prefix), len(path)-len(e.suffix)
	if from >= to || path[:from] != e.prefix || path[to:] != e.suffix {
		return ""
	}
	if from > 0 && isDigit(path[from-1]) || to < len(path) && isDigit(path[to]) {
		return ""
	}
	for i := from; i < to; i++ {
		if !isDigit(path[i]) {
			return ""
		}
	}
	return path[from:to]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// readNumber reads a number as paths have it: no leading zero, at most
// maxDigits long and no more than maxNumber.
func readNumber(digits string) (int, bool) {
	if digits[0] == '0' || len(digits) > maxDigits {
		return 0, false
	}
	n := 0
	for i := 0; i < len(digits); i++ {
		n = n*10 + int(digits[i]-'0')
	}
	return n, n <= maxNumber
}

// maxDigits is how long the number of an object can be.
const maxDigits = len("2147483647")
