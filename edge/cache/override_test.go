// Tests of overrides: what an operator's rules may lift, and what not.
package cache

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// overridden are the rules of a shared cache with an override.
func overridden(change func(*Override)) *Rules {
	r := SharedRules()
	r.Override = &Override{TTL: Absent, BrowserTTL: Absent, StaleIfError: Absent}
	change(r.Override)
	return &r
}

func TestOverrideStoring(t *testing.T) {
	for _, test := range []struct {
		answer, asked            string
		told, shared, everything Reason // what comes of it with 60 s as its ttl
	}{
		{"X: y", "", WhyStorable, WhyStorable, WhyStorable},
		{"Set-Cookie: a=1", "", WhySetCookie, WhyStorable, WhyStorable},
		{"X: y", "Authorization: x", WhyAuthorization, WhyStorable, WhyStorable},
		{"Cache-Control: private", "", WhyPrivate, WhyPrivate, WhyStorable},
		{"Cache-Control: private, max-age=60 | Set-Cookie: a=1", "Authorization: x", WhyPrivate, WhyPrivate, WhyStorable},
		{"Cache-Control: no-store", "", WhyNoStore, WhyNoStore, WhyStorable},
		{"Vary: *", "", WhyVaryStar, WhyVaryStar, WhyVaryStar}, // there is no key for it
	} {
		for storing, want := range []Reason{AsTold: test.told, Shared: test.shared, Everything: test.everything} {
			r := overridden(func(o *Override) { o.Storing, o.TTL = Storing(storing), time.Minute })
			e, why := r.Consider(came(200, test.answer, test.asked))
			if why != want || (e != nil) != (want == WhyStorable) {
				t.Errorf("%s (%s), storing %d: %s, want %s", test.answer, test.asked, storing, why, want)
			}
		}
	}
}

func TestOverrideLifetime(t *testing.T) {
	r := overridden(func(o *Override) {
		o.TTL = time.Hour
		o.StatusTTL = []StatusTTL{{404, 404, 10 * time.Second}, {500, 599, time.Second}}
	})
	for _, test := range []struct {
		status int
		answer string
		want   time.Duration
		why    Reason
	}{
		{200, "Cache-Control: max-age=1, s-maxage=2", time.Hour, WhyRuleTTL},
		{200, "Expires: 0", time.Hour, WhyRuleTTL},
		{200, "CDN-Cache-Control: max-age=5", time.Hour, WhyRuleTTL},
		{301, "X: y", time.Hour, WhyRuleTTL},
		{302, "Cache-Control: max-age=7", 7 * time.Second, WhyMaxAge}, // for now, says the origin
		{404, "Cache-Control: max-age=100", 10 * time.Second, WhyStatusTTL},
		{410, "Cache-Control: max-age=100", 100 * time.Second, WhyMaxAge},
		{503, "X: y", time.Second, WhyStatusTTL},
	} {
		e, why := r.Consider(came(test.status, test.answer, ""))
		if e == nil || e.Lifetime != test.want || e.Why != test.why {
			t.Errorf("%d %s: %v %+v", test.status, test.answer, why, e)
		}
	}
	// A lifetime is one, not a licence: no-cache is validated each time, and what forbids
	// stale copies does so beyond the rule's lifetime (RFC 9111 4.2.4).
	r.Grace = time.Hour
	for control, want := range map[string]Reason{ // any order will do
		"no-cache": WhyNoCache, "must-revalidate": WhyMustRevalid, "s-maxage=1": WhySMaxAgeStale, "max-age=1": WhyGrace,
	} {
		e, _ := r.Consider(came(200, `Etag: "1" | Cache-Control: `+control, ""))
		if d := judged(r, sim.Time(100*time.Second+61*time.Minute), e, true); d.Why != want {
			t.Errorf("%s: %s, want %s", control, d.Why, want)
		}
	}
	r.Override.StaleIfError = 2 * time.Hour
	for control, want := range map[string]bool{"max-age=1": true, "must-revalidate": false, "max-age=1, stale-if-error=1": true} { // any order will do
		e, _ := r.Consider(came(200, `Etag: "1" | Cache-Control: `+control, ""))
		if _, ok := r.OnError(sim.Time(100*time.Second+150*time.Minute), e); ok != want {
			t.Errorf("%s: on error %v", control, ok)
		}
	}
}

func TestOverrideCookies(t *testing.T) {
	o := &Override{StripCookies: true, Nominated: []string{CookieName("currency"), "X-Country"}}
	h := header("Cookie: session=1; currency=EUR; theme=dark | X-Country: DE")
	if got := o.KeyedCookies(h); got.Get("Cookie") != "currency=EUR" || h.Get("Cookie") == "currency=EUR" {
		t.Error(got, h)
	}
	if got := o.KeyedCookies(header("Cookie: session=1")); len(got["Cookie"]) != 0 {
		t.Error(got)
	}
	r := overridden(func(o *Override) {
		o.StripCookies, o.TTL, o.Nominated = true, time.Minute, []string{CookieName("currency"), "X-Country"}
	})
	x := came(200, "X: y | Vary: X-Country", "Cookie: session=1; currency=EUR | X-Country: DE")
	x.Header = r.Override.Cookieless(header("Set-Cookie: a=1 | X: y | Vary: X-Country"))
	e, why := r.Consider(x)
	if e == nil || len(e.Header["Set-Cookie"]) > 0 || !slices.Equal(e.Vary(), []string{"X-Country", CookieName("currency")}) {
		t.Fatal(why, e)
	}
	for asks, want := range map[string]bool{ // any order will do
		"Cookie: currency=EUR | X-Country: DE":            true,
		"Cookie: session=2; currency=EUR | X-Country: DE": true,
		"Cookie: currency=USD | X-Country: DE":            false,
		"Cookie: currency=EUR | X-Country: FR":            false,
		"X-Country: DE":                                   false,
	} {
		if e.Selected(header(asks)) != want {
			t.Error(asks, !want)
		}
	}
}

func TestBrowserTTL(t *testing.T) {
	r := overridden(func(o *Override) { o.TTL, o.BrowserTTL = 24*time.Hour, time.Hour })
	e, _ := r.Consider(came(200, "Cache-Control: public, s-maxage=9, max-age=5, no-cache=\"A\" | Expires: "+date(500), ""))
	now := sim.Time(110 * time.Second)
	h := r.Shown(e, now)
	if got := h.Get("Cache-Control"); got != "max-age=3611, public" || h.Get("Expires") != "" {
		t.Error(got, h)
	}
	if e.Header.Get("Expires") == "" {
		t.Error("what is stored is the origin's")
	}
	if n := testing.AllocsPerRun(100, func() { r.Shown(e, now) }); n != 0 {
		t.Error(n, "allocations within a second")
	}
	r.Override.BrowserTTL = 0
	if got := r.Shown(e, now).Get("Cache-Control"); got != "max-age=0, public" {
		t.Error(got)
	}
	r.Shield = true
	if got := r.Shown(e, now).Get("Cache-Control"); !strings.HasPrefix(got, "public") {
		t.Error("a shield's users are PoPs:", got)
	}
}

func TestQuery(t *testing.T) {
	for _, test := range []struct {
		q          Query
		path, want string
	}{
		{Query{}, "/a?b=1&a=2", "/a?b=1&a=2"},
		{Query{None: true}, "/a?b=1", "/a"},
		{Query{None: true}, "/a?", "/a"},
		{Query{Sorted: true}, "/a?b=1&a=2&a=1", "/a?a=2&a=1&b=1"}, // those of one name may be a list
		{Query{Only: []string{"id", "q*"}}, "/a?x=1&id=2&query=3&id=4", "/a?id=2&query=3&id=4"},
		{Query{Only: []string{"id"}}, "/a?x=1", "/a"},
		{Query{Without: []string{"utm_*", "fbclid"}}, "/a?utm_source=x&p=1&fbclid", "/a?p=1"},
		{Query{Without: []string{"utm_*"}}, "/a?%75tm_x=1&p=1", "/a?p=1"}, // however it is spelt
		{Query{Only: []string{"a*"}, Without: []string{"ab"}, Sorted: true}, "/?b&ac&ab&aa", "/?aa&ac"},
		{Query{Without: []string{"x"}}, "/a", "/a"},
	} {
		if got := test.q.Apply(test.path); got != test.want {
			t.Errorf("%+v %s: %s, want %s", test.q, test.path, got, test.want)
		}
		if again := test.q.Apply(test.want); again != test.want {
			t.Errorf("%+v %s: again %s", test.q, test.want, again)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"", "", true}, {"", "a", false}, {"/a", "/a", true}, {"/a", "/ab", false},
		{"*.js", "/x/app.js", true}, {"*.js", "/app.js.map", false}, {"/api/*", "/api/", true}, {"/api/*", "/api", false},
		{"/a*b*c", "/axbxc", true}, {"/a*b*c", "/ac", false}, {"/a*a", "/a", false}, {"*a*", "bab", true}, {"a**b", "ab", true},
		{"*aab", "aaab", true}, {"x*aab*y", "xaaabzy", true},
	} {
		if Glob(test.pattern, test.text) != test.want {
			t.Errorf("%s %s: %v", test.pattern, test.text, !test.want)
		}
	}
}

func TestMatcher(t *testing.T) {
	m := Matcher{
		{}, {Path: "*.js"}, {Host: "*.Example.com"}, {Method: "GET"}, {Cookie: "session"}, {Cookie: "!session"},
		{Header: "Authorization"}, {Header: "!Authorization"}, {Path: "/api/*", Method: "POST"},
	}
	for _, test := range []struct {
		method, host, target, header string
		want                         []int
	}{
		{"GET", "example.com", "/", "", []int{0, 3, 5, 7}},
		{"HEAD", "a.example.com", "/x.js?y=/api/", "Cookie: a=b; session=1", []int{0, 1, 2, 3, 4, 7}},
		{"POST", "example.com", "/api/x.js", "Authorization: x | Cookie: sessions=1", []int{0, 1, 5, 6, 8}},
	} {
		got := m.OfMethod(test.method) & m.OfHost(test.host) & m.OfTarget(test.target) & m.OfHeader(header(test.header))
		var want Matches
		for _, i := range test.want {
			want |= 1 << i
		}
		if got != want {
			t.Errorf("%+v: %b, want %b", test, got, want)
		}
	}
}

func TestArmor(t *testing.T) {
	for _, test := range []struct {
		path, kind string
		want       bool
	}{
		{"/account.php/x.css", "text/html", true},
		{"/account/x.CSS?y", "text/html; charset=utf-8", true},
		{"/x.css", "text/css; charset=utf-8", false},
		{"/x.css", "", true},
		{"/x.js", "Application/JavaScript", false},
		{"/x.jpg", "image/webp", false},
		{"/x.gif", "video/mp4", false},
		{"/x.zip", "application/octet-stream", false},
		{"/x.woff2", "font/woff2", false},
		{"/account", "text/html", false},
		{"/account.html", "text/html", false}, // no file that CDNs store by its name
		{"/v1.2/account", "text/html", false},
	} {
		h := http.Header{}
		if test.kind != "" {
			h.Set("Content-Type", test.kind)
		}
		if deceives(test.path, h) != test.want {
			t.Errorf("%s %s: %v", test.path, test.kind, !test.want)
		}
	}
	r := overridden(func(o *Override) { o.Armor = true })
	x := came(200, "Cache-Control: max-age=60 | Content-Type: text/html", "")
	x.Key.Path = "/account/x.css"
	if _, why := r.Consider(x); why != WhyDeceives {
		t.Error(why)
	}
}
