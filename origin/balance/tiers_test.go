// The pool and priorities: who stands by, takes over, and gives back.
package balance

import (
	"strings"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// fleetOf is primaries and backups: a and b are of priority 0, c and d of 1.
func (w *world) fleetOf() ([]*server, []Target) {
	servers, targets := w.fleet(4)
	targets[2].Priority, targets[3].Priority = 1, 1
	return servers, targets
}

func quick() PoolConfig {
	return PoolConfig{Retries: new(0), MaxFails: new(0), Health: health.Config{Interval: 100 * ms, Fall: 1, Rise: 1}}
}

// Backups are asked when every primary is out, and no longer than that.
func TestPoolActivePassive(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleetOf()
	p := w.pool(quick(), targets...)
	step := func(what string, want ...int) {
		t.Helper()
		w.engine.Advance(w.engine.Now().Add(time.Second))
		got := w.counts(p, 40)
		for i, name := range []string{"a", "b", "c", "d"} {
			if got[name] != want[i] {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
	}
	step("all well", 20, 20, 0, 0)
	servers[0].mode = "503"
	step("one primary left", 0, 40, 0, 0)
	servers[1].mode = "503"
	step("no primary left", 0, 0, 20, 20)
	servers[1].mode = ""
	step("one is back", 0, 40, 0, 0)
	p.Drain("b", true)
	step("and drained", 0, 0, 20, 20)
	var told []string
	for _, note := range w.notes {
		if _, what, _ := strings.Cut(note, " "); strings.HasPrefix(what, "fail") {
			told = append(told, what)
		}
	}
	if got := strings.Join(told, "|"); got != "failover priority 1: from priority 0|failback priority 0: from priority 1|failover priority 1: from priority 0" {
		t.Error(got)
	}
	w.quiet(p)
}

// A retry goes to a backup when no primary is left that was not tried.
func TestPoolRetriesAtABackup(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleetOf()
	p := w.pool(noChecks(PoolConfig{Retries: new(2)}), targets...)
	servers[0].mode, servers[1].mode = "refused", "refused"
	g := w.ask(p, 1, nil)
	w.engine.Advance(sim.Time(time.Second))
	w.expect("GET", g, "200 from c, tries 3 (refused) at 30ms")
	w.quiet(p)
}

// With spill-over the load is split by who is well: of one in two 70 % stay.
func TestPoolSpillsOver(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleetOf()
	cfg := quick()
	cfg.SpillOver = 1.4
	p := w.pool(cfg, targets...)
	w.engine.Advance(sim.Time(time.Second))
	if got := w.counts(p, 100); got["c"]+got["d"] != 0 {
		t.Errorf("all well: %v", got)
	}
	servers[0].mode = "503"
	w.engine.Advance(w.engine.Now().Add(time.Second))
	got := w.counts(p, 2000)
	if got["a"] != 0 || got["b"] < 1340 || got["b"] > 1460 || got["c"]-got["d"] > 1 || got["d"]-got["c"] > 1 {
		t.Errorf("half of the primaries: %v, want 1400 at b", got)
	}
	w.quiet(p)
}
