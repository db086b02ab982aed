// Tests: users pinned to servers, in both worlds and behind a CDN.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/report"
)

// The first request pins the user to the first server, so the second, which is dead, is never met.
var stickyScript = []scripted{
	{1 * time.Millisecond, "GET", "/private", 0},
	{1003 * time.Millisecond, "GET", "/private", 0},
	{2001 * time.Millisecond, "GET", "/private", 0},
	{3001 * time.Millisecond, "GET", "/other", 0},
	{4001 * time.Millisecond, "POST", "/private", 0},
	{5001 * time.Millisecond, "GET", "/page", 0},    // stored: a cookie is there, so none is set
	{5501 * time.Millisecond, "GET", "/page?1", 0},  // stored
	{6001 * time.Millisecond, "GET", "/private", 0}, // still there
}

func TestParitySticky(t *testing.T) {
	holdParity(t, "parity-sticky", badly{script: stickyScript, more: "[balancer.sticky]\nby = \"cookie\"\n"})
}

// A PoP gives nobody another's cookie, even where one fetch is for many: it does not store answers
// with Set-Cookie, and who waited for one fetches for themselves. Each user has one request at a time,
// so each is pinned once.
func TestStickyBehindPoPs(t *testing.T) {
	var cookies int
	run := see(t, `
name = "sticky"
duration = "4s"
[load]
shape = "users"
users = 60
think-time = "300ms"
[[clients]]
id = "users"
place = "Tokyo"
users = 60
cookies = true
[[catalog]]
path = "/page/{n}"
objects = 3
cache-control = "max-age=1"
[origin]
place = "New York"
servers = 3
[app]
workers = 4
service-time = "5ms"
[balancer.sticky]
by = "cookie"
[[pop]]
place = "Tokyo"
`, func(d *driver) { cookies = len(d.crowds[0].jars.of) })
	value := func(metric string) float64 {
		v, _, err := report.Value(run, report.All, metric)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if made := value("pins-made"); made != float64(cookies) || cookies < 3 {
		t.Errorf("%d users have a cookie, %v were made", cookies, made)
	}
	if value("pins-moved")+value("pins-forged") != 0 || value("pins-kept") == 0 || value("hits") == 0 {
		t.Errorf("kept %v, moved %v, forged %v, hits %v", value("pins-kept"), value("pins-moved"), value("pins-forged"), value("hits"))
	}
}

func TestStickyChecks(t *testing.T) {
	holdWrongs(t, wrongs(t, faultless+"[balancer.sticky]\nby = \"moon\"\ncookie = \"a b\"\n"),
		"balancer.sticky.by: unknown \"moon\"; known: none, cookie, header, address", "balancer.sticky.cookie: \"a b\" is no name of a cookie")
}
