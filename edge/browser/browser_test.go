// Tests: what browsers do, directive by directive and load by load.
package browser

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// site is an origin behind a network that takes 100 ms, 50 ms each way.
type site struct {
	e     *sim.Engine
	h     http.Header
	tag   string   // of what it has now
	says  []string // Cache-Control, of 304s too; nil: as h
	asked []string // what came, in words
	cut   bool     // contents break off
	fails int      // status; 0: none
	ends  time.Duration
}

func (s *site) Link() sim.Handler { return s }

func (s *site) Serve(req *sim.Request, reply func(*sim.Response)) {
	words := req.Method
	for _, name := range []string{"If-None-Match", "Cache-Control", "Pragma"} {
		if v := req.Header.Get(name); v != "" {
			words += " " + name + "=" + v
		}
	}
	s.asked = append(s.asked, words)
	asks := req.Header.Get("If-None-Match")
	s.e.After(100*time.Millisecond, func() {
		if c := req.Scope.Cause(); c != sim.OK {
			reply(sim.Fail(c))
			return
		}
		h := s.h.Clone()
		if s.tag != "" {
			h.Set("ETag", s.tag)
		}
		switch {
		case s.fails != 0:
			reply(sim.Answer(s.fails, http.Header{"Cache-Control": {"no-store"}}, 3))
		case asks != "" && asks == s.tag:
			reply(sim.Answer(http.StatusNotModified, h, 0))
		default:
			s.content(h, reply)
		}
	})
}

func (s *site) content(h http.Header, reply func(*sim.Response)) {
	resp := sim.Answer(http.StatusOK, h, 1000)
	if s.ends == 0 && !s.cut {
		resp.Stamp.Version = 1
		reply(resp)
		return
	}
	body := &sim.Transfer{Length: 1000}
	resp.Body = body
	s.e.After(s.ends, func() {
		resp.Stamp.Version = 1 // known when the content has come
		if s.cut {
			body.End(sim.Truncated, 500)
		} else {
			body.End(sim.OK, 1000)
		}
	})
	reply(resp)
}

// player plays a user's loads of one page.
type player struct {
	*site
	b   *Browsers
	env *sim.Env
}

func newPlayer(cacheControl string, change func(*Config)) *player {
	e := sim.NewEngine()
	s := &site{e: e, h: http.Header{}, tag: `"1"`}
	if cacheControl != "" {
		s.h.Set("Cache-Control", cacheControl)
	}
	cfg := Config{Cache: true, Reload: 0.1}
	if change != nil {
		change(&cfg)
	}
	env := sim.NewEnv(e, "users", 1, nil)
	return &player{s, New(env, cfg), env}
}

// load loads the page and says what became of it: "hit", or what the network was
// asked, and what the browser says of the answer.
func (p *player) load(how Load, header http.Header) string {
	p.asked = nil
	says := "no answer"
	req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Header: header, Client: 7, Scope: &sim.Scope{}}
	p.b.Serve(&req, how, p.site, func(resp *sim.Response) {
		m := resp.Via.Last(sim.HopBrowser)
		says = fmt.Sprintf("%s %d", m.Verdict, resp.Status)
		resp.OnEnd(func(c sim.Cause, n int64) {
			if c != sim.OK {
				says += " " + c.String()
			}
			if resp.Stamp.Version != 0 {
				says += fmt.Sprintf(" %d B v%d", n, resp.Stamp.Version)
			}
		})
	})
	p.e.Run(p.e.Now().Add(time.Second / 2))
	return strings.Join(append(slices.Clone(p.asked), says), ", ")
}

func (p *player) wait(d time.Duration) { p.e.Run(p.e.Now().Add(d)) }

// A first load, and a second one of another kind after a while: what is asked, and
// what the browser makes of it.
func TestLoads(t *testing.T) {
	const ok = "200 1000 B v1"
	for _, c := range []struct {
		directives string
		how        Load
		after      time.Duration
		want       string
	}{
		// A fresh answer is used without asking (RFC 9111 4.2), however private.
		{"max-age=60", Page, 10 * time.Second, "hit " + ok},
		{"max-age=60", Part, 10 * time.Second, "hit " + ok},
		{"private, max-age=60", Page, 10 * time.Second, "hit " + ok},
		{"max-age=60", Page, 61 * time.Second, `GET If-None-Match="1", revalidated ` + ok},
		// What is said to shared caches is not said to browsers (5.2.2.10, 5.2.2.8).
		{"s-maxage=60", Page, 0, `GET If-None-Match="1", revalidated ` + ok},
		{"max-age=5, s-maxage=60", Page, 10 * time.Second, `GET If-None-Match="1", revalidated ` + ok},
		{"max-age=60, s-maxage=1, proxy-revalidate", Page, 10 * time.Second, "hit " + ok},
		// no-cache is stored and validated each time (5.2.2.4), no-store not stored (5.2.2.5).
		{"no-cache", Page, 0, `GET If-None-Match="1", revalidated ` + ok},
		{"no-cache", Part, 0, `GET If-None-Match="1", revalidated ` + ok},
		{"no-store", Page, 0, "GET, miss " + ok},
		{"private, no-store", Part, 0, "GET, miss " + ok},
		{"", Page, 0, `GET If-None-Match="1", revalidated ` + ok},
		// stale-while-revalidate (RFC 5861 3): of what a page needs, not of the page.
		{"max-age=1, stale-while-revalidate=60", Part, 10 * time.Second, `GET If-None-Match="1", stale ` + ok},
		{"max-age=1, stale-while-revalidate=60", Page, 10 * time.Second, `GET If-None-Match="1", revalidated ` + ok},
		{"max-age=1, stale-while-revalidate=60", Part, 70 * time.Second, `GET If-None-Match="1", revalidated ` + ok},
		{"max-age=1, stale-while-revalidate=60, must-revalidate", Part, 10 * time.Second, `GET If-None-Match="1", revalidated ` + ok},
		// A reload validates (5.2.1.1), but for immutable (RFC 8246 2) as long as that is fresh.
		{"max-age=60", Reload, 10 * time.Second, `GET If-None-Match="1" Cache-Control=max-age=0, revalidated ` + ok},
		{"max-age=60, immutable", Reload, 10 * time.Second, "hit " + ok},
		{"max-age=60, immutable", Reload, 70 * time.Second, `GET If-None-Match="1" Cache-Control=max-age=0, revalidated ` + ok},
		{"max-age=1, stale-while-revalidate=60", Reload, 10 * time.Second, `GET If-None-Match="1" Cache-Control=max-age=0, revalidated ` + ok},
		{"no-store", Reload, 0, "GET Cache-Control=max-age=0, miss " + ok},
		// A forced reload does not ask about anything (5.2.1.4).
		{"max-age=60", ForceReload, 10 * time.Second, "GET Cache-Control=no-cache Pragma=no-cache, miss " + ok},
		{"max-age=60, immutable", ForceReload, 10 * time.Second, "GET Cache-Control=no-cache Pragma=no-cache, miss " + ok},
	} {
		p := newPlayer(c.directives, nil)
		if got := p.load(Page, nil); got != "GET, miss "+ok {
			t.Errorf("%q: first %s", c.directives, got)
		}
		p.wait(c.after)
		if got := p.load(c.how, nil); got != c.want {
			t.Errorf("%q, load %d after %v: %s, want %s", c.directives, c.how, c.after, got, c.want)
		}
	}
}

// What a load leaves behind: a 304 makes what is stored fresh anew, a forced reload
// too, and the site's new version takes the place of the old.
func TestLeavesFresh(t *testing.T) {
	for _, how := range []Load{Page, Reload, ForceReload} {
		p := newPlayer("max-age=60", nil)
		p.load(Page, nil)
		p.wait(50 * time.Second)
		if how == Page {
			p.wait(20 * time.Second)
		}
		p.load(how, nil)
		p.wait(50 * time.Second)
		if got := p.load(Page, nil); got != "hit 200 1000 B v1" {
			t.Errorf("after load %d: %s", how, got)
		}
	}
	p := newPlayer("max-age=1, stale-while-revalidate=60", nil)
	p.load(Part, nil)
	p.wait(5 * time.Second)
	p.tag = `"2"`
	for i, want := range []string{`GET If-None-Match="1", stale 200 1000 B v1`, "hit 200 1000 B v1"} {
		if got := p.load(Part, nil); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
	p.wait(5 * time.Second)
	if got := p.load(Page, nil); got != `GET If-None-Match="2", revalidated 200 1000 B v1` {
		t.Errorf("the new version: %s", got)
	}
}

// Two stale answers have one validation behind them, of which begin and end are told.
func TestBehindOnce(t *testing.T) {
	p := newPlayer("max-age=1, stale-while-revalidate=60", nil)
	begun, ended := 0, 0
	p.b.Begun, p.b.Ended, p.b.Timeout = func() { begun++ }, func(link sim.Handler) {
		if ended++; link != p.site {
			t.Error("another link")
		}
	}, time.Second
	p.load(Part, nil)
	p.wait(5 * time.Second)
	p.asked = nil
	req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 7}
	for range 2 {
		stale := 0
		p.b.Serve(&req, Part, p.site, func(*sim.Response) { stale++ })
		if stale != 1 {
			t.Error("a stale answer waited")
		}
	}
	if len(p.asked) != 1 || begun != 1 || ended != 0 {
		t.Errorf("asked %q, begun %d, ended %d", p.asked, begun, ended)
	}
	p.wait(time.Second)
	if ended != 1 {
		t.Error("its end was not told")
	}
}

// What is not whole, an error, or too large is not stored; an error leaves what is.
func TestKept(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.cut = true
	if got := p.load(Page, nil); got != "GET, miss 200 truncated 500 B v1" || p.b.Stored() != 0 {
		t.Errorf("%s, %d stored", got, p.b.Stored())
	}
	p.cut, p.ends = false, 10*time.Millisecond
	p.load(Page, nil)
	p.wait(time.Minute)
	p.fails = http.StatusServiceUnavailable
	if got := p.load(Page, nil); got != `GET If-None-Match="1", miss 503` || p.b.Stored() != 1 {
		t.Errorf("%s, %d stored", got, p.b.Stored())
	}
	p.fails = http.StatusNotFound
	if p.load(Page, nil); p.b.Stored() != 0 {
		t.Error("what is gone is still stored")
	}
	p = newPlayer("max-age=60", func(c *Config) { c.CacheSize = 7000 })
	if p.load(Page, nil); p.b.Stored() != 0 {
		t.Error("an answer of more than an eighth of the cache is stored")
	}
}

// A method that is not safe takes out what it may have changed (RFC 9111 4.4), and
// only that user's own.
func TestUnsafe(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.load(Page, nil)
	for _, client := range []uint64{8, 7} {
		req := sim.Request{Method: http.MethodPost, Scheme: "http", Host: "www.example.com", Path: "/", Client: client}
		p.b.Serve(&req, Page, p.site, func(*sim.Response) {})
		p.wait(time.Second)
		if want := int(client - 7); p.b.Stored() != want {
			t.Errorf("%d stored after user %d's POST, want %d", p.b.Stored(), client, want)
		}
	}
}

// Each user has a cache of their own; one who leaves has none.
func TestUsers(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.load(Page, nil)
	req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 8}
	p.asked = nil
	p.b.Serve(&req, Page, p.site, func(*sim.Response) {})
	if p.wait(time.Second); len(p.asked) != 1 {
		t.Error("another's cache answered")
	}
	p.b.Leave(7)
	if got := p.load(Page, nil); got != "GET, miss 200 1000 B v1" {
		t.Errorf("after leaving: %s", got)
	}
}

// A cookie is the jar's: it reaches the user from the network, in a 304 too, but is
// not set again by a stored answer.
func TestCookies(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.h.Set("Set-Cookie", "a=1")
	for i, want := range []int{1, 0, 1} {
		req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 7}
		got := -1
		p.b.Serve(&req, Page, p.site, func(resp *sim.Response) { got = len(resp.Header["Set-Cookie"]) })
		p.wait(30 * time.Second)
		if got != want {
			t.Errorf("load %d: %d cookies, want %d", i, got, want)
		}
		if i == 1 {
			p.wait(30 * time.Second)
		}
	}
}

// Vary: what is stored is for the fields that it was asked with.
func TestVary(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.h.Set("Vary", "Cookie")
	mine := http.Header{"Cookie": {"a=1"}}
	p.load(Page, mine)
	if got := p.load(Page, http.Header{"Cookie": {"a=2"}}); got != "GET, miss 200 1000 B v1" {
		t.Errorf("with another cookie: %s", got)
	}
	if got := p.load(Page, mine); got != "hit 200 1000 B v1" {
		t.Errorf("with the same: %s", got)
	}
}

// Fields that a page's script writes mean what a reload means; what it asks about
// what it has itself is between it and the site.
func TestOwnFields(t *testing.T) {
	p := newPlayer("max-age=60", nil)
	p.load(Page, nil)
	for field, want := range map[string]string{
		"Cache-Control: no-cache":  "GET Cache-Control=no-cache Pragma=no-cache, miss 200 1000 B v1",
		"Cache-Control: max-age=0": `GET If-None-Match="1" Cache-Control=max-age=0, revalidated 200 1000 B v1`,
		`If-None-Match: "1"`:       `GET If-None-Match="1", bypass 304`,
		"Range: bytes=0-1":         "GET, bypass 200 1000 B v1",
	} {
		name, value, _ := strings.Cut(field, ": ")
		if got := p.load(Part, http.Header{name: {value}}); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

// A 304 of another representation than the stored one is not believed: it is asked
// again without preconditions (RFC 9111 4.3.4).
func TestOddNotModified(t *testing.T) {
	p := newPlayer("max-age=1", nil)
	p.load(Page, nil)
	p.wait(5 * time.Second)
	asked := 0
	odd := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		if asked++; req.Header.Get("If-None-Match") != "" {
			reply(sim.Answer(http.StatusNotModified, http.Header{"Etag": {`"9"`}}, 0))
			return
		}
		reply(sim.Answer(http.StatusOK, http.Header{"Etag": {`"9"`}}, 10))
	})
	req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 7}
	status := 0
	p.b.Serve(&req, Page, linkTo{odd}, func(resp *sim.Response) { status = resp.Status })
	if asked != 2 || status != http.StatusOK {
		t.Errorf("asked %d times, got %d", asked, status)
	}
}

type linkTo struct{ h sim.Handler }

func (l linkTo) Link() sim.Handler { return l.h }

// A cache is bounded in answers and bytes: what was not used for longest goes.
func TestBounds(t *testing.T) {
	p := newPlayer("max-age=600", nil)
	get := func(path string) {
		req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: path, Client: 7}
		p.b.Serve(&req, Page, p.site, func(*sim.Response) {})
		p.wait(time.Millisecond * 150)
	}
	for i := range maxEntries + 100 {
		get(fmt.Sprint("/", i))
		if i > 0 && i%100 == 0 {
			get("/0")
		}
	}
	if n := p.b.Stored(); n != maxEntries {
		t.Errorf("%d stored, want %d", n, maxEntries)
	}
	if p.asked = nil; true {
		get("/0")
		get("/1")
	}
	if len(p.asked) != 1 {
		t.Errorf("asked %q: /0 is used all the time, /1 was once", p.asked)
	}
	p = newPlayer("max-age=600", func(c *Config) { c.CacheSize = 20_000 })
	for i := range 100 {
		get(fmt.Sprint("/", i))
	}
	if n := p.b.Stored(); n > 20 || n < 10 {
		t.Errorf("%d answers of 1000 bytes in 20,000", n)
	}
}

// A user without a cache reloads, too: they say so to the site.
func TestNoCache(t *testing.T) {
	p := newPlayer("max-age=60", func(c *Config) { c.Cache = false })
	for how, want := range map[Load]string{Page: "GET", Reload: "GET Cache-Control=max-age=0", ForceReload: "GET Cache-Control=no-cache Pragma=no-cache"} {
		p.asked = nil
		req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 7}
		marks := -1
		p.b.Serve(&req, how, p.site, func(resp *sim.Response) { marks = resp.Via.Len() })
		p.wait(time.Second)
		if len(p.asked) != 1 || p.asked[0] != want || marks != 0 {
			t.Errorf("load %d: asked %q, %d marks", how, p.asked, marks)
		}
	}
}

// Shares of loads, by dice.
func TestDice(t *testing.T) {
	c := Config{Reload: 0.2, ForceReload: 0.1}.WithDefaults()
	for dice, want := range map[float64]Load{0: ForceReload, 0.09: ForceReload, 0.1: Reload, 0.29: Reload, 0.31: Page, 0.99: Page} {
		if got := c.Loads(dice); got != want {
			t.Errorf("%v: %d, want %d", dice, got, want)
		}
	}
	if c.Alone(0.5) != Part || c.Alone(0.2) != Reload || c.Asset(Reload) != Part || c.Asset(ForceReload) != ForceReload || c.Asset(Page) != Part {
		t.Error("what is on a page, or on none")
	}
	if c.ReloadValidates = ValidatesAll; c.Asset(Reload) != Reload {
		t.Error("all are validated")
	}
	if len(Config{Reload: 0.6, ForceReload: 0.6}.Check()) != 1 || len(Config{CacheSize: -1}.Check()) != 1 || len(c.Check()) != 0 {
		t.Error("Check")
	}
}

// A hit costs no allocation.
func TestHitAllocates(t *testing.T) {
	p := newPlayer("max-age=600", nil)
	p.load(Page, nil)
	req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: "/", Client: 7}
	done := func(resp *sim.Response) { resp.Done() }
	p.asked = nil
	if n := testing.AllocsPerRun(100, func() { p.b.Serve(&req, Page, p.site, done) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if len(p.asked) > 0 {
		t.Errorf("no hit: asked %q", p.asked)
	}
}

// What a browser keeps takes below a kilobyte an answer, and one that keeps nothing
// takes none.
func TestBytesPerAnswer(t *testing.T) {
	const users, answers = 1000, 10
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	p := newPlayer("max-age=600", nil)
	paths := make([]string, answers)
	for i := range paths {
		paths[i] = fmt.Sprint("/object/", i)
	}
	h := http.Header{"Cache-Control": {"max-age=600"}, "Etag": {`"1"`}}
	at := linkTo{sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, h, 1000)) })}
	before := heap()
	for client := range uint64(users) {
		for _, path := range paths {
			req := sim.Request{Method: http.MethodGet, Scheme: "http", Host: "www.example.com", Path: path, Client: client}
			p.b.Serve(&req, Page, at, func(*sim.Response) {})
		}
	}
	each := (heap() - before) / (users * answers)
	t.Logf("%d bytes for each answer", each)
	if p.b.Stored() != users*answers || each > 1000 {
		t.Errorf("%d stored, %d bytes each, want at most 1000", p.b.Stored(), each)
	}
}
