// Stamps: written into a content and read back.
package sim

import (
	"math"
	"strings"
	"testing"
)

func TestStampRoundTrip(t *testing.T) {
	for _, s := range []Stamp{{1, 0}, {17, 42}, {math.MaxUint32, math.MaxUint64}, {9, OwnerOf(0)}} {
		content := []byte(strings.Repeat("x", StampBytes+5))
		s.Put(content)
		if got := ReadStamp(content); got != s {
			t.Errorf("%+v is read back as %+v from %q", s, got, content)
		}
		if got := ReadStamp(content[:StampBytes]); got != s {
			t.Errorf("%+v needs more than StampBytes", s)
		}
		if !strings.HasSuffix(string(content), "xxxxx") {
			t.Errorf("%+v was written beyond its room: %q", s, content)
		}
	}
	if text := "cdnlab version=4294967295 owner=18446744073709551615\n"; len(text) != StampBytes {
		t.Errorf("the longest stamp has %d bytes, not %d", len(text), StampBytes)
	}
}

func TestStampNeedsRoom(t *testing.T) {
	for s, room := range map[Stamp]int{{1, 2}: StampBytes - 1, {}: 100} { // any order
		content := []byte(strings.Repeat("x", room))
		s.Put(content)
		if string(content) != strings.Repeat("x", room) {
			t.Errorf("%+v was written into %d bytes: %q", s, room, content)
		}
	}
}

func TestDamagedStamps(t *testing.T) {
	for _, text := range []string{
		"", "hello", "cdnlab serves these bytes in the place of content.\n",
		"cdnlab version=", "cdnlab version=1", "cdnlab version=1 owner=", "cdnlab version=1 owner=2",
		"cdnlab version=0 owner=2\n", "cdnlab version=01 owner=2\n", "cdnlab version=1 owner=02\n",
		"cdnlab version=-1 owner=2\n", "cdnlab version=+1 owner=2\n", "cdnlab version=1 owner=2\r\n", "cdnlab version=1 owner=2 \n",
		"cdnlab version=4294967296 owner=2\n", "cdnlab version=1 owner=18446744073709551616\n",
		" cdnlab version=1 owner=2\n", "Cdnlab version=1 owner=2\n",
	} {
		if got := ReadStamp([]byte(text)); got != (Stamp{}) {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

// FuzzReadStamp: whatever a body is, it gives a stamp that writes the same
// bytes, or none.
func FuzzReadStamp(f *testing.F) {
	f.Add([]byte("cdnlab version=17 owner=42\nand so on, and so on, and so on, and so on"))
	f.Add([]byte("cdnlab version=1 owner=\n"))
	f.Add([]byte("cdnlab version=99999999999999999999 owner=1\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := ReadStamp(content)
		if s == (Stamp{}) {
			return
		}
		again := make([]byte, StampBytes)
		s.Put(again)
		line, _, _ := strings.Cut(string(again), "\n")
		if !strings.HasPrefix(string(content), line+"\n") {
			t.Errorf("%q is taken for %+v, which is written %q", content, s, line)
		}
	})
}
