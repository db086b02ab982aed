// Versions against a naive twin, and what the laws promise.
package load

import (
	"cmp"
	"fmt"
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

const begun = sim.Time(250 * time.Millisecond)

var deploys = []sim.Time{sim.Time(4 * time.Second), sim.Time(4 * time.Second), sim.Time(9 * time.Second)}

// lives is an entry of every law.
var lives = []Entry{
	{Path: "/never"},
	{Path: "/every/{n}", Objects: 1000, Changes: "every 10s"},
	{Path: "/random/{n}", Objects: 1000, Changes: "random 10s"},
	{Path: "/deploy/{n}", Objects: 1000, Changes: "at deploy"},
	{Path: "/fast/{n}", Objects: 1000, Changes: "every 1ms"},
	{Path: "/fast/by/chance/{n}", Objects: 1000, Changes: "random 1ms"},
	{Path: "/mine", Personal: true},
}

func newLives(t *testing.T) *Versions {
	t.Helper()
	if p := CheckCatalog(lives); p != nil {
		t.Fatal(p)
	}
	return NewVersions(lives, 7, begun, deploys)
}

// TestVersionsAgree: a version is current from when the one before was replaced
// until it is replaced itself, to the nanosecond.
func TestVersionsAgree(t *testing.T) {
	v := newLives(t)
	for entry := range lives {
		for number := range int32(50) {
			o := Object{int32(entry), number + 1}
			for version := range uint32(30) {
				from, to := sim.Time(0), v.Replaced(o, version+1)
				if version > 0 {
					from = v.Replaced(o, version)
				}
				if to < from {
					t.Fatalf("%v: version %d is replaced at %v, before the one before it (%v)", o, version+1, to, from)
				}
				if to == from { // replaced at once: two deploys of one moment, or never there
					continue
				}
				if to != sim.Never && (v.At(o, to-1) != version+1 || v.At(o, to) <= version+1) {
					t.Fatalf("%v: version %d lasts until %v, but versions there are %d and %d", o, version+1, to, v.At(o, to-1), v.At(o, to))
				}
				if v.At(o, from) != version+1 {
					t.Fatalf("%v: version %d begins at %v, but there it is %d", o, version+1, from, v.At(o, from))
				}
			}
		}
	}
}

// TestOnceInEach: every span has one change of every object.
func TestOnceInEach(t *testing.T) {
	v := newLives(t)
	for _, entry := range []int32{1, 2} {
		spread := map[int]int{}
		for number := range int32(1000) {
			o := Object{entry, number + 1}
			for span := range uint32(5) {
				at := v.Replaced(o, span+1).Sub(begun) - time.Duration(span)*10*time.Second
				if at < 0 || at > 10*time.Second {
					t.Fatalf("%v changes %v into span %d", o, at, span)
				}
				if span == 3 {
					spread[min(int(at/time.Second), 9)]++ // object 1 changes at the span's very end
				}
			}
		}
		for second, n := range spread { // any order
			if n < 70 || n > 130 {
				t.Errorf("entry %d: %d of 1000 objects change in second %d of 10", entry, n, second)
			}
		}
	}
}

// TestHottestChangeApart: neighbours in popularity do not change together.
func TestHottestChangeApart(t *testing.T) {
	v := newLives(t)
	for a := range int32(10) {
		for b := range a {
			if d := v.Replaced(Object{1, a + 1}, 1).Sub(v.Replaced(Object{1, b + 1}, 1)); d.Abs() < 400*time.Millisecond {
				t.Errorf("objects %d and %d change within %v of each other", a+1, b+1, d.Abs())
			}
		}
	}
}

// TestVersionsAtTheTimesOfLaw says the laws in numbers.
func TestVersionsAtTheTimesOfLaw(t *testing.T) {
	v := newLives(t)
	second := sim.Time(time.Second)
	for _, c := range []struct {
		o    Object
		at   sim.Time
		want uint32
	}{
		{Object{0, 1}, 1000 * second, 1},
		{Object{1, 1}, -second, 1}, {Object{1, 1}, 0, 1}, {Object{1, 1}, begun, 1},
		{Object{1, 1}, begun + 10*second - 1, 1}, {Object{1, 1}, begun + 10*second, 2}, {Object{1, 1}, begun + 25*second, 3},
		{Object{1, 2}, begun - 1, 1}, {Object{1, 2}, begun + 10*second, 2}, {Object{1, 2}, begun + 20*second, 3},
		{Object{2, 1}, begun - 1, 1}, {Object{2, 1}, begun + 10*second, 2}, {Object{2, 1}, begun + 100*second, 11},
		{Object{3, 1}, 4*second - 1, 1}, {Object{3, 1}, 4 * second, 3}, {Object{3, 9}, 9 * second, 4}, {Object{3, 9}, sim.Never, 4},
		{Object{6, 1}, 1000 * second, 1},
	} {
		if got := v.At(c.o, c.at); got != c.want {
			t.Errorf("%s at %v: version %d, want %d", lives[c.o.Entry].Path, c.at, got, c.want)
		}
	}
	if v.Changes(Object{0, 1}) || v.Changes(Object{6, 1}) || !v.Changes(Object{3, 1}) || !v.Timed() {
		t.Error("what changes and what does not")
	}
}

// TestBeforeTheBegin: while nobody knows when the load begins, nothing changes
// but by a deploy.
func TestBeforeTheBegin(t *testing.T) {
	v := NewVersions(lives, 7, 0, deploys)
	for entry, want := range []uint32{1, 1, 1, 4, 1, 1, 1} {
		o := Object{int32(entry), 3}
		if got := v.At(o, sim.Time(time.Hour)); got != want {
			t.Errorf("%s: version %d, want %d", lives[entry].Path, got, want)
		}
		if entry != 3 && v.Replaced(o, 1) != sim.Never {
			t.Errorf("%s: version 1 is replaced at %v", lives[entry].Path, v.Replaced(o, 1))
		}
	}
	if NewVersions([]Entry{{Path: "/", Changes: "at deploy"}}, 1, begun, nil).Timed() {
		t.Error("a deploy does not depend on the load's begin")
	}
}

// TestNoSuchVersion: what a damaged content claims is never replaced, and never
// overflows.
func TestNoSuchVersion(t *testing.T) {
	entries := []Entry{{Path: "/", Changes: "every 8760h"}, {Path: "/r", Changes: "random 8760h"}, {Path: "/d", Changes: "at deploy"}, {Path: "/n"}}
	v := NewVersions(entries, 1, begun, deploys)
	for entry := range entries {
		for _, version := range []uint32{0, math.MaxUint32} {
			if got := v.Replaced(Object{int32(entry), 1}, version); got != sim.Never {
				t.Errorf("%s: version %d is replaced at %v", entries[entry].Path, version, got)
			}
		}
	}
}

// TestChanceIsOfSeedAndPath: other seeds change at other times, further entries
// change nobody's.
func TestChanceIsOfSeedAndPath(t *testing.T) {
	a := NewVersions(lives, 7, begun, nil)
	b := NewVersions(lives, 8, begun, nil)
	c := NewVersions(lives[2:], 7, begun, nil)
	same := 0
	for n := range int32(100) {
		if a.Replaced(Object{2, n + 1}, 1) == b.Replaced(Object{2, n + 1}, 1) {
			same++
		}
		if a.Replaced(Object{2, n + 1}, 1) != c.Replaced(Object{0, n + 1}, 1) {
			t.Fatalf("object %d changes at another time without the entries before it", n+1)
		}
	}
	if same > 0 {
		t.Errorf("%d of 100 objects change at the same time with another seed", same)
	}
}

func TestHeadersOfVersions(t *testing.T) {
	entries := []Entry{
		{Path: "/{n}", Objects: 9, Changes: "every 1s", CacheControl: "max-age=5"},
		{Path: "/own", Changes: "every 1s", Headers: map[string]string{"ETag": `"mine"`}},
		{Path: "/none", Changes: "every 1s", ETag: new(false)},
		{Path: "/me", Personal: true},
	}
	c := NewCatalog(entries)
	h := NewHeaders(c)
	tag := func(o Object, version uint32, owner uint64) string {
		header := h.Of(o, version, owner)
		if o.Entry == 0 && header.Get("Cache-Control") != "max-age=5" {
			t.Errorf("version %d has the header %v", version, header)
		}
		return header.Get("ETag")
	}
	first := Object{0, 1}
	if tag(first, 1, 0) != c.Header(first).Get("ETag") {
		t.Error("version 1 has another tag than an entry that never changes")
	}
	seen := map[string]bool{}
	for version := range uint32(20) {
		seen[tag(first, version+1, 0)] = true
	}
	for owner := range uint64(20) {
		seen[tag(Object{3, 1}, 1, owner)] = true
	}
	if len(seen) != 40 {
		t.Errorf("40 contents have %d tags", len(seen))
	}
	for version := range uint32(5) {
		if tag(Object{1, 1}, version+1, 0) != `"mine"` || tag(Object{2, 1}, version+1, 0) != "" {
			t.Error("a tag of the scenario's own, or none, was replaced")
		}
	}
}

// TestTagsTellContents: a copy from before a key was set is good only if the
// content is still the same.
func TestTagsTellContents(t *testing.T) {
	tag := func(e Entry) string {
		c := NewCatalog([]Entry{e})
		return c.Header(Object{0, 1}).Get("ETag")
	}
	before := Entry{Path: "/a"}
	for _, other := range []Entry{
		{Path: "/b"},
		{Path: "/a", Size: new(sim.Bytes(9_999))},
		{Path: "/a", SizeLaw: "lognormal"},
		{Path: "/a", SizeLaw: "lognormal", Spread: new(0.5)},
		{Path: "/a", Changes: "every 1s"},
	} {
		if tag(other) == tag(before) {
			t.Errorf("%+v has the tag of another content", other)
		}
	}
	same := Entry{Path: "/a", Size: new(sim.Bytes(10_000)), CacheControl: "max-age=9", Share: new(3.0), Objects: 9}
	if tag(same) != tag(before) {
		t.Error("one content has two tags")
	}
}

// TestHeadersAreShared: the two versions that are current at a time cost
// nothing, whichever object has which.
func TestHeadersAreShared(t *testing.T) {
	entries := []Entry{{Path: "/{n}", Objects: 9, Changes: "every 1s"}, {Path: "/", Changes: "at deploy"}}
	h := NewHeaders(NewCatalog(entries))
	v := NewVersions(entries, 1, begun, nil)
	now := sim.Time(time.Minute)
	if got := testing.AllocsPerRun(100, func() {
		for n := range int32(9) {
			o := Object{0, n + 1}
			h.Of(o, v.At(o, now), 0)
		}
		h.Of(Object{1, 1}, v.At(Object{1, 1}, now), 0)
	}); got != 0 {
		t.Errorf("%g allocations for ten answers", got)
	}
}

func TestSizesHoldTheStamp(t *testing.T) {
	c := NewCatalog([]Entry{{Path: "/{n}", Objects: 100_000, Changes: "every 1s", Size: new(sim.Bytes(100)), SizeLaw: "lognormal", Spread: new(2.0)}})
	least := int64(math.MaxInt64)
	for n := range int32(100_000) {
		least = min(least, c.Size(Object{0, n + 1}))
	}
	if least != int64(sim.StampBytes) {
		t.Errorf("the least size is %d", least)
	}
}

func BenchmarkVersion(b *testing.B) {
	v := NewVersions(lives, 7, begun, deploys)
	for entry, e := range lives[:6] {
		b.Run(fmt.Sprintf("changes=%s", cmp.Or(e.Changes, wordNever)), func(b *testing.B) {
			b.ReportAllocs()
			o, t := Object{int32(entry), 1}, sim.Time(0)
			for b.Loop() {
				t += 1000
				v.Replaced(o, v.At(o, t))
			}
		})
	}
}
