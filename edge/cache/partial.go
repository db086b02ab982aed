// Parts: answers of which only some bytes are here (RFC 9111 3.3, 3.4).
package cache

import (
	"net/http"
	"strings"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// part is a section of a representation that is here. Parts stand in the order of
// their places and do not overlap.
type part struct {
	at int64 // its place in the representation
	sim.Piece
	holds int64 // bytes that stay in memory for its sake
}

func (p *part) end() int64 { return p.at + p.Size }

// cut returns a section of it, by its place in the representation.
func (p *part) cut(s Span) sim.Piece {
	return sim.Piece{Body: p.Body, From: p.From + s.From - p.at, Size: s.Size}
}

// maxParts bounds the parts of one entry.
const maxParts = 64

// partial makes e, of a 206, an entry of the part that x brings.
//
// Some origins count one too many: they say "bytes 4-9/10" and send five bytes. The
// content is well framed, so its length is true; of the field the first position is
// believed, and its other numbers only as far as the bytes go: what was said to
// reach the representation's end does, and that is where the bytes end. The same
// Range would get the same bytes again, so ranges within them may be answered. But
// they are no part of anything: they are combined with nothing, as RFC 9110 14.4
// demands for a field that is invalid in itself, and nobody is told a length.
func (e *Entry) partial(x *Exchange) Reason {
	came, length, ok := byterange.ParseContentRange(x.Header["Content-Range"])
	s := Span(came)
	size := x.Response.Size
	if !ok || size == 0 || size > s.Size {
		return WhyContentRange
	}
	if size > 0 && size < s.Size {
		e.uneven = true
		if s.end() == length {
			length = s.From + size
		}
		s.Size = size
	}
	e.Header = without(x.Header, e.Header, []string{"Content-Range"})
	if s.From == 0 && s.Size == length && !e.uneven { // a client that asks for "bytes=0-" gets the whole so
		e.Status, e.Size = http.StatusOK, s.Size
		return ""
	}
	e.parts, e.length = []part{{s.From, sim.Piece{Body: e.Body, Size: s.Size}, s.Size}}, length
	e.Size, e.Body = s.Size, nil
	return ""
}

// Partial reports whether only a part is here.
func (e *Entry) Partial() bool { return e.Status == http.StatusPartialContent }

// Bytes is what the content takes in memory.
func (e *Entry) Bytes() int64 {
	if e.parts == nil {
		return max(e.Size, 0)
	}
	n := int64(0)
	for i := range e.parts {
		n += e.parts[i].holds
	}
	return n
}

// Length is that of the representation in bytes, -1 when it is not known.
func (e *Entry) Length() int64 {
	if e.Partial() {
		return e.length
	}
	return e.Size
}

// Serving is what of an entry a GET gets.
type Serving uint8

// The servings.
const (
	Whole         Serving = iota
	Section               // a 206
	Unsatisfiable         // a 416
	Lacking               // what it wants is not here, or it cannot be told whether it is
)

// Serves says what of the entry a GET with these fields gets: with Section which
// bytes, with Lacking which it wants.
func (e *Entry) Serves(asks http.Header) (Span, Serving) {
	s, how := e.Wants(asks)
	switch {
	case how == Unsatisfiable:
		return s, how
	case e.uneven && how == Whole:
	case !e.Partial() && (how == Whole || e.Size >= 0), e.has(s):
		return s, how
	}
	return s, Lacking
}

// Wants says what a GET with these fields gets of the representation that the entry
// is of, whether that is here or not.
func (e *Entry) Wants(asks http.Header) (Span, Serving) {
	s, how := Span{0, e.Length()}, Whole
	if r, ok := byterange.Parse(asks["Range"]); ok && e.ranges(asks["If-Range"]) {
		wants, satisfiable := r.Of(e.Length())
		if s = Span(wants); !satisfiable {
			return s, Unsatisfiable
		}
		how = Section
	}
	return s, how
}

// ranges reports whether a Range counts. It does for a 200 (RFC 9110 14.2) that is
// not empty (a 206 could not say what it has), and if the client may combine what
// it gets with what it has: If-Range, which is compared strongly, a date being
// strong from a second on (13.1.5, 8.8.2.2).
func (e *Entry) ranges(ifRange []string) bool {
	switch {
	case e.Status != http.StatusOK && !e.Partial(), e.Length() == 0, len(ifRange) > 1:
		return false
	case len(ifRange) == 0:
		return true
	}
	strong := strongValidator(e.ETag, "", false)
	if tagLen(ifRange[0]) == 0 {
		strong = strongValidator("", e.LastModified, e.settled())
	}
	return strong != "" && ifRange[0] == strong
}

// settled reports whether nothing can have changed since within the second that
// Last-Modified names.
func (e *Entry) settled() bool { return settled(e.modified, e.Date) }

func settled(modified, date sim.Time) bool { return date >= modified.Add(time.Second) }

// strongValidator returns what tells a representation from every other, byte for
// byte (RFC 9110 8.8.1): its entity-tag unless that is weak, or without any its
// modification date; "" when there is none.
func strongValidator(tag, modified string, settled bool) string {
	switch {
	case tag != "" && !strings.HasPrefix(tag, "W/"):
		return tag
	case tag == "" && settled:
		return modified
	}
	return ""
}

// strong is the entry's strong validator.
func (e *Entry) strong() string { return strongValidator(e.ETag, e.LastModified, e.settled()) }

// has reports whether a section is here.
func (e *Entry) has(s Span) bool {
	if s.From < 0 || s.Size < 0 {
		return false
	}
	return e.missing(s).Size == 0
}

// missing returns the shortest section that makes up s with what is here: Size 0
// when s is here, s itself when nothing of use is.
func (e *Entry) missing(s Span) Span {
	if s.From < 0 {
		return s
	}
	for i := range e.parts {
		if p := &e.parts[i]; p.at <= s.From && s.From < p.end() {
			n := p.end() - s.From
			if s.Size >= 0 {
				n = min(n, s.Size)
				s.Size -= n
			}
			s.From += n
		}
	}
	for i := len(e.parts) - 1; i >= 0 && s.Size > 0; i-- {
		if p := &e.parts[i]; p.at < s.end() && s.end() <= p.end() {
			s.Size = p.at - s.From
		}
	}
	return s
}

// Cut returns a section of the entry's content as an answer's own Body, nil when
// there are no bytes behind it. It must be here.
func (e *Entry) Cut(s Span) sim.Body {
	if e.parts == nil {
		return sim.NewPieces([]sim.Piece{sim.Piece{Body: e.Body, From: s.From, Size: s.Size}.Share()})
	}
	var pieces []sim.Piece
	for i := range e.parts {
		p := &e.parts[i]
		from, end := max(s.From, p.at), min(s.end(), p.end())
		if from < end {
			pieces = append(pieces, p.cut(Span{from, end - from}).Share())
		}
	}
	return sim.NewPieces(pieces)
}

// SectionHeader returns the fields of a 206 with that section (RFC 9110 15.3.7):
// all that a 200 would have, as who asked without If-Range may have none of them.
func (e *Entry) SectionHeader(s Span) http.Header {
	length := e.Length()
	if e.uneven {
		length = -1
	}
	h := copyFields(e.Header)
	h["Content-Range"] = []string{byterange.ContentRange(byterange.Span(s), length)}
	return h
}

// UnsatisfiableHeader returns the fields of a 416 (RFC 9110 15.5.17).
func (e *Entry) UnsatisfiableHeader() http.Header {
	return http.Header{"Content-Range": {byterange.Unsatisfied(e.Length())}}
}
