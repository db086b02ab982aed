// The catalog: picking, finding, sizes, headers.
package load

import (
	"math"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

var luckTest = sim.NewLuck("test")

var shop = []Entry{
	{Path: "/", Share: new(5.0), CacheControl: "public, max-age=60"},
	{Path: "/img/{n}.jpg", Objects: 1000, Share: new(10.0), Size: new(sim.Bytes(40_000)), SizeLaw: "lognormal"},
	{Path: "/product/{n}?view=all", Objects: 2_000_000, Share: new(4.0), Alpha: new(0.6), Database: true, ETag: new(false)},
	{Path: "/gone", Status: 404, Share: new(0.0), Expires: -time.Hour, Headers: map[string]string{"x-why": "sold"}},
	{Path: "/cart", Method: "POST", Status: 204, Share: new(1.0), Headers: map[string]string{"etag": `"own"`}},
}

func TestShopIsRight(t *testing.T) {
	if p := CheckCatalog(shop); p != nil {
		t.Fatal(p)
	}
	if got := NewCatalog(shop).Len(); got != 2_001_003 {
		t.Errorf("%d objects", got)
	}
}

func TestFind(t *testing.T) {
	c := NewCatalog(shop)
	for _, x := range []struct {
		path   string
		want   Object // zero: not known
		status int
	}{
		{"/", Object{0, 1}, 200},
		{"/img/1.jpg", Object{1, 1}, 200},
		{"/img/1000.jpg", Object{1, 1000}, 200},
		{"/product/2000000?view=all", Object{2, 2_000_000}, 200},
		{"/gone", Object{3, 1}, 404},
		{"/cart", Object{4, 1}, 204},
		{path: "/img/0.jpg"}, {path: "/img/1001.jpg"}, {path: "/img/01.jpg"}, {path: "/img/1.jpg?x=2"},
		{path: "/img/.jpg"}, {path: "/img/{n}.jpg"}, {path: "/img/99999999999999999999.jpg"}, {path: ""},
		{path: "/product/2000001?view=all"}, {path: "/1"}, {path: "/img/-1.jpg"},
	} {
		o, known := c.Lookup(x.path)
		status, header, size, database, found := c.Find(x.path)
		if o != x.want || known != (x.want != Object{}) || found != known || status != x.status {
			t.Errorf("%s is %v %v, status %d; want %v", x.path, o, known, status, x.want)
		}
		if !known {
			continue
		}
		if c.Path(o) != x.path || size != c.Size(o) || database != c.Database(o) || status != c.Status(o) || (header == nil) {
			t.Errorf("%s: Find and the rest disagree", x.path)
		}
	}
}

func TestHeaders(t *testing.T) {
	c := NewCatalog(shop)
	for _, x := range []struct {
		o          Object
		name, want string
	}{
		{Object{0, 1}, "Cache-Control", "public, max-age=60"},
		{Object{2, 5}, "Etag", ""},
		{Object{3, 1}, "X-Why", "sold"},
		{Object{4, 1}, "Etag", `"own"`},
	} {
		if got := c.Header(x.o).Get(x.name); got != x.want {
			t.Errorf("%v: %s is %q, want %q", x.o, x.name, got, x.want)
		}
	}
	if a, b := c.Header(Object{0, 1}).Get("ETag"), c.Header(Object{1, 1}).Get("ETag"); a == b || len(a) < 5 || a[0] != '"' {
		t.Errorf("ETags %s and %s", a, b)
	}
	if c.Expires(Object{3, 1}) != -time.Hour || c.Method(Object{4, 1}) != "POST" || c.Size(Object{4, 1}) != 0 {
		t.Error("expires, method, or the size of an answer without content")
	}
}

func TestPathsRoundTrip(t *testing.T) {
	c := NewCatalog(shop)
	for id := range uint64(20_000) {
		roll := sim.Draw(1, luckTest, id, 0)
		o := c.Pick(&roll)
		if back, ok := c.Lookup(c.Path(o)); !ok || back != o {
			t.Fatalf("%v has the path %s, which is %v", o, c.Path(o), back)
		}
	}
}

// TestShares holds picks by entry against the weights (chi-square with three
// degrees of freedom: 16.3 is the 0.1 % bound).
func TestShares(t *testing.T) {
	c := NewCatalog(shop)
	const n = 100_000
	var counts [5]float64
	for id := range uint64(n) {
		roll := sim.Draw(3, luckTest, id, 0)
		counts[c.Pick(&roll).Entry]++
	}
	chi2 := 0.0
	for i, share := range []float64{5, 10, 4, 0, 1} {
		if want := share / 20 * n; want > 0 {
			chi2 += (counts[i] - want) * (counts[i] - want) / want
		}
	}
	if chi2 > 16.3 || counts[3] != 0 {
		t.Errorf("picks by entry %v: chi-square %.1f", counts, chi2)
	}
}

func TestPickAndFindAllocateNothing(t *testing.T) {
	c := NewCatalog(shop)
	var id uint64
	if got := testing.AllocsPerRun(1000, func() {
		id++
		roll := sim.Draw(1, luckTest, id, 0)
		c.Pick(&roll)
	}); got != 0 {
		t.Errorf("%g allocations a pick", got)
	}
	paths := []string{"/", "/img/999.jpg", "/product/1234567?view=all", "/nothing/5"}
	if got := testing.AllocsPerRun(1000, func() {
		for _, p := range paths {
			c.Find(p)
		}
	}); got != 0 {
		t.Errorf("%g allocations a find", got)
	}
	if got := testing.AllocsPerRun(100, func() { c.Path(Object{2, 20_000}) }); got != 0 {
		t.Errorf("%g allocations for the path of a hot object", got)
	}
}

func TestSizes(t *testing.T) {
	for _, e := range []Entry{
		{Path: "/a/{n}", Objects: MaxObjects, SizeLaw: "constant", Size: new(sim.Bytes(12_345))},
		{Path: "/b/{n}", Objects: MaxObjects, SizeLaw: "lognormal", Spread: new(1.0), Size: new(sim.Bytes(12_345))},
		{Path: "/c/{n}", Objects: MaxObjects, SizeLaw: "pareto", Spread: new(0.4), Size: new(sim.Bytes(12_345))},
		{Path: "/d/{n}", Objects: MaxObjects, SizeLaw: "pareto", Spread: new(0.0), Size: new(sim.Bytes(12_345))},
	} {
		if p := CheckCatalog([]Entry{e}); p != nil {
			t.Fatal(p)
		}
		c := NewCatalog([]Entry{e})
		const n = 200_000
		var sum, sumLog, sumLog2 float64
		for i := range int32(n) {
			size := float64(c.Size(Object{0, i + 1}))
			sum, sumLog, sumLog2 = sum+size, sumLog+math.Log(size), sumLog2+math.Log(size)*math.Log(size)
		}
		if got := sum / n; math.Abs(got/12_345-1) > 0.03 {
			t.Errorf("%s: mean size %.0f", e.SizeLaw, got)
		}
		want := 0.0
		if e.Spread != nil {
			want = *e.Spread
		}
		if got := math.Sqrt(max(sumLog2/n-sumLog/n*sumLog/n, 0)); math.Abs(got-want) > 0.01 {
			t.Errorf("%s: the logarithms of the sizes spread by %.3f, want %g", e.SizeLaw, got, want)
		}
	}
}

// TestSizesAreOfTheName: another order of entries, or more objects, changes no
// object's size.
func TestSizesAreOfTheName(t *testing.T) {
	a := NewCatalog(shop)
	turned := slices.Clone(shop)
	slices.Reverse(turned)
	turned[3].Objects = 2000
	b := NewCatalog(turned)
	same := 0
	for n := range int32(1000) {
		path := a.Path(Object{1, n + 1})
		_, _, size, _, _ := a.Find(path)
		if _, _, other, _, _ := b.Find(path); other != size {
			t.Fatalf("%s has %d bytes and %d", path, size, other)
		}
		if size == a.Size(Object{1, 1}) {
			same++
		}
	}
	if same > 100 {
		t.Errorf("%d of 1000 objects have the same size", same)
	}
}

func TestHotPathsAreKept(t *testing.T) {
	c := NewCatalog([]Entry{{Path: "/{n}/x", Objects: MaxObjects}})
	f := &c.families[0]
	if len(f.hot) != hotPaths || f.hot[0] != "/1/x" || f.hot[hotPaths-1] != "/100000/x" {
		t.Errorf("%d paths are kept, from %s", len(f.hot), f.hot[0])
	}
	if got := c.Path(Object{0, MaxObjects}); got != "/10000000/x" {
		t.Errorf("the last path is %s", got)
	}
}
