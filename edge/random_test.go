// Random scripts: whatever happens, the PoP keeps its promises.
package edge

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

var randomHeaders = []http.Header{
	{"Cache-Control": {"max-age=1"}},
	{"Cache-Control": {"max-age=2, stale-while-revalidate=2"}, "Etag": {`"1"`}},
	{"Cache-Control": {"max-age=1, stale-if-error=3"}},
	{"Cache-Control": {"max-age=2"}, "Vary": {"Accept-Encoding"}},
	{"Cache-Control": {"private"}},
	{"Cache-Control": {"no-cache"}, "Etag": {`"1"`}},
	{"Cache-Control": {"no-store"}},
	{},
}

// world is a PoP before an origin of random moods, and all that must hold.
type world struct {
	t        *testing.T
	rand     *rand.Rand
	engine   *sim.Engine
	env      *sim.Env
	pop      *PoP
	open     map[int]bool
	inFlight map[string]int // shareable fetches whose body has not ended, by key
	atOrigin int
	acts     int // so far
	purges   []acted
}

// acted is a purge and when it was, counted in acts.
type acted struct {
	Purging
	at int
}

func TestRandom(t *testing.T) {
	for seed := range uint64(200) {
		w := &world{t: t, rand: rand.New(rand.NewPCG(seed, 1)), engine: sim.NewEngine(), open: map[int]bool{}, inFlight: map[string]int{}}
		w.env = sim.NewEnv(w.engine, "pop", seed, nil)
		w.env.Reuses = seed%2 == 0
		w.pop = New(w.env, Config{CacheSize: sim.Bytes(4000 + w.rand.IntN(20000)), ParentTimeout: 900 * time.Millisecond,
			WaitLimit: time.Duration(w.rand.IntN(2)) * 300 * time.Millisecond}, sim.HandlerFunc(w.origin))
		for i := range 400 {
			w.engine.At(sim.Time(w.rand.Int64N(int64(20*time.Second))), func() { w.act(i) })
		}
		w.engine.Run(sim.Time(time.Minute))
		if len(w.open) != 0 || w.pop.flights.Len() != 0 || w.atOrigin != 0 {
			t.Fatalf("seed %d: left at quiet: %d requests, %d flights, %d at the origin", seed, len(w.open), w.pop.flights.Len(), w.atOrigin)
		}
		w.sums(seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (w *world) act(i int) {
	w.acts++
	path := fmt.Sprintf("/%d", w.rand.IntN(len(randomHeaders)))
	if w.rand.IntN(40) == 0 {
		targets := []cache.Target{{Key: keyAt(path)}, {Key: cache.Key{Path: path}}, {Tag: "even"}, {Tag: "odd"}, {Key: keyAt("/"), Prefix: true}}
		n := w.rand.IntN(len(targets))
		x := Purging{Targets: targets[n : n+1], Soft: w.rand.IntN(3) == 0}
		w.pop.Forget(x)
		w.purges = append(w.purges, acted{x, w.acts})
		clear(w.inFlight) // a purged flight may be followed by another of its key
		return
	}
	if w.rand.IntN(40) == 0 {
		cfg := w.pop.cfg
		cfg.CacheSize, cfg.WaitLimit = sim.Bytes(4000+w.rand.IntN(20000)), time.Duration(w.rand.IntN(2))*300*time.Millisecond
		w.pop.Change(cfg)
		return
	}
	methods := []string{"GET", "GET", "GET", "GET", "GET", "GET", "HEAD", "POST"}
	scope := &sim.Scope{}
	req := &sim.Request{ID: uint64(i), Method: methods[w.rand.IntN(len(methods))], Scheme: "https", Host: "example.com",
		Path: path, Scope: scope, Header: http.Header{"Accept-Encoding": {[]string{"gzip", "br"}[w.rand.IntN(2)]}}}
	if w.rand.IntN(8) == 0 {
		req.Header["If-None-Match"] = []string{`"1"`}
	}
	w.open[i] = true
	came := w.acts
	w.pop.Serve(req, func(r *sim.Response) { w.answered(i, came, req, r) })
	if w.open[i] && w.rand.IntN(4) == 0 {
		w.engine.After(time.Duration(w.rand.IntN(200))*time.Millisecond, func() { scope.Cancel(sim.Cancelled) })
	}
}

func (w *world) answered(i, came int, req *sim.Request, r *sim.Response) {
	if !w.open[i] {
		w.t.Errorf("request %d answered twice", i)
	}
	delete(w.open, i)
	if req.Method == "POST" {
		clear(w.inFlight) // it may have purged
	}
	m := r.Via.Last(sim.HopCache)
	if r.Status == 0 {
		return
	}
	if m == nil {
		w.t.Errorf("request %d: an answer without a mark", i)
		return
	}
	if m.Verdict == sim.VerdictHit && m.TTL < 0 || m.Verdict == sim.VerdictStale && m.TTL >= 0 {
		w.t.Errorf("request %d: %v with ttl %d", i, m.Verdict, m.TTL)
	}
	w.stamped(i, req, r)
	w.purged(i, came, req, r, m)
	shared := m.Verdict == sim.VerdictHit || m.Verdict == sim.VerdictStale || m.Verdict == sim.VerdictJoined
	if cc := r.Header.Get("Cache-Control"); shared && (cc == "private" || cc == "no-store" || cc == "no-cache") {
		w.t.Errorf("request %d: %v of %s", i, m.Verdict, cc)
	}
	if v := r.Header.Get("X-Variant"); v != "" && req.Method == "GET" && v != req.Header.Get("Accept-Encoding") {
		w.t.Errorf("request %d: variant %s for %v", i, v, req.Header)
	}
}

// purged wants no answer that was asked for before a purge of it to go to a request
// that came later: but for a soft one, and then only as stale.
func (w *world) purged(i, came int, req *sim.Request, r *sim.Response, m *sim.Mark) {
	var asked, n int
	if _, err := fmt.Sscanf(r.Header.Get("X-Asked"), "%d of /%d", &asked, &n); err != nil {
		return
	}
	if r.Header["Surrogate-Key"] != nil {
		w.t.Errorf("request %d: its answer shows its tags", i)
	}
	for _, x := range w.purges {
		covered := x.Targets[0].Covers(cache.KeyOf(req), cache.Tags(randomTags(n)))
		if covered && asked < x.at && x.at < came && !(x.Soft && m.Verdict == sim.VerdictStale) {
			w.t.Errorf("request %d, in act %d: %v, purged in act %d (soft %v) and asked for in act %d", i, came, m.Verdict, x.at, x.Soft, asked)
		}
	}
}

// randomTags are those of an answer: its number's parity.
func randomTags(n int) http.Header {
	return http.Header{"Surrogate-Key": {"all " + []string{"Even", "odd"}[n%2]}}
}

// stamped wants the stamp of the very content that the answer has, and none where
// there is no content. The origin gives every content the version of its size.
func (w *world) stamped(i int, req *sim.Request, r *sim.Response) {
	want := sim.Stamp{}
	if req.Method == "GET" && r.Status == 200 {
		want = stampOf(r)
	}
	if r.Stamp != want {
		w.t.Errorf("request %d: %s, status %d, %d bytes, stamp %+v", i, req.Method, r.Status, r.Size, r.Stamp)
	}
}

func stampOf(r *sim.Response) sim.Stamp { return sim.Stamp{Version: uint32(r.Size) + 1, Owner: 7} }

// origin answers in a random way after a random time.
func (w *world) origin(req *sim.Request, reply func(*sim.Response)) {
	var n int
	fmt.Sscanf(req.Path, "/%d", &n)
	h := randomHeaders[n].Clone()
	h["Surrogate-Key"] = randomTags(n)["Surrogate-Key"]
	h.Set("X-Asked", fmt.Sprintf("%d of /%d", w.acts, n))
	key := req.Path
	if h.Get("Vary") != "" {
		h.Set("X-Variant", req.Header.Get("Accept-Encoding"))
		key = "" // which variants there are is learned on the way
	}
	if req.Method != "GET" || n >= 4 {
		key = ""
	}
	if key != "" {
		if w.inFlight[key]++; w.inFlight[key] > 1 {
			w.t.Errorf("%v: %d fetches of %s in flight", w.engine.Now(), w.inFlight[key], key)
		}
	}
	w.atOrigin++
	landed := func() {
		if key != "" && w.inFlight[key] > 0 {
			w.inFlight[key]--
		}
	}
	answered := false
	answer := func(r *sim.Response) {
		if answered {
			return
		}
		answered = true
		w.atOrigin--
		if r.Body == nil {
			landed()
		} else {
			r.Body.OnEnd(func(sim.Cause, int64) { landed() })
		}
		reply(r)
	}
	w.env.After(time.Duration(1+w.rand.IntN(400))*time.Millisecond, func() {
		r := w.mood(req, h)
		if req.Method == "GET" && r.Status == 200 {
			r.Stamp = stampOf(r)
		}
		answer(r)
	})
	req.Scope.OnCancel(func(c sim.Cause) { answer(sim.Fail(c)) })
}

func (w *world) mood(req *sim.Request, h http.Header) *sim.Response {
	switch mood := w.rand.IntN(12); {
	case mood == 0:
		return sim.Fail(sim.Reset)
	case mood == 1:
		return sim.Answer(503, http.Header{}, 5)
	case mood < 6 && req.Header.Get("If-None-Match") != "":
		return sim.Answer(304, h, 0)
	case mood < 9:
		r := sim.Answer(200, h, int64(w.rand.IntN(3000)))
		body := &sim.Transfer{Length: r.Size}
		r.Body = body
		w.env.After(time.Duration(w.rand.IntN(500))*time.Millisecond, func() {
			if w.rand.IntN(4) == 0 && r.Size > 0 {
				body.End(sim.Truncated, r.Size/2)
			} else {
				body.End(sim.OK, body.Length)
			}
		})
		return r
	}
	return sim.Answer(200, h, int64(w.rand.IntN(3000)))
}

// sums holds the counters against each other.
func (w *world) sums(seed uint64) {
	n, c := int64(0), w.pop.n
	for _, v := range c.verdicts {
		if v != nil {
			n += v.N
		}
	}
	if n += c.refused.N + c.failed.N + c.gone.N; n != c.requests.N {
		w.t.Errorf("seed %d: %d answers counted for %d requests", seed, n, c.requests.N)
	}
	if w.pop.store.Used() > int64(w.pop.cfg.CacheSize) {
		w.t.Errorf("seed %d: %d bytes in a cache of %d", seed, w.pop.store.Used(), w.pop.cfg.CacheSize)
	}
}
