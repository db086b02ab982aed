// What CheckCatalog says.
package load

import (
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestCheckCatalog(t *testing.T) {
	for _, c := range []struct {
		e    Entry
		want string
	}{
		{Entry{}, `path: must begin with /, not ""`},
		{Entry{Path: "/a b"}, "path: \"/a b\" has letters"},
		{Entry{Path: "/é"}, "path: \"/é\" has letters"},
		{Entry{Path: "/" + strings.Repeat("x", maxPath)}, "path: has 2049 bytes"},
		{Entry{Path: "/{n}"}, "objects: are needed to number the path"},
		{Entry{Path: "/x", Objects: 5}, "path: needs a place for the number"},
		{Entry{Path: "/{n}/{n}", Objects: 5}, "path: may have {n} once"},
		{Entry{Path: "/{id}"}, "path: may have {n} once"},
		{Entry{Path: "/v2{n}", Objects: 5}, "path: must have no digit beside {n}"},
		{Entry{Path: "/{n}2", Objects: 5}, "path: must have no digit beside {n}"},
		{Entry{Path: "/{n}", Objects: MaxObjects + 1}, "objects: must be between 0 and 10000000"},
		{Entry{Path: "/", Share: new(-1.0)}, "share: must be between 0 and 1000000000, not -1"},
		{Entry{Path: "/", Share: new(0.0)}, "share: is 0 for everything"},
		{Entry{Path: "/", Share: new(math.NaN())}, "share: must be between"},
		{Entry{Path: "/", Popularity: "cubic"}, "popularity: must be one of zipf, uniform"},
		{Entry{Path: "/", Alpha: new(-1.0)}, "alpha: must be between 0 and 100"},
		{Entry{Path: "/", Popularity: "uniform", Alpha: new(1.0)}, "alpha: means nothing to popularity uniform"},
		{Entry{Path: "/", Size: new(sim.Bytes(maxSize + 1))}, "size: must be between"},
		{Entry{Path: "/", Size: new(sim.Bytes(1)), Status: 204}, "size: must be 0B: an answer with status 204"},
		{Entry{Path: "/", SizeLaw: "normal"}, "size-law: must be one of constant, lognormal, pareto"},
		{Entry{Path: "/", Spread: new(1.0)}, "spread: means nothing to sizes that are all the same"},
		{Entry{Path: "/", SizeLaw: "pareto", Spread: new(1.0)}, "spread: must be below 1"},
		{Entry{Path: "/", Status: 100}, "status: must be a final status"},
		{Entry{Path: "/", Method: "get"}, "method: must be one of GET"},
		{Entry{Path: "/", Expires: 101 * 365 * 24 * time.Hour}, "expires: must be within a hundred years"},
		{Entry{Path: "/", CacheControl: "no\r\nstore"}, "cache-control: \"no\\r\\nstore\" cannot stand in a header"},
		{Entry{Path: "/", Headers: map[string]string{"a b": ""}}, `headers: "a b" is not the name of a header`},
		{Entry{Path: "/", Headers: map[string]string{"vary": "a", "Vary": "b"}}, `headers: "Vary" and "vary" are the same header`},
		{Entry{Path: "/", Headers: map[string]string{"content-length": "5"}}, "headers: Content-Length is written by"},
		{Entry{Path: "/", CacheControl: "no-store", Headers: map[string]string{"cache-control": "a"}}, "headers: Cache-Control is given"},
		{Entry{Path: "/", Changes: "sometimes"}, `changes: must be never, at deploy, or every or random with a time, as in "every 10s", not "sometimes"`},
		{Entry{Path: "/", Changes: "evry 10s"}, `changes: must be never, at deploy, or every or random with a time, as in "every 10s", not "evry 10s"; did you mean "every 10s"?`},
		{Entry{Path: "/", Changes: "every 10"}, `changes: must be never`},
		{Entry{Path: "/", Changes: "every"}, `changes: must be never`},
		{Entry{Path: "/", Changes: "deploy"}, `changes: must be never, at deploy, or every or random with a time, as in "every 10s", not "deploy"; did you mean "at deploy"?`},
		{Entry{Path: "/", Changes: "Never"}, `changes: must be never, at deploy, or every or random with a time, as in "every 10s", not "Never"; did you mean "never"?`},
		{Entry{Path: "/", Changes: "every 0s"}, `changes: must be between 1ms and 8760h0m0s, not 0s`},
		{Entry{Path: "/", Changes: "random -1s"}, `changes: must be between 1ms`},
		{Entry{Path: "/", Changes: "every 1s", Size: new(sim.Bytes(52))}, `size: must be at least 53B, not 52B, so that the content can say`},
		{Entry{Path: "/", Personal: true, Size: new(sim.Bytes(0))}, `size: must be at least 53B, not 0B`},
		{Entry{Path: "/", Changes: "at deploy", Status: 304}, `changes: means nothing to answers with status 304`},
		{Entry{Path: "/", Personal: true, Status: 204}, `personal: means nothing to answers with status 204`},
		{Entry{Path: "/", Personal: true, Method: "HEAD"}, `personal: means nothing to the method HEAD`},
		{Entry{Path: "/", Expires: 1, Headers: map[string]string{"Expires": "0"}}, "headers: Expires is given"},
	} {
		problems := CheckCatalog([]Entry{c.e})
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) {
			t.Errorf("%+v:\n got %v\nwant %s", c.e, problems, c.want)
		}
	}
}

func TestCheckCatalogTogether(t *testing.T) {
	problems := CheckCatalog([]Entry{
		{Path: "/"},
		{Path: "/a/{n}.js", Objects: MaxObjects},
		{Path: "/", Method: "POST"},
		{Path: "/a/{n}.js", Objects: 2},
		{Path: "/a/77.js"},
	})
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		"objects: make the catalog larger than the limit of 10000000 objects",
		`path: "/" is that of entry 1 already`,
		`path: "/a/{n}.js" is that of entry 2 already`,
		`path: "/a/77.js" is also number 77 of entry 2`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || problems[2].Item != 3 || problems[3].Item != 4 {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if got := CheckCatalog(make([]Entry, maxEntries+1)); len(got) != 1 || got[0].Key != "catalog" {
		t.Errorf("too many entries: %v", got)
	}
}

// FuzzLookup wants no path to bring the catalog down, and no object but by the
// path that it has.
func FuzzLookup(f *testing.F) {
	for _, s := range []string{"/", "/img/1.jpg", "/img/10000000000.jpg", "/product/1?view=all", "//0/img/3.jpg", "/img/٣.jpg"} {
		f.Add(s)
	}
	c := NewCatalog(shop)
	f.Fuzz(func(t *testing.T, path string) {
		if o, ok := c.Lookup(path); ok && c.Path(o) != path {
			t.Errorf("%q was found as %q", path, c.Path(o))
		}
	})
}
