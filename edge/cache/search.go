// Search: queries that an origin says are one (No-Vary-Search,
// draft-ietf-httpbis-no-vary-search-05).
package cache

import (
	"net/url"
	"slices"
	"strings"

	"github.com/dunglas/httpsfv"
)

const fieldNoVarySearch = "No-Vary-Search"

// Search is what of a query does not count for an answer. nil: all of it counts.
type Search struct {
	order  bool     // whether the order of keys counts
	all    bool     // none counts but those named; else all count but those
	params []string // the names
}

// maxSearchParams bounds the names of one field; with more it says nothing.
const maxSearchParams = 256

// ParseSearch reads the field: a Dictionary (RFC 9651 3.2) of key-order, params and
// except. One in which a member is of another type than its own says nothing, as if it
// was not there, and so does one that takes nothing out.
func ParseSearch(lines []string) *Search {
	if len(lines) == 0 {
		return nil
	}
	d, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil {
		return nil
	}
	s := &Search{order: true}
	if member, ok := d.Get("key-order"); ok {
		free, isBool := boolean(member)
		if !isBool {
			return nil
		}
		s.order = !free
	}
	if member, ok := d.Get("params"); ok {
		all, isBool := boolean(member)
		names, isList := strs(member)
		if !isBool && !isList || len(names) > maxSearchParams {
			return nil
		}
		s.all, s.params = all, names
	}
	if member, ok := d.Get("except"); ok {
		names, isList := strs(member)
		if !isList || !s.all || len(names) > maxSearchParams {
			return nil
		}
		s.params = names
	}
	if s.order && !s.all && len(s.params) == 0 {
		return nil
	}
	return s
}

func boolean(member httpsfv.Member) (value, ok bool) {
	item, _ := member.(httpsfv.Item)
	value, ok = item.Value.(bool)
	return value, ok
}

// strs reads an Inner List of Strings.
func strs(member httpsfv.Member) (all []string, ok bool) {
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return nil, false
	}
	for _, item := range list.Items {
		s, ok := item.Value.(string)
		if !ok {
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}

// counts reports whether a parameter of that name does.
func (s *Search) counts(name string) bool { return slices.Contains(s.params, name) == s.all }

// Canonical returns the one of all the paths that are one with path. It is path itself
// without a query.
func (s *Search) Canonical(path string) string {
	base, query, has := strings.Cut(path, "?")
	if s == nil || !has {
		return path
	}
	type param struct{ name, value string }
	var params []param
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name, value = unescaped(name), unescaped(value); pair != "" && s.counts(name) {
			params = append(params, param{name, value})
		}
	}
	if !s.order {
		slices.SortStableFunc(params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	}
	var b strings.Builder
	b.WriteString(base)
	sep := byte('?')
	for _, p := range params {
		b.WriteByte(sep)
		sep = '&'
		b.WriteString(url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value))
	}
	return b.String()
}

// unescaped reads a name or value as forms do (application/x-www-form-urlencoded); what
// is no escape stands for itself.
func unescaped(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// Searches remembers what the last answer of each path said of its queries, so that a
// request finds what is stored for another that is one with it. Whether it may have
// that, the stored answer says itself (Entry.Answers). The zero Searches remembers none.
type Searches struct {
	by map[Key]*searched // by the key without the query
}

// searched is what is known of one path.
type searched struct {
	*Search
	known map[string]string // canonical paths that were asked for last
}

// The bounds of what is remembered; beyond them everything of the kind is forgotten.
const (
	maxSearches = 4096
	maxKnown    = 256 // of one path
)

// Learn remembers what an answer says.
func (x *Searches) Learn(key Key, s *Search) {
	if s == nil && len(x.by) == 0 {
		return
	}
	base, _, has := strings.Cut(key.Path, "?")
	if !has && s == nil {
		return // the path without a query says nothing of those with one
	}
	key.Path = base
	switch old := x.by[key]; {
	case s == nil:
		delete(x.by, key)
	case old == nil || !s.same(old.Search):
		if x.by == nil || len(x.by) >= maxSearches {
			x.by = map[Key]*searched{}
		}
		x.by[key] = &searched{Search: s}
	}
}

func (s *Search) same(other *Search) bool {
	return s.order == other.order && s.all == other.all && slices.Equal(s.params, other.params)
}

// Key returns the key under which what a request asks for would be stored.
func (x *Searches) Key(key Key) Key {
	if len(x.by) == 0 {
		return key
	}
	base, _, has := strings.Cut(key.Path, "?")
	if !has {
		return key
	}
	path := key.Path
	key.Path = base
	s := x.by[key]
	key.Path = path
	if s == nil {
		return key
	}
	if canonical, known := s.known[path]; known {
		key.Path = canonical
		return key
	}
	if s.known == nil || len(s.known) >= maxKnown {
		s.known = map[string]string{}
	}
	key.Path = s.Canonical(path)
	s.known[path] = key.Path
	return key
}

// Any reports whether anything is remembered.
func (x *Searches) Any() bool { return len(x.by) > 0 }

// Search returns what of a query does not count for the entry; nil: all of it does.
func (e *Entry) Search() *Search { return e.search }

// Answers reports whether the entry is for a request of that path: its own, or one that
// its No-Vary-Search says is the same.
func (e *Entry) Answers(path string) bool {
	return e.Key.Path == path || e.search != nil && e.search.Canonical(path) == e.Key.Path
}
