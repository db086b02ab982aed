// Query: what of a query is in the key, by an operator's rule.
package cache

import (
	"slices"
	"strings"
)

// Query says which parameters of a query are in the key, and so go to the origin: the
// others mean nothing to what comes. The zero Query keeps all as they come.
type Query struct {
	None    bool
	Sorted  bool     // by their names; those of one name stay in their order
	Only    []string // patterns of names (Glob): those alone
	Without []string // ... all but those
}

// Apply returns a target with what of its query is in the key: the target itself when
// that is all of it.
func (q *Query) Apply(target string) string {
	at := strings.IndexByte(target, '?')
	if q == nil || at < 0 {
		return target
	}
	if q.None {
		return target[:at]
	}
	type param struct{ name, pair string }
	var kept []param
	for pair := range strings.SplitSeq(target[at+1:], "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name = unescaped(name); pair != "" && q.has(name) {
			kept = append(kept, param{name, pair})
		}
	}
	if q.Sorted {
		slices.SortStableFunc(kept, func(a, b param) int { return strings.Compare(a.name, b.name) })
	}
	var b strings.Builder
	b.Grow(len(target))
	b.WriteString(target[:at])
	sep := byte('?')
	for _, p := range kept {
		b.WriteByte(sep)
		sep = '&'
		b.WriteString(p.pair)
	}
	if b.String() == target {
		return target
	}
	return b.String()
}

// has reports whether parameters of a name are in the key.
func (q *Query) has(name string) bool {
	in := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return Glob(p, name) })
	}
	return (len(q.Only) == 0 || in(q.Only)) && !in(q.Without)
}

// Glob reports whether a text is one of a pattern, in which * stands for any letters,
// or none: / too.
func Glob(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], after
	}
}
