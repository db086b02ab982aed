// Ranges: what they are by RFC 9110 14, and what becomes of them.
package byterange

import (
	"math"
	"testing"
)

func TestRange(t *testing.T) {
	none := Span{}
	for _, test := range []struct {
		text        string
		length      int64
		parses      bool
		want        Span
		satisfiable bool
	}{
		// RFC 9110 14.1.2, of a representation of 10000 bytes.
		{"bytes=0-499", 10000, true, Span{0, 500}, true},
		{"bytes=500-999", 10000, true, Span{500, 500}, true},
		{"bytes=-500", 10000, true, Span{9500, 500}, true},
		{"bytes=9500-", 10000, true, Span{9500, 500}, true},
		{"bytes=0-0", 10000, true, Span{0, 1}, true},
		{"bytes=9999-20000", 10000, true, Span{9999, 1}, true},
		{"bytes=10000-", 10000, true, none, false},
		{"bytes=-20000", 10000, true, Span{0, 10000}, true},
		{"bytes=-0", 10000, true, Span{10000, 0}, false},
		{"bytes=0-99999999999999999999", 10000, true, Span{0, 10000}, true},
		{"bytes=99999999999999999999-", 10000, true, none, false},
		{"bytes=-99999999999999999999", 10000, true, Span{0, 10000}, true},
		{"BYTES=1-2", 10, true, Span{1, 2}, true},
		{"bytes=, 1-2 ,", 10, true, Span{1, 2}, true},
		// Of one whose length is not known.
		{"bytes=3-4", -1, true, Span{3, 2}, true},
		{"bytes=3-", -1, true, Span{3, -1}, true},
		{"bytes=-3", -1, true, Span{-1, -1}, true},
		{"bytes=0-99999999999999999999", -1, true, Span{0, -1}, true},
		{"bytes=1-99999999999999999999", -1, true, Span{1, -1}, true},
		// To be ignored.
		{"bytes=2-1", 10, false, none, false},
		{"bytes=-", 10, false, none, false},
		{"bytes=", 10, false, none, false},
		{"bytes", 10, false, none, false},
		{"bytes=0-1,3-4", 10, false, none, false},
		{"bytes=0-1,x", 10, false, none, false},
		{"bytes=x-1", 10, false, none, false},
		{"bytes=1-x", 10, false, none, false},
		{"bytes=+1-2", 10, false, none, false},
		{"bytes=1 -2", 10, false, none, false},
		{"bytes =1-2", 10, false, none, false},
		{"bytes=1-2-3", 10, false, none, false},
		{"items=0-1", 10, false, none, false},
		{"0-1", 10, false, none, false},
		{"", 10, false, none, false},
	} {
		r, ok := Parse([]string{test.text})
		if ok != test.parses {
			t.Errorf("%q parses: %v", test.text, ok)
		}
		if !ok {
			continue
		}
		if s, satisfiable := r.Of(test.length); s != test.want || satisfiable != test.satisfiable {
			t.Errorf("%q of %d: %v, %v; want %v, %v", test.text, test.length, s, satisfiable, test.want, test.satisfiable)
		}
	}
	if _, ok := Parse([]string{"bytes=0-1", "bytes=2-3"}); ok {
		t.Error("two lines are one range")
	}
}

func TestContentRange(t *testing.T) {
	for text, want := range map[string]struct { // any order
		s      Span
		length int64
	}{
		"bytes 42-1233/1234": {Span{42, 1192}, 1234}, // RFC 9110 14.4
		"bytes 42-1233/*":    {Span{42, 1192}, -1},
		"bytes 0-0/1":        {Span{0, 1}, 1},
	} {
		s, length, ok := ParseContentRange([]string{text})
		if !ok || s != want.s || length != want.length {
			t.Errorf("%q: %v of %d, %v", text, s, length, ok)
		}
		if again := ContentRange(s, length); again != text {
			t.Errorf("%q is written %q", text, again)
		}
	}
	for _, text := range []string{"", "bytes", "bytes */10", "bytes 1-0/10", "bytes 0-10/10", "bytes 0-9/", "bytes 0-/10",
		"bytes -9/10", "bytes 0-9", "bytes=0-9/10", "items 0-9/10", "bytes 0-9/x", "bytes 0-9223372036854775807/*",
		"bytes 0-1/99999999999999999999", "bytes 0-9/10/11", "ASKCUMEWOGYQIAS"} {
		if s, length, ok := ParseContentRange([]string{text}); ok {
			t.Errorf("%q is taken for %v of %d", text, s, length)
		}
	}
}

// FuzzRange: whatever the fields are, what comes of them lies in the representation.
func FuzzRange(f *testing.F) {
	f.Add("bytes=0-499", int64(1000))
	f.Add("bytes=-0", int64(0))
	f.Add("bytes=9223372036854775807-9223372036854775807", int64(math.MaxInt64))
	f.Add("bytes 0-9/10", int64(10))
	f.Fuzz(func(t *testing.T, text string, length int64) {
		length = max(length, -1)
		if r, ok := Parse([]string{text}); ok {
			s, satisfiable := r.Of(length)
			switch {
			case satisfiable && s.From >= 0 && s.End() <= s.From:
				t.Errorf("%q: %v ends before it begins", text, s)
			case length < 0 && satisfiable && s.From >= 0 && s.Size == 0, s.Size < -1, s.From < -1:
				t.Errorf("%q: %v of an unknown length", text, s)
			case length >= 0 && satisfiable && (s.From < 0 || s.Size < 1 || s.Size > length-s.From):
				t.Errorf("%q: %v of %d bytes", text, s, length)
			}
		}
		if s, length, ok := ParseContentRange([]string{text}); ok {
			if s.From < 0 || s.Size < 1 || length >= 0 && s.Size > length-s.From {
				t.Errorf("%q is taken for %v of %d bytes", text, s, length)
			}
		}
	})
}
