// The app server and the database by scripts.
package origin

import (
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestAppServesInOrder(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Workers: 2}), nil, nil, nil))
	var gots []*got
	for i := range 5 {
		gots = append(gots, w.ask(a, &sim.Request{ID: uint64(i), Path: "/"}))
	}
	if a.Busy() != 2 || a.Waiting() != 3 {
		t.Errorf("busy %d, waiting %d", a.Busy(), a.Waiting())
	}
	w.quiet()
	for i, at := range []time.Duration{100, 100, 200, 200, 300} {
		w.expect(gots[i], 200, sim.OK, at*ms)
		m := gots[i].resp.Via.Last(sim.HopApp)
		if m.Took != at*ms || m.Queue != at*ms-100*ms || gots[i].resp.Date != sim.Time(at*ms) {
			t.Errorf("request %d: mark %+v, date %v", i, m, gots[i].resp.Date)
		}
	}
	if n := a.desk.busyNS.N; n != int64(500*ms) {
		t.Errorf("busy for %v, want 500ms", time.Duration(n))
	}
}

func TestAppRejects(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Queue: new(1)}), nil, nil, nil))
	w.ask(a, &sim.Request{})
	w.ask(a, &sim.Request{})
	g := w.ask(a, &sim.Request{})
	w.expect(g, 503, sim.OK, 0)
	if m := g.resp.Via.Last(sim.HopApp); m.Cause != sim.Overload || m.Queue != 0 {
		t.Errorf("mark %+v", m)
	}
	w.quiet()
	w.expect(w.ask(a, &sim.Request{Path: "/health"}), 200, sim.OK, time.Duration(w.engine.Now()))
	if a.requests.N != 3 || a.checks.N != 1 || a.desk.rejected.N != 1 {
		t.Errorf("%d requests, %d health checks, %d rejected", a.requests.N, a.checks.N, a.desk.rejected.N)
	}
}

func TestAppQueuesUpToTheBacklogLimit(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Overload: OverloadQueue, BacklogLimit: 1000}), nil, nil, nil))
	for range 1001 {
		w.ask(a, &sim.Request{})
	}
	w.expect(w.ask(a, &sim.Request{}), 503, sim.OK, 0)
	w.quiet()
	if w.engine.Now() < sim.Time(100*time.Second) || a.desk.rejected.N != 1 {
		t.Errorf("%d rejected, over at %v", a.desk.rejected.N, w.engine.Now())
	}
}

func TestAppCrashesOfItsBacklog(t *testing.T) {
	w := newWorld(t)
	code := 0
	cfg := steady(AppConfig{Overload: OverloadCrash, MemoryPerRequest: 10, MemoryLimit: 50})
	a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, func(c int) { code = c }))
	for range 6 {
		w.ask(a, &sim.Request{})
	}
	if code != 0 {
		t.Fatalf("exited with %d while 50 bytes were held", code)
	}
	w.ask(a, &sim.Request{})
	if code != 137 {
		t.Errorf("exited with %d, want 137", code)
	}
	if _, err := NewApp(w.env("app"), cfg, nil, nil, nil); err == nil {
		t.Error("crash without a way to exit was taken")
	}
}

func TestAppCancel(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{}), nil, nil, nil))
	working, waiting, gone := &sim.Scope{}, &sim.Scope{}, &sim.Scope{}
	first := w.ask(a, &sim.Request{ID: 1, Scope: working})
	second := w.ask(a, &sim.Request{ID: 2, Scope: waiting})
	third := w.ask(a, &sim.Request{ID: 3})
	w.at(10 * ms)
	waiting.Cancel(sim.Cancelled)
	w.expect(second, 0, sim.Cancelled, 10*ms)
	if a.Waiting() != 1 || second.resp.Via.Last(sim.HopApp).Queue != 10*ms {
		t.Errorf("waiting %d, mark %+v", a.Waiting(), second.resp.Via.Last(sim.HopApp))
	}
	w.at(20 * ms)
	working.Cancel(sim.TimedOut)
	w.expect(first, 0, sim.TimedOut, 20*ms)
	if a.Busy() != 1 {
		t.Error("the worker noticed that its user left")
	}
	gone.Cancel(sim.Cancelled)
	w.expect(w.ask(a, &sim.Request{Scope: gone}), 0, sim.Cancelled, 20*ms)
	w.quiet()
	w.expect(third, 200, sim.OK, 200*ms)
	if a.Busy() != 0 {
		t.Error("a worker is left busy")
	}
}

func TestAppSlow(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{}), nil, nil, nil))
	before := w.ask(a, &sim.Request{})
	a.Slow(3)
	slowed := w.ask(a, &sim.Request{})
	w.at(150 * ms)
	a.Slow(1)
	after := w.ask(a, &sim.Request{})
	w.quiet()
	w.expect(before, 200, sim.OK, 100*ms)
	w.expect(slowed, 200, sim.OK, 400*ms)
	w.expect(after, 200, sim.OK, 500*ms)
}

// pages is a Content of one page.
type pages struct{}

var page = http.Header{"Etag": {`"v1"`}, "Cache-Control": {"max-age=60"}}

func (pages) Find(req *sim.Request) Page {
	switch req.Path {
	case "/page":
		return Page{Status: 200, Header: page, Size: 5000, Stamp: sim.Stamp{Version: 7, Owner: sim.OwnerOf(req.Client)}}
	case "/data":
		return Page{Status: 200, Header: page, Size: 700, Database: true, Stamp: sim.Stamp{Version: 8}}
	}
	return Page{}
}

func TestAppContent(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Workers: 9}), pages{}, nil, nil))
	for _, c := range []struct {
		req    sim.Request
		status int
		size   int64
	}{
		{sim.Request{Path: "/page"}, 200, 5000},
		{sim.Request{Path: "/page", Method: "HEAD"}, 200, 0},
		{sim.Request{Path: "/page", Header: http.Header{"If-None-Match": {`"v0", W/"v1"`}}}, 304, 0},
		{sim.Request{Path: "/page", Header: http.Header{"If-None-Match": {`"v0"`}}}, 200, 5000},
		{sim.Request{Path: "/page", Header: http.Header{"If-None-Match": {"*"}}}, 304, 0},
		{sim.Request{Path: "/other"}, 404, 0},
		{sim.Request{Path: "/data"}, 200, 700},
		{sim.Request{Path: "/health?deep"}, 200, 2},
		{sim.Request{Path: "/health", Method: "HEAD"}, 200, 0},
		{sim.Request{Path: "/healthy"}, 404, 0},
	} {
		g := w.ask(a, &c.req)
		w.quiet()
		if g.resp.Status != c.status || g.resp.Size != c.size {
			t.Errorf("%s %s %v: %d with %d bytes, want %d with %d", c.req.Method, c.req.Path, c.req.Header, g.resp.Status, g.resp.Size, c.status, c.size)
		}
	}
}

// TestAppStamps: only an answer with content says which.
func TestAppStamps(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Workers: 9}), pages{}, nil, nil))
	for _, c := range []struct {
		req  sim.Request
		want sim.Stamp
	}{
		{sim.Request{Path: "/page", Client: 41}, sim.Stamp{Version: 7, Owner: 42}},
		{sim.Request{Path: "/data"}, sim.Stamp{Version: 8}},
		{sim.Request{Path: "/page", Method: "HEAD"}, sim.Stamp{}},
		{sim.Request{Path: "/page", Header: http.Header{"If-None-Match": {`"v1"`}}}, sim.Stamp{}},
		{sim.Request{Path: "/other"}, sim.Stamp{}},
		{sim.Request{Path: "/health"}, sim.Stamp{}},
	} {
		g := w.ask(a, &c.req)
		w.quiet()
		if g.resp.Stamp != c.want {
			t.Errorf("%s %s %v: %+v, want %+v", c.req.Method, c.req.Path, c.req.Header, g.resp.Stamp, c.want)
		}
	}
}

// next is a Content of one page in a later version.
type next struct{ pages }

func (n next) Find(req *sim.Request) Page {
	page := n.pages.Find(req)
	page.Stamp.Version++
	return page
}

// TestAppDeploys: what is made after the change is new, what was answered
// before is not called back.
func TestAppDeploys(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{}), pages{}, nil, nil))
	first, second := w.ask(a, &sim.Request{Path: "/page"}), w.ask(a, &sim.Request{Path: "/page"})
	w.at(150 * ms)
	if err := a.Change(a.cfg, next{a.Content().(pages)}); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	if first.resp.Stamp.Version != 7 || second.resp.Stamp.Version != 8 {
		t.Errorf("versions %d and %d, want 7 and 8", first.resp.Stamp.Version, second.resp.Stamp.Version)
	}
}

func TestIfModifiedSince(t *testing.T) {
	have := http.Header{"Last-Modified": {"Thu, 01 Jan 2026 12:00:00 GMT"}, "Etag": {`"x"`}}
	for _, c := range []struct {
		asked http.Header
		want  bool
	}{
		{http.Header{"If-Modified-Since": {"Thu, 01 Jan 2026 12:00:00 GMT"}}, true},
		{http.Header{"If-Modified-Since": {"Thu, 01 Jan 2026 11:59:59 GMT"}}, false},
		{http.Header{"If-Modified-Since": {"yesterday"}}, false},
		{http.Header{"If-Modified-Since": {"Fri, 02 Jan 2026 12:00:00 GMT"}, "If-None-Match": {`"y"`}}, false},
		{nil, false},
	} {
		if got := notModified(c.asked, have); got != c.want {
			t.Errorf("%v: %v", c.asked, got)
		}
	}
}

func TestAppAndDatabase(t *testing.T) {
	w := newWorld(t)
	cfg := DatabaseConfig{Workers: 1, Queue: new(1), ServiceConfig: ServiceConfig{ServiceTime: 50 * ms, Distribution: Constant}}
	d := must[*Database](t)(NewDatabase(w.env("db"), cfg))
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Workers: 3}), pages{}, d, nil))
	one, two, three := w.ask(a, &sim.Request{Path: "/data"}), w.ask(a, &sim.Request{Path: "/data"}), w.ask(a, &sim.Request{Path: "/data"})
	w.quiet()
	w.expect(one, 200, sim.OK, 150*ms)
	w.expect(two, 200, sim.OK, 200*ms)
	w.expect(three, 500, sim.OK, 100*ms) // the database's queue is full
	if via := &one.resp.Via; via.Len() != 2 || via.At(0).Hop != sim.HopDatabase || via.At(1).Hop != sim.HopApp {
		t.Errorf("*via %+v", *via)
	}
}

func TestAppGivesUpOnItsDatabase(t *testing.T) {
	w := newWorld(t)
	db := &upstream{} // hangs
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{DatabaseTimeout: time.Second}), pages{}, db, nil))
	g := w.ask(a, &sim.Request{Path: "/data"})
	health := w.ask(a, &sim.Request{Path: "/health"})
	w.quiet()
	w.expect(g, 500, sim.OK, 1100*ms)
	w.expect(health, 503, sim.OK, 500*ms)
	for _, g := range []*got{g, health} {
		if c := g.resp.Via.Last(sim.HopApp).Cause; c != sim.TimedOut {
			t.Errorf("mark's cause %v", c)
		}
	}
	if len(db.gone) != 2 || a.Busy() != 0 {
		t.Errorf("%d queries cancelled, %d workers busy", len(db.gone), a.Busy())
	}
}

// A user who leaves while the database works gives the worker back.
func TestAppCancelInDatabase(t *testing.T) {
	w := newWorld(t)
	db := &upstream{}
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{}), pages{}, db, nil))
	scope, check := &sim.Scope{}, &sim.Scope{}
	g, h := w.ask(a, &sim.Request{Path: "/data", Scope: scope}), w.ask(a, &sim.Request{Path: "/health", Scope: check})
	w.at(200 * ms)
	scope.Cancel(sim.Cancelled)
	check.Cancel(sim.TimedOut)
	w.expect(g, 0, sim.Cancelled, 200*ms)
	w.expect(h, 0, sim.TimedOut, 200*ms)
	if a.Busy() != 0 || len(db.gone) != 2 {
		t.Errorf("%d workers busy, %v", a.Busy(), db.gone)
	}
	w.quiet()
}

func TestAppHealthQueues(t *testing.T) {
	for _, queues := range []bool{false, true} {
		w := newWorld(t)
		a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{HealthQueues: queues}), nil, nil, nil))
		for range 9 {
			w.ask(a, &sim.Request{})
		}
		g := w.ask(a, &sim.Request{Path: "/health"})
		w.quiet()
		at := time.Duration(0)
		if queues {
			at = time.Second
		}
		w.expect(g, 200, sim.OK, at)
	}
}

func TestConfigsSayAllThatIsWrong(t *testing.T) {
	w := newWorld(t)
	bad := AppConfig{Workers: -1, Overload: "panic", Queue: new(-1), ServiceConfig: ServiceConfig{Distribution: "pareto", Spread: new(-1.0)}}
	if _, err := NewApp(w.env("app"), bad, nil, nil, nil); errorCount(err) != 5 {
		t.Errorf("%d mistakes found, want 5: %v", errorCount(err), err)
	}
	if _, err := NewDatabase(w.env("db"), DatabaseConfig{Workers: -1, Queue: new(-1)}); errorCount(err) != 2 {
		t.Errorf("want 2 mistakes: %v", err)
	}
	uniform := AppConfig{ServiceConfig: ServiceConfig{Distribution: Uniform, Spread: new(1.5)}}
	if _, err := NewApp(w.env("app"), uniform, nil, nil, nil); err == nil {
		t.Error("a uniform wider than its mean was taken")
	}
}

// Changed while it works: who waits stays, more workers take them on at once, and
// of fewer the last to end go home.
func TestAppChange(t *testing.T) {
	w := newWorld(t)
	cfg := AppConfig{Workers: 1, ServiceConfig: ServiceConfig{ServiceTime: 10 * ms, Distribution: Constant}, Queue: new(2)}
	a, err := NewApp(w.env("app"), cfg, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	change := func(workers int, service time.Duration, queue int) {
		t.Helper()
		cfg.Workers, cfg.ServiceTime, cfg.Queue = workers, service, new(queue)
		if err := a.Change(cfg, nil); err != nil {
			t.Fatal(err)
		}
	}
	first, second, third := w.ask(a, &sim.Request{}), w.ask(a, &sim.Request{}), w.ask(a, &sim.Request{})
	w.at(5 * ms)
	change(1, 20*ms, 0)
	w.expect(w.ask(a, &sim.Request{}), 503, sim.OK, 5*ms)
	w.at(6 * ms)
	change(2, 30*ms, 0)
	w.at(100 * ms)
	w.expect(first, 200, sim.OK, 10*ms)  // begun under the old law
	w.expect(second, 200, sim.OK, 36*ms) // taken on by the new worker
	w.expect(third, 200, sim.OK, 40*ms)  // by the first when it was free
	change(4, 10*ms, 8)
	var all []*got
	for range 6 {
		all = append(all, w.ask(a, &sim.Request{}))
	}
	change(1, 10*ms, 8)
	w.at(200 * ms)
	for i, at := range []time.Duration{110 * ms, 110 * ms, 110 * ms, 110 * ms, 120 * ms, 130 * ms} {
		w.expect(all[i], 200, sim.OK, at)
	}
	if a.Busy() != 0 || a.Waiting() != 0 || w.open != 0 {
		t.Errorf("%d busy, %d waiting, %d open", a.Busy(), a.Waiting(), w.open)
	}
	if cfg.Workers = -1; a.Change(cfg, nil) == nil {
		t.Error("-1 workers are taken")
	}
}

func TestDatabaseChange(t *testing.T) {
	w := newWorld(t)
	cfg := DatabaseConfig{Workers: 1, ServiceConfig: ServiceConfig{ServiceTime: 10 * ms, Distribution: Constant}}
	d, err := NewDatabase(w.env("db"), cfg)
	if err != nil {
		t.Fatal(err)
	}
	first, second := w.ask(d, &sim.Request{}), w.ask(d, &sim.Request{})
	cfg.Workers, cfg.Queue = 2, new(0)
	if err := d.Change(cfg); err != nil {
		t.Fatal(err)
	}
	w.expect(w.ask(d, &sim.Request{}), 503, sim.OK, 0)
	w.at(10 * ms)
	w.expect(first, 200, sim.OK, 10*ms)
	w.expect(second, 200, sim.OK, 10*ms)
	if cfg.Workers = -1; d.Change(cfg) == nil {
		t.Error("-1 workers are taken")
	}
}
