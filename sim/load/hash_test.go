// Content-hashed names: made, found again, and what may not be said of them.
package load

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var hashedShop = []Entry{
	{Path: "/", Changes: "at deploy"},
	{Path: "/static/app.{hash}.js", Changes: "at deploy"},
	{Path: "/static/chunk-{n}.{hash}.js", Objects: 3000, Changes: "at deploy", KeepOld: new(false)},
	{Path: "/{hash}/{n}.css", Objects: 20},
	{Path: "/static/app.{n}.js", Objects: 5},
}

// Every object and version has a name of its own, which leads back to both.
func TestHashedNames(t *testing.T) {
	if p := CheckCatalog(hashedShop); p != nil {
		t.Fatal(p)
	}
	c := NewCatalog(hashedShop)
	names, dice := NewNames(c), rand.New(rand.NewPCG(1, 2))
	of := map[string]bool{}
	pattern := regexp.MustCompile(`^/static/chunk-\d+\.[0-9a-f]{8}\.js$`)
	for range 20_000 {
		o := Object{int32(dice.IntN(len(hashedShop))), 1}
		o.Number += int32(dice.IntN(max(1, hashedShop[o.Entry].Objects)))
		version := uint32(1 + dice.IntN(50))
		if dice.IntN(10) == 0 {
			version = dice.Uint32()
		}
		path := names.Of(o, version)
		back, v, known := c.Resolve(path)
		if !c.Hashed(o) {
			version = 0
		}
		if again, found := c.Lookup(path); !known || back != o || v != version || !found || again != o {
			t.Fatalf("%v in version %d is %s, which is %v %d", o, version, path, back, v)
		}
		if o.Entry == 2 && !pattern.MatchString(path) {
			t.Errorf("%s", path)
		}
		of[path] = true
	}
	if names.Of(Object{1, 1}, 1) == names.Of(Object{1, 1}, 2) {
		t.Error("two versions have one name")
	}
	if c.KeepsOld(Object{2, 1}) || !c.KeepsOld(Object{1, 1}) {
		t.Error("what is kept")
	}
}

// A name is made of the path and the version alone, so it must stay what it is.
func TestHashStays(t *testing.T) {
	names := NewNames(NewCatalog(hashedShop))
	for version, want := range map[uint32]string{1: "/static/app.a97c49cc.js", 2: "/static/app.1eac531e.js"} { // any order will do
		if got := names.Of(Object{1, 1}, version); got != want {
			t.Errorf("version %d is %s, not %s", version, got, want)
		}
	}
}

func TestHashedNotFound(t *testing.T) {
	c := NewCatalog(hashedShop)
	for _, path := range []string{"/static/app.{hash}.js", "/static/app.0123456.js", "/static/app.0123456G.js", "/static/app.ABCDEF01.js",
		"/static/chunk-3001.01234567.js", "/static/chunk-.01234567.js", "/01234567/21.css", "/static/app.01234567.j", "", "01234567"} {
		if o, v, known := c.Resolve(path); known {
			t.Errorf("%q is %v, version %d", path, o, v)
		}
	}
	if o, v, known := c.Resolve("/static/app.3.js"); !known || v != 0 || o != (Object{4, 3}) {
		t.Error("a number is no hash")
	}
}

func TestHashedMistakes(t *testing.T) {
	for _, x := range []struct {
		entry Entry
		says  string
	}{
		{Entry{Path: "/a.{hash}.{hash}.js"}, "{hash} once"},
		{Entry{Path: "/a.{hsah}.js"}, "no other braces"},
		{Entry{Path: "/a.{hash}.js", Changes: "every 10s"}, "at deploy"},
		{Entry{Path: "/a.js", KeepOld: new(false)}, "only to a path with {hash}"},
		{Entry{Path: "/a.{hash}.js"}, ""},
		{Entry{Path: "/a.{hash}.{n}.js", Objects: 2, Changes: "at deploy", KeepOld: new(false)}, ""},
	} {
		p := CheckCatalog([]Entry{x.entry})
		if (len(p) == 0) != (x.says == "") || len(p) > 0 && !strings.Contains(p[0].Says, x.says) {
			t.Errorf("%+v: %v, want %q", x.entry, p, x.says)
		}
	}
	journey := func(page, asset string) []Journey {
		return []Journey{{Name: "one", Steps: []Step{{Page: page, Assets: map[string]int{asset: 1}}}}}
	}
	catalog := append(hashedShop, Entry{Path: "/never"})
	for _, x := range []struct{ page, asset, says string }{
		{"/", "/static/app.{hash}.js", ""}, {"/never", "/{hash}/{n}.css", ""},
		{"/never", "/static/app.{hash}.js", "whose HTML names it"}, {"/static/app.{hash}.js", "/", "only assets"},
	} {
		p := CheckJourneys(journey(x.page, x.asset), catalog)
		if (len(p) == 0) != (x.says == "") || len(p) > 0 && !strings.Contains(p[0].Says, x.says) {
			t.Errorf("%s with %s: %v", x.page, x.asset, p)
		}
	}
}

func TestHashedNamesAllocateNothing(t *testing.T) {
	names := NewNames(NewCatalog(hashedShop))
	if got := testing.AllocsPerRun(1000, func() {
		names.Of(Object{1, 1}, 1)
		names.Of(Object{2, 7}, 1)
		names.Of(Object{2, 7}, 2)
		names.Of(Object{0, 1}, 2)
	}); got != 0 {
		t.Errorf("%g allocations for names that are asked for again", got)
	}
}

// FuzzResolve wants every path that is found to be found under its own name.
func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"/static/app.0a1b2c3d.js", "/static/chunk-12.0a1b2c3d.js", "/01234567/3.css", "/0123456789/1.css", "/static/app.{hash}.js"} {
		f.Add(seed)
	}
	c := NewCatalog(hashedShop)
	names := NewNames(c)
	f.Fuzz(func(t *testing.T, path string) {
		if o, version, known := c.Resolve(path); known && names.Of(o, version) != path {
			t.Errorf("%q is %v in version %d, which is %q", path, o, version, names.Of(o, version))
		}
	})
}
