// Tests of the deviations: each is told where it matters, with its source, and
// not where it does not.
package judge

import (
	"strings"
	"testing"
)

// shows are answers and requests, and what a deviation of each says.
var shows = []struct {
	status             int
	answer, asked      string
	who, does, notThis string
}{
	{200, "Cache-Control: max-age=5", "Authorization: x", "nginx ATS", "gives it to everybody", ""},
	{200, "Cache-Control: max-age=5, public", "Authorization: x", "Varnish", "requests with Authorization", "gives it to everybody"},
	{200, "Cache-Control: max-age=5", "Cookie: x", "Varnish", "requests with a Cookie", ""},
	{200, "Cache-Control: max-age=5 | Set-Cookie: a=1", "", "Squid ATS", "leaves Set-Cookie out", ""},
	{200, "Cache-Control: max-age=5 | Vary: Accept, *", "", "nginx Varnish", "it knows * only alone", ""},
	{200, "Cache-Control: max-age=5 | Vary: *", "", "", "", "it knows * only alone"},
	{200, "Cache-Control: max-age=5 | Vary: accept-language", "", "all_four", "in another order", ""},
	{200, "Cache-Control: max-age=5 | Vary: A" + strings.Repeat("a", 128), "", "nginx", "more than 128", ""},
	{200, `Cache-Control: no-cache | Etag: "1"`, "", "nginx Varnish", "nothing to validate", "stale"},
	{200, `Cache-Control: max-age=0 | Etag: "1"`, "", "nginx", "nothing to validate", "sends no Age"},
	{200, `Cache-Control: max-age=5, no-cache="A"`, "", "nginx Varnish Squid ATS", "for the whole answer", ""},
	{200, `Cache-Control: max-age=5, private="A"`, "", "nginx Varnish Squid", "for the whole answer", "Squid serves"},
	{200, "Cache-Control: max-age=5, no-store, must-understand", "", "all_four", "must-understand", ""},
	{308, "Cache-Control: max-age=5", "", "Varnish", "does not store this status", ""},
	{404, "Cache-Control: max-age=5", "", "Squid", "does not store this status", "stale for up to a week when the origin fails [squid"},
	{200, "Last-Modified: Tue, 01 Sep 2026 08:00:00 GMT", "", "nginx ATS", "stores nothing without", "sends no Age"},
	{200, "Last-Modified: Tue, 01 Sep 2026 08:00:00 GMT", "", "Varnish", "fresh for 120 s", ""},
	{200, "X: nothing said", "", "Varnish", "fresh for 120 s", ""},
	{200, "Last-Modified: Tue, 01 Sep 2026 08:00:00 GMT", "", "Squid", "a fifth of Date", ""},
	{200, "Cache-Control: max-age=60 | Age: 5", "", "nginx", "does not count the Age", "by Date how old"},
	{200, "Cache-Control: max-age=60 | Date: Tue, 01 Sep 2026 09:59:30 GMT", "", "nginx Varnish", "by Date how old", "does not count the Age"},
	{200, `Cache-Control: max-age="60"`, "", "nginx Varnish Squid", "quoted max-age", ""},
	{200, "Cache-Control: max-age=2147483648", "", "Squid", "2^31 or more", ""},
	{200, "Cache-Control: max-age=2147483647", "", "", "", "2^31 or more"},
	{200, "Cache-Control: no-store | X-Accel-Expires: 5", "", "nginx", "X-Accel-Expires before", ""},
	{200, "Cache-Control: max-age=5 | CDN-Cache-Control: no-store", "", "all_four", "do not read CDN-Cache-Control", ""},
	{200, "Cache-Control: max-age=5 | CDN-Cache-Control: no-store", "", "nginx", "sends no Age", ""},
	{200, "Cache-Control: max-age=5 | Surrogate-Control: no-store", "", "Varnish", "with Surrogate-Control", ""},
	{200, "Cache-Control: max-age=5 | Surrogate-Control: no-store", "", "Squid", "Surrogate-Control: no-store forbids", ""},
	{200, "Cache-Control: max-age=5 | Pragma: No-Cache", "", "ATS", "obeys Pragma", ""},
	{200, "Cache-Control: max-age=5, stale-while-revalidate=5", "", "nginx", "proxy_cache_background_update", "default_grace"},
	{200, "Cache-Control: max-age=5, stale-while-revalidate=5", "", "nginx", "for a stale-if-error too", ""},
	{200, "Cache-Control: max-age=5, stale-while-revalidate=5", "", "Squid ATS", "stale-while-revalidate", ""},
	{200, "Cache-Control: max-age=5", "", "Varnish", "stale for 10 s more", ""},
	{200, "Cache-Control: max-age=5, stale-if-error=5", "", "Varnish", "knows no stale-if-error", "up to a week"},
	{200, "Cache-Control: max-age=5, must-revalidate", "", "nginx", "nothing there forbids it", "up to a week"},
	{200, "Cache-Control: max-age=5", "", "Squid ATS", "stale for up to a week", ""},
	{200, `Cache-Control: max-age=5 | Etag: "1"`, "", "nginx Varnish", "fetches it whole", "weak"},
	{200, `Cache-Control: max-age=5 | Etag: W/"1"`, "", "Squid ATS", "weak ETag", ""},
	{200, "Cache-Control: max-age=5", "", "nginx", "sends no Age", "fetches it whole"},
	{200, "Cache-Control: max-age=5 | Connection: A | A: 1", "", "nginx ATS", "that Connection names", ""},
	{200, "Cache-Control: max-age=5 | Connection: keep-alive", "", "", "", "that Connection names"},
	{200, "Cache-Control: max-age=5", "Cache-Control: no-cache", "Squid ATS", "of requests", ""},
	{200, "Cache-Control: no-store", "", "", "", "a"}, // they agree
}

func TestDeviations(t *testing.T) {
	told := map[string]bool{}
	for _, test := range shows {
		j := Judge(given(test.status, test.answer, test.asked), Rules(true), came)
		var all strings.Builder
		for _, d := range j.Others {
			all.WriteString(d.Who + " " + d.Does + " [" + d.Source + "]\n")
			told[d.Who+d.Does] = true
		}
		for who := range strings.FieldsSeq(test.who) {
			who = strings.ReplaceAll(who, "_", " ")
			found := false
			for line := range strings.Lines(all.String()) {
				found = found || strings.HasPrefix(line, who+" ") && strings.Contains(line, test.does)
			}
			if !found {
				t.Errorf("%s, %s: %s is not told that it %s:\n%s", test.answer, test.asked, who, test.does, &all)
			}
		}
		if test.notThis != "" && strings.Contains(all.String(), test.notThis) {
			t.Errorf("%s, %s: told %q:\n%s", test.answer, test.asked, test.notThis, &all)
		}
	}
	post := given(303, "Location: /b", "")
	post.Method = "POST"
	for _, d := range Judge(post, Rules(true), came).Others {
		told[d.Who+d.Does] = true
	}
	spelt := given(200, "Cache-Control: max-age=5", "X-Forwarded-Host: evil.example")
	spelt.Path = "/%7euser"
	j := Judge(spelt, Rules(true), came)
	for _, d := range j.Others {
		told[d.Who+d.Does] = true
	}
	if len(j.Notes) != 2 || j.Key.Path != "/~user" {
		t.Error(j.Key, j.Notes)
	}
	for _, d := range deviations {
		if !told[d.who+d.does] {
			t.Errorf("no case here has %s: %s", d.who, d.does)
		}
		if d.source == "" {
			t.Errorf("%s: %s: no source", d.who, d.does)
		}
	}
}
