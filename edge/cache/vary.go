// Secondary keys: which request header fields a stored answer was chosen by.
package cache

import (
	"net/http"
	"net/textproto"
	"strings"
)

// maxNominated bounds the names in one Vary; an answer with more matches no
// other request.
const maxNominated = 16

// ParseVary reads the field lines of Vary (RFC 9110 12.5.5) into canonical
// names. star means that the answer matches no other request: for "*" anywhere
// in the list, and for what is no list of names.
func ParseVary(lines []string) (names []string, star bool) {
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.Trim(name, " \t")
			switch {
			case name == "":
				continue
			case name == "*", tokenLen(name) != len(name), len(names) == maxNominated:
				return nil, true
			}
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	return names, false
}

// Likeness is how the values of a request field that Vary names are compared.
type Likeness uint8

const (
	ByMeaning Likeness = iota // what means the same is the same, as far as RFC 9111 4.1 allows
	ByText                    // letter by letter, as servers do that know nothing of what they compare
	Reduced                   // by meaning, and Accept-Encoding by the one coding that it comes to
)

// nominated is one request field that an answer was chosen by, with its lines.
type nominated struct {
	name  string
	lines []string
	how   Likeness
}

// nominate keeps the asked request's values of the fields in names.
func nominate(names []string, asked http.Header, how Likeness) []nominated {
	if len(names) == 0 {
		return nil
	}
	all := make([]nominated, len(names))
	for i, name := range names {
		all[i] = nominated{name, nominatedValue(asked, name), how}
	}
	return all
}

// selected reports whether a request selects the answer (RFC 9111 4.1).
func selected(by []nominated, asks http.Header) bool {
	for i := range by {
		if !by[i].how.same(by[i].name, by[i].lines, nominatedValue(asks, by[i].name)) {
			return false
		}
	}
	return true
}

// sameNominated reports whether two answers were chosen by the same values of
// the same fields: the newer takes the place of the older.
func sameNominated(a, b []nominated) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].name != b[i].name || !a[i].how.same(a[i].name, a[i].lines, b[i].lines) {
			return false
		}
	}
	return true
}

// sameFields reports whether two requests have the same values in names.
func (l Likeness) sameFields(names []string, a, b http.Header) bool {
	for _, name := range names {
		if !l.same(name, nominatedValue(a, name), nominatedValue(b, name)) {
			return false
		}
	}
	return true
}

// same compares two values of a field.
func (l Likeness) same(name string, a, b []string) bool {
	switch {
	case l == ByText:
		return sameText(a, b)
	case l == Reduced && name == FieldAcceptEncoding:
		return Coding(a) == Coding(b)
	}
	return sameValue(name, a, b)
}

// sameText compares them letter by letter. A field that is absent equals only one that
// is absent.
func sameText(a, b []string) bool {
	if len(a) == 1 && len(b) == 1 {
		return a[0] == b[0]
	}
	return (len(a) == 0) == (len(b) == 0) && strings.Join(a, ", ") == strings.Join(b, ", ")
}

// sameValue compares them by their meaning. How a list is cut into lines and
// the white space around its commas mean nothing (RFC 9111 4.1), unless a
// quoted string might hold the comma. A field that is absent equals only one
// that is absent.
func sameValue(name string, a, b []string) bool {
	if len(a) == 1 && len(b) == 1 && a[0] == b[0] {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	if hasQuote(a) || hasQuote(b) {
		return strings.Join(a, ", ") == strings.Join(b, ", ")
	}
	if weighed(name) && few(a) && few(b) {
		return sameWeights(a, b)
	}
	x, y := members{lines: a}, members{lines: b}
	for {
		m, more := x.next()
		n, also := y.next()
		if m != n || more != also {
			return false
		}
		if !more {
			return true
		}
	}
}

func hasQuote(lines []string) bool {
	for _, line := range lines {
		if strings.IndexByte(line, '"') >= 0 {
			return true
		}
	}
	return false
}

// members walks the members of a list that may be cut into lines.
type members struct {
	lines []string
	rest  string
}

func (m *members) next() (string, bool) {
	for {
		for m.rest == "" {
			if len(m.lines) == 0 {
				return "", false
			}
			m.rest, m.lines = m.lines[0], m.lines[1:]
		}
		var member string
		member, m.rest, _ = strings.Cut(m.rest, ",")
		if member = strings.Trim(member, " \t"); member != "" {
			return member, true
		}
	}
}
