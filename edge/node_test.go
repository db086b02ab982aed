// Tests of what the scripts cannot say.
package edge

import (
	"math"
	"net/http"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

func get(path string) *sim.Request {
	return &sim.Request{Method: "GET", Scheme: "https", Host: "example.com", Path: path, Header: http.Header{}}
}

// once serves a request and demands one answer, by the end of the run.
func once(t *testing.T, e *sim.Engine, h sim.Handler, req *sim.Request) *sim.Response {
	t.Helper()
	var got []*sim.Response
	h.Serve(req, func(r *sim.Response) { got = append(got, r) })
	e.Run(e.Now().Add(time.Minute))
	if len(got) != 1 {
		t.Fatalf("%d answers", len(got))
	}
	return got[0]
}

func TestGuard(t *testing.T) {
	e := sim.NewEngine()
	pop := New(sim.NewEnv(e, "pop", 1, nil), Config{}, sim.HandlerFunc(func(*sim.Request, func(*sim.Response)) {
		t.Error("a refused request came to the parent")
	}))
	pop.Guard = func(*sim.Request) *sim.Response { return sim.Answer(403, nil, 0) }
	if r := once(t, e, pop, get("/a")); r.Status != 403 || pop.n.refused.N != 1 {
		t.Error(r.Status)
	}
}

func TestInterimGoesToTheLeader(t *testing.T) {
	e := sim.NewEngine()
	pop := New(sim.NewEnv(e, "pop", 1, nil), Config{}, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		req.Interim(103, nil)
		reply(sim.Answer(200, nil, 0))
	}))
	req, hints := get("/a"), 0
	req.Interim = func(status int, _ http.Header) { hints += status }
	if r := once(t, e, pop, req); r.Status != 200 || hints != 103 {
		t.Error(r.Status, hints)
	}
}

// A 304 about something else than what was asked about is no answer: the PoP
// asks again without preconditions (RFC 9111 4.3.4).
func TestStrange304(t *testing.T) {
	e := sim.NewEngine()
	h := http.Header{"Cache-Control": {"max-age=1"}, "Etag": {`"1"`}}
	asked := 0
	pop := New(sim.NewEnv(e, "pop", 1, nil), Config{}, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		if asked++; len(req.Header["If-None-Match"]) > 0 {
			reply(sim.Answer(304, http.Header{"Etag": {`"2"`}}, 0))
			return
		}
		reply(sim.Answer(200, h, int64(asked)))
	}))
	once(t, e, pop, get("/a"))
	if r := once(t, e, pop, get("/a")); r.Status != 200 || r.Size != 3 {
		t.Error(r.Status, r.Size)
	}
	always := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(304, h, 0)) })
	if r := once(t, e, New(sim.NewEnv(e, "pop", 1, nil), Config{}, always), get("/a")); r.Status != 502 {
		t.Error("a 304 that nobody asked for:", r.Status)
	}
}

// A body of unknown length is complete when it ends well, however long.
func TestUnknownLength(t *testing.T) {
	e := sim.NewEngine()
	body := &sim.Transfer{Length: -1}
	pop := New(sim.NewEnv(e, "pop", 1, nil), Config{}, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		r := sim.Answer(200, http.Header{"Cache-Control": {"max-age=3600"}}, -1)
		r.Body = body
		reply(r)
	}))
	if r := once(t, e, pop, get("/a")); r.Size != -1 || r.Body == nil {
		t.Error(r.Size)
	}
	body.End(sim.OK, 123)
	if r := once(t, e, pop, get("/a")); r.Size != 123 || !r.Aged {
		t.Error(r.Size)
	}
}

func TestConfig(t *testing.T) {
	c := Config{Eviction: "lur", ParentTimeout: -1, MaxWaiters: -1, Cache: new(false)}
	if bad := c.Check(); len(bad) != 3 {
		t.Error(bad)
	}
	if d := c.WithDefaults(); *d.Cache || d.Coalesce != CoalesceLock || d.CacheSize != 256<<20 {
		t.Errorf("%+v", d)
	}
	if bad := (Config{}).Check(); bad != nil {
		t.Error(bad)
	}
	for _, a := range []Admitting{{Admission: "lru"}, {AdmissionSize: -1}, {AdmissionChance: 1.01}, {AdmissionChance: -1}, {AdmissionChance: math.NaN()}, {AdmissionWindow: -1}, {AdmissionWindow: maxWindow + 1}} {
		if bad := (Config{Admitting: a}).Check(); len(bad) != 1 {
			t.Error(a, bad)
		}
	}
}

func TestPurgesRemembered(t *testing.T) {
	var l purges
	at := func(path string) cache.Target { return cache.Target{Key: keyAt(path)} }
	since := func(n uint64, path string, tags ...string) bool { return l.between(n, l.n, keyAt(path), tags) }
	l.add(at("/a"), 0)
	n := l.n
	if since(n, "/a") {
		t.Error("purged before, not since")
	}
	l.add(at("/b"), 0)
	l.add(cache.Target{Tag: "x"}, 0)
	if !since(n, "/b") || since(n, "/a") || !since(n, "/a", "w", "x") || since(n, "/a", "y") {
		t.Error("/b and x were purged since, /a and y were not")
	}
	if l.between(n, n+1, keyAt("/a"), []string{"x"}) {
		t.Error("x was purged later than that")
	}
	for range purgesKept {
		l.add(at("/c"), 0)
	}
	if !since(n, "/a") || l.between(n, n, keyAt("/a"), nil) {
		t.Error("what is not remembered must be feared, but not where there was nothing")
	}
}
