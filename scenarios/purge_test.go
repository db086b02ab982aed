// Purges of a whole CDN: who is told when, and what becomes of those that cannot be.
package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
)

// purgedSite has PoPs in Tokyo, behind a shield in Boston, and in London, which goes
// to the origin itself. Its page is deployed anew at 10 s and purged at 10.1 s.
const purgedSite = `
name = "purged"
duration = "60s"
[load]
rate = 20
[[clients]]
id = "asia"
place = "Tokyo"
[[clients]]
id = "europe"
place = "London"
[[catalog]]
path = "/"
changes = "at deploy"
cache-control = "public, max-age=50"
[[catalog]]
path = "/p/{n}"
objects = 20
changes = "at deploy"
cache-control = "public, max-age=50"
[origin]
place = "New York"
[edge]
failover = { on = false }
[[pop]]
place = "Tokyo"
shield = "shield"
[[pop]]
place = "London"
shield = "none"
[[shield]]
name = "shield"
place = "Boston"
[[event]]
at = "10s"
do = "deploy"
[[event]]
at = "10100ms"
do = "purge"
`

// whenTold are the seconds at which each cache was asked to forget, forgot or was given
// up, in the order in which that happened. Who hangs hears all that it was told at once.
func whenTold(run *report.Run) (at map[string][]string) {
	at = map[string][]string{}
	for _, e := range run.Events {
		switch e.Kind {
		case sim.EventPurged, sim.EventUnpurged:
			at[e.Node] = slices.Compact(append(at[e.Node], fmt.Sprintf("%s at %d s", e.Kind, int(time.Duration(e.At)/time.Second))))
		}
	}
	return at
}

func TestPurgeOfWhoIsDown(t *testing.T) {
	for name, c := range map[string]struct {
		more                   string
		tokyo, london, shield  string
		missed                 float64
		outdatedFrom, outdated int // no answer is outdated from then on, or until then
	}{
		"nobody is": {"", "purged at 10 s", "purged at 10 s", "purged at 10 s", 0, 11, 0},
		"a PoP hangs": {"[[event]]\nat = \"9s\"\nfault = \"hang\"\nnode = \"tokyo-pop\"\nfor = \"12s\"\n",
			"purged at 21 s", "purged at 10 s", "purged at 10 s", 0, 23, 0},
		"a PoP is down, and comes back without anything stored": {"[[event]]\nat = \"9s\"\nfault = \"crash\"\nnode = \"tokyo-pop\"\nfor = \"5s\"\n",
			"purged at 14 s", "purged at 10 s", "purged at 10 s", 0, 11, 0},
		"the shield is down: nobody waits for it, and it counts once more what was had of it": {"[[event]]\nat = \"9s\"\nfault = \"crash\"\nnode = \"shield\"\nfor = \"5s\"\n",
			"purged at 10 s, purged at 14 s", "purged at 10 s", "purged at 14 s", 0, 11, 0},
		"the way to the shield is cut: it gives out what is old until it has heard": {"[[event]]\nat = \"9s\"\nfault = \"cut\"\nfrom = \"New York\"\nto = \"Boston\"\nfor = \"5s\"\n",
			"purged at 12 s, purged at 14 s", "purged at 10 s", "purged at 14 s", 0, 15, 0},
		"a PoP is cut off for too long: it is old until the copy expires": {"[[event]]\nat = \"9s\"\nfault = \"cut\"\nfrom = \"New York\"\nto = \"London\"\nfor = \"35s\"\n",
			"purged at 10 s", "unpurged at 39 s", "purged at 10 s", 1, 60, 49},
	} {
		run := playText(t, purgedSite+c.more)
		got := whenTold(run)
		for node, want := range map[string]string{"tokyo-pop": c.tokyo, "london-pop": c.london, "shield": c.shield} { // any order will do
			if is := strings.Join(got[node], ", "); is != want {
				t.Errorf("%s: %s is %s, want %s", name, node, is, want)
			}
		}
		wantValue(t, run, "purges-missed", c.missed)
		for i, n := range run.Series["outdated"] {
			if i >= c.outdatedFrom && n > 0 {
				t.Errorf("%s: %d outdated answers in second %d", name, n, i)
			}
		}
		if c.outdated > 0 && sum(run.Series["outdated"][c.outdated-1:]) == 0 {
			t.Errorf("%s: nothing is outdated in second %d any more", name, c.outdated-1)
		}
	}
}

// TestPurgeOfManyPaths: a list of paths is one purge, and about nothing else.
func TestPurgeOfManyPaths(t *testing.T) {
	run := playText(t, purgedSite+`paths = ["/", "/p/1", "/p/2", "/p/1*"]`, Setting{"edge.shields", false}, Setting{"edge.warm", true})
	if text := story(run); strings.Count(text, "purged www.example.com/ and 3 more 13 entries") != 2 {
		t.Errorf("the page and numbers 1, 2 and 10 to 19:\n%s", text)
	}
	many := make([]string, 500)
	for i := range many {
		many[i] = fmt.Sprintf("%q", fmt.Sprintf("/p/%d?%s", i, strings.Repeat("x", 200)))
	}
	run = playText(t, purgedSite+"paths = ["+strings.Join(many, ", ")+"]")
	if n := strings.Count(story(run), "purged"); n != strings.Count(story(run), "purging") || n < 3*500/maxLines {
		t.Errorf("%d purges", n)
	}
}

const maxLines = 64
