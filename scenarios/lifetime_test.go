// Tests: lifetimes are found in a Cache-Control and changed there alone.
package scenarios

import (
	"strings"
	"testing"
)

func TestLifetimeSettings(t *testing.T) {
	for _, c := range []struct{ text, directive, want string }{
		{"", "max-age", "max-age=7"},
		{"public", "max-age", "public, max-age=7"},
		{"public, max-age=300", "max-age", "public, max-age=7"},
		{`Max-Age = "300",immutable`, "max-age", "Max-Age = 7,immutable"},
		{"max-age=1, s-maxage=2, stale-if-error=3", "s-maxage", "max-age=1, s-maxage=7, stale-if-error=3"},
		{"s-maxage=2", "max-age", "s-maxage=2, max-age=7"},
	} {
		l := &lifetime{"catalog.0.cache-control", c.directive, c.text}
		if got := l.setting(7); got.Key != l.header || got.Value != c.want {
			t.Errorf("%q, %s: %+v, want %q", c.text, c.directive, got, c.want)
		}
	}
}

// fair is asked for one page four times a second for 10 s: of 40 requests those
// are hits that come while a copy is fresh. With max-age=N the page is fetched
// every N seconds, and a fetch and its revalidation are no hits of the store's own.
const fair = `
name = "fair"
duration = "10s"
load.rate = 4
[[clients]]
id = "here"
place = "New York"
[[catalog]]
path = "/"
cache-control = "public, max-age=1"
etag = false
[[pop]]
place = "New York"
[origin]
place = "New York"
`

func TestSearchFindsALifetime(t *testing.T) {
	q := Query{Key: "catalog.0.cache-control.max-age", Goal: Smallest, Until: "fetches <= 2", Precision: 0.01}
	one := searchIn(t, fair, q, Options{}).Seeds[0]
	if one.Outcome != Flips || one.Holds.Value < 4 || one.Holds.Value > 6 {
		t.Errorf("%s at %+v, want 4 to 6 s: two fetches in 10 s", one.Outcome, one.Holds)
	}
	found := searchIn(t, fair, q, Options{})
	if found.Unit != "s" {
		t.Errorf("unit %q, want s", found.Unit)
	}
	q.Key = "catalog.1.cache-control.max-age"
	if _, err := NewSearch("fair.toml", []byte(fair), q); err == nil || !strings.Contains(err.Error(), "entries are 0 to 0") {
		t.Errorf("%s: %v", q.Key, err)
	}
	q.Key = "catalog.0.cache-control"
	if _, err := NewSearch("fair.toml", []byte(fair), q); err == nil || !strings.Contains(err.Error(), "catalog.0.cache-control.max-age") {
		t.Errorf("%s: %v, want the lifetime that can be searched", q.Key, err)
	}
}
