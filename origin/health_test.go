// What GET /health and its kin answer.
package origin

import (
	"testing"
	"time"

	"cdnlab/sim"
)

// A server whose database hangs is well or not by what its checks ask, and lives.
func TestHealthChecks(t *testing.T) {
	for _, c := range []struct {
		checks      []string
		hangs, full bool
		ready       int
	}{
		{nil, false, false, 200},
		{nil, true, false, 503},
		{[]string{HealthDatabase}, true, false, 503},
		{[]string{HealthNone}, true, true, 200},
		{[]string{HealthQueue}, true, false, 200},
		{[]string{HealthQueue}, true, true, 503},
	} {
		w := newWorld(t)
		db := answering(200)
		if c.hangs {
			db = &upstream{}
		}
		a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Queue: new(1), HealthChecks: c.checks}), pages{}, db, nil))
		for range 2 {
			if c.full {
				w.ask(a, &sim.Request{Path: "/page"})
			}
		}
		health, ready, live := w.ask(a, &sim.Request{Path: "/health"}), w.ask(a, &sim.Request{Path: "/health/ready?verbose"}), w.ask(a, &sim.Request{Path: "/health/live"})
		w.expect(live, 200, sim.OK, 0)
		w.quiet()
		at := time.Duration(0)
		if c.hangs && (c.checks == nil || len(c.checks) > 0 && c.checks[0] == HealthDatabase) {
			at = 500 * ms
		}
		w.expect(health, c.ready, sim.OK, at)
		w.expect(ready, c.ready, sim.OK, at)
		if a.checks.N != 3 {
			t.Errorf("%+v: %d health checks", c, a.checks.N)
		}
	}
	// Two others, and the second is ill: by its words, too, which alone say so if the
	// status is that of good news.
	w := newWorld(t)
	cfg := steady(AppConfig{HealthChecks: []string{HealthDatabase, HealthStore}, Sessions: SessionsConfig{Store: StoreStore}})
	a := must[*App](t)(NewApp(w.env("app"), cfg, pages{}, answering(200), nil))
	a.KeepSessionsAt(answering(503))
	says := func(status int, words string) {
		t.Helper()
		g := w.ask(a, &sim.Request{Path: "/health"})
		w.expect(g, status, sim.OK, 0)
		if said := sim.WordedOf(g.resp.Body).Words(100); said != words || g.resp.Size != int64(len(words)) {
			t.Errorf("%d says %q in %d bytes, want %q", status, said, g.resp.Size, words)
		}
	}
	says(503, "failing: session-store")
	a.cfg.HealthStatus = 200
	says(200, "failing: session-store")
	a.KeepSessionsAt(answering(200))
	says(200, "ok")
	if _, err := NewApp(w.env("app"), AppConfig{HealthChecks: []string{"disk", HealthNone}, HealthStatus: 100, Liveness: LivenessConfig{Check: "tcp", Path: "x"}}, nil, nil, nil); errorCount(err) != 5 {
		t.Errorf("want 5 mistakes: %v", err)
	}
}
