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
	// Two others, and the second is ill.
	w := newWorld(t)
	cfg := steady(AppConfig{HealthChecks: []string{HealthDatabase, HealthStore}, Sessions: SessionsConfig{Store: StoreStore}})
	a := must[*App](t)(NewApp(w.env("app"), cfg, pages{}, answering(200), nil))
	a.KeepSessionsAt(answering(503))
	w.expect(w.ask(a, &sim.Request{Path: "/health"}), 503, sim.OK, 0)
	a.KeepSessionsAt(answering(200))
	w.expect(w.ask(a, &sim.Request{Path: "/health"}), 200, sim.OK, 0)
	if _, err := NewApp(w.env("app"), AppConfig{HealthChecks: []string{"disk", HealthNone}, Liveness: LivenessConfig{Check: "tcp", Path: "x"}}, nil, nil, nil); errorCount(err) != 4 {
		t.Errorf("want 4 mistakes: %v", err)
	}
}
