// Fields: the header fields that users send, each their own.
package load

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// FieldValues are what users send in header fields, by name: each of them one of the
// values, the same with every request. {user} in a value is the user's number, {1-9}
// one of the numbers 1 to 9.
type FieldValues map[string][]string

// maxKept bounds the headers that are kept because many users share them.
const maxKept = 4096

// ownFields are those that whoever sends a request writes.
var ownFields = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Te", "Trailer", "Upgrade", "Expect", "Keep-Alive"}

// Check adds what is wrong with them.
func (v FieldValues) Check(l *check.List) {
	if len(v) > maxHeaders {
		l.Add("headers", "are %d; the limit is %d", len(v), maxHeaders)
	}
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		canonical := http.CanonicalHeaderKey(name)
		other, twice := seen[canonical]
		seen[canonical] = name
		switch {
		case !isToken(name):
			l.Add("headers", "%q is not the name of a header", name)
		case twice:
			l.Add("headers", "%q and %q are the same header", other, name)
		case slices.Contains(ownFields, canonical) || strings.HasPrefix(canonical, "Cdnlab-"):
			l.Add("headers", "%s is written by whoever sends the request", canonical)
		case len(v[name]) == 0:
			l.Add("headers", "%s has no value; leave it out", canonical)
		}
		for _, value := range v[name] {
			checkValue(l, "headers", value)
		}
	}
}

// Fields gives the users of a group their headers.
type Fields struct {
	base  http.Header
	names []string // canonical, sorted
	of    [][]userValue
	draws []sim.Draws
	kept  map[string]http.Header // of those that many users have
}

// NewFields returns the headers of a group's users: base, and what values say in its
// place or beside it. Which of the values a user has depends on the seed, the field
// and the user.
func NewFields(values FieldValues, base http.Header, seed uint64) *Fields {
	f := &Fields{base: base}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		canonical := http.CanonicalHeaderKey(name)
		f.names = append(f.names, canonical)
		f.draws = append(f.draws, sim.NewDraws(seed, sim.NewLuck("load: header "+canonical)))
		var all []userValue
		for _, value := range values[name] {
			all = append(all, parseValue(value))
		}
		f.of = append(f.of, all)
	}
	return f
}

// Of returns a user's header. It may be shared and must not be changed.
func (f *Fields) Of(user uint64) http.Header {
	if len(f.names) == 0 {
		return f.base
	}
	var room [256]byte
	text := room[:0] // the values, one a line
	for i, all := range f.of {
		dice := f.draws[i].Of(user, 0)
		text = append(all[dice.IntN(len(all))].write(text, user, &dice), '\n')
	}
	if h, ok := f.kept[string(text)]; ok {
		return h
	}
	h, rest := maps.Clone(f.base), string(text)
	for _, name := range f.names {
		var value string
		value, rest, _ = strings.Cut(rest, "\n")
		h[name] = []string{value}
	}
	if f.kept == nil || len(f.kept) >= maxKept {
		f.kept = map[string]http.Header{}
	}
	f.kept[string(text)] = h
	return h
}

// userValue is a value with what differs from user to user.
type userValue []valuePart

type valuePart struct {
	text        string
	user        bool
	least, many int // a number of so many from the least on; 0: none
}

func parseValue(value string) (p userValue) {
	for {
		before, rest, found := strings.Cut(value, "{")
		inner, after, closed := strings.Cut(rest, "}")
		part, ok := parsePart(inner)
		if !found || !closed {
			return append(p, valuePart{text: value})
		}
		if !ok {
			part = valuePart{text: "{" + inner + "}"}
		}
		p = append(p, valuePart{text: before}, part)
		value = after
	}
}

func parsePart(inner string) (valuePart, bool) {
	if inner == "user" {
		return valuePart{user: true}, true
	}
	from, to, found := strings.Cut(inner, "-")
	least, err := strconv.ParseUint(from, 10, 31)
	most, bad := strconv.ParseUint(to, 10, 31)
	if !found || err != nil || bad != nil || most < least {
		return valuePart{}, false
	}
	return valuePart{least: int(least), many: int(most-least) + 1}, true
}

func (p userValue) write(b []byte, user uint64, dice *sim.Roll) []byte {
	for _, part := range p {
		switch {
		case part.user:
			b = strconv.AppendUint(b, user, 10)
		case part.many > 0:
			b = strconv.AppendInt(b, int64(part.least+dice.IntN(part.many)), 10)
		default:
			b = append(b, part.text...)
		}
	}
	return b
}
