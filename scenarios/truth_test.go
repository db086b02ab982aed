// Content that changes, and content that is one user's: what users see of it, as
// the subject says they do.
package scenarios

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
)

// site is a scenario of one catalog entry behind a PoP in Tokyo.
func site(duration time.Duration, rate float64, entry ...string) string {
	return fmt.Sprintf(`
name = "site"
duration = %q
[load]
rate = %g
[[clients]]
id = "users"
place = "Tokyo"
users = 100
[[catalog]]
path = "/"
size = "1KB"
%s
[origin]
place = "New York"
[app]
workers = 64
service-time = "1ms"
distribution = "constant"
[[pop]]
place = "Tokyo"
`, duration, rate, strings.Join(entry, "\n"))
}

func resolved(t *testing.T, text string, settings ...Setting) *Topology {
	t.Helper()
	x, err := Load("site.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	top, err := NewTopology(x.Variants[0].Scenario)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

func planOf(top *Topology, world string) report.Plan {
	return report.Plan{Identity: report.Identity{Seed: 1, World: world}, Duration: top.Scenario.Duration, Nodes: top.Kinds()}
}

// see plays a scenario in virtual time. watch may look in ten times a second.
func see(t *testing.T, text string, watch func(*driver), settings ...Setting) *report.Run {
	t.Helper()
	top := resolved(t, text, settings...)
	run, err := playVirtual(context.Background(), top, planOf(top, report.Virtual), watch)
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, run, "errors", 0)
	return run
}

func unwatched(*driver) {}

// deployAt deploys at a time of the load, once.
func deployAt(at time.Duration) func(*driver) {
	done := false
	return func(d *driver) {
		if !done && d.now() >= sim.Time(at) {
			done = true
			d.deploy()
		}
	}
}

var noCDN = Setting{Key: "edge.on", Value: false}

func wantWithin(t *testing.T, run *report.Run, metric string, least, most float64) {
	t.Helper()
	if got := value(t, run, metric); got < least || got > most {
		t.Errorf("%s is %v, want %v to %v", metric, got, least, most)
	}
}

// seconds makes a span of times for wantWithin.
func seconds(s float64) float64 { return s * float64(time.Second) }

// TestOldByTheTTL: what changes every second and is kept for ten is up to ten
// seconds old, five on average; asked of the origin, never (K5, E2).
func TestOldByTheTTL(t *testing.T) {
	for _, changes := range []string{"every 1s", "random 1s"} {
		text := site(60*time.Second, 50, `changes = "`+changes+`"`, `cache-control = "public, max-age=10"`)
		run := see(t, text, unwatched)
		wantWithin(t, run, "staleness.max", seconds(8), seconds(10))
		wantWithin(t, run, "staleness.mean", seconds(4), seconds(5))
		wantWithin(t, run, "staleness.p50", seconds(3.5), seconds(5.5))
		wantWithin(t, run, "outdated-ratio", 0.85, 0.99)
		wantWithin(t, run, "stale", 0, 0) // fresh to the cache, every one of them
		run = see(t, text, unwatched, noCDN)
		wantValue(t, run, "outdated", 0)
		wantValue(t, run, "staleness.max", 0)
		if n := run.Windows[0].Counts["changing"]; n != 3000 {
			t.Errorf("%d of 3000 answers were judged", n)
		}
	}
}

// TestAsOldAsTheTTL: the age that users see grows with the TTL, and the load of
// the origin falls (K3, K5).
func TestAsOldAsTheTTL(t *testing.T) {
	oldest, asked := 0.0, 1e9
	for _, ttl := range []int{1, 5, 20} {
		run := see(t, site(60*time.Second, 20, `changes = "random 2s"`, fmt.Sprintf(`cache-control = "max-age=%d"`, ttl)), unwatched)
		old, requests := value(t, run, "staleness.max"), value(t, run, "origin-requests")
		if old <= oldest || requests >= asked || old > seconds(float64(ttl)) {
			t.Errorf("max-age=%d: %v old for %v requests; before: %v for %v", ttl, old, requests, oldest, asked)
		}
		oldest, asked = old, requests
	}
}

// TestNeverOldWhenAsked: no-cache keeps a copy, and asks each time whether it
// still holds: most answers are 304s, and none is outdated (H7).
func TestNeverOldWhenAsked(t *testing.T) {
	run := see(t, site(30*time.Second, 20, `changes = "random 2s"`, `cache-control = "no-cache"`), unwatched)
	wantValue(t, run, "outdated", 0)
	if hits, misses := value(t, run, "revalidated"), value(t, run, "misses"); hits < 500 || misses < 10 || misses > 90 {
		t.Errorf("%v answers were revalidated, %v fetched: about fifteen changes, each seen by those under way", hits, misses)
	}
}

// TestRevalidatedIsCurrent: an expired copy is asked about, by a tag that names
// the version: a 304 keeps it, a change replaces it, so nothing is older than
// the TTL.
func TestRevalidatedIsCurrent(t *testing.T) {
	entry := []string{`changes = "random 5s"`, `cache-control = "max-age=1"`}
	text := site(60*time.Second, 20, entry...)
	run := see(t, text, unwatched)
	wantWithin(t, run, "staleness.max", seconds(0.2), seconds(1))
	if value(t, run, "revalidated") < 30 || value(t, run, "outdated") == 0 {
		t.Errorf("%v revalidated, %v outdated", value(t, run, "revalidated"), value(t, run, "outdated"))
	}
	// A tag that stays the same though the content does not: the copy never leaves.
	run = see(t, site(60*time.Second, 20, append(entry, `headers = { ETag = "\"1\"" }`)...), unwatched)
	wantWithin(t, run, "staleness.max", seconds(50), seconds(60))
}

// TestOldAfterALull: stale-while-revalidate shows the first visitor after a lull
// a copy of 360 s (E3).
func TestOldAfterALull(t *testing.T) {
	text := site(539*time.Second, 1.0/359, `changes = "every 1s"`, `cache-control = "public, max-age=60, stale-while-revalidate=300"`)
	run := see(t, text, unwatched)
	wantValue(t, run, "requests", 2)
	wantValue(t, run, "stale", 1)
	wantWithin(t, run, "staleness.max", seconds(357), seconds(360))
}

// TestNotOldAfterALull: without it, who comes after a lull waits and gets what
// is current.
func TestNotOldAfterALull(t *testing.T) {
	run := see(t, site(539*time.Second, 1.0/359, `changes = "every 1s"`, `cache-control = "public, max-age=60"`), unwatched)
	wantValue(t, run, "requests", 2)
	wantValue(t, run, "outdated", 0)
}

// TestDeployWithoutPurge: after a deploy users see the old version until it
// expires, and no longer (H3, I1).
func TestDeployWithoutPurge(t *testing.T) {
	text := site(30*time.Second, 20, `changes = "at deploy"`, `cache-control = "public, max-age=10"`)
	run := see(t, text, deployAt(12*time.Second))
	// Fetched at 10 s or a little after, when the second copy expired; deployed at
	// 12 s; gone after 20 s.
	wantWithin(t, run, "outdated", 8*20-10, 8.5*20)
	wantWithin(t, run, "staleness.max", seconds(7.5), seconds(8.5))
	for at, n := range run.Series["outdated"] {
		if at < 12 && n > 0 || at > 12 && at < 20 && n != 20 || at > 20 && n > 0 {
			t.Errorf("second %d: %d outdated answers", at, n)
		}
	}
	run = see(t, text, deployAt(12*time.Second), noCDN)
	wantValue(t, run, "outdated", 0)
	run = see(t, text, unwatched)
	wantValue(t, run, "outdated", 0)
}

// TestDeployKeepsTheCatalog: a deploy makes no new catalog, whose paths and
// tables take long to make.
func TestDeployKeepsTheCatalog(t *testing.T) {
	var catalogs []any
	deploy := deployAt(time.Second)
	see(t, site(3*time.Second, 20, `changes = "at deploy"`, `headers = { a = "b" }`), func(d *driver) {
		deploy(d)
		catalogs = append(catalogs, d.content)
	})
	if first, last := catalogs[0], catalogs[len(catalogs)-1]; first != last {
		t.Error("the catalog was made anew")
	}
}

// TestContentThatBeginsToChange: a scenario that is changed during the run has
// its versions from the load's begin on, and nodes and driver the same.
func TestContentThatBeginsToChange(t *testing.T) {
	changed := false
	run := see(t, site(6*time.Second, 20, `cache-control = "no-store"`), func(d *driver) {
		if !changed && d.now() >= sim.Time(2*time.Second) {
			changed = true
			d.change(func(s *Scenario) { s.Catalog[0].Changes, s.Catalog[0].Personal = "every 500ms", true })
		}
	})
	wantValue(t, run, "outdated", 0)
	wantValue(t, run, "wrong-user", 0)
	if n := run.Series["changing"]; len(n) < 6 || n[0] != 0 || n[3] != 20 || n[5] != 20 {
		t.Errorf("answers that say what they are, by second: %v", n)
	}
}

// TestPrivateLeak: a personal page without private goes to whoever asks next;
// with it, to nobody else (K4, H5, X1).
func TestPrivateLeak(t *testing.T) {
	for control, leaks := range map[string]bool{ // any order
		"public, max-age=5": true, "max-age=5": true, "private, max-age=5": false, "private, no-store": false, "no-store": false,
	} {
		text := site(20*time.Second, 50, `personal = true`, fmt.Sprintf("cache-control = %q", control))
		run := see(t, text, unwatched)
		if n := run.Windows[0].Counts["personal"]; n != 1000 || run.Windows[0].Counts["changing"] != 0 {
			t.Errorf("%s: %d of 1000 answers were personal, %d changing", control, n, run.Windows[0].Counts["changing"])
		}
		if leaks {
			wantWithin(t, run, "wrong-user-ratio", 0.95, 0.995) // all but the one of 100 users whom it was made for
			run = see(t, text, unwatched, noCDN)
		}
		wantValue(t, run, "wrong-user", 0)
	}
}

// TestEveryUserHasANumber: the first user of one group is not the first of
// another.
func TestEveryUserHasANumber(t *testing.T) {
	text := site(10*time.Second, 50, `personal = true`, `cache-control = "max-age=60"`)
	text = strings.Replace(text, "users = 100", "users = 1", 1) +
		"[[clients]]\nid = \"others\"\nplace = \"Tokyo\"\nusers = 1\n[[clients]]\nid = \"more\"\nplace = \"Osaka\"\nusers = 7\naddresses = 3\n"
	var crowds []*crowd
	run := see(t, text, func(d *driver) { crowds = d.crowds })
	wantWithin(t, run, "wrong-user", 300, 500) // one page, so right for a third at the most
	seen := map[uint64]string{}
	for _, c := range crowds {
		for user := range uint64(c.g.Users) {
			if c.first%uint64(len(c.g.Addrs)) != 0 || seen[c.first+user] != "" {
				t.Errorf("user %d of %s has the number %d, as one of %q", user, c.g.ID, c.first+user, seen[c.first+user])
			}
			seen[c.first+user] = c.g.ID
		}
	}
}

// TestAnothersTag: when a leaked page expires, the next user does not have the
// site confirm it: another's page has another tag.
func TestAnothersTag(t *testing.T) {
	run := see(t, site(20*time.Second, 50, `personal = true`, `cache-control = "no-cache"`), unwatched)
	wantWithin(t, run, "revalidated", 1, 60) // by chance the same of 100 users
	wantValue(t, run, "wrong-user", 0)
}

// TestWarmedForNobody: what a warm-up fetches is in its first version, and made
// for no user.
func TestWarmedForNobody(t *testing.T) {
	run := see(t, site(4*time.Second, 50, `personal = true`, `changes = "every 2s"`, `cache-control = "max-age=60"`), unwatched,
		Setting{Key: "edge.warm", Value: true})
	wantValue(t, run, "wrong-user-ratio", 1)
	wantValue(t, run, "hit-ratio", 1)
	wantValue(t, run, "outdated", 100) // from 2 s on
	wantWithin(t, run, "staleness.max", seconds(1.9), seconds(2))
}

// TestNothingToJudge: what neither changes nor is anybody's says nothing.
func TestNothingToJudge(t *testing.T) {
	run := see(t, site(3*time.Second, 50, `cache-control = "max-age=60"`), deployAt(time.Second))
	for _, metric := range []string{"outdated", "outdated-ratio", "staleness.mean", "wrong-user", "wrong-user-ratio"} {
		if r, err := report.Measure(run, "", metric); err != nil || !r.Missing {
			t.Errorf("%s is %v (%v)", metric, r, err)
		}
	}
	for name := range run.Series { // any order
		if name == "changing" || name == "personal" || name == "outdated" {
			t.Errorf("a series %s", name)
		}
	}
}

// TestVersionsOutliveTheApp: an app that crashed and comes back has the version
// of the time, and the deploys that it missed.
func TestVersionsOutliveTheApp(t *testing.T) {
	for _, changes := range []string{"every 1s", "at deploy"} {
		text := site(10*time.Second, 20, `changes = "`+changes+`"`, `cache-control = "no-store"`) +
			"[balancer]\non = true\n[[event]]\nat = \"2s\"\nfault = \"crash\"\nnode = \"app-1\"\nfor = \"3s\"\n"
		top := resolved(t, text, noCDN)
		run, err := playVirtual(context.Background(), top, planOf(top, report.Virtual), deployAt(3*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		wantValue(t, run, "outdated", 0)
		if n := run.Series["changing"]; len(n) < 9 || n[1] == 0 || n[3] != 0 || n[8] == 0 {
			t.Errorf("%s: answers by second: %v", changes, n)
		}
	}
}
