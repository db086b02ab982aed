// Tests of groups: what a field names, and what is forgotten together.
package cache

import (
	"strings"
	"testing"
)

func TestGroups(t *testing.T) {
	key := Key{Scheme: "https", Host: "a", Path: "/"}
	long := strings.Repeat("x", 129)
	for field, want := range map[string]string{ // any order
		`"scripts"`:                "scripts",
		`"a", "B"; x=1, "a"`:       "a B",
		`"a b"`:                    "a b",
		`token`:                    "",
		`"a", token`:               "", // a List of Strings, or nothing
		`"a`:                       "",
		`("a" "b")`:                "",
		``:                         "",
		`"a", "` + long + `", "b"`: "a b",
	} {
		var names []string
		for _, tag := range Groups(nil, key, header("Cache-Groups: "+field)) {
			names = append(names, strings.TrimPrefix(tag, "\x00https://a "))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	many := strings.Repeat(`"0123456789012345678901234567890x", `, 31) + `"a"`
	if n := len(Groups(nil, key, header("Cache-Groups: "+many))); n != 2 {
		t.Error("31 times one group, and another:", n)
	}
}

// What an answer does not say again stays, of either kind by itself.
func TestInherited(t *testing.T) {
	g := func(name string) string { return groupMark + "https://a " + name }
	for _, test := range []struct{ tags, old, want string }{
		{"", "x " + "G", "x G"},
		{"y", "x G", "y G"},
		{"H", "x G", "H x"},
		{"y H", "x G", "y H"},
	} {
		list := func(text string) (tags []string) {
			for _, w := range strings.Fields(text) {
				if w == strings.ToUpper(w) {
					w = g(w)
				}
				tags = append(tags, w)
			}
			return tags
		}
		got, want := strings.Join(inherited(list(test.tags), list(test.old)), "|"), strings.Join(list(test.want), "|")
		if got != want {
			t.Errorf("%q over %q: %q, want %q", test.tags, test.old, got, want)
		}
	}
}
