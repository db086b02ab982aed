// Stamps through real processes: what users see is read in the bytes.
package scenarios

import (
	"context"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim/live"
)

// liveSite has content of every kind: news that change, a page of the user's own
// that says it is for all, and a page that a deploy replaces.
var liveSite = site(3*time.Second, 200, `changes = "every 500ms"`, `cache-control = "max-age=1"`,
	"[[catalog]]", `path = "/me"`, `personal = true`, `cache-control = "public, max-age=60"`,
	"[[catalog]]", `path = "/page/{n}"`, "objects = 20", `size = "40KB"`, `changes = "at deploy"`, `cache-control = "no-cache"`)

// seeLive plays liveSite by real processes.
func seeLive(t *testing.T, watch func(*driver), settings ...Setting) *report.Run {
	return seeLiveOf(t, liveSite, 600, watch, settings...)
}

// seeLiveOf plays a scenario by real processes, which must answer so many
// requests.
func seeLiveOf(t *testing.T, text string, requests float64, watch func(*driver), settings ...Setting) *report.Run {
	t.Helper()
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	top := resolved(t, text, settings...)
	run, err := playLive(context.Background(), top, planOf(top, report.Live), Options{Command: command}, watch)
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, run, "requests", requests)
	wantValue(t, run, "errors", 0)
	return run
}

// TestLiveTruth: a PoP gives out old news and others' pages; the site itself
// never does, and has every version in time, that of a deploy too. The bounds
// leave room for a machine that is busy with other things.
func TestLiveTruth(t *testing.T) {
	run := seeLive(t, deployAt(time.Second))
	wantWithin(t, run, "outdated-ratio", 0.1, 0.6) // most of the news; of the pages the PoP asks whether they still hold
	wantWithin(t, run, "staleness.max", seconds(0.4), seconds(1.5))
	wantWithin(t, run, "wrong-user-ratio", 0.7, 1)
	if n := value(t, run, "revalidated"); n < 20 {
		t.Errorf("%v pages were revalidated", n)
	}
	run = seeLive(t, deployAt(time.Second), noCDN)
	wantWithin(t, run, "outdated-ratio", 0, 0.02)
	wantValue(t, run, "wrong-user", 0)
	if n := run.Windows[0].Counts["changing"]; n < 300 || n > 500 {
		t.Errorf("%d of 600 answers were judged, want two thirds", n)
	}
}
