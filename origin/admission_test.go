// Who is let in when there is more than a server can carry.
package origin

import (
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

// Ten may be there: four at work, six in the queue. What matters less is refused when
// half of them are, what never matters always.
func TestShed(t *testing.T) {
	w := newWorld(t)
	cfg := steady(AppConfig{Workers: 4, Queue: new(6), Shed: []Shed{
		{Path: "/ads", Above: new(0.0)},
		{Path: "/more", Above: new(0.5)},
		{Header: "x-priority", Value: "low"},
		{Path: "/", Header: "X-Prefetch", Above: new(0.8)},
	}})
	a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
	ask := func(path string, h http.Header, status int) {
		t.Helper()
		g := w.ask(a, &sim.Request{Path: path, Header: h})
		if refused := g.resp != nil && g.resp.Status == 503; refused != (status == 503) {
			t.Errorf("%s %v with %d there: %+v", path, h, a.Busy()+a.Waiting(), g.resp)
		}
	}
	low, prefetch := http.Header{"X-Priority": {"low"}}, http.Header{"X-Prefetch": {"1"}}
	ask("/ads", nil, 503)
	for range 5 {
		ask("/more", nil, 0)
	}
	ask("/more/2", nil, 503)
	ask("/", low, 503)
	for range 3 {
		ask("/", prefetch, 0)
	}
	ask("/", prefetch, 503)
	ask("/", http.Header{"X-Priority": {"high"}}, 0)
	ask("/", nil, 0)
	ask("/", nil, 503) // full
	if a.admission.shed.N != 4 || a.desk.rejected.N != 5 {
		t.Errorf("%d shed of %d", a.admission.shed.N, a.desk.rejected.N)
	}
	w.quiet()
	for _, bad := range []Shed{{}, {Path: "x"}, {Path: "/", Value: "low"}, {Path: "/", Above: new(2.0)}} {
		cfg.Shed = []Shed{bad}
		if a.Change(cfg, nil) == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// AIMD: one more per window as long as answers are quick and the limit is used, a tenth
// fewer otherwise.
func TestAIMD(t *testing.T) {
	l := newLimiter(LimitConfig{Algorithm: LimitAIMD}.withDefaults(20 * ms))
	window := func(took time.Duration, there int) float64 {
		for range limitFewest {
			l.ended(l.ends, took, there)
		}
		return l.limit
	}
	for i, c := range []struct {
		took  time.Duration
		there int
		want  float64
	}{{50 * ms, 20, 21}, {50 * ms, 11, 22}, {50 * ms, 10, 22}, {100 * ms, 22, 23}, {101 * ms, 22, 20.7}, {300 * ms, 3, 18.63}} {
		if got := window(c.took, c.there); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
	}
	for range 50 {
		window(time.Second, 20)
	}
	if l.limit != 1 {
		t.Errorf("%v is below the least", l.limit)
	}
}

// Gradient2: four more are let in, smoothed, as long as answers take no more than one
// and a half times what they do in the long run.
func TestGradient(t *testing.T) {
	l := newLimiter(LimitConfig{Algorithm: LimitGradient}.withDefaults(20 * ms))
	window := func(took time.Duration, there int) float64 {
		for range limitFewest {
			l.ended(l.ends, took, there)
		}
		return l.limit
	}
	near := func(got, want float64) bool { return got > want-1e-6 && got < want+1e-6 }
	if got := window(20*ms, 20); !near(got, 20.8) {
		t.Errorf("%v, want a fifth of four more", got)
	}
	if got := window(20*ms, 5); !near(got, 20.8) {
		t.Errorf("%v: it grows although nobody uses it", got)
	}
	// The long run is (20+20+100)/3 ms; 1.5 times that is 0.7 of 100 ms.
	if got := window(100*ms, 20); !near(got, 20.8*0.8+(20.8*0.7+4)*0.2) {
		t.Errorf("%v", got)
	}
	// (20+20+100+10000)/4 ms is a quarter of 10 s, and a half is the least.
	before := l.limit
	if got := window(10*time.Second, 20); !near(got, before*0.8+(before*0.5+4)*0.2) {
		t.Errorf("%v", got)
	}
}

// An overload of twice what a server can carry: with a limit that it finds for itself
// the answers that it gives are quick, and there are as many of them.
func TestLimitKeepsAnswersQuick(t *testing.T) {
	for _, algorithm := range []string{LimitNone, LimitAIMD, LimitGradient} {
		w := newWorld(t)
		cfg := AppConfig{Workers: 4, ServiceConfig: ServiceConfig{ServiceTime: 10 * ms}, Limit: LimitConfig{Algorithm: algorithm}}
		a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
		var late, good int
		for i := range 8000 { // 800 a second for 10 s
			at := time.Duration(i) * 1250 * time.Microsecond
			w.at(at)
			i := i
			w.open++
			a.Serve(&sim.Request{ID: uint64(i)}, func(resp *sim.Response) {
				w.open--
				if resp.Status != 200 || i < 2000 {
					return
				}
				good++
				if w.engine.Now().Sub(sim.Time(at)) > 200*ms {
					late++
				}
			})
		}
		w.quiet()
		if good < 2800 || algorithm != LimitNone && late > good/20 || algorithm == LimitNone && late < good/2 {
			t.Errorf("%s: %d of %d answers late", algorithm, late, good)
		}
		if limited := a.admission.limited.N > 0; limited != (algorithm != LimitNone) {
			t.Errorf("%s: %d limited", algorithm, a.admission.limited.N)
		}
	}
}
