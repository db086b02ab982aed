// Tests of the parsers, with what the RFCs say of them.
package cache

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseControl(t *testing.T) {
	none := Control{MaxAge: Absent, SMaxAge: Absent, StaleWhileRevalidate: Absent, StaleIfError: Absent}
	with := func(f func(*Control)) Control { c := none; f(&c); return c }
	age := func(d time.Duration) Control { return with(func(c *Control) { c.MaxAge = d }) }
	for _, test := range []struct {
		section string
		lines   []string
		want    Control
	}{
		{"nothing", nil, none},
		{"5.2 names are case-insensitive", []string{"MAX-age=60"}, age(time.Minute)},
		{"5.2 token and quoted-string arguments", []string{`max-age="60"`}, age(time.Minute)},
		{"9110 5.6.4 quoted-pair", []string{`max-age="6\0"`}, age(time.Minute)},
		{"5.2 a name inside another's argument", []string{`ext="max-age=60, no-store, private"`}, none},
		{"5.2 ... with escaped quotes", []string{`ext="a\", no-store"`}, none},
		{"5.2 ... after which the list goes on", []string{`ext="no-store", max-age=60`}, age(time.Minute)},
		{"a name that only begins so", []string{"no-storex, xno-store, max-age-x=1"}, none},
		{"1.2.2 overflow counts as 2^31", []string{"max-age=99999999999999999999999999"}, age(MaxSeconds)},
		{"1.2.2 2^31", []string{"max-age=2147483648"}, age(MaxSeconds)},
		{"leading zeros", []string{"max-age=0060"}, age(time.Minute)},
		{"4.2.1 duplicates: the first", []string{"max-age=60, max-age=1"}, age(time.Minute)},
		{"4.2.1 ... over lines", []string{"max-age=60", "max-age=1"}, age(time.Minute)},
		{"4.2.1 invalid is stale", []string{"max-age=abc"}, age(0)},
		{"4.2.1 negative", []string{"max-age=-1"}, age(0)},
		{"4.2.1 fraction", []string{"max-age=60.5"}, age(0)},
		{"4.2.1 no argument", []string{"max-age"}, age(0)},
		{"4.2.1 space before =", []string{"max-age =60"}, age(0)},
		{"4.2.1 space after =", []string{"max-age= 60"}, age(0)},
		{"4.2.1 junk behind", []string{"max-age=60 x"}, age(0)},
		{"4.2.1 single quotes", []string{"max-age='60'"}, age(0)},
		{"lists may have empty members", []string{",, no-store ,"}, with(func(c *Control) { c.NoStore = true })},
		{"lines are one list", []string{"no-store", "private"}, with(func(c *Control) { c.NoStore, c.Private = true, true })},
		{"a quote that does not end takes its line only", []string{`ext="a, public`, "no-store"}, with(func(c *Control) { c.NoStore = true })},
		{"what restricts counts with nonsense behind", []string{"no-store x, private=\"a"}, with(func(c *Control) { c.NoStore, c.Private = true, true })},
		{"what permits does not", []string{"public x, stale-while-revalidate=x, must-understand x"}, none},
		{"5.2.2.4 field form", []string{`no-cache="set-cookie, x-a"`}, with(func(c *Control) { c.NoCacheFields = []string{"Set-Cookie", "X-A"} })},
		{"5.2.2.7 field form as a token", []string{"private=x-user"}, with(func(c *Control) { c.PrivateFields = []string{"X-User"} })},
		{"5.2.2.7 a field form without a field", []string{`private=""`}, with(func(c *Control) { c.Private = true })},
		{"5861 3, 4", []string{"stale-while-revalidate=5, stale-if-error=6"}, with(func(c *Control) { c.StaleWhileRevalidate, c.StaleIfError = 5*time.Second, 6*time.Second })},
		{"the rest", []string{"public, must-revalidate, proxy-revalidate, must-understand, immutable, s-maxage=1"}, with(func(c *Control) {
			c.Public, c.MustRevalidate, c.ProxyRevalidate, c.MustUnderstand, c.Immutable, c.SMaxAge = true, true, true, true, true, time.Second
		})},
	} {
		if got := ParseControl(test.lines); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %q\n got %+v\nwant %+v", test.section, test.lines, got, test.want)
		}
	}
}

func TestParseDate(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	epoch := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, test := range []struct {
		text string
		want time.Time // zero: no date
	}{
		{"Sun, 06 Nov 1994 08:49:37 GMT", epoch},
		{"Sunday, 06-Nov-94 08:49:37 GMT", epoch},
		{"Sun Nov  6 08:49:37 1994", epoch},
		{"sun, 06 nOV 1994 08:49:37 gmt", epoch}, // RFC 9111 4.2
		{"Sunday, 06-Nov-76 08:49:37 GMT", time.Date(1976, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Sunday, 06-Nov-75 08:49:37 GMT", time.Date(2075, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Thu, 29 Feb 2024 00:00:00 GMT", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"Sat, 31 Dec 2016 23:59:60 GMT", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"Sun, 06 Nov 1994 08:49:37 UTC", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37 AEST", time.Time{}},
		{"Sun, 06 Nov 1994 8:49:37 GMT", time.Time{}},
		{"Sun, 6 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun,  06 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun, 06  Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun, 06-Nov-1994 08:49:37 GMT", time.Time{}},
		{"Sun 06 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun, 06 Nov 1994 08.49.37 GMT", time.Time{}},
		{"Sun, 06 Nov 94 08:49:37 GMT", time.Time{}},
		{"Thu, 30 Feb 2024 00:00:00 GMT", time.Time{}},
		{"Sun, 06 Nov 1994 24:00:00 GMT", time.Time{}},
		{"Xun, 06 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun Nov 6 08:49:37 1994", time.Time{}},
		{"0", time.Time{}},
		{"", time.Time{}},
		{",", time.Time{}},
	} {
		got, ok := ParseDate(test.text, now)
		if ok != !test.want.IsZero() || ok && !got.Equal(test.want) {
			t.Errorf("%q: got %v %v, want %v", test.text, got, ok, test.want)
		}
	}
}

func TestVary(t *testing.T) {
	lang := func(s string) http.Header { return http.Header{"Accept-Language": {s}} }
	for _, test := range []struct {
		say     string
		names   []string
		a, b    http.Header
		matches bool
	}{
		{"no Vary", nil, http.Header{"A": {"1"}}, http.Header{"A": {"2"}}, true},
		{"same", []string{"a"}, http.Header{"A": {"1"}}, http.Header{"A": {"1"}, "B": {"2"}}, true},
		{"different", []string{"a"}, http.Header{"A": {"1"}}, http.Header{"A": {"2"}}, false},
		{"absent matches absent only", []string{"a"}, http.Header{}, http.Header{"A": {""}}, false},
		{"both absent", []string{"a"}, http.Header{}, http.Header{}, true},
		{"white space in lists", []string{"a"}, http.Header{"A": {"x,y"}}, http.Header{"A": {" x , y"}}, true},
		{"lines joined", []string{"a"}, http.Header{"A": {"x", "y"}}, http.Header{"A": {"x, y"}}, true},
		{"order counts", []string{"a"}, http.Header{"A": {"x, y"}}, http.Header{"A": {"y, x"}}, false},
		{"one a prefix", []string{"a"}, http.Header{"A": {"x, y"}}, http.Header{"A": {"x"}}, false},
		{"a quoted comma", []string{"a"}, http.Header{"A": {`"x,y"`}}, http.Header{"A": {`"x, y"`}}, false},
		{"languages in another order", []string{"accept-language"}, lang("en, de"), lang("de, en"), true},
		{"languages in another case", []string{"accept-language"}, lang("en, de"), lang("eN, De"), true},
		{"the same weights", []string{"accept-language"}, lang("en;q=0.5, de"), lang("de;q=1.000, en; Q=0.50"), true},
		{"other weights", []string{"accept-language"}, lang("en;q=0.5, de"), lang("en, de;q=0.5"), false},
		{"one language more", []string{"accept-language"}, lang("en, de"), lang("en, de, fr"), false},
		{"no weight", []string{"accept-language"}, lang("en;q=2, de"), lang("de, en;q=2"), true},
		{"no weight, another text", []string{"accept-language"}, lang("en;q=2"), lang("EN;q=2"), false},
		{"too many to compare each with each", []string{"accept-language"}, lang(strings.Repeat("x,", 40) + "en, de"), lang(strings.Repeat("x,", 40) + "de, en"), false},
		{"all of several", []string{"a, b", "c"}, http.Header{"A": {"1"}, "C": {"1"}}, http.Header{"A": {"1"}, "C": {"2"}}, false},
	} {
		names, star := ParseVary(test.names)
		if star {
			t.Fatal(test.say)
		}
		if got := selected(nominate(names, test.a, ByMeaning), test.b); got != test.matches {
			t.Errorf("%s: got %v", test.say, got)
		}
	}
	for _, lines := range [][]string{{"*"}, {"a, *"}, {"a", " * "}, {"a b"}, {strings.Repeat("a,", 17)}} {
		if _, star := ParseVary(lines); !star {
			t.Errorf("%q must never match", lines)
		}
	}
}

func FuzzControl(f *testing.F) {
	for _, s := range []string{`max-age=1, no-store`, `a="\"", private="x"`, `max-age="1`, `no-cache==`, "\x00=,"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		c := ParseControl([]string{a, b})
		for _, d := range []time.Duration{c.MaxAge, c.SMaxAge, c.StaleWhileRevalidate, c.StaleIfError} {
			if d != Absent && (d < 0 || d > MaxSeconds) {
				t.Errorf("%q: %v", a, d)
			}
		}
		// What a line restricts, another line cannot lift.
		if one := ParseControl([]string{a}); one.NoStore && !c.NoStore || one.Private && !c.Private || one.NoCache && !c.NoCache {
			t.Errorf("%q lifts what %q restricts", b, a)
		}
		if len(c.NoCacheFields) > maxFields {
			t.Error("too many fields")
		}
		// How a list is cut into lines means nothing, where no string is left open (RFC 9110 5.3).
		if strings.Count(a, `"`) == 0 && strings.Count(b, `"`) == 0 {
			if joined := ParseControl([]string{a + ", " + b}); !reflect.DeepEqual(joined, c) {
				t.Errorf("%q and %q are %+v, in one line %+v", a, b, c, joined)
			}
			if upper := ParseControl([]string{strings.ToUpper(a), strings.ToUpper(b)}); isASCII(a+b) && !sameButFields(upper, c) {
				t.Errorf("%q and %q are %+v, in capitals %+v", a, b, c, upper)
			}
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// sameButFields compares all but the names of fields, whose case may be kept.
func sameButFields(a, b Control) bool {
	a.NoCacheFields, a.PrivateFields, b.NoCacheFields, b.PrivateFields = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}

func FuzzDate(f *testing.F) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, s := range []string{"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseDate(s, now)
		if !ok {
			return
		}
		again, ok := ParseDate(d.Format(http.TimeFormat), now)
		if d.Year() < 10000 && (!ok || !again.Equal(d)) {
			t.Errorf("%q is %v, but written anew %v %v", s, d, again, ok)
		}
	})
}

func FuzzVary(f *testing.F) {
	f.Add("Accept", "a, b", "a,b")
	f.Add("*", `"`, ",,")
	f.Add("Accept-Language", "de, EN;q=0.5", "en;q=0.50,de;q=1")
	f.Fuzz(func(t *testing.T, vary, a, b string) {
		names, star := ParseVary([]string{vary})
		if star && len(names) > 0 || len(names) > maxNominated {
			t.Errorf("%q: %v %v", vary, names, star)
		}
		name := "Foo"
		if len(names) > 0 {
			name = names[0]
		}
		ab, ba := sameValue(name, []string{a}, []string{b}), sameValue(name, []string{b}, []string{a})
		if ab != ba || !sameValue(name, []string{a, b}, []string{a, b}) {
			t.Errorf("%q %q: not an equivalence", a, b)
		}
	})
}

// The members that are walked are those that the parser takes in.
func TestDirectives(t *testing.T) {
	lines := []string{`max-age=60 , ext="a, no-store" ,, x y`, `no-cache="A, B", stale-if-error=1x, =5`, `a="open, b=1`}
	var texts, bad []string
	for d := range Directives(lines) {
		texts = append(texts, d.Text)
		if d.Bad {
			bad = append(bad, d.Name)
		}
	}
	want := []string{"max-age=60", `ext="a, no-store"`, "x y", `no-cache="A, B"`, "stale-if-error=1x", "=5", `a="open, b=1`}
	if !slices.Equal(texts, want) || !slices.Equal(bad, []string{"x", "", "a"}) {
		t.Errorf("%q, bad %q; want %q", texts, bad, want)
	}
	if !reflect.DeepEqual(ParseControl(texts), ParseControl(lines)) {
		t.Errorf("%+v, want %+v", ParseControl(texts), ParseControl(lines))
	}
	for d := range Directives([]string{"max-age=60, b"}) {
		if seconds, ok := d.Seconds(); d.Name != "max-age" || !ok || seconds != time.Minute {
			t.Errorf("%+v: %v %v", d, seconds, ok)
		}
		break
	}
}
