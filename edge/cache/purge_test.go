// Tests: tags as they are read, what a purge is about, and what a soft one leaves.
package cache

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestTags(t *testing.T) {
	numbered := func(n int, by string) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprint("t", i))
		}
		return strings.Join(all, by)
	}
	long := strings.Repeat("x", MaxTagLength)
	for name, c := range map[string]struct { // any order will do
		h    http.Header
		want string
	}{
		"none":                       {http.Header{"Etag": {`"a"`}}, ""},
		"empty":                      {http.Header{"Surrogate-Key": {" "}, "Cache-Tag": {",, ,"}}, ""},
		"blanks part one":            {http.Header{"Surrogate-Key": {"a  b\tc,d"}}, "a|b|c,d"},
		"commas the other":           {http.Header{"Cache-Tag": {" a ,,b c, "}}, "a|b c"},
		"several lines":              {http.Header{"Cache-Tag": {"a,b", "c"}}, "a|b|c"},
		"both, and each once":        {http.Header{"Surrogate-Key": {"a b a"}, "Cache-Tag": {"b,c"}}, "a|b|c"},
		"letter case":                {http.Header{"Surrogate-Key": {"Product:7 PRODUCT:7"}}, "product:7"},
		"as long as may be":          {http.Header{"Surrogate-Key": {long + " a"}}, long + "|a"},
		"too long, and what follows": {http.Header{"Surrogate-Key": {"a " + long + "x b"}}, "a"},
	} {
		if got := strings.Join(Tags(c.h), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := Tags(http.Header{"Cache-Tag": {numbered(maxTags+1, ",")}}); len(got) != maxTags {
		t.Errorf("%d tags of %d", len(got), maxTags+1)
	}
	big := strings.Repeat("a", 1000)
	field := strings.Repeat(" ", maxTagField-2*len(big)-1) + big + " " + big // to the last byte
	if got := Tags(http.Header{"Surrogate-Key": {field[1:] + "b c"}}); len(got) != 1 || got[0] != big {
		t.Errorf("a tag that ends behind the limit counts: %d", len(got))
	}
	if got := Tags(http.Header{"Surrogate-Key": {field[1:], "b", "c"}}); len(got) != 2 || got[1] != "b" {
		t.Errorf("lines count together: %d", len(got))
	}
}

func FuzzTags(f *testing.F) {
	f.Add("a b,c", "d, e")
	f.Fuzz(func(t *testing.T, one, other string) {
		tags := Tags(http.Header{"Surrogate-Key": {one, other}, "Cache-Tag": {other, one}})
		if len(tags) > maxTags {
			t.Fatal(len(tags))
		}
		for _, tag := range tags {
			if tag == "" || FoldTag(tag) != tag {
				t.Errorf("%q", tag)
			}
		}
	})
}

func TestTarget(t *testing.T) {
	key := Key{Scheme: "https", Host: "example.com", Path: "/a/b?c=1"}
	for _, c := range []struct {
		t    Target
		want bool
	}{
		{Target{Key: key}, true},
		{Target{Key: Key{Scheme: "http", Host: "example.com", Path: key.Path}}, false},
		{Target{Key: Key{Host: "example.com", Path: key.Path}}, true},
		{Target{Key: Key{Path: key.Path}}, true},
		{Target{Key: Key{Host: "other.com", Path: key.Path}}, false},
		{Target{Key: Key{Path: "/a/b"}}, false}, // a query is part of it
		{Target{Key: Key{Path: "/a/b"}, Prefix: true}, true},
		{Target{Key: Key{Host: "example.com"}, Prefix: true}, true},
		{Target{Key: Key{Host: "other.com"}, Prefix: true}, false},
		{Target{Prefix: true}, true},
		{Target{Tag: "x"}, true},
		{Target{Tag: "y"}, false},
		{Target{Tag: "y", Key: key}, false},
	} {
		if got := c.t.Covers(key, []string{"w", "x"}); got != c.want {
			t.Errorf("%+v: %v", c.t, got)
		}
	}
}

// TestPurgeFindsWhatItCovers: Purge and Soften find by their indexes what Covers
// says of each entry.
func TestPurgeFindsWhatItCovers(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	targets := []Target{{Key: Key{Scheme: "https", Host: "example.com", Path: "/1"}}, {Key: Key{Host: "example.com", Path: "/2"}}, {Key: Key{Scheme: "http", Path: "/3"}},
		{Key: Key{Path: "/1"}, Prefix: true}, {Key: Key{Host: "other.com"}, Prefix: true}, {Tag: "odd"}, {Tag: "none"}, {Prefix: true}}
	for i, target := range targets {
		s := NewStore(1<<20, 4, lru)
		for n := range 40 {
			for _, accept := range []string{"x", "y"} {
				e := entry(fmt.Sprint("/", n%20), 10, accept)
				e.Lifetime = time.Minute
				if n%3 == 0 {
					e.Key.Scheme = "http"
				}
				if n > 20 {
					e.Key.Host = "other.com"
				}
				if n%2 == 1 {
					e.Tags = []string{"odd", fmt.Sprint(n)}
				}
				s.Put(e)
			}
		}
		want := 0
		for _, x := range s.slots {
			if target.Covers(x.entry.Key, x.entry.Tags) {
				want++
			}
		}
		before := s.Len()
		if got := s.Soften(target, 0); got != want || s.Len() != before {
			t.Errorf("%d: %d softened, want %d", i, got, want)
		}
		for _, x := range s.slots {
			if stale := x.entry.TTL(0) <= 0; stale != target.Covers(x.entry.Key, x.entry.Tags) {
				t.Errorf("%d: %v %v: stale %v", i, x.entry.Key, x.entry.Tags, stale)
			}
		}
		if got := s.Purge(target); got != want || s.Len() != before-want {
			t.Errorf("%d: %d purged, want %d", i, got, want)
		}
		checkTags(t, s)
	}
}

// checkTags holds the index of tags to what is stored.
func checkTags(t *testing.T, s *Store) {
	t.Helper()
	want := map[string]map[uint32]struct{}{}
	for id := range s.slots {
		if e := s.slots[id].entry; e != nil {
			for _, tag := range e.Tags {
				if want[tag] == nil {
					want[tag] = map[uint32]struct{}{}
				}
				want[tag][uint32(id)] = struct{}{}
			}
		}
	}
	if !maps.EqualFunc(want, s.byTag, maps.Equal) {
		t.Fatalf("the index of tags has %v, want %v", s.byTag, want)
	}
}

// What is marked stale may be used as any stale answer may: within the windows of
// RFC 5861, which count from the purge, and not where RFC 9111 4.2.4 forbids it.
func TestSoftened(t *testing.T) {
	lru, _ := Evictions.Get("lru")
	r := SharedRules()
	const purgedAt = 110 * sim.Time(time.Second)
	for cc, want := range map[string]struct { // any order will do
		after   time.Duration
		verdict sim.Verdict
		why     Reason
		onError bool
	}{
		"max-age=60":                                              {0, sim.VerdictMiss, WhyStale, false},
		"max-age=60, stale-while-revalidate=5":                    {5 * time.Second, sim.VerdictStale, WhyStaleBehind, false},
		"max-age=61, stale-while-revalidate=5":                    {6 * time.Second, sim.VerdictMiss, WhyStale, false},
		"max-age=60, stale-if-error=5":                            {4 * time.Second, sim.VerdictMiss, WhyStale, true},
		"max-age=61, stale-if-error=5":                            {6 * time.Second, sim.VerdictMiss, WhyStale, false},
		"max-age=60, stale-while-revalidate=5, must-revalidate":   {0, sim.VerdictMiss, WhyMustRevalid, false},
		"max-age=60, stale-while-revalidate=5, proxy-revalidate":  {0, sim.VerdictMiss, WhyProxyRevalid, false},
		"s-maxage=60, stale-while-revalidate=5, stale-if-error=5": {0, sim.VerdictMiss, WhySMaxAgeStale, false},
		"max-age=5, stale-while-revalidate=7":                     {time.Second, sim.VerdictStale, WhyStaleBehind, false}, // it was stale before: its window goes on
		"max-age=5, stale-while-revalidate=6, stale-if-error=8":   {2 * time.Second, sim.VerdictMiss, WhyStale, true},
	} {
		s := NewStore(1000, 4, lru)
		e, why := r.Consider(came(200, "Cache-Control: "+cc, ""))
		if e == nil {
			t.Fatal(cc, why)
		}
		e.Key = Key{Scheme: "https", Host: "example.com", Path: "/"}
		e.Tags = []string{"x"}
		s.Put(e)
		lifetime := e.Lifetime
		if n := s.Soften(Target{Tag: "x"}, purgedAt); n != 1 || e.Lifetime != lifetime {
			t.Errorf("%s: %d entries; what was handed out has changed: %v", cc, n, e.Lifetime != lifetime)
		}
		found, _ := s.Find(e.Key, nil)
		now := purgedAt.Add(want.after)
		var d Decision
		r.Judge(now, found, true, &d)
		if d.Verdict != want.verdict || d.Why != want.why || d.Alone {
			t.Errorf("%s: %v, %s, alone %v", cc, d.Verdict, d.Why, d.Alone)
		}
		if _, ok := r.OnError(now, found); ok != want.onError {
			t.Errorf("%s: on error %v", cc, ok)
		}
		if !slices.Equal(found.Tags, e.Tags) || s.Purge(Target{Tag: "x"}) != 1 || s.Len() != 0 {
			t.Errorf("%s: it is not under its tag any more", cc)
		}
	}
}

// A 304 keeps the tags, unless it has others (RFC 9111 3.2).
func TestTagsFreshened(t *testing.T) {
	r := SharedRules()
	x := came(200, `Cache-Control: max-age=60 | Etag: "1"`, "")
	x.Tags = []string{"a"}
	e, _ := r.Consider(x)
	for want, tags := range map[string][]string{"a": nil, "b": {"b"}} { // any order will do
		y := came(200, `Cache-Control: max-age=60 | Etag: "1"`, "")
		y.Response.Status, y.Tags = http.StatusNotModified, tags
		if fresh, ok := r.Freshen(e, y); !ok || strings.Join(fresh.Tags, " ") != want {
			t.Errorf("%v, want %s", fresh.Tags, want)
		}
	}
}
