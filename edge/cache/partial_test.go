// Parts: what they answer, what is asked for, and what becomes of several.
package cache

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// brought is an exchange that brought a 206 with so many bytes.
func brought(size int64, contentRange, fields string) *Exchange {
	x := came(206, "Cache-Control: max-age=60 | Content-Range: "+contentRange+" | "+fields, "")
	x.Response.Size = size
	return x
}

// storedPart is what a 206 makes.
func storedPart(t *testing.T, size int64, contentRange, fields string) *Entry {
	t.Helper()
	rules := SharedRules()
	e, why := rules.Consider(brought(size, contentRange, fields))
	if e == nil {
		t.Fatalf("%s: %s", contentRange, why)
	}
	return e
}

func TestServes(t *testing.T) {
	rules := SharedRules()
	whole := func(size int64, fields string) *Entry {
		x := came(200, "Cache-Control: max-age=60 | "+fields, "")
		x.Response.Size = size
		e, _ := rules.Consider(x)
		return e
	}
	moved, _ := rules.Consider(came(301, "Cache-Control: max-age=60", ""))
	ten := whole(10, `Etag: "1"`)
	part := storedPart(t, 4, "bytes 3-6/10", `Etag: "1"`)
	open := storedPart(t, 4, "bytes 3-6/*", "")
	for _, test := range []struct {
		e    *Entry
		asks string
		s    Span
		how  Serving
	}{
		{ten, "", Span{0, 10}, Whole},
		{ten, "Range: bytes=2-3", Span{2, 2}, Section},
		{ten, "Range: bytes=10-", Span{}, Unsatisfiable},
		{ten, "Range: bytes=1-2,4-5", Span{0, 10}, Whole},
		{ten, `Range: bytes=2-3 | If-Range: "1"`, Span{2, 2}, Section},
		{ten, `Range: bytes=2-3 | If-Range: "2"`, Span{0, 10}, Whole},
		{ten, `Range: bytes=10- | If-Range: "2"`, Span{0, 10}, Whole},
		{ten, `If-Range: "2"`, Span{0, 10}, Whole},
		{ten, `Range: bytes=2-3 | If-Range: W/"1"`, Span{0, 10}, Whole},
		{ten, `Range: bytes=2-3 | If-Range: "1" | If-Range: "1"`, Span{0, 10}, Whole},
		{whole(10, `Etag: W/"1"`), `Range: bytes=2-3 | If-Range: W/"1"`, Span{0, 10}, Whole},
		{whole(10, "Last-Modified: "+date(99)), "Range: bytes=2-3 | If-Range: " + date(99), Span{2, 2}, Section},
		{whole(10, "Last-Modified: "+date(100)), "Range: bytes=2-3 | If-Range: " + date(100), Span{0, 10}, Whole}, // not strong yet
		{whole(10, "Last-Modified: "+date(90)), "Range: bytes=2-3 | If-Range: " + date(99), Span{0, 10}, Whole},
		{whole(10, ""), "Range: bytes=2-3 | If-Range: " + date(99), Span{0, 10}, Whole},
		{whole(0, ""), "Range: bytes=-1", Span{0, 0}, Whole},
		{whole(-1, ""), "", Span{0, -1}, Whole},
		{whole(-1, ""), "Range: bytes=2-3", Span{2, 2}, Lacking},
		{moved, "Range: bytes=2-3", Span{0, 10}, Whole},
		{part, "Range: bytes=3-6", Span{3, 4}, Section},
		{part, "Range: bytes=-4", Span{6, 4}, Lacking},
		{part, "Range: bytes=2-3", Span{2, 2}, Lacking},
		{part, "Range: bytes=10-", Span{}, Unsatisfiable},
		{part, "", Span{0, 10}, Lacking},
		{part, `Range: bytes=3-6 | If-Range: "2"`, Span{0, 10}, Lacking},
		{open, "Range: bytes=4-5", Span{4, 2}, Section},
		{open, "Range: bytes=4-", Span{4, -1}, Lacking},
		{open, "Range: bytes=-1", Span{-1, -1}, Lacking},
		{open, "", Span{0, -1}, Lacking},
		{storedPart(t, 10, "bytes 0-9/10", ""), "", Span{0, 10}, Whole},
		// One byte less than was said.
		{storedPart(t, 5, "bytes 4-9/10", ""), "Range: bytes=-5", Span{4, 5}, Section},
		{storedPart(t, 5, "bytes 4-9/10", ""), "Range: bytes=6-", Span{6, 3}, Section},
		{storedPart(t, 5, "bytes 4-9/10", ""), "Range: bytes=3-", Span{3, 6}, Lacking},
		{storedPart(t, 5, "bytes 4-9/20", ""), "Range: bytes=6-", Span{6, 14}, Lacking},
		{storedPart(t, 9, "bytes 0-9/10", ""), "", Span{0, 9}, Lacking},
	} {
		if s, how := test.e.Serves(header(test.asks)); s != test.s || how != test.how {
			t.Errorf("%d bytes of %d, %s: %v, %d; want %v, %d", test.e.Size, test.e.Length(), test.asks, s, how, test.s, test.how)
		}
	}
}

func TestPlan(t *testing.T) {
	rules := SharedRules()
	whole, _ := rules.Consider(came(200, `Cache-Control: max-age=60 | Etag: "1"`, ""))
	mute, _ := rules.Consider(came(200, "Cache-Control: max-age=60", ""))
	first := storedPart(t, 5, "bytes 0-4/10", `Etag: "1"`)
	for _, test := range []struct {
		e     *Entry
		asks  string
		stale bool
		want  Plan
		asked string // with what the plan lacks
	}{
		{nil, "Range: bytes=0-1", false, Plan{}, ""},
		{whole, "", true, Plan{Conditional: true, Whole: true}, ""},
		{whole, "Range: bytes=0-1", true, Plan{Conditional: true, Whole: true}, ""},
		{mute, "Range: bytes=0-1", true, Plan{Whole: true}, ""},
		{first, "", false, Plan{Lacks: Span{5, 5}}, `bytes=5- if "1"`},
		{first, "", true, Plan{Lacks: Span{5, 5}}, `bytes=5- if "1"`},
		{first, "Range: bytes=3-6", true, Plan{Lacks: Span{5, 2}}, `bytes=5-6 if "1"`},
		{first, "Range: bytes=3-4", true, Plan{Conditional: true}, ""},
		{first, "Range: bytes=6-7", false, Plan{}, ""},
		{storedPart(t, 5, "bytes 5-9/10", `Etag: "1"`), "", false, Plan{Lacks: Span{0, 5}}, `bytes=0-4 if "1"`},
		{storedPart(t, 5, "bytes 2-6/10", `Etag: "1"`), "", false, Plan{}, ""}, // one range would be the whole
		{storedPart(t, 5, "bytes 0-4/*", `Etag: "1"`), "", false, Plan{Lacks: Span{5, -1}}, `bytes=5- if "1"`},
		{storedPart(t, 5, "bytes 0-4/*", `Etag: "1"`), "Range: bytes=-3", false, Plan{}, ""},
		{storedPart(t, 5, "bytes 0-4/10", "Last-Modified: "+date(9)), "", false, Plan{Lacks: Span{5, 5}}, "bytes=5- if " + date(9)},
		{storedPart(t, 5, "bytes 0-4/10", ""), "", false, Plan{Lacks: Span{5, 5}}, "bytes=5-"},
		{storedPart(t, 5, "bytes 0-4/10", ""), "", true, Plan{}, ""},
		{storedPart(t, 5, "bytes 0-4/10", ""), "Range: bytes=3-6", false, Plan{}, ""},
		{storedPart(t, 5, "bytes 0-4/10", `Etag: W/"1"`), "", false, Plan{}, ""},
		{storedPart(t, 4, "bytes 0-4/10", `Etag: "1"`), "", false, Plan{}, ""}, // one byte less than was said
	} {
		got := test.e.Plan(header(test.asks), !test.stale)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", test.asks, got, test.want)
		}
		if got.Lacks.Size == 0 {
			continue
		}
		h := WithLacking(header(test.asks+" | If-Range: x"), test.e, got.Lacks)
		asked := h.Get("Range")
		if v := h.Get("If-Range"); v != "" {
			asked += " if " + v
		}
		if asked != test.asked {
			t.Errorf("%s: asks for %s, want %s", test.asks, asked, test.asked)
		}
	}
}

func TestComplete(t *testing.T) {
	rules := SharedRules()
	one := `Etag: "1" | X: `
	for _, test := range []struct {
		size         int64
		contentRange string
		fields       string
		want         string
	}{
		{5, "bytes 5-9/10", one + "new", "200, 10 bytes of 10, X: new"},
		{5, "bytes 5-9/10", `Etag: "1"`, "200, 10 bytes of 10, X: old"},
		{3, "bytes 5-7/10", one + "new", "206, 8 bytes of 10, X: new"},
		{8, "bytes 2-9/10", one + "new", "200, 10 bytes of 10, X: new"},
		{10, "bytes 0-9/10", one + "new", "200, 10 bytes of 10, X: new"},
		{2, "bytes 8-9/10", one + "new", "206, 7 bytes of 10, X: new"},
		{5, "bytes 5-9/*", one + "new", "200, 10 bytes of 10, X: new"},
		{5, "bytes 5-9/11", one, "none"}, // of another length
		{4, "bytes 5-9/10", one, "none"}, // less than is said
		{5, "bytes 5-9/10", `Etag: "2"`, "none"},
		{5, "bytes 5-9/10", `Etag: W/"1"`, "none"},
		{5, "bytes 5-9/10", "X: y", "none"}, // it does not say
		{5, "bytes 5-9/10", one + "y | Cache-Control: no-store", "none"},
		{5, "bytes 5-9", one, "none"},
	} {
		old := storedPart(t, 5, "bytes 0-4/10", one+"old")
		got := "none"
		if e, fresh := rules.Complete(old, brought(test.size, test.contentRange, test.fields)); e != nil {
			got = fmt.Sprintf("%d, %d bytes of %d, X: %s", e.Status, e.Size, e.Length(), e.Header.Get("X"))
			if again := Join(0, old, fresh); fresh.Partial() && (again.Status != e.Status || again.Size != e.Size) {
				t.Errorf("%s: joined to %d, %d bytes", test.contentRange, again.Status, again.Size)
			}
		}
		if got != test.want {
			t.Errorf("%s, %s: %s; want %s", test.contentRange, test.fields, got, test.want)
		}
		if old.Size != 5 || len(old.parts) != 1 {
			t.Fatal("an entry was changed")
		}
	}
}

func TestJoin(t *testing.T) {
	rules := SharedRules()
	now := sim.Time(110 * time.Second)
	whole := func(fields string) *Entry {
		e, _ := rules.Consider(came(200, fields, ""))
		return e
	}
	part := storedPart(t, 5, "bytes 0-4/10", `Etag: "1"`)
	mute := storedPart(t, 5, "bytes 0-4/10", "")
	for name, test := range map[string]struct { // any order
		old, fresh *Entry
		want       string
	}{
		"nothing there":            {nil, part, "the part"},
		"the same whole":           {whole(`Cache-Control: max-age=1 | Etag: "1"`), part, "stays"},
		"another whole":            {whole(`Cache-Control: max-age=60 | Etag: "2"`), part, "the part"},
		"a fresh whole":            {whole("Cache-Control: max-age=60"), mute, "stays"},
		"a stale whole":            {whole("Cache-Control: max-age=1"), mute, "the part"},
		"another part":             {storedPart(t, 5, "bytes 5-9/10", `Etag: "2"`), part, "the part"},
		"a part without validator": {storedPart(t, 5, "bytes 5-9/10", ""), mute, "the part"},
		"the same part":            {storedPart(t, 5, "bytes 0-4/10", `Etag: "1"`), part, "5 bytes"},
		"the rest":                 {storedPart(t, 5, "bytes 5-9/10", `Etag: "1"`), part, "10 bytes"},
	} {
		got := "stays"
		switch e := Join(now, test.old, test.fresh); {
		case e == test.fresh:
			got = "the part"
		case e != nil:
			got = fmt.Sprint(e.Size, " bytes")
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Whatever parts come, those that are kept do not overlap, have every byte that came
// and no other, and take no more memory than what came.
func TestPartsTogether(t *testing.T) {
	const length = 40
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(seed, 1))
		var have [length]bool
		var e *Entry
		came := int64(0)
		for range 1 + dice.IntN(8) {
			from := dice.IntN(length)
			size := 1 + dice.IntN(length-from)
			if size == length {
				continue
			}
			part := storedPart(t, int64(size), byterange.ContentRange(byterange.Span{From: int64(from), Size: int64(size)}, length), `Etag: "1"`)
			if e = Join(0, e, part); !e.Partial() {
				break
			}
			came += int64(size)
			for i := from; i < from+size; i++ {
				have[i] = true
			}
			s := Span{int64(dice.IntN(length)), 1}
			s.Size += dice.Int64N(length - s.From)
			all := true
			for i := s.From; i < s.end(); i++ {
				all = all && have[i]
			}
			if e.has(s) != all {
				t.Fatalf("seed %d: %v is there: %v; parts %+v", seed, s, !all, e.parts)
			}
			for i := int64(0); i < length; i++ {
				if e.has(Span{i, 1}) != have[i] {
					t.Fatalf("seed %d: byte %d is there: %v; parts %+v", seed, i, !have[i], e.parts)
				}
			}
			if e.Bytes() > came || e.Bytes() < e.Size {
				t.Fatalf("seed %d: %d bytes take %d, %d came", seed, e.Size, e.Bytes(), came)
			}
		}
	}
}

func TestTooManyParts(t *testing.T) {
	var e *Entry
	for i := range int64(maxParts + 5) {
		part := storedPart(t, 1, byterange.ContentRange(byterange.Span{From: 2 * i, Size: 1}, 1000), `Etag: "1"`)
		joined := Join(0, e, part)
		if (joined == nil) != (i >= maxParts) {
			t.Fatalf("part %d: %v", i, joined)
		}
		if joined != nil {
			e = joined
		}
	}
}

func TestFreshenPart(t *testing.T) {
	rules := SharedRules()
	e := storedPart(t, 4, "bytes 3-6/10", `Etag: "1"`)
	fresh, storable := rules.Freshen(e, came(304, `Cache-Control: max-age=5 | Etag: "1" | Content-Range: bytes 0-1/2`, ""))
	if !storable || !fresh.Partial() || fresh.Lifetime != 5*time.Second {
		t.Fatalf("%v, %+v", storable, fresh)
	}
	if s, how := fresh.Serves(header("Range: bytes=4-")); s != (Span{4, 6}) || how != Lacking {
		t.Error(s, how)
	}
	if s, how := fresh.Serves(header("Range: bytes=4-5")); how != Section {
		t.Error(s, how)
	}
	if got := fresh.SectionHeader(Span{4, 2}).Get("Content-Range"); got != "bytes 4-5/10" {
		t.Error(got)
	}
	if got := fresh.UnsatisfiableHeader().Get("Content-Range"); got != "bytes */10" {
		t.Error(got)
	}
}
