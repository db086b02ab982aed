// Pages that name files by their contents: which names they ask for after a deploy.
package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hashedSite is one person a second who looks at one page with one script; the HTML
// may be kept for ten seconds, and the script's name and more is to be said. The site
// is deployed at 33.25 s, and purged of nothing.
func hashedSite(script string) string {
	return fmt.Sprintf(`
name = "hashed"
duration = "60s"
[cpu]
costs = "free"
[load]
unit = "people"
rate = 1
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/"
changes = "at deploy"
cache-control = "public, max-age=10"
[[catalog]]
cache-control = "public, max-age=1000"
changes = "at deploy"
%s
[[journey]]
name = "reader"
[[journey.step]]
page = "/"
assets = { "/app.{hash}.js" = 1 }
[origin]
place = "New York"
[[pop]]
place = "Tokyo"
[[event]]
at = "33250ms"
do = "deploy"
`, script)
}

// TestOldPageAsksForOldNames: HTML from the cache names the old script, which is in
// the cache too; new HTML names the new one. No page mixes them (I3).
func TestOldPageAsksForOldNames(t *testing.T) {
	run := see(t, hashedSite(`path = "/app.{hash}.js"`), unwatched)
	wantValue(t, run, "pages", 60)
	wantValue(t, run, "mixed-pages", 0)
	wantValue(t, run, "page-errors", 0)
	wantValue(t, run, "outdated", 14) // both files of each page until the HTML expires
	wantWithin(t, run, "staleness.max", 0, seconds(10))
	if n := value(t, run, "outdated"); int(n)%2 != 0 {
		t.Errorf("%v outdated answers: each page has two", n)
	}
	if n := value(t, run, "origin-requests"); n < 6 || n > 9 { // HTML each ten seconds, two scripts
		t.Errorf("%v requests at the origin", n)
	}
}

// TestOldFilesDeleted: where a deploy takes the old files away, a page from before it
// breaks as soon as the script is not in the cache (I3).
func TestOldFilesDeleted(t *testing.T) {
	text := hashedSite("path = \"/app.{hash}.js\"\nkeep-old = false") + "[[event]]\nat = \"33300ms\"\ndo = \"purge\"\npath = \"/app.*\"\n"
	run := see(t, text, unwatched)
	broken := value(t, run, "not-found")
	if broken < 1 || broken > 9 {
		t.Errorf("%v answers 404", broken)
	}
	wantValue(t, run, "page-errors", broken)
	wantValue(t, run, "mixed-pages", 0)
}

// TestSameNameMixes: under names that stay the same a new page gets the old script
// for as long as that may be kept.
func TestSameNameMixes(t *testing.T) {
	text := hashedSite(`path = "/app.js"`)
	x, err := Load("hashed.toml", []byte(text))
	if err == nil {
		t.Fatalf("%v: the journey asks for another", x)
	}
	run := see(t, strings.ReplaceAll(text, "app.{hash}.js", "app.js"), unwatched)
	wantValue(t, run, "not-found", 0)
	wantWithin(t, run, "mixed-pages", 15, 27) // from the new HTML on, to the end
	wantWithin(t, run, "staleness.max", seconds(25), seconds(27))
}

// TestRequestsAskForTheNewest: load without pages asks for what there is.
func TestRequestsAskForTheNewest(t *testing.T) {
	text := site(10*time.Second, 20, "[[catalog]]", `path = "/app.{hash}.js"`, `changes = "at deploy"`, "keep-old = false", `cache-control = "max-age=1000"`)
	run := see(t, text, deployAt(5*time.Second))
	wantValue(t, run, "not-found", 0)
	wantValue(t, run, "outdated", 0)
	if n := run.Windows[0].Counts["changing"]; n < 50 {
		t.Errorf("%d answers were judged", n)
	}
}
