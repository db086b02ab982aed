// Tests of No-Vary-Search: what it says, and which queries are one by it.
package cache

import (
	"testing"
)

func TestSearch(t *testing.T) {
	for _, test := range []struct{ field, path, want string }{
		{``, "/s?b=1&a=2", "/s?b=1&a=2"},
		{`key-order`, "/s?b=1&a=2&b=0", "/s?a=2&b=1&b=0"}, // those of one name keep their order
		{`key-order=?0`, "/s?b=1&a=2", "/s?b=1&a=2"},
		{`key-order=1`, "/s?b=1&a=2", "/s?b=1&a=2"},
		{`params`, "/s?b=1&a=2", "/s"},
		{`params=?0`, "/s?b=1", "/s?b=1"},
		{`params=("utm" "x")`, "/s?utm=1&q=go&x&y", "/s?q=go&y="},
		{`params=("utm")`, "/s", "/s"},
		{`params=("utm")`, "/s?", "/s"},
		{`params=("utm")`, "/s?&&q=a", "/s?q=a"},
		{`params=("utm" 1)`, "/s?utm=1", "/s?utm=1"},
		{`params="utm"`, "/s?utm=1", "/s?utm=1"},
		{`params, except=("q")`, "/s?utm=1&q=go&p=2", "/s?q=go"},
		{`except=("q")`, "/s?utm=1&q=go", "/s?utm=1&q=go"},
		{`params=("a"), except=("q")`, "/s?a=1&q=go", "/s?a=1&q=go"},
		{`params=("u v")`, "/s?u+v=1&u%20v=2&q=a%20b", "/s?q=a+b"},
		{`params=("x"), unknown=1`, "/s?x=1&q=1", "/s?q=1"},
		{`params=("x")`, "/s?q=%zz&x=1", "/s?q=%25zz"},
		{`params=(`, "/s?x=1", "/s?x=1"},
	} {
		h := header("No-Vary-Search: " + test.field)
		s := ParseSearch(h[fieldNoVarySearch])
		got := s.Canonical(test.path)
		if got != test.want {
			t.Errorf("%s: %s is %s, want %s", test.field, test.path, got, test.want)
		}
		if again := s.Canonical(got); again != got {
			t.Errorf("%s: %s becomes %s", test.field, got, again)
		}
	}
}

func TestSearches(t *testing.T) {
	var x Searches
	key := func(path string) Key { return Key{Scheme: "https", Host: "a", Path: path} }
	is := func(path, want string) {
		t.Helper()
		if got := x.Key(key(path)).Path; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	is("/s?utm=1&q=a", "/s?utm=1&q=a")
	x.Learn(key("/s?utm=1&q=a"), ParseSearch([]string{`params=("utm")`}))
	is("/s?utm=1&q=a", "/s?q=a")
	is("/s?utm=1&q=a", "/s?q=a")
	is("/other?utm=1&q=a", "/other?utm=1&q=a")
	is("/s", "/s")
	x.Learn(key("/s"), nil)
	is("/s?utm=2", "/s")
	x.Learn(key("/s?q=b"), ParseSearch([]string{`params`}))
	is("/s?utm=1&q=a", "/s")
	x.Learn(key("/s?q=b"), nil)
	is("/s?utm=1&q=a", "/s?utm=1&q=a")
	s := ParseSearch([]string{`params`})
	for i := range 2 * maxSearches {
		x.Learn(key("/"+string(rune('a'+i%26))+string(rune(i))), s)
	}
	if len(x.by) > maxSearches {
		t.Error("unbounded:", len(x.by))
	}
}

// FuzzSearch: one form stands for all that are one, whatever the query.
func FuzzSearch(f *testing.F) {
	f.Add(`params, except=("q")`, "/s?utm=1&q=%41+b&&=&q")
	f.Add(`key-order, params=("a")`, "/s?b=1&a&c=%zz?&b=0")
	f.Fuzz(func(t *testing.T, field, path string) {
		s := ParseSearch([]string{field})
		once := s.Canonical(path)
		if twice := s.Canonical(once); twice != once {
			t.Errorf("%q: %q becomes %q, then %q", field, path, once, twice)
		}
	})
}
