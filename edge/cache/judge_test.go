// Tests of the judge: what may be stored, how long it is fresh, what it may answer.
package cache

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// header reads "Name: value | Name: value".
func header(text string) http.Header {
	h := http.Header{}
	for f := range strings.SplitSeq(text, " | ") {
		if name, value, ok := strings.Cut(f, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

// came is an exchange whose answer came at 100 s, sent 1 s before.
func came(status int, answer, asked string) *Exchange {
	h := header(answer)
	r := sim.Answer(status, h, 10)
	r.Date = sim.Time(100 * time.Second)
	return &Exchange{Method: "GET", Asked: header(asked), Response: r, Header: Forwardable(h),
		Sent: sim.Time(99 * time.Second), Received: sim.Time(100 * time.Second), Epoch: sim.Epoch}
}

// date is the HTTP-date at a second of the run.
func date(second int) string {
	return sim.Epoch.Add(time.Duration(second) * time.Second).Format(http.TimeFormat)
}

func TestConsider(t *testing.T) {
	rules := SharedRules()
	rules.MaxObject, rules.MaxHeader = 100, 200
	for _, test := range []struct {
		status int
		answer string
		asked  string
		want   Reason
	}{
		{200, "Cache-Control: max-age=1", "", WhyStorable},
		{200, "Cache-Control: max-age=1, no-store", "", WhyNoStore},
		{200, "Cache-Control: max-age=1, no-store, must-understand", "", WhyStorable},
		{299, "Cache-Control: max-age=1, no-store, must-understand", "", WhyMustUnderst},
		{200, "Cache-Control: max-age=1, private", "", WhyPrivate},
		{200, `Cache-Control: max-age=1, private="X-User"`, "", WhyStorable},
		{200, "Cache-Control: no-cache | Etag: \"1\"", "", WhyStorable},
		{200, "Cache-Control: max-age=1", "Authorization: x", WhyAuthorization},
		{200, "Cache-Control: max-age=1, public", "Authorization: x", WhyStorable},
		{200, "Cache-Control: max-age=1, must-revalidate", "Authorization: x", WhyStorable},
		{200, "Cache-Control: s-maxage=1", "Authorization: x", WhyStorable},
		{200, "Cache-Control: max-age=1 | Set-Cookie: a=1", "", WhySetCookie},
		{200, "Cache-Control: max-age=1 | Vary: *", "", WhyVaryStar},
		{103, "Cache-Control: max-age=1", "", WhyStatus},
		{206, "Cache-Control: max-age=1", "Range: bytes=0-9", WhyContentRange},
		{206, "Cache-Control: max-age=1 | Content-Range: bytes 0-9/20", "Range: bytes=0-9", WhyStorable},
		{206, "Cache-Control: max-age=1 | Content-Range: bytes 0-8/20", "Range: bytes=0-8", WhyContentRange}, // 10 bytes come
		{206, "Content-Range: bytes 0-9/20 | Last-Modified: " + date(0), "Range: bytes=0-9", WhyNoFreshness},
		{206, "Cache-Control: max-age=1, no-store, must-understand | Content-Range: bytes 0-9/20", "", WhyStorable},
		{416, "Cache-Control: max-age=1 | Content-Range: bytes */20", "Range: bytes=20-", WhyStatus},
		{304, "Cache-Control: max-age=1", "", WhyStatus},
		{299, "Cache-Control: max-age=1", "", WhyStorable}, // any final status with explicit freshness
		{499, "Expires: " + date(200), "", WhyStorable},
		{599, "Cache-Control: s-maxage=1", "", WhyStorable},
		{302, "Etag: \"1\"", "", WhyNoFreshness},
		{302, "Cache-Control: public | Etag: \"1\"", "", WhyStorable},
		{404, "Last-Modified: " + date(0), "", WhyStorable},
		{200, "", "", WhyUseless},
		{200, "Cache-Control: max-age=0", "", WhyUseless},
		{200, "Cache-Control: max-age=0, stale-while-revalidate=9", "", WhyStorable},
		{200, "Cache-Control: max-age=1 | X-Long: " + strings.Repeat("x", 200), "", WhyTooLarge},
	} {
		e, why := rules.Consider(came(test.status, test.answer, test.asked))
		if why != test.want || (e != nil) != (why == WhyStorable) {
			t.Errorf("%d %s (%s): got %q, want %q", test.status, test.answer, test.asked, why, test.want)
		}
	}
	post := came(200, "Cache-Control: max-age=1", "")
	post.Method = "POST"
	if _, why := rules.Consider(post); why != WhyMethod {
		t.Error("POST:", why)
	}
	private := Rules{}
	if e, _ := private.Consider(came(200, "Cache-Control: private, max-age=5, s-maxage=1 | Set-Cookie: a", "Authorization: x")); e == nil || e.Lifetime != 5*time.Second {
		t.Error("a private cache stores for its user, and s-maxage means nothing to it")
	}
}

func TestLifetime(t *testing.T) {
	rules := SharedRules()
	rules.DefaultTTL = 7 * time.Second
	for _, test := range []struct {
		answer string
		want   time.Duration
		why    Reason
	}{
		{"Cache-Control: max-age=1, s-maxage=2 | Expires: " + date(200), 2 * time.Second, WhySMaxAge},
		{"Cache-Control: max-age=1 | Expires: " + date(200), time.Second, WhyMaxAge},
		{"Expires: " + date(200) + " | Last-Modified: " + date(0), 100 * time.Second, WhyExpires},
		{"Expires: " + date(200) + " | Date: " + date(90), 110 * time.Second, WhyExpires},
		{"Expires: " + date(90), 0, WhyExpires},
		{"Expires: 0", 0, WhyExpires},
		{"Expires: Sun, 06 Nov 2094  08:49:37 GMT", 0, WhyExpires},
		{"Last-Modified: " + date(0), 10 * time.Second, WhyHeuristic},
		{"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", 24 * time.Hour, WhyHeuristic},
		{"Last-Modified: " + date(200), 7 * time.Second, WhyDefaultTTL},
		{"X: y", 7 * time.Second, WhyDefaultTTL},
	} {
		e, _ := rules.Consider(came(200, test.answer, ""))
		if e == nil {
			x := came(200, test.answer, "")
			e = rules.newEntry(x, ParseControl(x.Header["Cache-Control"]), nil)
		}
		if e.Lifetime != test.want || e.Why != test.why {
			t.Errorf("%s: got %v, %s", test.answer, e.Lifetime, e.Why)
		}
	}
}

func TestAge(t *testing.T) {
	rules := SharedRules()
	for _, test := range []struct {
		answer string
		aged   sim.Time
		want   time.Duration // 5 s after it came
	}{
		{"", 0, 6 * time.Second},                             // the delay counts
		{"Age: 10", 0, 16 * time.Second},                     // corrected_age_value
		{"Age: 10, 20", 0, 16 * time.Second},                 // 5.1: the first member
		{"Age: -5", 0, 6 * time.Second},                      // 5.1: ignored
		{"Age: x", 0, 6 * time.Second},                       //
		{"Date: " + date(50), 0, 54 * time.Second},           // apparent_age, from the second's end
		{"Date: " + date(50) + " | Age: 100", 0, 106 * 1e9},  // the greater
		{"Date: " + date(500), 0, 6 * time.Second},           // a clock ahead
		{"", sim.Time(10500 * time.Millisecond), 16 * 1e9},   // typed, as the wire carries it
		{"Date: yesterday | Age: 3", 0, 9 * time.Second},     // no date: when it came
		{"Date: " + date(99) + " | Age: 0", 0, 6 * 1e9},      //
		{"Age: 99999999999999999999", 0, MaxSeconds + 6*1e9}, //
	} {
		x := came(200, "Cache-Control: max-age=1 | Etag: \"1\" | "+test.answer, "")
		x.Response.Aged, x.Response.Age = test.aged != 0, test.aged
		e, _ := rules.Consider(x)
		if got := e.Age(sim.Time(105 * time.Second)); got != test.want {
			t.Errorf("%s: age %v, want %v", test.answer, got, test.want)
		}
	}
}

func TestJudge(t *testing.T) {
	rules := SharedRules()
	second := func(n int) sim.Time { return sim.Time(time.Duration(n) * time.Second) }
	for _, test := range []struct {
		control string
		age     int // seconds, the one of its coming included
		verdict sim.Verdict
		why     Reason
		onError bool
	}{
		{"max-age=10", 9, sim.VerdictHit, WhyFresh, false},
		{"max-age=10", 10, sim.VerdictMiss, WhyStale, false}, // fresh is lifetime > age
		{"max-age=10, stale-while-revalidate=5", 15, sim.VerdictStale, WhyStaleBehind, false},
		{"max-age=10, stale-while-revalidate=5", 16, sim.VerdictMiss, WhyStale, false},
		{"max-age=10, stale-if-error=5", 15, sim.VerdictMiss, WhyStale, true},
		{"max-age=10, stale-if-error=5", 16, sim.VerdictMiss, WhyStale, false},
		{"max-age=10, stale-while-revalidate=5, stale-if-error=5, must-revalidate", 11, sim.VerdictMiss, WhyMustRevalid, false},
		{"max-age=10, stale-while-revalidate=5, stale-if-error=5, proxy-revalidate", 11, sim.VerdictMiss, WhyProxyRevalid, false},
		{"s-maxage=10, stale-while-revalidate=5, stale-if-error=5", 11, sim.VerdictMiss, WhySMaxAgeStale, false},
		{"max-age=10, no-cache, stale-while-revalidate=5", 5, sim.VerdictMiss, WhyNoCache, false},
	} {
		e, _ := rules.Consider(came(200, "Etag: \"1\" | Cache-Control: "+test.control, ""))
		now := second(99 + test.age)
		d := judged(&rules, now, e, true)
		if d.Verdict != test.verdict || d.Why != test.why {
			t.Errorf("%s at %d: %v, %s", test.control, test.age, d.Verdict, d.Why)
		}
		if _, ok := rules.OnError(now, e); ok != test.onError {
			t.Errorf("%s at %d: on error %v", test.control, test.age, ok)
		}
	}
	if d := judged(&rules, 0, nil, false); d.Fwd != sim.FwdURIMiss {
		t.Error(d)
	}
	if d := judged(&rules, 0, nil, true); d.Fwd != sim.FwdVaryMiss {
		t.Error(d)
	}
}

func judged(r *Rules, now sim.Time, e *Entry, known bool) (d Decision) {
	r.Judge(now, e, known, &d)
	return d
}

func TestPreconditions(t *testing.T) {
	rules := SharedRules()
	for _, test := range []struct {
		answer, asks string
		want         bool
	}{
		{`Etag: "1"`, `If-None-Match: "1"`, true},
		{`Etag: W/"1"`, `If-None-Match: "1"`, true}, // weak comparison
		{`Etag: "1"`, `If-None-Match: "0", W/"1"`, true},
		{`Etag: "1"`, `If-None-Match: "0" | If-None-Match: "1"`, true},
		{`Etag: "1"`, `If-None-Match: *`, true},
		{`Etag: "a,b"`, `If-None-Match: "x", "a,b"`, true},
		{`Etag: "1"`, `If-None-Match: "2"`, false},
		{`Etag: "1"`, `If-None-Match: 1`, false},
		{`Etag: "1"`, `If-None-Match: "1`, false},
		{"Last-Modified: " + date(50), "If-Modified-Since: " + date(50), true},
		{"Last-Modified: " + date(50), "If-Modified-Since: " + date(49), false},
		{"X: y", "If-Modified-Since: " + date(100), true}, // 4.3.2: against Date
		{"X: y", "If-Modified-Since: soon", false},
		{`Etag: "1" | Last-Modified: ` + date(50), `If-None-Match: "2" | If-Modified-Since: ` + date(60), false}, // 13.2.2
	} {
		e, _ := rules.Consider(came(200, "Cache-Control: max-age=9 | "+test.answer, ""))
		if got := e.Current().NotModified(header(test.asks), sim.Epoch, 0); got != test.want {
			t.Errorf("%s, asked %s: %v", test.answer, test.asks, got)
		}
	}
}

func TestFields(t *testing.T) {
	h := header("Connection: X-A, keep-alive | X-A: 1 | X-B: 2 | Keep-Alive: 5 | Transfer-Encoding: chunked | Te: trailers | Upgrade: h2c")
	if got := Forwardable(h); len(got) != 1 || got.Get("X-B") != "2" || len(h) != 7 {
		t.Errorf("got %v, and left %v", got, h)
	}
	plain := header("X-B: 2")
	if got := Forwardable(plain); HeaderBytes(got) != int64(len("X-B: 2\r\n")) {
		t.Error(got)
	}
	rules := SharedRules()
	e, _ := rules.Consider(came(200, `Cache-Control: max-age=1, private="X-User", no-cache="X-Once" | X-User: u | X-Once: o | X-All: a | Age: 0`, ""))
	if len(e.Header) != 2 || e.Header.Get("X-All") != "a" {
		t.Errorf("stored %v", e.Header)
	}
}

func TestFreshen(t *testing.T) {
	rules := SharedRules()
	e, _ := rules.Consider(came(200, `Cache-Control: max-age=1 | Etag: "1" | Content-Length: 10 | X-A: old | X-B: kept`, ""))
	fresh, ok := rules.Freshen(e, came(304, `Cache-Control: max-age=9 | Etag: W/"1" | Content-Length: 0 | X-A: new`, ""))
	want := header(`Cache-Control: max-age=9 | Etag: W/"1" | Content-Length: 10 | X-A: new | X-B: kept`)
	if !ok || fresh.Lifetime != 9*time.Second || len(fresh.Header) != len(want) || fresh.Status != 200 || fresh.Size != 10 {
		t.Fatalf("got %+v", fresh)
	}
	for name := range want { // any order will do: each is checked
		if fresh.Header.Get(name) != want.Get(name) {
			t.Errorf("%s: %q", name, fresh.Header.Get(name))
		}
	}
	if fresh, _ := rules.Freshen(e, came(304, `Etag: "2"`, "")); fresh != nil {
		t.Error("a 304 about another representation freshened this one")
	}
	if fresh, ok := rules.Freshen(e, came(304, `Cache-Control: private`, "")); fresh == nil || ok {
		t.Error("a 304 that makes it private still answers the one who asked, and is stored no more")
	}
}

func TestKeyAt(t *testing.T) {
	k := Key{Scheme: "https", Host: "example.com", Path: "/a?b"}
	for reference, want := range map[string]string{ // any order will do
		"/x?y#z": "/x?y", "https://EXAMPLE.com/x": "/x", "https://example.com": "/",
		"https://example.com:443/x": "/x", "https://example.com?q": "/?q", "/a/%2e%2E/%7eb": "/~b", "https://example.com:8443/x": "",
		"//example.org/x": "", "http://example.com/x": "", "https://example.com.evil/x": "", "x": "", "": "",
	} {
		if got, ok := k.KeyAt(reference); got.Path != want && ok || ok != (want != "") {
			t.Errorf("%q: %v %v", reference, got, ok)
		}
	}
}

// TestHeaded: what the answer to a HEAD makes of a stored one (RFC 9111 4.3.5).
func TestHeaded(t *testing.T) {
	rules := SharedRules()
	for _, test := range []struct {
		stored, head string
		size         int64
		freshens     bool
	}{
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: "1" | Cache-Control: max-age=50`, 10, true},
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: "1" | Cache-Control: max-age=50`, -1, true},
		{`Etag: "1" | Cache-Control: max-age=5`, `Cache-Control: max-age=50`, 10, true},
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: "2" | Cache-Control: max-age=50`, 10, false},
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: W/"1" | Cache-Control: max-age=50`, 10, false},
		{`Cache-Control: max-age=5`, `Etag: "1" | Cache-Control: max-age=50`, 10, false},
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: "1" | Cache-Control: max-age=50`, 11, false},
		{`Last-Modified: ` + date(1) + ` | Cache-Control: max-age=5`, `Last-Modified: ` + date(1) + ` | Cache-Control: max-age=50`, 10, true},
		{`Last-Modified: ` + date(1) + ` | Cache-Control: max-age=5`, `Last-Modified: ` + date(2) + ` | Cache-Control: max-age=50`, 10, false},
		{`Etag: "1" | Cache-Control: max-age=5`, `Etag: "1" | Cache-Control: no-store`, 10, false},
	} {
		e, _ := rules.Consider(came(200, test.stored, ""))
		x := came(200, test.head, "")
		x.Method, x.Response.Size = "HEAD", test.size
		fresh, storable := rules.Headed(e, x)
		if storable != test.freshens || storable && (fresh.Lifetime != 50*time.Second || fresh.Size != 10) {
			t.Errorf("%s, then %s with %d bytes: %v, %+v", test.stored, test.head, test.size, storable, fresh)
		}
	}
}
