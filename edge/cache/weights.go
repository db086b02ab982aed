// Weights: fields whose members say how much each is wanted.
package cache

import "strings"

// weighed reports whether a field is a list of words with weights (RFC 9110 12.4.2,
// 12.5.2 to 12.5.4). Neither the order of the words nor their letter case means
// anything there, so two such fields may mean the same that do not look it (RFC 9111
// 4.1). Accept has parameters of its own and is compared as it stands.
func weighed(name string) bool {
	switch name {
	case "Accept-Charset", "Accept-Encoding", "Accept-Language":
		return true
	}
	return false
}

// FieldAcceptEncoding says which codings a content may come in (RFC 9110 12.5.3).
const FieldAcceptEncoding = "Accept-Encoding"

// codings are those that contents are kept in, the best first: what every browser
// takes, and what CDNs tell apart.
var codings = [...]string{"br", "gzip"}

// Coding is the one coding that Accept-Encoding comes to: the best of those that it
// takes at all, "" when it takes none. Whoever is given what is kept under it can
// read it, as long as the origin is asked for that coding alone.
func Coding(lines []string) string {
	for _, coding := range codings {
		m := members{lines: lines}
		for member, more := m.next(); more; member, more = m.next() {
			if word, weight, ok := weightOf(member); ok && weight > 0 && strings.EqualFold(word, coding) {
				return coding
			}
		}
	}
	return ""
}

// maxWeighed bounds the words that are compared each with each; longer lists are
// compared as they stand.
const maxWeighed = 32

// sameWeights reports whether two fields give the same words the same weights. What
// is not in the grammar equals only itself.
func sameWeights(a, b []string) bool { return weighs(a, b) && weighs(b, a) }

// weighs reports whether every member of a has its like in b.
func weighs(a, b []string) bool {
	x := members{lines: a}
	for m, more := x.next(); more; m, more = x.next() {
		found := false
		y := members{lines: b}
		for n, also := y.next(); also && !found; n, also = y.next() {
			found = sameWeight(m, n)
		}
		if !found {
			return false
		}
	}
	return true
}

// sameWeight compares two members.
func sameWeight(a, b string) bool {
	if a == b {
		return true
	}
	word, weight, ok := weightOf(a)
	other, its, also := weightOf(b)
	return ok && also && weight == its && strings.EqualFold(word, other)
}

// weightOf takes a member apart; without a weight it has all of it.
func weightOf(member string) (word string, weight int, ok bool) {
	word, parameter, has := strings.Cut(member, ";")
	weight, ok = 1000, true
	if has {
		weight, ok = thousandths(strings.Trim(parameter, " \t"))
	}
	return strings.TrimRight(word, " \t"), weight, ok
}

// few reports whether a list is short enough to be compared each with each.
func few(lines []string) bool {
	m := members{lines: lines}
	for range maxWeighed {
		if _, more := m.next(); !more {
			return true
		}
	}
	return false
}

// thousandths reads q=0.5 (RFC 9110 12.4.2).
func thousandths(s string) (int, bool) {
	if len(s) < 3 || len(s) > 7 || s[0] != 'q' && s[0] != 'Q' || s[1] != '=' || s[2] != '0' && s[2] != '1' || len(s) > 3 && s[3] != '.' {
		return 0, false
	}
	n := int(s[2]-'0') * 1000
	for i, unit := 4, 100; i < len(s); i, unit = i+1, unit/10 {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n += int(s[i]-'0') * unit
	}
	return n, n <= 1000
}
