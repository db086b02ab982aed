// Combining: several parts of a representation into one entry (RFC 9111 3.4).
package cache

import (
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// Plan is how upstream is asked for what a request wants, with what is stored.
type Plan struct {
	Conditional bool // whether what is stored still holds
	Whole       bool // for the whole, whatever range the client wants of it
	Lacks       Span // for these bytes alone, to be combined with what is stored; Size 0: not so
	Slice       Span // for these bytes alone, which are a slice; Size 0: not so
}

// Plan returns how to ask for what a GET with these fields wants when e, which may
// be nil, cannot answer it.
//
// An entry that is whole stays so: it is asked about, or fetched anew, as a whole.
// Of one that is not, a range that is here is asked about; else what is lacking is
// asked for, if the answer can be combined: under a strong validator. A client's
// own range goes on as it is.
func (e *Entry) Plan(asks http.Header, fresh bool) Plan {
	switch {
	case e == nil:
		return Plan{}
	case !e.Partial():
		return Plan{Conditional: e.Validatable(), Whole: true}
	}
	wants, how := e.Serves(asks)
	if how != Lacking {
		return Plan{Conditional: e.Validatable()}
	}
	lacks := e.missing(wants)
	if e.uneven || lacks == wants {
		return Plan{}
	}
	// Without any validator an answer of 206 cannot be combined, and the whole is asked
	// for after all: once, as the part is forgotten then. To ask for the rest of a
	// fresh entry is worth that: what answers 200, or by now has a validator, is kept.
	if e.strong() == "" && (e.Validatable() || HasRange(asks) || !fresh) {
		return Plan{}
	}
	return Plan{Lacks: lacks}
}

// WithLacking returns h asking for a section of what e is a part of: if that has
// changed, for all of it (RFC 9110 13.1.5).
func WithLacking(h http.Header, e *Entry, s Span) http.Header {
	c := copyFields(WithoutRange(h))
	c["Range"] = []string{byterange.Field(byterange.Span(s), e.length)}
	if v := e.strong(); v != "" {
		c["If-Range"] = []string{v}
	}
	return c
}

// Complete returns the entry that a 206 makes of e, an entry of other parts of the
// same representation: one that may be stored, and what of it is new. It is nil when
// they do not belong together.
func (r *Rules) Complete(e *Entry, x *Exchange) (all, fresh *Entry) {
	now := x.Current()
	own := strongValidator(now.ETag, first(x.Header["Last-Modified"]), settled(now.Modified, x.date()))
	if own == "" || own != e.strong() {
		return nil, nil
	}
	y := *x
	y.Header = e.updated(x.Header)
	y.Tags = inherited(y.Tags, e.Tags)
	y.Header["Content-Range"] = x.Header["Content-Range"] // to a 304 this is no matter
	switch fresh, _ = r.Consider(&y); {
	case fresh == nil:
		return nil, nil
	case !fresh.Partial():
		return fresh, fresh
	case !fresh.fits(e):
		return nil, nil
	}
	return fresh.with(e), fresh
}

// fits reports whether two entries are parts of one representation: both have the
// same strong validator (RFC 9111 3.4), and neither says what cannot be.
func (e *Entry) fits(other *Entry) bool {
	return e.Partial() && other.Partial() && !e.uneven && !other.uneven &&
		e.strong() != "" && e.strong() == other.strong() &&
		(e.length < 0 || other.length < 0 || e.length == other.length)
}

// Join returns what is to be stored for a part that has come, old being what is
// stored in its place: nil when that is to stay.
func Join(now sim.Time, old, fresh *Entry) *Entry {
	switch {
	case old == nil:
		return fresh
	case old.Status == http.StatusOK:
		// A whole that is still the same, or is fresh, is worth more than its part.
		if v, w := old.strong(), fresh.strong(); v == w && v != "" || old.TTL(now) > 0 && (v == "" || w == "") {
			return nil
		}
		return fresh
	case !fresh.fits(old):
		return fresh
	}
	e := fresh.with(old)
	if len(e.parts) > maxParts && e.Partial() {
		return nil
	}
	return e
}

// with returns the entry of e's part and all of old's. Its fields are e's, and
// those of old that it has not (RFC 9111 3.4).
func (e *Entry) with(old *Entry) *Entry {
	c := *e
	c.Header = update(old.Header, e.Header)
	c.Tags = inherited(c.Tags, old.Tags)
	c.parts, c.length = together(old.parts, e.parts[0]), max(e.length, old.length)
	c.Size = 0
	whole := c.parts[0].at == 0
	pieces := make([]sim.Piece, len(c.parts))
	for i := range c.parts {
		p := &c.parts[i]
		pieces[i] = p.Piece
		whole = whole && (i == 0 || p.at == c.parts[i-1].end())
		c.Size += p.Size
	}
	if old.parts[0].at == 0 {
		c.Stamp = old.Stamp
	}
	if whole && c.Size == c.length {
		c.Status, c.Body = http.StatusOK, sim.NewPieces(pieces)
	}
	return &c
}

// together puts a part in between others. What is there already stays.
func together(old []part, fresh part) []part {
	all := make([]part, 0, len(old)+2)
	at, holds := fresh.at, fresh.holds
	fill := func(end int64) {
		if n := min(end, fresh.end()) - at; n > 0 {
			all = append(all, part{at, fresh.cut(Span{at, n}), holds})
			holds = 0 // the content is held once, however many sections it has
		}
	}
	for _, p := range old {
		fill(p.at)
		at = max(at, p.end())
		all = append(all, p)
	}
	fill(fresh.end())
	return all
}
