// Tests: when two requests are alike, by each way to compare them.
package cache

import (
	"net/http"
	"testing"
)

func TestLikeness(t *testing.T) {
	for _, test := range []struct {
		name                   string
		a, b                   []string
		text, meaning, reduced bool
	}{
		{"Accept-Encoding", []string{"gzip, br"}, []string{"gzip, br"}, true, true, true},
		{"Accept-Encoding", []string{"gzip, br"}, []string{"gzip,br"}, false, true, true},
		{"Accept-Encoding", []string{"gzip, br"}, []string{"br, gzip"}, false, true, true},
		{"Accept-Encoding", []string{"gzip", "br"}, []string{"gzip, br"}, true, true, true},
		{"Accept-Encoding", []string{"gzip, deflate, br, zstd"}, []string{"br;q=0.1, gzip"}, false, false, true},
		{"Accept-Encoding", []string{"gzip, br;q=0"}, []string{"gzip"}, false, false, true},
		{"Accept-Encoding", []string{"br"}, []string{"gzip"}, false, false, false},
		{"Accept-Encoding", []string{"BR"}, []string{"br"}, false, true, true},
		{"Accept-Encoding", nil, []string{"identity"}, false, false, true},
		{"Accept-Encoding", nil, []string{""}, false, false, true},
		{"Accept-Encoding", nil, []string{"deflate, *;q=0.1"}, false, false, true},
		{"Accept-Language", []string{"de, en;q=0.5"}, []string{"en;q=0.50, DE"}, false, true, true},
		{"Accept-Language", []string{"de"}, []string{"en"}, false, false, false},
		{"User-Agent", []string{"a, b"}, []string{"a,b"}, false, true, true},
		{"User-Agent", []string{"a"}, []string{"b"}, false, false, false},
		{"User-Agent", nil, nil, true, true, true},
		{"User-Agent", nil, []string{""}, false, false, false},
	} {
		for how, want := range map[Likeness]bool{ByText: test.text, ByMeaning: test.meaning, Reduced: test.reduced} { // any order
			if got, back := how.same(test.name, test.a, test.b), how.same(test.name, test.b, test.a); got != want || back != want {
				t.Errorf("%s %q %q by %d: %v and %v, want %v", test.name, test.a, test.b, how, got, back, want)
			}
		}
	}
}

// FuzzLikeness: each way is an equivalence, and who is alike by text is so by meaning,
// and by meaning when reduced, as far as there is a grammar.
func FuzzLikeness(f *testing.F) {
	f.Add("Accept-Encoding", "gzip, br;q=0.5", "br;q=0.50,gzip", "br")
	f.Add("Accept-Language", "de, EN;q=0.5", "en;q=0.50,de;q=1", "*")
	f.Add("Foo", "a,\"b", "a, \"b", "")
	f.Fuzz(func(t *testing.T, name, a, b, c string) {
		x, y, z := []string{a}, []string{b}, []string{c}
		name = http.CanonicalHeaderKey(name)
		for how := ByMeaning; how <= Reduced; how++ {
			xy, yz, xz := how.same(name, x, y), how.same(name, y, z), how.same(name, x, z)
			if !how.same(name, x, x) || xy != how.same(name, y, x) || xy && yz && !xz {
				t.Errorf("%s by %d: %q, %q and %q: not an equivalence", name, how, a, b, c)
			}
		}
		if ByText.same(name, x, y) && !ByMeaning.same(name, x, y) {
			t.Errorf("%s: %q and %q are the same text and mean something else", name, a, b)
		}
		if coding := Coding(x); coding != "" && Coding([]string{coding}) != coding {
			t.Errorf("%q comes to %q, and that to something else", a, coding)
		}
	})
}
