// Ranges: which bytes a request asks for.
package cache

import (
	"cmp"
	"net/http"

	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// Span is a section of a representation: Size bytes from byte From on, or with a
// Size of -1 all from there.
type Span byterange.Span

func (s Span) compare(other Span) int {
	return cmp.Or(cmp.Compare(s.From, other.From), cmp.Compare(s.Size, other.Size))
}

func (s Span) end() int64 { return byterange.Span(s).End() }

// String is the section in words.
func (s Span) String() string { return byterange.Span(s).String() }

// rangeFields are what asks for a part.
var rangeFields = []string{"Range", "If-Range"}

// WithoutRange returns h without what asks for a part.
func WithoutRange(h http.Header) http.Header { return without(h, h, rangeFields) }

// HasRange reports whether a request asks for a part.
func HasRange(h http.Header) bool { return has(h, "Range") }

// Understood reports whether a request is for the whole, or for a part that this cache
// can make out. Others are the origin's matter, if the whole is not stored.
func Understood(req *sim.Request) bool {
	if req.Method != http.MethodGet || !HasRange(req.Header) {
		return true
	}
	_, ok := byterange.Parse(req.Header["Range"])
	return ok
}
