// Slices: a large content in aligned pieces, each stored by itself.
package cache

import (
	"net/http"
	"slices"

	"cdnlab/sim/byterange"
)

// Whole is the key of what a slice is one of.
func (k Key) Whole() Key {
	k.Slice = Span{}
	return k
}

// At is the key of the slice with a byte, in slices of a size. The size is a part of
// it, so that slices of another, from before a change, are others.
func (k Key) At(byte, size int64) Key {
	k.Slice = Span{byte - byte%size, size}
	return k
}

// IsSlice reports whether it is a slice's.
func (k Key) IsSlice() bool { return k.Slice.Size != 0 }

// farthestByte bounds where a slice may begin: no content is that long, and sums of
// positions stay small enough.
const farthestByte = 1 << 60

// FirstByte returns the first byte that a GET with these fields wants, as far as can
// be told. known is a slice of the same that is stored, or nil: with it the length is
// known, and whether If-Range holds; without it that is taken for granted, and of the
// last bytes, wherever they are, the first slice tells where.
func FirstByte(asks http.Header, known *Entry) int64 {
	if known != nil {
		s, how := known.Wants(asks)
		if how == Unsatisfiable {
			return known.Key.Slice.From
		}
		return s.From
	}
	if r, ok := byterange.Parse(asks["Range"]); ok {
		if first, ok := r.First(); ok {
			return min(first, farthestByte)
		}
	}
	return 0
}

// WithSlice returns h asking for a section, whatever it asked for.
func WithSlice(h http.Header, s Span) http.Header {
	c := copyFields(WithoutRange(h))
	c["Range"] = []string{byterange.Field(byterange.Span(s), -1)}
	return c
}

// Fills reports whether an answer of 206 is the slice that was asked for, and can be
// put together with others: it has all of it or ends with the representation, says how
// long that is, and has a strong validator (RFC 9111 3.4; RFC 9110 15.3.7.3). One that
// is a whole needs none.
func (e *Entry) Fills(s Span) bool {
	if !e.Partial() {
		return s.From == 0
	}
	p := &e.parts[0]
	return !e.uneven && e.length >= 0 && e.strong() != "" &&
		p.at == s.From && p.end() == min(s.end(), e.length)
}

// Matches reports whether two slices are of one representation (RFC 9111 3.4).
func (e *Entry) Matches(other *Entry) bool { return e.fits(other) }

// SliceOf returns the first slice that is stored of what a request selects; nil when
// none is.
func (s *Store) SliceOf(whole Key, asks http.Header) *Entry {
	var least *Entry
	for span := range s.byKey.sliced[whole] { // the least is the least in any order
		if least != nil && span.compare(least.Key.Slice) > 0 {
			continue
		}
		whole.Slice = span
		if e, _ := s.Find(whole, asks); e != nil {
			least = e
		}
	}
	return least
}

// Outdate takes out a slice and all others of the same representation, which is no
// more.
func (s *Store) Outdate(old *Entry) {
	ids := s.heldSlices(nil, old.Key.Whole())
	slices.Sort(ids)
	for _, id := range ids {
		if e := s.slots[id].entry; e != nil && sameNominated(e.by, old.by) && e.Matches(old) {
			s.forget(id)
		}
	}
}

// Is reports whether the fields of another answer are of the representation that the
// entry is of, by what tells it from every other.
func (e *Entry) Is(h http.Header) bool {
	if e.ETag != "" {
		return first(h["Etag"]) == e.ETag
	}
	return e.LastModified != "" && first(h["Etag"]) == "" && first(h["Last-Modified"]) == e.LastModified
}
