// Tests of what origins tell CDNs alone.
package cache

import (
	"reflect"
	"testing"
	"time"

	"github.com/dunglas/httpsfv"

	"cdnlab/sim"
)

// TestTargeted: which field holds, and for how long the answer is fresh by it.
func TestTargeted(t *testing.T) {
	const none = time.Duration(-1) // not stored
	rules := SharedRules()
	rules.Name = "pop"
	private := Rules{HeuristicShare: 0.1}
	for _, test := range []struct {
		answer          string
		shared, browser time.Duration // s
	}{
		// RFC 9213 2.2: the targeted field alone, no Cache-Control, no Expires.
		{"CDN-Cache-Control: max-age=60 | Cache-Control: max-age=5", 60, 5},
		{"CDN-Cache-Control: max-age=60 | Cache-Control: no-store", 60, none},
		{"CDN-Cache-Control: max-age=60 | Expires: Thu, 01 Jan 1970 00:00:00 GMT", 60, none},
		{"CDN-Cache-Control: no-store | Cache-Control: max-age=60", none, 60},
		{"CDN-Cache-Control: private | Cache-Control: max-age=60", none, 60},
		{"CDN-Cache-Control: no-cache, max-age=9 | Cache-Control: max-age=60", 9, 60},
		{"CDN-Cache-Control: s-maxage=7, max-age=9 | Cache-Control: max-age=60", 7, 60},
		{"CDN-Cache-Control: must-revalidate | Cache-Control: max-age=60 | Etag: \"1\"", none, 60}, // fresh by nothing, and a 200 has no explicit lifetime then
		// RFC 9213 2.1: a Dictionary or nothing.
		{"CDN-Cache-Control: max-age=60; x=1", 60, none},
		{"CDN-Cache-Control: foo=(1 2), max-age=60", 60, none},
		{"CDN-Cache-Control: max-age=60, max-age=30", 30, none}, // the last of a key
		{"CDN-Cache-Control: Max-Age=60 | Cache-Control: max-age=5", 5, 5},
		{"CDN-Cache-Control: max-age=60 nonsense | Cache-Control: max-age=5", 5, 5},
		{"CDN-Cache-Control:  | Cache-Control: max-age=5", 5, 5},
		{"CDN-Cache-Control: max-age=\"60\" , s-maxage=8 | Cache-Control: max-age=5", 8, 5},
		{"CDN-Cache-Control: max-age=?1, s-maxage=8 | Cache-Control: max-age=5", 8, 5},
		{"CDN-Cache-Control: no-store=?0, max-age=60 | Cache-Control: max-age=5", 60, 5},
		{"CDN-Cache-Control: max-age=-1, s-maxage=8 | Cache-Control: max-age=5", 8, 5},
		// Surrogate-Control.
		{"Surrogate-Control: max-age=60", 60, none},
		{"Surrogate-Control: max-age=60+30", 60, none},
		{"Surrogate-Control: MAX-AGE=60 | Cache-Control: no-store", 60, none},
		{"Surrogate-Control: no-store | Cache-Control: max-age=60", none, 60},
		{"Surrogate-Control: max-age=60;pop", 60, none},
		{"Surrogate-Control: max-age=60;other | Cache-Control: max-age=5", 5, 5},
		{"Surrogate-Control: max-age=60;other;pop | Cache-Control: max-age=5", 60, 5},
		{"Surrogate-Control: max-age=60, max-age=30;pop", 30, none},
		{"Surrogate-Control: max-age=30;pop, max-age=60", 30, none},
		{"Surrogate-Control: no-store;other, max-age=60", 60, none},
		{"Surrogate-Control: content=\"ESI/1.0, max-age=9\" | Cache-Control: max-age=5", 5, 5},
		{"Surrogate-Control: content=\"ESI/1.0\", max-age=60", 60, none},
		{"Surrogate-Control: max-age=soon | Cache-Control: max-age=5", none, 5},
		// One before the other.
		{"CDN-Cache-Control: max-age=60 | Surrogate-Control: max-age=30 | Cache-Control: max-age=5", 60, 5},
		{"CDN-Cache-Control: nonsense( | Surrogate-Control: max-age=30 | Cache-Control: max-age=5", 30, 5},
	} {
		for _, who := range []struct {
			rules Rules
			want  time.Duration
		}{{rules, test.shared}, {private, test.browser}} {
			e, why := who.rules.Consider(came(200, test.answer, ""))
			got := none
			if e != nil && e.Lifetime > 0 {
				got = e.Lifetime / time.Second
			}
			if got != who.want {
				t.Errorf("%s: shared %v: fresh for %d s, want %d (%s)", test.answer, who.rules.Shared, got, who.want, why)
			}
			if e != nil && len(e.Header[fieldSurrogate]) > 0 {
				t.Errorf("%s: Surrogate-Control goes on", test.answer)
			}
		}
	}
}

// TestSurrogateBeyond: the second part of max-age lets the answer be used while it is
// fetched anew.
func TestSurrogateBeyond(t *testing.T) {
	rules := SharedRules()
	e, _ := rules.Consider(came(200, "Surrogate-Control: max-age=60+30 | Cache-Control: no-store", ""))
	for at, want := range map[time.Duration]sim.Verdict{59: sim.VerdictHit, 61: sim.VerdictStale, 89: sim.VerdictStale, 91: sim.VerdictMiss} { // any order
		if d := judged(&rules, sim.Time((99+at)*time.Second), e, true); d.Verdict != want {
			t.Errorf("after %d s: %v, want %v", at, d.Verdict, want)
		}
	}
}

// TestSurrogateFreshened: a 304 that does not repeat Surrogate-Control leaves it as it
// was, and it still goes no further.
func TestSurrogateFreshened(t *testing.T) {
	rules := SharedRules()
	e, _ := rules.Consider(came(200, "Surrogate-Control: max-age=60 | Cache-Control: max-age=5 | Etag: \"1\"", ""))
	fresh, storable := rules.Freshen(e, came(304, "Etag: \"1\" | X: new", ""))
	if !storable || fresh.Lifetime != time.Minute || fresh.Why != WhySurrogate || len(fresh.Header[fieldSurrogate]) > 0 || first(fresh.Header["X"]) != "new" {
		t.Errorf("%v, %+v", storable, fresh)
	}
	again, _ := rules.Freshen(fresh, came(304, "Etag: \"1\" | Surrogate-Control: max-age=7", ""))
	if again.Lifetime != 7*time.Second {
		t.Errorf("%v, want the 304's", again.Lifetime)
	}
}

// FuzzTargeted: what is read of a targeted field means the same when it is written as
// the library writes it, never grants more than Cache-Control would for the same words,
// and Surrogate-Control's seconds stay in their bounds.
func FuzzTargeted(f *testing.F) {
	for _, s := range []string{"max-age=60, no-store", "max-age=60;x=1, private=\"a, b\"", "a=(1 2), no-cache", "max-age=-1", "max-age=1.5, s-maxage=999999999999999",
		"no-store=?0", "max-age=600+60;pop, no-store;other", "max-age=\"60\"", ", ", "x=@1, y=%\"f%c3%bc\""} {
		f.Add(s, "pop")
	}
	f.Fuzz(func(t *testing.T, line, name string) {
		c, ok := parseTargeted([]string{line})
		checkWindows(t, line, c)
		if d, err := httpsfv.UnmarshalDictionary([]string{line}); ok != (err == nil && len(d.Names()) > 0) {
			t.Fatalf("%q: read %v, the library says %v", line, ok, err)
		} else if ok {
			text, err := httpsfv.Marshal(d)
			if err != nil {
				t.Fatalf("%q cannot be written: %v", line, err)
			}
			if again, also := parseTargeted([]string{text}); !also || !reflect.DeepEqual(again, c) {
				t.Fatalf("%q is %+v, written as %q it is %+v", line, c, text, again)
			}
		}
		s, ok := parseSurrogate([]string{line}, name)
		checkWindows(t, line, s)
		if ok && !s.NoStore && s.MaxAge == Absent {
			t.Fatalf("%q says nothing to %q: %+v", line, name, s)
		}
	})
}

func checkWindows(t *testing.T, line string, c Control) {
	t.Helper()
	for _, d := range []time.Duration{c.MaxAge, c.SMaxAge, c.StaleWhileRevalidate, c.StaleIfError} {
		if d != Absent && (d < 0 || d > MaxSeconds) {
			t.Fatalf("%q: %v", line, d)
		}
	}
}
