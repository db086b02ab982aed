// Tests of the judgement: what curl prints is read, the times are the deciders'
// own, and every deviation is told where it matters.
package judge

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

var came = time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)

// given is GET of a page with these fields, "Name: value | Name: value".
func given(status int, answer, asked string) Given {
	return Given{Method: http.MethodGet, Scheme: "http", Host: "example.com", Path: "/", Asked: header(asked), Status: status, Header: header(answer)}
}

func header(text string) http.Header {
	h := http.Header{}
	for f := range strings.SplitSeq(text, " | ") {
		if name, value, ok := strings.Cut(f, ": "); ok {
			h.Add(name, value)
		}
	}
	return h
}

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, input, request string
		status, before       int
		answer               string // its fields
	}{
		{"a head", "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n\r\n", "", 200, 0, `Etag: "1"`},
		{"without its end", "HTTP/2 200\netag: \"1\"", "", 200, 0, `Etag: "1"`},
		{"with a body", "HTTP/1.1 200 OK\nA: 1\n\nbody: 2\nHTTP/1.1 404 Not Found\n", "", 200, 0, "A: 1"},
		{"redirects and interim", "\nHTTP/1.1 301 Moved\nA: 1\n\nHTTP/1.1 103 Early Hints\nB: 1\n\nHTTP/1.1 404 Not Found\nC: 1\n\n", "", 404, 1, "C: 1"},
		{"a field twice and folded", "HTTP/1.1 200 OK\nA: 1\nA: 2,\n  3\n", "", 200, 0, "A: 1, 2, 3"},
		{"an empty field", "HTTP/1.1 200 OK\nA:\n", "", 200, 0, "A: (empty)"},
		{"curl -v", "* x\n> GET /a HTTP/1.1\n> Host: A.b\n>\n< HTTP/1.1 200 OK\n< A: 1\n<\n{ [5 bytes data]\nHTTP/1.1 404 x\n* done\n", "GET http://A.b/a", 200, 0, "A: 1"},
		{"curl -iv", "> GET /a HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 200 OK\nHTTP/1.1 200 OK\n< A: 1\nA: 1\n< \n\nbody\n", "GET http://a/a", 200, 0, "A: 1"},
		{"TLS, a redirect to plain", "* SSL connection using TLSv1.3\n> GET / HTTP/2\n> Host: a\n> \n< HTTP/2 301\n< \n*   Trying 127.0.0.1:80...\n> HEAD /b HTTP/1.1\n> Host: b\n> \n< HTTP/1.1 200 OK\n< \n", "HEAD http://b/b", 200, 1, ""},
		{"TLS as of today", "* [HTTP/2] [1] [:scheme: https]\n> GET / HTTP/2\n> Host: a\n> \n< HTTP/2 204\n< \n", "GET https://a/", 204, 0, ""},
		{"a tunnel", "> CONNECT a:443 HTTP/1.1\n> Host: a:443\n> \n< HTTP/1.1 200 Connection established\n< \n* SSL connection using TLSv1.3\n> GET /x HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 200 OK\n< A: 1\n< \n", "GET https://a/x", 200, 0, "A: 1"},
		{"through a proxy", "> GET http://a:8080/x?y HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 200 OK\n< \n", "GET http://a:8080/x?y", 200, 0, ""},
		{"a request, and a head without marks", "> GET /a HTTP/1.1\n> Host: a\n> \nHTTP/1.1 200 OK\nA: 1\n", "GET http://a/a", 200, 0, "A: 1"},
	} {
		g, err := Read([]byte(test.input))
		request := g.Method + " " + g.Scheme + "://" + g.Host + g.Path
		if g.Method == "" {
			request = ""
		}
		if err != nil || request != test.request || g.Status != test.status || g.Before != test.before || strings.Join(Lines(g.Header), "; ") != test.answer {
			t.Errorf("%s: %v; %q %d, before it %d, %q", test.name, err, request, g.Status, g.Before, Lines(g.Header))
		}
	}
}

func TestReadWrong(t *testing.T) {
	for input, want := range map[string]string{ // any order
		"":                                   "nothing there",
		"HTTP/1.1 2000 OK":                   "line 1: \"HTTP/1.1 2000 OK\": want a status line",
		"HTTP/1.1 OK":                        "want a status line",
		"ETag: \"1\"":                        "want a status line",
		"HTTP/1.1 200 OK\nETag":              "line 2: \"ETag\": want NAME: VALUE",
		"HTTP/1.1 200 OK\nE Tag: 1":          "line 2: \"E Tag\": is no field's name",
		"HTTP/1.1 200 OK\nETag : 1":          "is no field's name",
		"HTTP/1.1 200 OK\nA: \x01":           "line 2: A: its value has a control character",
		"HTTP/1.1 200 OK\nA: 1\n \x7f":       "line 3: A: its value has a control character",
		"HTTP/1.1 200 OK\n A: 1":             "there is none before it",
		"HTTP/1.1 103 Early Hints\nA: 1\n\n": "103 is an interim answer",
		"> GET / HTTP/1.1\n> Host: a\n>\n":   "no answer in 3 lines",
		"> GET / HTTP/1.1\n> Host: a\n< HTTP/1.1 200 OK\n":                             "line 3: the answer begins within the request's head",
		"> GET ftp://a HTTP/1.1\n> \n< HTTP/1.1 200 OK\n":                              "\"ftp://a\": want a URL",
		"HTTP/1.1 200 OK\n" + strings.Repeat("A: 1\n", 1001):                           "line 1002: more than 1000 fields",
		"HTTP/1.1 200 OK\n" + strings.Repeat("A: "+strings.Repeat("x", 999)+"\n", 300): "larger than 256 KiB",
		strings.Repeat("x", 100):                                                       strings.Repeat("x", 60) + "...",
	} {
		if _, err := Read([]byte(input)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", input, err, want)
		}
	}
}

// FuzzRead: whatever is read can be judged, and the spans are whole: they follow
// each other without a gap, and within each the deciders say what it says.
func FuzzRead(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\nCache-Control: max-age=5, stale-while-revalidate=3, stale-if-error=9\nAge: 2\n", true, int64(7))
	f.Add("> GET / HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 404 No\n< Last-Modified: Tue, 01 Sep 2026 09:00:00 GMT\n<\n", false, int64(9000))
	f.Add("HTTP/1.1 200 OK\nDate: Mon, 01 Jan 0001 00:00:00 GMT\nExpires: Fri, 31 Dec 9999 23:59:59 GMT\nVary: a\n", true, int64(1))
	f.Fuzz(func(t *testing.T, input string, shared bool, seconds int64) {
		g, err := Read([]byte(input))
		if err != nil {
			return
		}
		rules := Rules(shared)
		rules.ObeyRequests = seconds%2 == 0
		j := Judge(g, rules, came)
		at := time.Duration(max(0, seconds%(1<<31))) * time.Second
		checkSpans(t, j, at)
		if !shared && j.Others != nil {
			t.Errorf("a browser's cache beside %v", j.Others)
		}
	})
}

// What a request asks of caches cuts the time into other spans, where it is obeyed.
func TestObeyed(t *testing.T) {
	for asked, want := range map[string]string{ // any order
		"max-age=20":                 "0s hit, 20.000000001s miss 5.2.1.1, 2m0.000000001s miss 4.2.4",
		"max-age=20, max-stale=5":    "0s hit, 20.000000001s miss 5.2.1.1, 2m0.000000001s miss 4.2.4",
		"max-stale=30":               "0s hit, 1m40s stale, 2m0.000000001s stale, 2m10.000000001s miss 4.2.4",
		"min-fresh=40":               "0s hit, 1m0.000000001s miss 5.2.1.3, 2m0.000000001s miss 4.2.4",
		"only-if-cached":             "0s hit, 1m40s stale, 2m0.000000001s miss 5.2.1.7",
		"no-cache":                   "0s miss 5.2.1.4, 2m0.000000001s miss 4.2.4",
		"no-store":                   "0s bypass 5.2.1.5",
		"max-age=1000000, max-stale": "0s hit, 1m40s stale, 2m0.000000001s stale, 277h46m40.000000001s miss 4.2.4",
	} {
		g, err := Read([]byte("> GET / HTTP/1.1\n> Cache-Control: " + asked +
			"\n>\n< HTTP/1.1 200 OK\n< Cache-Control: max-age=100, stale-while-revalidate=20\n< ETag: \"1\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		rules := Rules(true)
		rules.ObeyRequests = true
		var got []string
		for _, s := range Judge(g, rules, came).Spans {
			says := s.From.String() + " " + s.Decision.Verdict.String()
			if !s.Decision.Verdict.FromStore() {
				says += strings.TrimPrefix(s.Decision.Why.Rule(), "RFC 9111")
			}
			got = append(got, says)
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %s\nwant %s", asked, s, want)
		}
	}
}

func checkSpans(t *testing.T, j *Judgement, at time.Duration) {
	t.Helper()
	for i, s := range j.Spans {
		if last := i == len(j.Spans)-1; last != (s.Until == 0) || !last && s.Until != j.Spans[i+1].From || i == 0 && s.From != 0 {
			t.Fatalf("span %d of %+v", i, j.Spans)
		}
		if j.Entry != nil && at == s.From && at == j.Entry.TTL(0) && (j.Entry.Control.StaleWhileRevalidate == 0 || j.Entry.Control.StaleIfError == 0) {
			continue // a window of 0 lasts a nanosecond, which is not told
		}
		if j.Entry != nil && at >= s.From && (s.Until == 0 || at < s.Until) && !s.same(j.at(at)) {
			t.Errorf("%v: %+v, want %+v", at, s, j.at(at))
		}
	}
}

func TestSpans(t *testing.T) {
	for _, test := range []struct {
		answer string
		shared bool
		want   string
	}{
		{"Cache-Control: max-age=60", true, "0s hit, 1m0s miss"},
		{"Cache-Control: max-age=60 | Age: 60", true, "0s miss"}, // kept for nothing but its validators
		{"Cache-Control: max-age=60, s-maxage=120, stale-while-revalidate=30", true, "0s hit, 2m0s miss"},
		{"Cache-Control: max-age=60, s-maxage=120, stale-while-revalidate=30", false, "0s hit, 1m0s stale, 1m30s miss"},
		{"Cache-Control: max-age=60, stale-while-revalidate=30, stale-if-error=90 | Age: 20", true, "0s hit, 40s stale, 1m10s miss or stale, 2m10s miss"},
		{"Cache-Control: max-age=60, stale-while-revalidate=90, stale-if-error=30", true, "0s hit, 1m0s stale, 2m30s miss"},
		{"Cache-Control: max-age=60, stale-while-revalidate=0, stale-if-error=0", true, "0s hit, 1m0s miss"},
		{"Cache-Control: max-age=60, must-revalidate, stale-if-error=30", true, "0s hit, 1m0s miss"},
		{"Cache-Control: no-cache", true, "0s miss"},
		{"Cache-Control: no-store", true, "0s miss"},
	} {
		j := Judge(given(200, test.answer+` | Etag: "1"`, ""), Rules(test.shared), came)
		var got []string
		for _, s := range j.Spans {
			says := s.From.Truncate(time.Millisecond).String() + " " + s.Decision.Verdict.String()
			if s.Failed.Verdict == sim.VerdictStale && s.Decision.Verdict == sim.VerdictMiss {
				says += " or stale"
			}
			got = append(got, says)
			checkSpans(t, j, s.From)
			checkSpans(t, j, s.From+time.Second)
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %s, want %s", test.answer, strings.Join(got, ", "), test.want)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, test := range []struct {
		status        int
		answer, asked string
		shared        bool
		about, says   string // "": no note at all
	}{
		{200, "Cache-Control: max-age=60", "", true, "", ""},
		{200, "Cache-Control: max-age=60 | Date: Tue, 01 Sep 2026 10:00:00 GMT", "", true, "", ""},
		{200, "Cache-Control: max_age=60 | Etag: 1", "", true, "max_age=60", "did you mean max-age?"},
		{200, "Cache-Control: max-age=60, pre-check=1", "", true, "pre-check=1", "no directive that cdnlab knows"},
		{200, "Cache-Control: max-age=60, max-stale=1", "", true, "max-stale=1", "a directive of requests"},
		{200, "Cache-Control: max-age=1h | Etag: 1", "", true, "max-age=1h", "it counts as 0"},
		{200, "Cache-Control: max-age=60 stale-if-error=5 | Etag: 1", "", true, "max-age=60 stale-if-error=5", "it counts as 0"},
		{200, "Cache-Control: max-age=60, stale-if-error=x", "", true, "stale-if-error=x", "it is ignored"},
		{200, "Cache-Control: max-age=60, public public", "", true, "public public", "is a comma missing?"},
		{200, "Cache-Control: max-age=60, max-age=5", "", true, "max-age=5", "the first counts"},
		{200, "Cache-Control: max-age=60, public", "", true, "public", "it only lifts"},
		{404, "Cache-Control: max-age=60, public", "Authorization: x", true, "", ""},
		{200, "Cache-Control: s-maxage=60, max-age=5", "", true, "max-age=5", "s-maxage goes before it"},
		{200, "Cache-Control: s-maxage=60, stale-if-error=5", "", true, "stale-if-error=5", "it is never used stale: s-maxage forbids it (RFC 9111 5.2.2.10)"},
		{200, "Cache-Control: max-age=5, s-maxage=60", "", false, "s-maxage=60", "it is for shared caches"},
		{200, "Cache-Control: max-age=5, private", "", false, "private", "every browser's cache"},
		{200, "Cache-Control: max-age=5, proxy-revalidate", "", false, "proxy-revalidate", "it is for shared caches"},
		{200, "Cache-Control: max-age=5, private, must-revalidate", "", true, "max-age=5", "it is not stored anyway, private"},
		{200, "Cache-Control: max-age=5, immutable", "", false, "immutable", "a reload need not ask"},
		{200, "Cache-Control: max-age=5, no-transform", "", true, "no-transform", "changes no content"},
		{200, "Cache-Control: max-age=5 | Expires: 0", "", true, "Expires: 0", "max-age goes before it"},
		{200, "Etag: 1 | Expires: 0", "", true, "Expires: 0", "it has expired already"},
		{200, "Cache-Control: max-age=5 | Date: now", "", true, "Date: now", "it is no HTTP-date"},
		{200, "Cache-Control: max-age=5 | Last-Modified: then", "", true, "Last-Modified: then", "it is no HTTP-date"},
		{200, "Cache-Control: max-age=5 | Pragma: no-cache", "", true, "Pragma: no-cache", "means nothing in an answer"},
		{200, "Cache-Control: max-age=5 | CDN-Cache-Control: no-store", "", true, "Cache-Control: max-age=5", "Cdn-Cache-Control goes before it (RFC 9213 2.2)"},
		{200, "Expires: 0 | CDN-Cache-Control: max-age=5", "", true, "Expires: 0", "Cdn-Cache-Control goes before it"},
		{200, "CDN-Cache-Control: max-age=5, max_age=7", "", true, "Cdn-Cache-Control: max_age=7", "did you mean max-age?"},
		{200, "Cache-Control: max-age=5 | CDN-Cache-Control: =", "", true, "Cdn-Cache-Control: =", "counts as absent"},
		{200, "Cache-Control: max-age=5 | CDN-Cache-Control: max-age=7", "", false, "Cdn-Cache-Control: max-age=7", "a browser does not read it"},
		{200, "CDN-Cache-Control: max-age=5 | Surrogate-Control: max-age=7", "", true, "Surrogate-Control: max-age=7", "Cdn-Cache-Control goes before it"},
		{200, "Cache-Control: max-age=5 | Surrogate-Control: max-age=7;other", "", true, "Surrogate-Control: max-age=7;other", "says nothing to this cache"},
		{200, "Surrogate-Control: max-age=7", "", true, "", ""},
		{200, "Cache-Control: max-age=5", "Cache-Control: no-cache", true, "the request's Cache-Control: no-cache", "does not obey requests"},
		{304, "Etag: 1", "", true, "304", "judge the answer that it is about"},
		{206, "Cache-Control: max-age=5", "", true, "206", "answers ranges from this part"},
	} {
		j := Judge(given(test.status, test.answer, test.asked), Rules(test.shared), came)
		if test.about == "" && len(j.Notes) > 0 {
			t.Errorf("%s: %v", test.answer, j.Notes)
		}
		said := slices.ContainsFunc(j.Notes, func(n Note) bool { return n.About == test.about && strings.Contains(n.Says, test.says) })
		if test.about != "" && !said {
			t.Errorf("%s: %v, want %s: ... %s", test.answer, j.Notes, test.about, test.says)
		}
	}
}

func TestLeft(t *testing.T) {
	answer := `Cache-Control: max-age=60, no-cache="X-A", private="X-B" | X-A: 1 | X-B: 1 | X-C: 1 | Connection: x-d | X-D: 1 | Surrogate-Control: x | Age: 1 | Date: Tue, 01 Sep 2026 10:00:00 GMT`
	for shared, want := range map[bool][]Left{ // any order
		true:  {{"Connection", whyHop}, {"Surrogate-Control", whyForThis}, {"X-A", whyNoCacheOf}, {"X-B", whyPrivateOf}, {"X-D", whyHop}},
		false: {{"Connection", whyHop}, {"Surrogate-Control", whyForThis}, {"X-A", whyNoCacheOf}, {"X-D", whyHop}},
	} {
		if j := Judge(given(200, answer, ""), Rules(shared), came); !slices.Equal(j.Left, want) {
			t.Errorf("shared %v: %v, want %v", shared, j.Left, want)
		}
	}
}

func TestPreconditions(t *testing.T) {
	for _, test := range []struct {
		control, asked, want string
	}{
		{"max-age=5", `If-None-Match: "1"`, "304"},
		{"max-age=5", `If-None-Match: "2"`, "200"},
		{"no-store", `If-None-Match: W/"1"`, "304"},
		{"max-age=5", "", "none"},
		{"max-age=5", `If-None-Match: "1" | Range: bytes=0-`, "304"}, // it comes before (RFC 9110 13.2.2)
		{"max-age=5", `If-None-Match: "1" | Range: bytes=0-1,4-5`, "none"},
	} {
		j, got := Judge(given(200, `Etag: "1" | Cache-Control: `+test.control, test.asked), Rules(true), came), "none"
		if j.Precon != nil {
			got = map[bool]string{true: "304", false: "200"}[*j.Precon]
		}
		if got != test.want {
			t.Errorf("%s, %s: %s, want %s", test.control, test.asked, got, test.want)
		}
	}
}

func TestAt(t *testing.T) {
	j := Judge(given(200, "Cache-Control: max-age=60 | Age: 10", ""), Rules(true), came)
	for age, want := range map[time.Duration]string{ // any order
		9 * time.Second: "none", 10 * time.Second: "hit", 59 * time.Second: "hit", 60 * time.Second: "miss",
	} {
		got := "none"
		if s, ok := j.At(age); ok {
			got = s.Decision.Verdict.String()
		}
		if got != want {
			t.Errorf("%v: %s, want %s", age, got, want)
		}
	}
}

// A date far from every other one is old, and does not wrap around.
func TestFarDates(t *testing.T) {
	j := Judge(given(200, `Etag: "1" | Cache-Control: max-age=60 | Date: Mon, 01 Jan 0001 00:00:00 GMT`, ""), Rules(true), came)
	if s, ok := j.At(cache.MaxSeconds * 2); j.Entry == nil || j.Spans[0].Decision.Verdict != sim.VerdictMiss || !ok || s.Decision.Verdict != sim.VerdictMiss {
		t.Errorf("%+v", j.Spans)
	}
}
