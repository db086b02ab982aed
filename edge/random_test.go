// Random scripts: whatever happens, the PoP keeps its promises.
package edge

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
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
	{"Cache-Control": {"max-age=3"}, "Etag": {`"1"`}},
	{"Cache-Control": {"max-age=2, stale-if-error=3"}, "Etag": {`"2"`}, "Vary": {"Accept-Encoding"}},
	{"Cache-Control": {"private"}},
	{"Cache-Control": {"no-cache"}, "Etag": {`"1"`}},
	{"Cache-Control": {"no-store"}},
	{},
}

// world is a PoP before an origin of random moods, and all that must hold.
type world struct {
	t        *testing.T
	seed     uint64
	rand     *rand.Rand
	engine   *sim.Engine
	env      *sim.Env
	pop      *PoP
	open     map[int]bool
	inFlight map[string]int // shareable fetches whose body has not ended, by key
	atOrigin int
	acts     int // so far
	purges   []acted
	parts    map[uint64]bool // requests for which a part was asked for
	sizes    [2]int          // that contents have: parts of one may be combined
}

// acted is a purge and when it was, counted in acts.
type acted struct {
	Purging
	at int
}

func TestRandom(t *testing.T) {
	for seed := range uint64(200) {
		w := &world{t: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 1)), engine: sim.NewEngine(), open: map[int]bool{}, inFlight: map[string]int{}, parts: map[uint64]bool{}}
		w.sizes = [2]int{50 * (2 + w.rand.IntN(58)), 50 * (2 + w.rand.IntN(58))}
		w.env = sim.NewEnv(w.engine, "pop", seed, nil)
		w.env.Reuses = seed%2 == 0
		w.pop = New(w.env, Config{CacheSize: sim.Bytes(4000 + w.rand.IntN(20000)), ParentTimeout: 900 * time.Millisecond,
			WaitLimit: time.Duration(w.rand.IntN(2)) * 300 * time.Millisecond, Slice: w.slice(), SliceAhead: new(w.rand.IntN(3))}, sim.HandlerFunc(w.origin))
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

// slice is none in half of the worlds, else of different sizes, in which a stamp has
// room.
func (w *world) slice() sim.Bytes {
	if w.seed%4 < 2 {
		return 0
	}
	return sim.Bytes(100 * (1 + w.rand.IntN(10)))
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
		if cfg.Slice > 0 {
			cfg.Slice = w.slice()
		}
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
	if w.rand.IntN(3) == 0 {
		from := 50 * w.rand.IntN(50) // or a stamp may be in two parts
		req.Header["Range"] = []string{[]string{fmt.Sprintf("bytes=%d-%d", from, from+50*w.rand.IntN(20)+49), fmt.Sprintf("bytes=%d-", from),
			fmt.Sprintf("bytes=-%d", from), "bytes=0-1,5-6"}[w.rand.IntN(4)]}
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
		if covered && asked < x.at && x.at < came && !(x.Soft && (m.Verdict == sim.VerdictStale || m.Fwd == sim.FwdPartial)) {
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
	if r.Status == 206 {
		var first, last, length int64
		n, _ := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &length)
		if n != 3 || first > last || last >= length || r.Size != last-first+1 || len(req.Header["Range"]) == 0 {
			w.t.Errorf("request %d for %v: %d bytes of %v", i, req.Header, r.Size, r.Header)
		}
		if again := cut(req.Header.Get("Range"), length); again != [2]int64{first, last} {
			w.t.Errorf("request %d for %v: %v is not %v", i, req.Header, r.Header, again)
		}
		want = sim.Stamp{Version: uint32(length) + 1, Owner: 7}.In(first, r.Size)
	}
	if r.Body != nil {
		if taken := sim.TakenOf(r.Body); taken != nil {
			w.engine.After(time.Duration(w.rand.IntN(300))*time.Millisecond, func() { taken.Take(int64(w.rand.IntN(int(r.Size)))) })
			w.engine.After(500*time.Millisecond, func() { taken.Take(r.Size) })
		}
		r.Body.OnEnd(func(c sim.Cause, n int64) {
			if c == sim.OK && n != r.Size || n > r.Size {
				w.t.Errorf("request %d: %d bytes, %v, of %d", i, n, c, r.Size)
			}
		})
	}
	if taken := sim.TakenOf(r.Body); taken != nil { // it is known when the content has ended
		r.Body.OnEnd(func(c sim.Cause, _ int64) {
			if c == sim.OK && r.Stamp != want {
				w.t.Errorf("request %d: %s, status %d, %d bytes, stamp %+v", i, req.Method, r.Status, r.Size, r.Stamp)
			}
		})
		return
	}
	if r.Stamp != want {
		w.t.Errorf("request %d: %s, status %d, %d bytes, stamp %+v", i, req.Method, r.Status, r.Size, r.Stamp)
	}
}

// cut is the first and the last position of a range, of so many bytes.
func cut(asks string, length int64) [2]int64 {
	first, last := int64(0), length-1
	if n, _ := fmt.Sscanf(asks, "bytes=-%d", &first); n == 1 {
		return [2]int64{max(0, length-first), last}
	}
	_, _ = fmt.Sscanf(asks, "bytes=%d-%d", &first, &last) // without the second it is the end
	return [2]int64{first, min(last, length-1)}
}

// part makes an answer one to a range that the request is for, as most origins do.
func (w *world) part(req *sim.Request, r *sim.Response) *sim.Response {
	asks := req.Header.Get("Range")
	if asks == "" || strings.Contains(asks, ",") || w.rand.IntN(6) == 0 {
		return r
	}
	if v := req.Header.Get("If-Range"); v != "" && (v != r.Header.Get("Etag") || w.rand.IntN(6) == 0) {
		return r
	}
	s := cut(asks, r.Size)
	h := r.Header.Clone()
	if s[0] > s[1] {
		h.Set("Content-Range", fmt.Sprintf("bytes */%d", r.Size))
		return sim.Answer(416, h, 0)
	}
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s[0], s[1], r.Size))
	part := sim.Answer(206, h, s[1]-s[0]+1)
	part.Stamp = r.Stamp.In(s[0], part.Size)
	return part
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
	if len(req.Header["Range"]) > 0 {
		w.parts[req.ID] = true
	}
	if req.Method != "GET" || n >= 6 || w.parts[req.ID] { // who asked for a part may ask for all, after a purge too
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
		answer(w.mood(req, h))
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
	}
	r := sim.Answer(200, h, int64(w.sizes[w.rand.IntN(len(w.sizes))]))
	if req.Method == "GET" {
		r.Stamp = stampOf(r)
		r = w.part(req, r)
	}
	if w.rand.IntN(2) == 0 && r.Status < 300 {
		body := &sim.Transfer{Length: r.Size}
		r.Body = body
		w.env.After(time.Duration(w.rand.IntN(500))*time.Millisecond, func() {
			if w.rand.IntN(4) == 0 && r.Size > 0 {
				body.End(sim.Truncated, r.Size/2)
			} else {
				body.End(sim.OK, body.Length)
			}
		})
	}
	return r
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
