// Package byterange reads and writes ranges of bytes: which of them a request asks
// for, and which an answer has (RFC 9110 14).
package byterange

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Span is a section of a representation: Size bytes from byte From on, or with a
// Size of -1 all from there.
type Span struct{ From, Size int64 }

// End is the position behind the last byte, as far as it is known.
func (s Span) End() int64 {
	if s.Size < 0 {
		return math.MaxInt64
	}
	return s.From + s.Size
}

// String is the section in words.
func (s Span) String() string {
	if s.Size < 0 {
		return fmt.Sprintf("bytes %d to the end", s.From)
	}
	return fmt.Sprintf("bytes %d to %d", s.From, s.End()-1)
}

// Range is the range of bytes that a request asks for, of a representation whose
// length is another matter (RFC 9110 14.1.2).
type Range struct {
	first int64 // -1: the last bytes, as many as last says
	last  int64 // -1: to the end
}

// Parse reads the field lines of Range. It reports false when the request is
// to be answered as if it had none, which RFC 9110 14.2 allows always: what is no
// ranges-specifier, another unit than bytes, and more than one range. For several a
// cache would have to make a multipart content, which hardly anybody asks for but
// who looks for a way to have a server work: they get the whole.
func Parse(lines []string) (r Range, ok bool) {
	if len(lines) != 1 {
		return r, false
	}
	unit, set, _ := strings.Cut(lines[0], "=")
	if !strings.EqualFold(unit, "bytes") {
		return r, false
	}
	for spec := range strings.SplitSeq(set, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue // an empty member of a list means nothing (5.6.1.2)
		}
		if ok {
			return Range{}, false
		}
		if r, ok = parseSpec(spec); !ok {
			return Range{}, false
		}
	}
	return r, ok
}

// parseSpec reads an int-range or a suffix-range.
func parseSpec(spec string) (r Range, ok bool) {
	first, last, found := strings.Cut(spec, "-")
	if !found {
		return r, false
	}
	r = Range{-1, -1}
	if first != "" {
		if r.first, ok = position(first); !ok {
			return Range{}, false
		}
	}
	if last != "" {
		if r.last, ok = position(last); !ok {
			return Range{}, false
		}
	}
	return r, ok && (r.first < 0 || r.last < 0 || r.first <= r.last)
}

// position reads digits, however many: what is too large to hold lies behind every
// representation's end.
func position(s string) (n int64, ok bool) {
	for i := 0; i < len(s); i++ {
		d := int64(s[i]) - '0'
		if d < 0 || d > 9 {
			return 0, false
		}
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
			continue
		}
		n = n*10 + d
	}
	return n, s != ""
}

// Of returns what the range is in a representation of so many bytes, -1 when their
// number is not known; false when it has none of them (RFC 9110 14.1.2). Its From
// is -1 when it cannot be told.
func (r Range) Of(length int64) (s Span, satisfiable bool) {
	switch {
	case r.first < 0 && length < 0:
		return Span{-1, -1}, true
	case r.first < 0:
		n := min(r.last, length)
		return Span{length - n, n}, n > 0
	case length >= 0 && r.first >= length:
		return Span{}, false
	case length < 0 && (r.last < 0 || r.last == math.MaxInt64):
		return Span{r.first, -1}, true
	case r.last < 0 || length >= 0 && r.last >= length:
		return Span{r.first, length - r.first}, true
	}
	return Span{r.first, r.last - r.first + 1}, true
}

// ParseContentRange reads the field lines of Content-Range (RFC 9110 14.4): the
// section that a 206 says it has, and of how many bytes, -1 when it does not say.
func ParseContentRange(lines []string) (s Span, length int64, ok bool) {
	if len(lines) != 1 {
		return s, 0, false
	}
	unit, rest, _ := strings.Cut(lines[0], " ")
	span, total, found := strings.Cut(rest, "/")
	if !strings.EqualFold(unit, "bytes") || !found {
		return s, 0, false
	}
	r, ok := parseSpec(span)
	if !ok || r.first < 0 || r.last < 0 || r.last == math.MaxInt64 {
		return s, 0, false
	}
	length = -1
	if total != "*" {
		if length, ok = position(total); !ok || length <= r.last || length == math.MaxInt64 {
			return s, 0, false
		}
	}
	return Span{r.first, r.last - r.first + 1}, length, true
}

// ContentRange is the field of a section of a representation.
func ContentRange(s Span, length int64) string {
	b := strconv.AppendInt([]byte("bytes "), s.From, 10)
	b = strconv.AppendInt(append(b, '-'), s.End()-1, 10)
	if length < 0 {
		return string(append(b, "/*"...))
	}
	return string(strconv.AppendInt(append(b, '/'), length, 10))
}

// Unsatisfied is the field of a 416 (RFC 9110 14.4).
func Unsatisfied(length int64) string { return "bytes */" + strconv.FormatInt(length, 10) }

// Field is the Range that asks for a section.
func Field(s Span, length int64) string {
	b := append(strconv.AppendInt([]byte("bytes="), s.From, 10), '-')
	if s.Size >= 0 && s.End() != length {
		b = strconv.AppendInt(b, s.End()-1, 10)
	}
	return string(b)
}

// First returns the first byte that the range asks for; false for a suffix, whose
// first depends on the length.
func (r Range) First() (int64, bool) { return r.first, r.first >= 0 }
