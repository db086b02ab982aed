// The cookie jar, after RFC 6265.
package load

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestJar(t *testing.T) {
	const now = sim.Time(100 * time.Second)
	date := func(after time.Duration) string {
		return sim.Epoch.Add(time.Duration(now) + after).Format(http.TimeFormat)
	}
	for _, c := range []struct {
		says string // RFC 6265
		set  []string
		want string
	}{
		{"3.1: one", []string{"session=31d4; Path=/; HttpOnly"}, "session=31d4"},
		{"3.1: two", []string{"SID=31d4; Path=/; Secure; HttpOnly", "lang=en-US; Path=/; Domain=example.com"}, "SID=31d4; lang=en-US"},
		{"5.3 11: the same name again", []string{"a=1", "b=2", "a=3"}, "a=3; b=2"},
		{"3.1: removed by a date in the past", []string{"lang=en", "a=1", "lang=; Expires=Sun, 06 Nov 1994 08:49:37 GMT"}, "a=1"},
		{"5.2.2: Max-Age 0 or below: the earliest time", []string{"a=1", "b=2", "c=3", "a=; max-age=0", "b=x; Max-Age=-1"}, "c=3"},
		{"5.3 3: Max-Age before Expires", []string{"a=1; Max-Age=60; Expires=" + date(-time.Hour), "b=2; Expires=" + date(time.Hour) + "; Max-Age=0"}, "a=1"},
		{"5.2.2: no number is no attribute", []string{"a=1; Max-Age=soon", "b=2; Max-Age=", "c=3; Max-Age=-"}, "a=1; b=2; c=3"},
		{"5.2.1: no date is no attribute", []string{"a=1; Expires=soon"}, "a=1"},
		{"5.2: no = is no cookie, nor is one without a name", []string{"a", "=b", "", ";"}, ""},
		{"5.2: space around is none of it", []string{"  a  =  1  ;Path=/"}, "a=1"},
		{"5.2: a value may be empty, and hold =", []string{"a=", "b=x=y=="}, "a=; b=x=y=="},
		{"5.2.2: longer than time", []string{"a=1; Max-Age=99999999999999999999", "b=2; Max-Age=9223372036854775807"}, "a=1; b=2"},
		{"no line can be broken by one", []string{"a=1\r\nX: y", "b\x00=1"}, ""},
	} {
		var j Jar
		j.Take(c.set, now)
		if got := j.Text(now); got != c.want {
			t.Errorf("%s: %q, want %q", c.says, got, c.want)
		}
	}
}

func TestJarForgets(t *testing.T) {
	var j Jar
	j.Take([]string{"a=1; Max-Age=10", "session=x", "b=2; Expires=" + sim.Epoch.Add(time.Minute).Format(http.TimeFormat)}, 0)
	if got := j.Text(sim.Time(9 * time.Second)); got != "a=1; session=x; b=2" {
		t.Errorf("after 9 s: %q", got)
	}
	if got := j.Text(sim.Time(10 * time.Second)); got != "session=x; b=2" {
		t.Errorf("after 10 s: %q", got)
	}
	if j.Get("a", sim.Time(10*time.Second)) != "" || j.Get(sim.SessionCookie, sim.Never-1) != "x" || j.Get("b", sim.Time(time.Minute)) != "" {
		t.Error("a cookie lasts longer, or shorter, than it was said")
	}
	j.Drop(sim.SessionCookie)
	if j.Get(sim.SessionCookie, 0) != "" {
		t.Error("a dropped cookie is still there")
	}
}

func TestJarLimits(t *testing.T) {
	var j Jar
	for i := range maxCookies + 2 {
		j.Take([]string{fmt.Sprintf("c%d=%d", i, i)}, 0)
	}
	if n := strings.Count(j.Text(0), "="); n != maxCookies || j.Get("c1", 0) != "" || j.Get("c2", 0) != "2" {
		t.Errorf("%d cookies; the first: %q", n, j.Text(0)[:20])
	}
	j.Take([]string{"big=" + strings.Repeat("x", maxCookieBytes-2)}, 0)
	if j.Get("big", 0) != "" {
		t.Error("a cookie beyond the limit was kept")
	}
}

func FuzzJar(f *testing.F) {
	for _, s := range []string{"session=1; Path=/", "a=b; Max-Age=-1", "a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT", "=;=;", "a=1; Max-Age=9223372036854775808"} {
		f.Add(s, int64(5))
	}
	f.Fuzz(func(t *testing.T, field string, now int64) {
		at := sim.Time(now & (1<<62 - 1))
		var j Jar
		j.Take([]string{field, field}, at)
		text := j.Text(at)
		if strings.ContainsFunc(text, isControl) || len(text) > maxCookieBytes+1 || len(j.cookies) > 1 {
			t.Errorf("%q becomes %q", field, text)
		}
		if len(j.cookies) == 1 && j.Get(j.cookies[0].name, at) != j.cookies[0].value {
			t.Errorf("%q: kept, but not to be had", field)
		}
	})
}
