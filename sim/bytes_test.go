// Sizes: what is read, what is refused, and back again.
package sim

import (
	"math"
	"testing"
)

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{ // any order
		"0B": 0, "512B": 512, "10KB": 10_000, "64MiB": 64 << 20, "1.5 MiB": 3 << 19, " 2GB ": 2e9,
		"1TiB": 1 << 40, "0.001MB": 1000, "4TB": 4e12, "1e3KB": 1e6, "4611686018427387904B": 1 << 62,
		"9007199254740993B": 1<<53 + 1, "134.2MB": 134_200_000, "0.29KB": 290,
	} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "10", "B", "-1B", "1XB", "10kb", "1.2.3KB", "NaNB", "nanKB", "InfMB", "-InfB", "1e300TB",
		"4611686018427387905B", "9223372036854775808B", "99999999TB"} {
		got := Bytes(77)
		if err := got.UnmarshalText([]byte(text)); err == nil || got != 77 {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestBytesString(t *testing.T) {
	for b, want := range map[Bytes]string{ // any order
		0: "0B", 1: "1B", 999: "999B", 1000: "1KB", 1024: "1KiB", 1500: "1500B", 10_000: "10KB",
		1 << 20: "1MiB", 64e6: "64MB", 3 << 30: "3GiB", 5e12: "5TB", 1e9: "1GB", math.MaxInt64: "9223372036854775807B",
	} {
		if got := b.String(); got != want {
			t.Errorf("%d is %q, want %q", int64(b), got, want)
		}
	}
}

// FuzzBytes: what can be read is written so that it reads as the same.
func FuzzBytes(f *testing.F) {
	for _, s := range []string{"10KB", "1.5MiB", "0B", "9007199254740993B", "1e18B", "NaNB", "0x1p4B", "4611686018427387903B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b, again Bytes
		if b.UnmarshalText([]byte(text)) != nil {
			return
		}
		if b < 0 || b > 1<<62 {
			t.Fatalf("%q is read as %d", text, b)
		}
		out, err := b.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalText(out); err != nil || again != b {
			t.Fatalf("%q is %d, written as %s, read as %d: %v", text, b, out, again, err)
		}
	})
}
