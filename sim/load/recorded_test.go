// Tests: the content of a trace.
package load

import (
	"fmt"
	"strings"
	"testing"

	"cdnlab/sim"
)

func TestPathOf(t *testing.T) {
	long := pathOf("/" + strings.Repeat("x", 3000))
	for _, c := range []struct{ name, want string }{
		{"/a.css?v=1", "/a.css?v=1"},
		{"7", "/7"},
		{"", "/"},
		{"https://a.example/b/c?d", "/b/c?d"},
		{"https://a.example", "/"},
		{"/a b\tü#top", "/a%20b%09%C3%BC"},
		{"/" + strings.Repeat("x", 3000), long},
	} {
		if got := pathOf(c.name); got != c.want {
			t.Errorf("%q is at %q, want %q", c.name, got, c.want)
		}
	}
	if other := pathOf("/" + strings.Repeat("x", 3001)); len(long) != maxPath || other == long {
		t.Errorf("a long path has %d bytes, and another is at it too: %v", len(long), other == long)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/*", "/", true}, {"/*", "/a/b?c", true}, {"/a", "/a", true}, {"/a", "/a/", false},
		{"/a/*.png", "/a/b/c.png", true}, {"/a/*.png", "/a/.png", true}, {"/a/*.png", "/a/b.gif", false}, {"/a/*a/", "/a/", false},
	} {
		if got := covers(c.pattern, c.path); got != c.want {
			t.Errorf("%s covers %s: %v", c.pattern, c.path, got)
		}
	}
}

// recordedShop is a trace's content with its catalog.
func recordedShop() ([]Entry, *Recorded) {
	r := NewRecorded()
	for i, name := range []string{"/a.png", "/", "7", "/b.png"} {
		r.Add(name, int64(100*(i+1)))
	}
	return []Entry{{Path: "/*.png", CacheControl: "max-age=60"}, {Path: "/", Personal: true, SignIn: SignInCookie}, {Path: "/*"}}, r
}

// TestRecordedCatalog: every object is found again by its path, has the trace's size
// and the rules of the first entry that covers it.
func TestRecordedCatalog(t *testing.T) {
	entries, r := recordedShop()
	if p := CheckRecorded(entries); p != nil {
		t.Fatal(p)
	}
	c := NewRecordedCatalog(entries, r)
	var got []string
	for n := range c.Len() {
		o := c.Numbered(int32(n + 1))
		again, version, known := c.Resolve(c.Path(o))
		looked, found := c.Lookup(c.Path(o))
		if again != o || looked != o || !known || !found || version != 0 {
			t.Errorf("%v at %s is found as %v and %v", o, c.Path(o), again, looked)
		}
		got = append(got, fmt.Sprint(c.Path(o), " ", o.Entry, " ", c.Size(o), " ", c.Header(o).Get("Cache-Control")))
	}
	if want := fmt.Sprintf("/a.png 0 100 max-age=60, / 1 %d , /7 2 300 , /b.png 0 400 max-age=60", max(200, sim.StampBytes)); strings.Join(got, ", ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, ", "), want)
	}
	if _, known := c.Lookup("/*"); known {
		t.Error("there is something at the path of an entry")
	}
	if number, ok := r.Add("/7", 5); number != 3 || !ok || r.Len() != 4 {
		t.Errorf("an object that is there already is number %d", number)
	}
	if n, first := Uncovered(entries[:2], r); n != 1 || first != "/7" {
		t.Errorf("%d objects are covered by none, %s the first", n, first)
	}
}

func TestCheckRecorded(t *testing.T) {
	for _, c := range []struct {
		e    Entry
		want string
	}{
		{Entry{Path: "/*", Objects: 5}, "objects: means nothing here: the load's trace says it"},
		{Entry{Path: "/*", Size: new(sim.Bytes(5))}, "size: means nothing here"},
		{Entry{Path: "/*", Method: "POST"}, "method: means nothing here"},
		{Entry{Path: "/*", Method: "GET"}, ""},
		{Entry{Path: "/{n}"}, "path: may have no braces"},
		{Entry{Path: "/*/*"}, "path: may have * once"},
		{Entry{Path: "*"}, `path: must begin with /, not "*"`},
		{Entry{Path: "/x", Changes: "often"}, "changes: "},
		{Entry{Path: "/x", Headers: map[string]string{"Date": "x"}}, "headers: Date is written by whoever sends the answer"},
	} {
		got := ""
		if p := CheckRecorded([]Entry{c.e}); len(p) > 0 {
			got = p[0].String()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v: %s, want %s", c.e, got, c.want)
		}
	}
	if p := CheckRecorded([]Entry{{Path: "/*"}, {Path: "/a"}, {Path: "/*"}}); len(p) != 1 || p[0].Item != 2 || p[0].Says != `"/*" is that of entry 1 already` {
		t.Errorf("the same path again: %v", p)
	}
	if p := CheckRecorded(make([]Entry, maxEntries+1)); len(p) != 1 || p[0].Key != "catalog" {
		t.Errorf("too many entries: %v", p)
	}
}

// What a recorded entry is filled with means something to it.
func TestFilledRecorded(t *testing.T) {
	entries, _ := recordedShop()
	for _, e := range entries {
		if p := CheckRecorded([]Entry{e.FilledRecorded()}); p != nil {
			t.Errorf("%s: %v", e.Path, p)
		}
	}
}
