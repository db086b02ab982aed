// The pool and who is out: outliers, panic, slow start.
package balance

import (
	"strings"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// counts plays n requests, one each 10 ms, and returns how many each server answered.
func (w *world) counts(p *Pool, n int) map[string]int {
	got, asked := map[string]int{}, make([]*got, n)
	for i := range asked {
		asked[i] = w.ask(p, uint64(i), nil)
		w.engine.Advance(w.engine.Now().Add(10 * ms))
	}
	w.engine.Advance(w.engine.Now().Add(100 * ms))
	for _, g := range asked {
		got[g.resp.Via.Last(sim.HopBalancer).Peer]++
	}
	return got
}

// A server whose answers are 500 is ejected, comes back, and is ejected for longer.
func TestPoolEjectsOutliers(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(5)
	cfg := noChecks(PoolConfig{MaxFails: new(0), Outlier: health.OutlierConfig{Detect: []string{health.DetectConsecutive}, Ejection: 10 * time.Second}})
	p := w.pool(cfg, targets...)
	servers[2].mode = "500"
	got := w.counts(p, 100)
	if got["c"] != 5 || got["a"] < 23 {
		t.Errorf("%v: c answers five times with 500, and no more", got)
	}
	w.engine.Advance(sim.Time(25 * time.Second)) // swept at 10 s, when it is out for 9.8 s, and at 20 s
	if got := w.counts(p, 100); got["c"] != 5 {
		t.Errorf("%v: back and out again after five", got)
	}
	w.expectNotes("230ms down c: ejected: 5 failures in a row", "20s up c: its ejection is over",
		"25.24s down c: ejected: 5 failures in a row")
	p.Close()
}

// With most servers out the rest would drown: all get requests, until enough are back.
func TestPoolPanics(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(4)
	cfg := PoolConfig{Retries: new(0), MaxFails: new(0), Panic: 0.5, Health: health.Config{Interval: 100 * ms, Fall: 1, Rise: 1}}
	p := w.pool(cfg, targets...)
	for i := range 2 {
		servers[i].mode = "503"
	}
	w.engine.Advance(sim.Time(time.Second))
	if got := w.counts(p, 40); got["a"] != 0 || got["c"] != 20 {
		t.Errorf("half is not less than half: %v", got)
	}
	servers[2].mode = "503"
	w.engine.Advance(w.engine.Now().Add(time.Second))
	if got := w.counts(p, 40); got["a"] != 10 || got["d"] != 10 {
		t.Errorf("in a panic: %v", got)
	}
	servers[0].mode = ""
	w.engine.Advance(w.engine.Now().Add(time.Second))
	if got := w.counts(p, 40); got["a"] != 20 || got["b"] != 0 {
		t.Errorf("after it: %v", got)
	}
	if notes := strings.Join(w.notes, "|"); strings.Count(notes, "panic") != 1 || strings.Count(notes, "calm") != 1 {
		t.Error(notes)
	}
	p.Close()
}

// A threshold below one server's share is fail-open: as long as one is in rotation it
// gets everything, and when none is left all do.
func TestPoolFailsOpen(t *testing.T) {
	for threshold, all := range map[float64]bool{0: false, 0.001: true} { // each alone: in any order
		w := newWorld(t)
		servers, targets := w.fleet(3)
		cfg := PoolConfig{Retries: new(0), MaxFails: new(0), Panic: threshold, Health: health.Config{Interval: 100 * ms, Fall: 1, Rise: 1}}
		p := w.pool(cfg, targets...)
		servers[0].mode, servers[1].mode = "503", "503"
		w.engine.Advance(sim.Time(time.Second))
		if got := w.counts(p, 30); got["c"] != 30 {
			t.Errorf("%v: one is left, %v", threshold, got)
		}
		servers[2].mode = "503"
		w.engine.Advance(w.engine.Now().Add(time.Second))
		if got := w.counts(p, 30); (got["a"] == 10 && got["b"] == 10 && got["c"] == 10) != all {
			t.Errorf("%v: none is left, %v", threshold, got)
		}
		p.Close()
	}
}

// A server that comes back gets its share by and by, and one that was there at the
// start has all of it.
func TestPoolSlowStart(t *testing.T) {
	w := newWorld(t)
	servers, targets := w.fleet(2)
	cfg := PoolConfig{Config: Config{Algorithm: "weighted-round-robin"}, Retries: new(0), MaxFails: new(0),
		SlowStart: health.SlowStart{Window: 10 * time.Second}, Health: health.Config{Interval: 100 * ms, Fall: 1, Rise: 1}}
	p := w.pool(cfg, targets...)
	if got := w.counts(p, 100); got["a"] != 50 {
		t.Errorf("at the start: %v", got)
	}
	servers[0].mode = "503"
	w.engine.Advance(w.engine.Now().Add(time.Second))
	servers[0].mode = ""
	w.engine.Advance(w.engine.Now().Add(200 * ms))
	// a has s of its weight, 0.1 for a second and then t/10 s, so s/(1+s) of the requests:
	// of 1,000 in these 10 s 9 and 1000 x (0.9 - ln(2/1.1)), 311 in all.
	if got := w.counts(p, 1000); got["a"] < 306 || got["a"] > 317 {
		t.Errorf("in the slow start: %v, want about 311 at a", got)
	}
	if got := w.counts(p, 100); got["a"] != 50 {
		t.Errorf("after it: %v", got)
	}
	p.Close()
}
