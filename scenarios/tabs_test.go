// Browser caches in the driver: who has one, what reaches it, and both worlds alike.
package scenarios

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim/live"
)

// kept gives each user of a site a browser cache.
var kept = Setting{"clients.0.browser-cache", true}

// What is private to the edge is none of its business, and nobody sees another's: a
// browser is one user's.
func TestBrowserIsOneUsers(t *testing.T) {
	text := site(60*time.Second, 50, `personal = true`, `cache-control = "private, max-age=600"`)
	run := see(t, text, unwatched, kept)
	wantValue(t, run, "wrong-user", 0)
	wantValue(t, run, "hit-ratio", 0)
	wantWithin(t, run, "browser.hit-ratio", 0.9, 1)
	wantValue(t, run, "pop-requests", value(t, run, "requests")-value(t, run, "browser.hits"))
	if _, _, err := report.Value(see(t, text, unwatched), "", "browser.hits"); err == nil {
		t.Error("there are hits of browsers that nobody has")
	}
}

// A purge ends at the edge: what browsers have they use on.
func TestPurgeReachesNoBrowser(t *testing.T) {
	text := site(20*time.Second, 50, `changes = "at deploy"`, `cache-control = "max-age=600"`) + `
[[event]]
at = "10s"
do = "deploy"
[[event]]
at = "10s"
do = "purge"
`
	without, with := see(t, text, unwatched), see(t, text, unwatched, kept)
	wantWithin(t, without, "outdated-ratio", 0, 0.02) // until the PoP has heard of it
	wantWithin(t, with, "outdated-ratio", 0.3, 0.5)   // nearly all of the second half
}

// An event may have people reload, but not give them another browser.
func TestReloadsCanChange(t *testing.T) {
	text := site(10*time.Second, 50, `cache-control = "max-age=600"`) + `
[[event]]
at = "5s"
do = "set"
set = { clients.0.reload = 1.0 }
`
	run := see(t, text, unwatched, kept)
	wantWithin(t, run, "browser.validations", 200, 250)
	wantWithin(t, run, "browser.hits", 100, 250)
	for _, key := range []string{"clients.0.browser-cache", "clients.0.browser-cache-size"} {
		if says, _ := refusal(key); says == "" {
			t.Errorf("an event may set %s", key)
		}
	}
}

// readers is people who come back, and reload.
const readers = `
name = "readers"
duration = "8s"
[load]
%s
[[clients]]
id = "readers"
place = "Paris"
browser-cache = true
reload = 0.2
force-reload = 0.1
reload-validates = %q
[[journey]]
name = "reader"
think-time = "400ms"
[[journey.step]]
page = "/"
assets = { "/app.js" = 1, "/photo/{n}.jpg" = 4, "/feed" = 1 }
[[journey.step]]
page = "/"
assets = { "/app.js" = 1 }
[[catalog]]
path = "/"
cache-control = "no-cache"
[[catalog]]
path = "/app.js"
cache-control = "max-age=600, immutable"
[[catalog]]
path = "/photo/{n}.jpg"
objects = 20
size = "30KB"
cache-control = "max-age=600"
[[catalog]]
path = "/feed"
cache-control = "max-age=1, stale-while-revalidate=600"
changes = "every 3s"
[[pop]]
place = "Paris"
[origin]
place = "London"
`

const fewWhoReturn = "shape = \"users\"\nusers = 12\nthink-time = \"500ms\""

// People who come back find what they have; those who come once leave nothing.
func TestBrowsersOfPeople(t *testing.T) {
	stored := 0
	look := func(d *driver) { stored = d.crowds[0].tabs.Stored() }
	back := see(t, fmt.Sprintf(readers, fewWhoReturn, "page"), look)
	wantWithin(t, back, "browser.hit-ratio", 0.4, 0.6)
	if stored < 12*10 {
		t.Errorf("%d answers stored of 12 people", stored)
	}
	once := see(t, fmt.Sprintf(readers, "unit = \"people\"\nrate = 20", "page"), look)
	wantWithin(t, once, "browser.hit-ratio", 0.05, 0.3) // of app.js, on the second page
	if come := value(t, once, "users"); stored > int(come)/2*7 {
		t.Errorf("%d answers stored of those of %v people who are still there", stored, come)
	}
	all := see(t, fmt.Sprintf(readers, fewWhoReturn, "all"), look)
	if a, b := value(t, all, "browser.validations"), value(t, back, "browser.validations"); a < 1.2*b {
		t.Errorf("%v validations when all is validated, %v when the page is", a, b)
	}
	if n := value(t, back, "browser.stale"); n < 20 {
		t.Errorf("%v stale answers of the feed", n)
	}
}

// Two variants that differ in their caches have the same people doing the same, and
// reloading at the same times.
func TestReloadsAreTheSameForAll(t *testing.T) {
	text := site(20*time.Second, 50, `cache-control = "no-store"`)
	asked := func(settings ...Setting) float64 {
		return value(t, see(t, text, unwatched, append(settings, Setting{"clients.0.reload", 0.3})...), "origin-requests")
	}
	if a, b := asked(), asked(kept); a != b {
		t.Errorf("%v requests at the origin without browser caches, %v with", a, b)
	}
}

// Browsers do the same in both worlds: what is counted differs by what noise moves.
func TestLiveBrowsers(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	reload := []Setting{{"speed", 2.0}, kept, {"clients.0.reload", 0.2}, {"clients.0.force-reload", 0.1}}
	for name, text := range map[string]string{ // each is a test of its own
		"people":   fmt.Sprintf(readers, fewWhoReturn, "all"),
		"requests": site(8*time.Second, 60, `cache-control = "max-age=2, stale-while-revalidate=2"`, `changes = "every 3s"`),
	} {
		t.Run(name, func(t *testing.T) {
			virtual, top := see(t, text, unwatched, reload...), resolved(t, text, reload...)
			run, err := playLive(context.Background(), top, planOf(top, report.Live), Options{Command: command}, unwatched)
			if err != nil {
				t.Fatal(err)
			}
			wantValue(t, run, "errors", 0)
			for _, metric := range []string{"requests", "browser.hits", "browser.validations", "pop-requests"} {
				want := value(t, virtual, metric)
				wantWithin(t, run, metric, 0.8*want-5, 1.2*want+5)
			}
		})
	}
}
